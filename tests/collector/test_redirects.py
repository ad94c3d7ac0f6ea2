"""Paths of the operator's own and redirects (A-6, A-7, A-74 to A-78, B-21)."""

from __future__ import annotations

import json
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.collector.conftest import Start
from tests.collector.edge import ANONYMOUS, TP2, Edge, envelope
from whiteout.collector import CollectorSettings
from whiteout.collector.redirects import click, target_of
from whiteout.privacy import decode_base64url, encode_base64url
from whiteout.protocol.querystring import parse_query

GOOD = "https://shop.example/sale?a=b#c"
LEADING = CollectorSettings(redirect_hosts=("shop.example", "Other.example"))
OWN = {"/shop/track": TP2, "/shop/click": "/r/tp2", "/plain/one": "/foo/bar"}
HOSTS = frozenset({"shop.example"})


def to(target: str, path: str = "/r/tp2") -> str:
    """The request target of a redirect."""
    return f"{path}?u={quote(target, safe='')}"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_a_6_a_path_stands_for_another(start: Start, method: str) -> None:
    """A-6: the mapped path is what is kept, for every method that carries events."""
    edge = start(CollectorSettings(paths=OWN))
    reply = await edge.request(method, "/shop/track?e=pv", body=envelope({"e": "pv"}))
    assert reply.status == 200
    assert edge.identified()[0].path == TP2


@pytest.mark.parametrize("path", ["/Shop/track", "/shop/tracking", "/shop/trac"])
async def test_a_6_only_exactly(start: Start, path: str) -> None:
    """A-6: a path is mapped as it is written, by no prefix and in no other case."""
    edge = start(CollectorSettings(paths=OWN))
    await edge.get(target=f"{path}?e=pv")
    assert edge.identified()[0].path == path


async def test_a_6_anonymous_below_the_prefix(start: Start) -> None:
    """A-6, contract 7: the prefix stands before paths of one's own as before others."""
    edge = start(CollectorSettings(paths=OWN))
    await edge.post(target="/anonymous/shop/track")
    record = edge.anonymous()
    assert (record.signals, record.version) == (["path"], "tp2")


async def test_a_7_a_path_that_leads(start: Start) -> None:
    """A-7: a mapped path redirects too, and no sooner than there are hosts to lead to (A-78)."""
    off = start(CollectorSettings(paths=OWN))
    assert (await off.get(target=to(GOOD, "/shop/click"))).status == 404
    assert off.raw() == []
    on = start(CollectorSettings(paths=OWN, redirect_hosts=("shop.example",)))
    reply = await on.get(target=to(GOOD, "/shop/click"))
    assert (reply.status, reply.one("location")) == (302, GOOD)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize(
    "target", [GOOD, "http://shop.example:8080/", "HTTPS://SHOP.example", "https://other.example?x"]
)
async def test_a_74_leads_to_named_hosts(start: Start, method: str, target: str) -> None:
    """A-74: 302 to the parameter `u`, whatever its port, with cookie and headers as ever."""
    edge = start(LEADING)
    reply = await edge.request(method, to(target), ("Origin", "https://a.example"))
    assert (reply.status, reply.one("location"), reply.body) == (302, target, b"")
    assert str(reply.one("set-cookie")).startswith("sp=")
    assert reply.one("access-control-allow-origin") == "https://a.example"
    assert "no-store" in str(reply.one("cache-control"))


@pytest.mark.parametrize(
    "target",
    [
        "",
        "https://evil.example/",
        "https://www.shop.example/",
        "https://shop.example.evil.example/",
        "https://evil.example/?https://shop.example",
        "https://shop.example@evil.example/",
        "https://user:pass@shop.example/",
        "https://evil.example\\@shop.example/",
        "https://shop.example\\@evil.example/",
        "https:\\\\shop.example/",
        "//shop.example/",
        "/local",
        "shop.example",
        "https:shop.example",
        "https:///shop.example",
        "javascript:alert(1)//shop.example",
        "data:text/html,shop.example",
        "ftp://shop.example/",
        "https://shop.example/\r\nSet-Cookie: a=b",
        "https://shop.example/\x00",
        "https://shop.example/a b",
        " https://shop.example/",
        "https://shop.exa\tmple/",
        "https://shop.example:port/",
        "https://[::1]/",
        "https://shop。example/",
        "https://shop.example/" + "a" * 5_000,
        "http://collector.test/i",
    ],
)
async def test_a_75_a_refused_target_is_stored_all_the_same(start: Start, target: str) -> None:
    """A-75, A-78: 400, an empty body and no `Location`; the event is there."""
    edge = start(CollectorSettings(redirect_hosts=("shop.example", "collector.test")))
    reply = await edge.get(("Host", "collector.test:9090"), target=to(target))
    assert (reply.status, reply.body, reply.one("location")) == (400, b"", None)
    assert len(edge.raw()) == 1


async def test_a_75_nothing_is_lost_when_the_disk_is(start: Start) -> None:
    """A-75: an event that is not stored leads nowhere; the link can be followed again."""
    edge = start(LEADING)
    await edge.get(target=to(GOOD))
    await edge.collector.close()
    assert (await edge.get(target=to(GOOD))).status == 503


@pytest.mark.parametrize("path", ["/r/tp2", "/anonymous/r/tp2", "/r/x"])
async def test_a_76_off_by_default(edge: Edge, path: str) -> None:
    """A-76, A-78: without named hosts there are no redirects, and nothing is stored."""
    assert (await edge.get(target=to(GOOD, path))).status == 404
    assert edge.raw() == []


async def test_a_77_no_identifier_is_handed_on(start: Start) -> None:
    """A-77: what would be replaced by the visitor's id elsewhere leads on as it is."""
    reply = await start(LEADING).get(
        ("Cookie", "sp=5b3b8f5e-9b1c-4d5e-8f00-1234567890ab"),
        target=to("https://shop.example/?id=${SP_NUID}"),
    )
    assert reply.one("location") == "https://shop.example/?id=${SP_NUID}"


async def test_a_78_an_anonymous_redirect(start: Start) -> None:
    """A-78: an anonymous visitor is led on as well; neither cookie nor what names them is kept."""
    edge = start(LEADING)
    target = "https://shop.example/anna?mail=anna@example.test&utm_source=news"
    reply = await edge.get(ANONYMOUS, target=to(target) + "&uid=anna")
    assert (reply.status, reply.one("location")) == (302, target)
    assert reply.one("set-cookie") is None
    record = edge.anonymous()
    (event,) = record.events
    assert event.redacted
    assert "anna@" not in str(record)
    assert "uid" not in event.parameters
    clicked = json.loads(event.parameters["ue_pr"])["data"]
    assert clicked["data"]["uri"] == "https://shop.example/anna?utm_source=news"


async def test_b_21_an_event_of_its_own(start: Start) -> None:
    """B-21: without an event in the query, the redirect is the event `uri_redirect`."""
    edge = start(LEADING)
    await edge.get(target=to(GOOD) + "&aid=mail")
    record, body = edge.identified()
    sent = parse_query(record.query)
    assert (record.path, body) == ("/com.snowplowanalytics.snowplow/tp1", None)
    assert (sent["e"], sent["p"], sent["tv"], sent["aid"]) == ("ue", "web", "r-tp2", "mail")
    clicked = json.loads(str(sent["ue_pr"]))["data"]
    assert clicked["schema"].endswith("/uri_redirect/jsonschema/1-0-0")
    assert clicked["data"] == {"uri": GOOD}


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("there", [False, True])
def test_b_21_an_entity_of_another_event(encoded: bool, there: bool) -> None:
    """B-21: beside an event in the query the click is its first entity."""
    entity = {"schema": "iglu:a/b/jsonschema/1-0-0", "data": {}}
    entities = {"schema": "iglu:x/contexts/jsonschema/1-0-0", "data": [entity] if there else []}
    raw = json.dumps(entities)
    name = "cx" if encoded else "co"
    text = encode_base64url(raw.encode()).decode() if encoded else raw
    query = click(f"e=pv&u={quote(GOOD)}&{name}={quote(text)}")
    sent = str(parse_query(str(query))[name])
    found = json.loads(decode_base64url(sent.encode()) if encoded else sent)["data"]
    assert found[0]["data"] == {"uri": GOOD.partition("#")[0] + "#c"}
    assert found[1:] == ([entity] if there else [])


@pytest.mark.parametrize("co", ["", "{", "[]", '{"data":1}', "null", "1"])
def test_b_21_entities_that_are_none_stay(co: str) -> None:
    """B-21, A-17: entities that cannot be read are left for the pipeline to judge."""
    query = click(f"e=pv&u={quote(GOOD)}&co={quote(co)}")
    assert (parse_query(str(query))["co"] == co) is bool(co)


@given(st.text() | st.builds("https://shop.example{}".format, st.text()))
def test_a_78_never_elsewhere(target: str) -> None:
    """A-78: whatever `u` is, a `Location` is one line of ASCII and its host is a named one."""
    found = target_of(f"u={quote(target.encode(errors='replace'), safe='')}", HOSTS, None)
    if found is not None:
        assert found.isascii()
        assert min(found) > 0x20
        parts = urlsplit(found.decode())
        assert (parts.hostname, parts.username, parts.password) == ("shop.example", None, None)
        assert parts.scheme in ("http", "https")


@given(st.text() | st.builds("u=x&{}".format, st.text()))
def test_a_75_any_query_is_an_event_or_none(query: str) -> None:
    """A-17, A-75: no query string makes a redirect fail, and what comes out can be read again."""
    found = click(query)
    if found is not None:
        assert parse_query(found)["tv"] == "r-tp2"

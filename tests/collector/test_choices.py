"""Opting out and in, and what is said about Global Privacy Control (A-45, S1, S9; contract 6)."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from tests.collector.conftest import Start
from tests.collector.edge import ANONYMOUS, Edge
from tests.support.asgi import Reply
from whiteout.collector import CollectorSettings, CookieSettings
from whiteout.privacy import Policy, SignalPolicy

HOST = ("Host", "c.shop.example")
OWN = ("Origin", "https://c.shop.example")
JSON = ("Accept", "application/json")
OUT = ("Cookie", "a=b; whiteout_opt_out=1; sp=5b3b8f5e-9b1c-4d5e-8f00-1234567890ab")
PAGES = ("/privacy/opt-out", "/privacy/opt-in")


class Page(HTMLParser):
    """What a page consists of."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(reply.body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember an element."""
        self.elements.append((tag, dict(attrs)))

    def form(self) -> dict[str, str | None]:
        """The attributes of the only form."""
        (form,) = (attributes for tag, attributes in self.elements if tag == "form")
        return form


def cookies(reply: Reply) -> dict[str, str]:
    """The cookies that an answer sets and removes, by name."""
    return {cookie.partition("=")[0]: cookie for cookie in reply.all("set-cookie")}


async def test_a_45_out_and_in_again(edge: Edge) -> None:
    """A-45: what opting out sets keeps a browser from being recorded, until it opts in again."""
    reply = await edge.request("POST", PAGES[0], HOST, OWN)
    assert (reply.status, reply.one("location")) == (303, "opt-out")
    kept = cookies(reply)["whiteout_opt_out"].partition(";")[0]
    assert (await edge.post(("Cookie", kept))).status == 200
    assert not edge.folder.exists()
    reply = await edge.request("POST", PAGES[1], HOST, OWN, ("Cookie", kept))
    assert reply.status == 303
    assert cookies(reply)["whiteout_opt_out"].startswith("whiteout_opt_out=; Max-Age=0;")
    assert (await edge.post()).status == 200
    assert edge.identified()


async def test_s9_the_cookie_of_an_opt_out(edge: Edge) -> None:
    """S9, contract 6: it lives as long as browsers allow, names nobody, and scripts can read it."""
    first = await edge.request("POST", PAGES[0], HOST, OWN)
    second = await edge.request("POST", PAGES[0], HOST, OWN)
    cookie = cookies(first)["whiteout_opt_out"]
    assert cookie.startswith("whiteout_opt_out=1; Max-Age=34560000; Expires=")
    assert cookie.endswith("; Path=/; SameSite=None; Secure")
    plain = re.compile(r"Expires=[^;]*")
    other = cookies(second)["whiteout_opt_out"]
    assert plain.sub("", cookie) == plain.sub("", other)
    assert cookies(first)["sp"].startswith("sp=; Max-Age=0;")


async def test_a_33_the_domain_of_an_opt_out(start: Start) -> None:
    """A-33: it is set for the domain that the network user id would be set for."""
    cookie = CookieSettings(domains=("shop.example",), same_site="Lax")
    edge = start(CollectorSettings(cookie=cookie))
    reply = await edge.request("POST", PAGES[0], HOST, OWN)
    assert "; Domain=shop.example; Path=/; SameSite=Lax; Secure" in reply.all("set-cookie")[-1]
    back = await edge.request("POST", PAGES[1], HOST, OWN)
    gone = [cookie for cookie in back.all("set-cookie") if "whiteout_opt_out=;" in cookie]
    assert len(gone) == 2


@pytest.mark.parametrize(("cookie", "action"), [((), "opt-out"), ((OUT,), "opt-in")])
@pytest.mark.parametrize("path", PAGES)
async def test_a_45_the_page(
    edge: Edge, path: str, cookie: tuple[tuple[str, str], ...], action: str
) -> None:
    """A-45: a page without script says what holds, and has one form that changes it."""
    reply = await edge.request("GET", path, HOST, *cookie)
    assert reply.status == 200
    page = Page(reply)
    assert page.form() == {"method": "post", "action": action}
    assert {tag for tag, _ in page.elements}.isdisjoint({"script", "img", "iframe", "link"})
    assert all("on" not in name[:2] for _, attributes in page.elements for name in attributes)
    assert reply.all("set-cookie") == []
    policy = str(reply.one("content-security-policy"))
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert reply.one("cache-control") == "no-store"
    head = await edge.request("HEAD", path, HOST, *cookie)
    assert (head.status, head.body) == (200, b"")
    assert not edge.folder.exists()


async def test_a_45_as_an_api(edge: Edge) -> None:
    """A-45: who asks for JSON gets the state, and a receipt of what was removed."""
    asked = await edge.request("GET", PAGES[0], HOST, JSON, OUT)
    assert json.loads(asked.body) == {"opted_out": True}
    done = await edge.request("POST", PAGES[0], HOST, OWN, JSON, OUT)
    assert (done.status, json.loads(done.body)) == (200, {"opted_out": True, "cookies": ["sp"]})
    back = await edge.request("POST", PAGES[1], HOST, OWN, JSON, OUT)
    assert json.loads(back.body) == {"opted_out": False, "cookies": []}
    for reply in (asked, done, back):
        assert reply.one("content-type") == "application/json"
        assert reply.one("cache-control") == "no-store"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "headers",
    [
        [("Origin", "https://evil.example")],
        [("Origin", "https://c.shop.example.evil.example")],
        [("Origin", "https://shop.example")],
        [("Origin", "https://c.shop.example:8443")],
        [("Origin", "null")],
        [("Origin", "")],
        [("Origin", "ftp://c.shop.example")],
        [("Sec-Fetch-Site", "cross-site")],
        [("Sec-Fetch-Site", "same-site")],
        [("Origin", "null"), ("Sec-Fetch-Site", "cross-site")],
    ],
)
async def test_a_45_no_page_of_a_stranger_decides(
    edge: Edge, path: str, headers: list[tuple[str, str]]
) -> None:
    """A-45: a request that another site's page made changes nothing (cross-site forgery)."""
    for accept in ((), (JSON,)):
        reply = await edge.request("POST", path, HOST, *headers, *accept)
        assert reply.status == 403
        assert reply.all("set-cookie") == []


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [OWN],
        [("Origin", "http://c.shop.example")],
        [("Origin", "null"), ("Sec-Fetch-Site", "same-origin")],
        [("Sec-Fetch-Site", "none")],
    ],
)
async def test_a_45_own_pages_and_programs_may(edge: Edge, headers: list[tuple[str, str]]) -> None:
    """A-45: the collector's own page may, also behind a proxy, and so may what is no browser."""
    assert (await edge.request("POST", PAGES[0], HOST, *headers)).status == 303


async def test_a_45_pages_of_named_origins_may(start: Start) -> None:
    """A-23, A-45: a named origin's page may ask and decide; of others none may even ask."""
    edge = start(CollectorSettings(cors_origins=("https://shop.example",)))
    shop, evil = ("Origin", "https://shop.example"), ("Origin", "https://evil.example")
    assert (await edge.request("POST", PAGES[0], HOST, shop, JSON)).status == 200
    for origin, allowed in ((shop, shop[1]), (evil, None)):
        reply = await edge.request("GET", PAGES[0], HOST, origin, JSON)
        assert reply.one("access-control-allow-origin") == allowed


async def test_a_45_strangers_do_not_read_the_state(edge: Edge) -> None:
    """A-45: without named origins only the collector's own pages can read whether one opted out."""
    for origin, allowed in ((OWN, OWN[1]), (("Origin", "https://evil.example"), None)):
        reply = await edge.request("GET", PAGES[0], HOST, origin, JSON, OUT)
        assert reply.one("access-control-allow-origin") == allowed


@pytest.mark.parametrize(
    ("pattern", "value"),
    [("yes", "yes"), ("yes|1", "1"), ("(?i)true", "true"), ("[0-9]+", "1"), ("opt.out", "opt.out")],
)
async def test_a_45_a_value_that_counts(start: Start, pattern: str, value: str) -> None:
    """A-45: whatever pattern is configured, what opting out sets fits it."""
    edge = start(CollectorSettings(opt_out_cookie=("no-track", re.compile(pattern))))
    reply = await edge.request("POST", PAGES[0], HOST, OWN)
    assert cookies(reply)["no-track"].startswith(f"no-track={value};")


@pytest.mark.parametrize("cookie", [None, ("x", re.compile("[a-f0-9]{32}"))])
async def test_a_45_nothing_is_promised_that_does_not_work(
    start: Start, cookie: tuple[str, re.Pattern[str]] | None
) -> None:
    """A-45: without an opt-out cookie, or a simple value for it, there is no page that sets it."""
    edge = start(CollectorSettings(opt_out_cookie=cookie))
    for path in PAGES:
        for method in ("GET", "HEAD", "POST"):
            assert (await edge.request(method, path, HOST, OWN)).status == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_a_45_other_methods(edge: Edge, method: str) -> None:
    """A.1: what is neither asking nor deciding is not found."""
    assert (await edge.request(method, PAGES[0], HOST, OWN)).status == 404
    assert (await edge.request("POST", f"/anonymous{PAGES[0]}", HOST, OWN)).status == 404


@pytest.mark.parametrize("asks", [(), (ANONYMOUS,), (("Sec-GPC", "1"),)])
async def test_a_45_by_default(edge: Edge, asks: tuple[tuple[str, str], ...]) -> None:
    """A-45, contract 6: the opt-out wins over everything, without any configuration."""
    reply = await edge.post(OUT, *asks)
    assert (reply.status, reply.all("set-cookie")) == (200, [])
    assert not edge.folder.exists()


@pytest.mark.parametrize("rule", list(SignalPolicy))
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_s1_gpc_json(start: Start, rule: SignalPolicy, method: str) -> None:
    """S1: the site says that it honours Global Privacy Control exactly when it does."""
    edge = start(CollectorSettings(policy=Policy(gpc=rule), gpc_since="2027-01-31"))
    reply = await edge.request(method, "/.well-known/gpc.json")
    assert (reply.status, reply.one("content-type")) == (200, "application/json")
    if method == "GET":
        honours = rule is not SignalPolicy.IGNORE
        assert json.loads(reply.body) == {"gpc": honours, "lastUpdate": "2027-01-31"}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_s1_well_known_paths_are_no_events(edge: Edge, method: str) -> None:
    """Contract 14: what looks for a well-known file is not recorded."""
    assert (await edge.request(method, "/.well-known/security.txt", body=b"")).status == 404
    assert not edge.folder.exists()


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("asks", [ANONYMOUS, ("Sec-GPC", "1")])
async def test_a_35_deletion_where_it_is_wanted(
    start: Start, method: str, asks: tuple[str, str]
) -> None:
    """A-35, A-36: with `delete` an anonymous answer removes the cookie of a browser that has it."""
    cookie = CookieSettings(delete_on_anonymous=True, domains=("shop.example",))
    edge = start(CollectorSettings(cookie=cookie))
    origin = ("Origin", "https://www.shop.example")
    (set_,) = (await edge.request(method, "/a/b", origin, body=b"")).all("set-cookie")
    held = ("Cookie", "sp=anything at all")
    (gone,) = (await edge.request(method, "/a/b", asks, origin, held, body=b"")).all("set-cookie")
    assert gone.startswith("sp=; Expires=Thu, 01 Jan 1970")
    assert gone.partition("GMT")[2] == set_.partition("GMT")[2]
    for other in ((), (("Cookie", "spx=1; other=2"),)):
        reply = await edge.request(method, "/a/b", asks, origin, *other, body=b"")
        assert reply.all("set-cookie") == []

"""What an anonymous request leaves behind (A-48 to A-52, F-P1 to F-P4, F-P23, F.2; contract 11)."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from tests.collector.conftest import Start
from tests.collector.edge import ANONYMOUS, EVENT, JSON, TP2, Edge, envelope
from tests.support.asgi import PEER
from whiteout.collector import AnonymousSettings, CollectorSettings
from whiteout.privacy import AddressPolicy
from whiteout.proof.canaries import Canaries, channels
from whiteout.proof.planting import Planter
from whiteout.proof.shots import ANYWHERE, Shot, shots
from whiteout.protocol.iglu import CONTEXTS
from whiteout.protocol.record import AnonymousRequest, decode

SESSION = {"sid": "3f0e7d1c-58a4-4b1c-9a54-1c54f1e0a9d2", "vid": "3"}
USERS = {
    "uid": "anna",
    "duid": "c5a9e8b2-6a0a-4f3e-8a9e-6d3f0f0a1b2c",
    "nuid": "0a1b2c3d-1111-4222-8333-444455556666",
    "tnuid": "1a1b2c3d-1111-4222-8333-444455556666",
    "ip": "192.0.2.77",
    "fp": "3141592653",
}
NAMES = {
    "uid": "user_id",
    "duid": "domain_userid",
    "nuid": "network_userid",
    "tnuid": "network_userid",
    "ip": "user_ipaddress",
    "fp": "user_fingerprint",
}

TRIGGERS = {
    "header": ([ANONYMOUS], ""),
    "empty header": ([("SP-Anonymous", "")], ""),
    "lower-case header": ([("sp-anonymous", "0")], ""),
    "path": ([], "/anonymous"),
    "gpc": ([("Sec-GPC", "1")], ""),
}


@pytest.fixture(scope="module")
def planted() -> tuple[Canaries, str, list[Shot]]:
    """Canaries, the address of who sends, and requests full of them."""
    canaries = Canaries(7, hashed=("POST tp2: ",))
    return canaries, canaries.ipv4("peer"), list(shots(canaries, "x"))


@pytest.mark.parametrize("trigger", TRIGGERS)
async def test_a_52_matrix(
    start: Start, planted: tuple[Canaries, str, list[Shot]], trigger: str
) -> None:
    """F.2, strict column: whatever a request holds and however broken it is, nothing identifies.

    Neither the record nor the response, with a policy that would keep full addresses.
    """
    signal, prefix = TRIGGERS[trigger]
    canaries, peer, requests = planted
    edge = start(CollectorSettings(address=AddressPolicy.FULL))
    for shot in requests:
        headers = [*shot.headers, *signal]
        query = f"?{shot.query}" if shot.query else ""
        reply = await edge.request(
            shot.method,
            f"{prefix}{shot.path}{query}",
            *headers,
            body=shot.body,
            client=(peer, 4711),
        )
        where = f"{shot.method} {shot.shape}"
        assert reply.status < 500, where
        assert reply.all("set-cookie") == [], where
        assert canaries.search(repr(reply).encode(), where) == []
    found = channels(f for record in edge.raw() for f in canaries.search(record, "spool"))
    assert found <= {"odd schema: schema"}  # What a site calls its schemas identifies nobody.
    assert len(requests) > 100
    assert len(edge.raw()) > len(requests) / 2


async def test_a_52_matrix_is_worth_something(start: Start) -> None:
    """F.2: without a word of anonymity the same requests leave their identifiers in the spool."""
    canaries = Canaries(7, hashed=("POST tp2: ",))
    peer = canaries.ipv4("peer")
    edge = start(CollectorSettings(address=AddressPolicy.FULL))
    for shape, (method, path) in ANYWHERE.items():
        plant = Planter(canaries, shape)
        event = plant.event("x")
        body = envelope(event) if method == "POST" else None
        query = "" if body else f"?{urlencode(event)}"
        await edge.request(
            method, path + query, JSON, *plant.headers(), body=body, client=(peer, 1)
        )
        assert edge.raw()
        found = channels(f for record in edge.raw() for f in canaries.search(record, "spool"))
        assert {f"{shape}: {name}" for name in ("uid", "duid", "fp", "sid")} <= found
        assert "peer" in found
        assert not {name for name in found if "never kept" in name}


@pytest.mark.parametrize("method", ["POST", "GET", "HEAD"])
@pytest.mark.parametrize("name", USERS)
async def test_a_52_user_identifiers_go_and_take_the_session_along(
    edge: Edge, method: str, name: str
) -> None:
    """A-52, contract 7: an event with a user identifier loses that and the session as well."""
    event = {**EVENT, **SESSION, name: USERS[name]}
    target = TP2 if method == "POST" else f"{TP2}?{urlencode(event)}"
    await edge.request(method, target, JSON, ANONYMOUS, body=envelope(event))
    (kept,) = edge.anonymous().events
    assert kept.parameters == EVENT
    assert {NAMES[name], "domain_sessionid", "domain_sessionidx"} == set(kept.redacted)
    assert (kept.user, kept.session) == (True, False)


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("method", ["POST", "GET", "HEAD"])
async def test_a_52_a_session_of_nobody_stays_where_it_may(
    start: Start, method: str, keep: bool
) -> None:
    """A-52, contract 7: a session tied to nobody is kept unless the operator drops it."""
    edge = start(CollectorSettings(anonymous=AnonymousSettings(keep_session=keep)))
    event = {**EVENT, **SESSION}
    target = TP2 if method == "POST" else f"{TP2}?{urlencode(event)}"
    await edge.request(method, target, JSON, ANONYMOUS, body=envelope(event))
    (kept,) = edge.anonymous().events
    assert kept.parameters == (event if keep else EVENT)
    assert kept.session is keep


async def test_a_52_each_event_for_itself(edge: Edge) -> None:
    """A-52: of a batch each event is scrubbed for itself, and bad ones spoil no others."""
    await edge.post(
        ANONYMOUS,
        body=envelope(
            {**EVENT, **SESSION, "uid": "anna"},
            {**EVENT, **SESSION},
            ["no object"],
            None,
            {**EVENT, "what": "x"},
            {**EVENT, "page": 1},
        ),
    )
    one, two, three, four, five, six = edge.anonymous().events
    assert one.parameters == EVENT
    assert two.parameters == {**EVENT, **SESSION}
    assert [p.where for p in three.problems + four.problems] == ["body.data[2]", "body.data[3]"]
    assert [p.what for p in five.problems + six.problems] == ["unknown_parameter", "not_a_string"]


@pytest.mark.parametrize("name", USERS)
async def test_f_p23_the_query_of_a_post_names_nobody(edge: Edge, name: str) -> None:
    """F-P23, contract 7: who stands in the query of a POST is removed, and with it the session."""
    query = urlencode({name: USERS[name], "sid": SESSION["sid"], "eid": SESSION["sid"]})
    await edge.post(ANONYMOUS, target=f"{TP2}?{query}", body=envelope(EVENT, {**EVENT, **SESSION}))
    for kept in edge.anonymous().events:
        assert kept.parameters == EVENT
        assert NAMES[name] in kept.redacted
        assert kept.user
    assert USERS[name].encode() not in edge.raw()[0]
    assert SESSION["sid"].encode() not in edge.raw()[0]


async def test_f_p23_an_event_keeps_no_name_behind_another(edge: Edge) -> None:
    """F-P23: an identifier in the query does not shield the event's own from being removed."""
    event = {**EVENT, "uid": "user-1234", "page": "Page of user-1234"}
    await edge.post(ANONYMOUS, target=f"{TP2}?uid=user-5678", body=envelope(event))
    assert edge.anonymous().events[0].parameters == {**EVENT, "page": "Page of "}


async def test_f_p23_one_id_for_all_events_is_ignored(edge: Edge) -> None:
    """F-P23: the query of a POST cannot give every event of the batch the same id or session."""
    query = urlencode({"eid": "7a1c3ff0-9e0b-4d2f-8b57-0d9ad8b3a001", **SESSION})
    await edge.post(ANONYMOUS, target=f"{TP2}?{query}", body=envelope(EVENT, EVENT))
    assert [kept.parameters for kept in edge.anonymous().events] == [EVENT, EVENT]


async def test_b_17_other_parameters_of_the_query_join_every_event(edge: Edge) -> None:
    """B-17, B-26: the query overrides the events of a body; what it says besides is ignored."""
    target = f"{TP2}?aid=shop&p=app&cv=x&what=ever&page"
    await edge.post(ANONYMOUS, target=target, body=envelope(EVENT, {**EVENT, "aid": "own"}))
    for kept in edge.anonymous().events:
        assert kept.parameters == {**EVENT, "p": "app", "aid": "shop", "cv": "x"}
        assert kept.problems == []


@pytest.mark.parametrize(
    ("body", "where", "what", "position"),
    [
        (b"", "body", "not_json", None),
        (b'{"uid": "anna", }', "body", "not_json", 16),
        (b'{"uid": "anna\xff"}', "body", "not_utf8", 13),
        (b'["anna"]', "body", "INVALID_SCHEMA", None),
        (b'{"schema": "anna", "data": []}', "body", "INVALID_IGLUURI", None),
        (
            b'{"schema":"iglu:com.anna/x/jsonschema/1-0-0","data":[]}',
            "body.schema",
            "not_payload_data",
            None,
        ),
        (envelope(), "body.data", "no_events", None),
        (envelope(*[{"uid": "anna"}] * 1_001), "body.data", "too_many_events", 1_000),
        (b"[" * 100_000 + b'"anna"', "body", "too_deep", None),
    ],
)
async def test_contract_11_unparsable_bodies(
    edge: Edge, body: bytes, where: str, what: str, position: int | None
) -> None:
    """Contract 11: of a body that cannot be read its length, type and error stay, no more."""
    await edge.post(ANONYMOUS, body=body, target=f"{TP2}?aid=anna")
    record = edge.anonymous()
    assert record.failure is not None
    assert (record.failure.where, record.failure.what) == (where, what)
    assert position is None or record.failure.position == position
    assert record.body_length == len(body)
    assert record.content_type == "application/json; charset=utf-8"
    assert record.events == []
    assert b"anna" not in edge.raw()[0]


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_contract_11_unparsable_queries(edge: Edge, method: str) -> None:
    """Contract 11: of a query that cannot be read the position of the fault stays."""
    await edge.request(method, f"{TP2}?uid=anna&x=%zz", JSON, ANONYMOUS, body=envelope(EVENT))
    record = edge.anonymous()
    assert record.failure is not None
    assert (record.failure.what, record.failure.position) == ("bad_query", 11)
    assert record.events == []
    assert b"anna" not in edge.raw()[0]


@pytest.mark.parametrize("path", ["/anna/v1", "/com.snowplowanalytics.snowplow/anna", "/a/b"])
async def test_contract_11_unknown_paths(edge: Edge, path: str) -> None:
    """Contract 11: of a path that is not supported, not even the path stays."""
    await edge.post(ANONYMOUS, target=f"{path}?uid=anna", body=b'{"uid": "anna"}')
    record = edge.anonymous()
    assert record.failure is not None
    assert record.failure.what == "unsupported_path"
    assert (record.vendor, record.version) == (None, None)
    assert b"anna" not in edge.raw()[0]


@pytest.mark.parametrize("trigger", ["header", "path"])
@pytest.mark.parametrize("kind", ["text/plain", "text/plain;charset=UTF-8"])
async def test_contract_8_text_under_the_prefix(edge: Edge, trigger: str, kind: str) -> None:
    """Contract 8: under `/anonymous/` text is read as JSON, so that no preflight is needed."""
    signal, prefix = TRIGGERS[trigger]
    await edge.post(("Content-Type", kind), *signal, target=f"{prefix}{TP2}")
    record = edge.anonymous()
    if trigger == "path":
        assert [kept.parameters for kept in record.events] == [EVENT]
    else:
        assert record.failure is not None
        assert record.failure.what == "unsupported_content_type"


async def test_a_51_what_stays_of_the_headers(edge: Edge) -> None:
    """A-51: content type, coarse user agent, and the origins of `Referer` and `Origin`."""
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.7339.81 Safari/537.36"
    await edge.post(
        ANONYMOUS,
        ("User-Agent", agent),
        ("Referer", "https://anna:pw@shop.example.com/a?b=c#d"),
        ("Origin", "https://shop.example.com"),
        ("Accept-Language", "de-AT"),
        ("Authorization", "Bearer x"),
    )
    record = edge.anonymous()
    assert record.user_agent == "Chrome/140; Windows; desktop"
    assert record.referer == record.origin == "https://shop.example.com"
    fields = set(json.loads(edge.raw()[0][3:]))
    assert fields == {
        *("received", "signals", "vendor", "version", "content_type", "body_length"),
        *("user_agent", "referer", "origin", "events", "failure"),
    }


async def test_a_48_what_an_identified_record_holds(edge: Edge) -> None:
    """A-62: of an identified request only the named headers stay, no credentials or cookies."""
    await edge.post(("Cookie", "login=secret"), ("Authorization", "secret"), ("X-Any", "secret"))
    assert b"secret" not in edge.raw()[0]
    assert set(json.loads(edge.raw()[0][3:].partition(b"\n")[0])) == {
        *("received", "path", "query", "content_type", "address", "network_userid"),
        *("user_agent", "referer", "origin", "language", "body_length"),
    }


@pytest.mark.parametrize(
    "number",
    [
        "1" * 25,
        "1" * 400,
        "-" + "9" * 30,
        "1e400",
        "1.5e308",
        "0.1",
        "1e-400",
        "18446744073709551616",
    ],
)
@pytest.mark.parametrize("name", ["co", "ue_pr", "cx", "ue_px"])
async def test_a_17_numbers_of_any_size(edge: Edge, name: str, number: str) -> None:
    """A-17: numbers that JSON allows and Python or JSON libraries choke on become no 500."""
    entity = f'{{"schema":"iglu:a/b/jsonschema/1-0-0","data":{{"n":{number}}}}}'
    text = f'{{"schema":"{CONTEXTS}","data":[{entity}]}}'
    if name.endswith("x"):
        text = base64.urlsafe_b64encode(text.encode()).decode()
    assert (await edge.post(ANONYMOUS, body=envelope({**EVENT, name: text}))).status == 200
    assert len(edge.anonymous().events) == 1


@pytest.mark.parametrize(
    "value", ["\\ud800", "\\udc00\\ud800", "\\u0000", "\\uffff", "\\ud83d\\ude00"]
)
async def test_a_17_escapes_of_any_kind(edge: Edge, value: str) -> None:
    """A-17: escapes of half characters and of NUL become no 500."""
    body = envelope({**EVENT, "page": "@"}).replace(b"@", value.encode())
    assert (await edge.post(ANONYMOUS, body=body)).status == 200
    assert isinstance(decode(edge.raw()[0]), AnonymousRequest)


HEAVY: dict[str, Callable[[int], dict[str, str]]] = {
    "user info in urls": lambda n: {"url": "http://a/" + ":%2F%2F" * (n // 7)},
    "slashes": lambda n: {"url": "http://a" + "/" * n},
    "schemes": lambda n: {"refr": "a://" * (n // 4)},
    "encoded": lambda n: {"url": "http://a/?utm_x=" + "%25" * (n // 3)},
    "at signs": lambda n: {"page": "a@" * (n // 2)},
    "dots": lambda n: {"page": "a." * (n // 2)},
    "semicolons": lambda n: {"url": "http://a/" + ";" * n},
    "questions": lambda n: {"url": "http://a/" + "?" * n},
    "words": lambda n: {"uid": "anna", "page": "anna " * (n // 5)},
    "quotes": lambda n: {"page": '"' * n},
    "braces": lambda n: {"page": "{" * n},
    "members": lambda n: {
        "co": json.dumps({"schema": "x", "data": {f"k{i}": "v" for i in range(n // 12)}})
    },
    "json in json": lambda n: {
        "co": json.dumps({"schema": "x", "data": {"a": json.dumps(["b"] * (n // 8))}})
    },
    "eyJ": lambda n: {"page": "eyJ" * (n // 3)},
    "numbers": lambda n: {"page": "1" * n},
    "spaces": lambda n: {"page": " " * n, "url": " " * n},
    "agents": lambda n: {"ua": "Version/1" * (n // 9)},
    "many values": lambda n: {
        "co": json.dumps(
            {
                "schema": "x",
                "data": [{"uid": f"user{i:06}", "t": f"user{i:06}"} for i in range(n // 36)],
            }
        )
    },
}


@pytest.mark.parametrize("kind", HEAVY)
async def test_a_17_no_body_takes_long(edge: Edge, kind: str) -> None:
    """A-17: scrubbing takes time in proportion to the body, whatever that is made of."""
    body = envelope({**EVENT, **HEAVY[kind](200_000)})
    began = time.process_time()
    assert (await edge.post(ANONYMOUS, body=body)).status == 200
    assert time.process_time() - began < 2


async def test_a_54_peer_is_nowhere(edge: Edge) -> None:
    """A-48: the peer's address stands nowhere in an anonymous record."""
    await edge.post(ANONYMOUS)
    assert PEER[0].rpartition(".")[0].encode() not in edge.raw()[0]

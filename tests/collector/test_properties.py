"""Requests that nobody thought of: never an error, never a 5xx, never an identifier left behind."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.collector.edge import TP2
from tests.support.asgi import Body, Reply, exchange
from whiteout.collector import Collector, CollectorSettings
from whiteout.protocol.iglu import CONTEXTS, PAYLOAD_DATA, SNOWPLOW
from whiteout.protocol.parameters import NAMES
from whiteout.protocol.record import decode
from whiteout.spool import SpoolWriter

SECRET = "zq7Canary4711zq"
ADDRESS = "198.18.77.93"

_HEADER = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=40)
_NAMES = st.sampled_from(
    [
        *("Accept-Language", "Authorization", "Content-Encoding", "Content-Length", "Content-Type"),
        *("Cookie", "DNT", "Forwarded", "Origin", "Referer", "SP-Anonymous", "Sec-GPC"),
        *("Transfer-Encoding", "User-Agent", "X-Forwarded-For", "X-Real-IP", "Expect"),
    ]
)
_VALUES = st.one_of(
    _HEADER,
    st.sampled_from(
        [
            *("application/json", "application/json; charset=utf-8", "text/plain", "1", "*"),
            *("https://a.example", "null", "sp=abc; sp=def", "chunked", "gzip", "192.0.2.1"),
        ]
    ),
)
headers = st.lists(st.tuples(_NAMES, _VALUES), max_size=6)

_SEGMENT = st.one_of(
    st.text(max_size=8).map(lambda text: quote(text, safe="")),
    st.sampled_from(["", "i", "ice.png", "anonymous", "r", "tp2", "health", "%ff", "%2f", "%00"]),
)
paths = st.one_of(
    st.sampled_from([TP2, f"/anonymous{TP2}", "/i", "/anonymous/i", "/com.x/y"]),
    st.lists(_SEGMENT, max_size=4).map(lambda segments: "/" + "/".join(segments)),
)
queries = st.one_of(
    st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=40),
    st.lists(
        st.tuples(st.sampled_from(sorted(NAMES)), st.text(max_size=10).map(quote)), max_size=5
    ).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs)),
)
methods = st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "PUT", "get", "\xfc"])

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["schema", "data", "uid", "url"]), inner, max_size=4)
    ),
    max_leaves=12,
)
_parameter = st.sampled_from(sorted(NAMES))
events = st.dictionaries(
    _parameter | st.text(max_size=5), st.text(max_size=20) | _json | _json.map(json.dumps)
)


def envelope(data: Any) -> bytes:
    """A body that is an envelope, whatever it holds."""
    return json.dumps({"schema": PAYLOAD_DATA, "data": data}).encode()


bodies = st.one_of(
    st.binary(max_size=60),
    _json.map(lambda value: json.dumps(value).encode()),
    st.lists(events | _json, max_size=3).map(envelope),
)
pieces = st.one_of(
    st.none(),
    bodies,
    st.lists(bodies, max_size=3).map(Body),
    st.lists(bodies, min_size=1, max_size=3).map(lambda parts: Body(parts, "complete")),
    st.lists(bodies, max_size=2).map(lambda parts: Body(parts, "gone")),
)


class Kept:
    """A collector whose records a test can look at, on one event loop for all examples."""

    def __init__(self) -> None:
        self.records: list[bytes] = []
        self.runner = asyncio.Runner()
        opener = cast("SpoolWriter", self)
        self.collector = Collector(
            Path("/nowhere"), CollectorSettings(body_limit=5_000), lambda _: opener
        )

    def append(self, record: bytes) -> asyncio.Future[None]:
        """Take a record as a spool does."""
        self.records.append(record)
        future = asyncio.get_running_loop().create_future()
        future.set_result(None)
        return future

    def send(self, *request: Any, **more: Any) -> Reply:
        """The answer to a request, and in `records` what it left."""
        self.records.clear()
        return self.runner.run(exchange(self.collector, *request, **more))


@pytest.fixture(scope="module")
def kept() -> Iterator[Kept]:
    """One collector for all examples."""
    kept = Kept()
    with kept.runner:
        yield kept


_many = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@_many
@given(method=methods, path=paths, query=queries, sent=headers, body=pieces)
def test_a_17_never_a_server_error(
    kept: Kept, method: str, path: str, query: str, sent: list[tuple[str, str]], body: Any
) -> None:
    """A-17: no request raises or gets a 5xx, and every 200 of an event has exactly one record."""
    reply = kept.send(method, f"{path}?{query}", sent, body)
    cut_off = isinstance(body, Body) and body.ending == "gone"
    assert reply.status in ({200, 400, 404, 422} if cut_off else {200, 404, 422})
    for record in kept.records:
        decode(record)
    if reply.status == 200 and (reply.body == b"ok" or reply.one("content-type") == "image/gif"):
        service = path in {"/health", "/sink-health"}
        assert len(kept.records) == (0 if service else 1)
    else:
        assert kept.records == []


_places = st.sampled_from(
    [
        *("uid", "duid", "nuid", "tnuid", "fp", "mac", "ad_uid", "ip"),
        *(
            "url user",
            "url query",
            "url fragment",
            "refr query",
            "entity",
            "deep entity",
            "cookies",
        ),
        *("authorization", "referer query", "user agent", "unknown", "forwarded"),
        *("language", "path", "client_session"),
    ]
)


def _event(places: set[str]) -> dict[str, Any]:
    event: dict[str, Any] = {"e": "pv", "p": "web", "tv": "x-1"}
    event |= dict.fromkeys(places & NAMES, SECRET)
    url = f"https://{SECRET + '@' if 'url user' in places else ''}shop.example/a"
    url += f"?q={SECRET}" if "url query" in places else ""
    event["url"] = url + (f"#{SECRET}" if "url fragment" in places else "")
    if "refr query" in places:
        event["refr"] = f"https://shop.example/?q={SECRET}"
    if "unknown" in places:
        event[SECRET] = SECRET
    data: list[Any] = []
    if "entity" in places:
        data.append({"schema": "iglu:a/b/jsonschema/1-0-0", "data": {"userId": SECRET}})
    if "deep entity" in places:
        deep = {"a": [{"email": [SECRET]}], "link": f"https://x.example/?t={SECRET}"}
        data.append({"schema": "iglu:a/b/jsonschema/1-0-0", "data": deep})
    if "client_session" in places:
        session = {"userId": SECRET, "sessionId": SECRET, "previousSessionId": SECRET}
        kind = f"iglu:{SNOWPLOW}/client_session/jsonschema/1-0-2"
        data.append({"schema": kind, "data": session})
    if data:
        event["co"] = json.dumps({"schema": CONTEXTS, "data": data})
    return event


@_many
@given(
    places=st.sets(_places),
    method=st.sampled_from(["POST", "GET", "HEAD"]),
    signal=st.sampled_from(["header", "path", "gpc"]),
    kind=st.sampled_from(["application/json", "text/plain", f"x/{SECRET}"]),
    cut=st.none() | st.integers(0, 400),
    noise=headers,
)
def test_a_52_no_identifier_is_left_behind(
    kept: Kept,
    places: set[str],
    method: str,
    signal: str,
    kind: str,
    cut: int | None,
    noise: list[tuple[str, str]],
) -> None:
    """A-52: wherever a secret stands in an anonymous request, whole or cut off, it goes nowhere."""
    event = _event(places)
    sent = [("Content-Type", kind)]
    sent += [("Cookie", f"sp={SECRET}; other={SECRET}")] if "cookies" in places else []
    sent += [("Authorization", SECRET)] if "authorization" in places else []
    sent += [("Referer", f"https://a.example/{SECRET}")] if "referer query" in places else []
    sent += [("User-Agent", f"Chrome/140 {SECRET}")] if "user agent" in places else []
    sent += [("X-Forwarded-For", ADDRESS)] if "forwarded" in places else []
    sent += [("Accept-Language", SECRET)] if "language" in places else []
    sent += {"header": [("SP-Anonymous", "*")], "gpc": [("Sec-GPC", "1")]}.get(signal, [])
    path = f"/vendor/{SECRET}" if "path" in places else TP2
    prefix = "/anonymous" if signal == "path" else ""
    query = "&".join(f"{quote(k)}={quote(str(v))}" for k, v in event.items())[:cut]
    target = f"{prefix}{path}" + (f"?{query}" if method != "POST" else "")
    body = envelope([event])[:cut] if method == "POST" else None
    noise = [(name, value) for name, value in noise if name not in {"Origin", "Content-Encoding"}]
    reply = kept.send(method, target, [*sent, *noise], body, client=(ADDRESS, 1))
    assert reply.all("set-cookie") == []
    left = b"".join(kept.records).lower() + repr(reply).lower().encode()
    assert SECRET.lower().encode() not in left
    assert ADDRESS.encode() not in left
    assert len(kept.records) == (1 if reply.status == 200 else 0)

"""The routing table (A.1), reserved segments (contract 14), and being mounted elsewhere."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount

from tests.collector.edge import ANONYMOUS, EVENT, TP2, Edge, envelope
from tests.support.asgi import Application, Message, Sent, exchange, receiver, scope
from whiteout.collector import Collector, app
from whiteout.protocol.paths import RESERVED

PIXEL = "46d11334d5de0f7347f38cc87fe4f65d9bfbae29d2fd722ce5952c238a46f077"
"""SHA-256 of the pixel in A-12."""


@pytest.mark.parametrize(
    ("method", "target", "status", "said", "stored"),
    [
        ("POST", TP2, 200, b"ok", 1),
        ("POST", "/foo/bar", 200, b"ok", 1),
        ("GET", f"{TP2}?e=pv", 200, "pixel", 1),
        ("GET", "/foo/bar", 200, "pixel", 1),
        ("GET", "/i?e=pv", 200, "pixel", 1),
        ("GET", "/ice.png?e=pv", 200, "pixel", 1),
        ("HEAD", "/i?e=pv", 200, b"", 1),
        ("HEAD", f"{TP2}?e=pv", 200, b"", 1),
        ("POST", f"/anonymous{TP2}", 200, b"ok", 1),
        ("GET", "/anonymous/i?e=pv", 200, "pixel", 1),
        ("HEAD", "/anonymous/ice.png?e=pv", 200, b"", 1),
        ("GET", "/r/tp2?u=https://example.com", 404, b"redirects disabled", 0),
        ("POST", "/r/tp2", 404, b"redirects disabled", 0),
        ("OPTIONS", "/r/tp2", 404, b"redirects disabled", 0),
        ("GET", "/anonymous/r/tp2", 404, b"redirects disabled", 0),
        ("GET", "/r/", 404, b"Not found", 0),
        ("OPTIONS", "/nowhere/at/all", 200, b"", 0),
        ("OPTIONS", "*", 200, b"", 0),
        ("GET", "/health", 200, b"ok", 0),
        ("GET", "/sink-health", 200, b"ok", 0),
        ("HEAD", "/health", 404, b"", 0),
        ("POST", "/health", 404, b"Not found", 0),
        ("GET", "/anonymous/health", 404, b"Not found", 0),
        ("GET", "/", 404, b"Not found", 0),
        ("GET", "/crossdomain.xml", 404, b"Not found", 0),
        ("POST", "/i", 404, b"Not found", 0),
        ("POST", "/one", 404, b"Not found", 0),
        ("POST", "/one/two/three", 404, b"Not found", 0),
        ("POST", f"{TP2}/", 404, b"Not found", 0),
        ("POST", f"/{TP2}", 404, b"Not found", 0),
        ("POST", "/one//two", 404, b"Not found", 0),
        ("POST", "/one/", 404, b"Not found", 0),
        ("POST", "//", 404, b"Not found", 0),
        ("POST", "/anonymous", 404, b"Not found", 0),
        ("POST", "/anonymous/", 404, b"Not found", 0),
        ("POST", "/anonymous/tp2", 404, b"Not found", 0),
        ("POST", f"/anonymous/anonymous{TP2}", 404, b"Not found", 0),
        ("POST", f"//anonymous{TP2}", 404, b"Not found", 0),
        ("POST", f"/anonymous/{TP2}", 404, b"Not found", 0),
        ("post", TP2, 404, b"Not found", 0),
        ("PUT", TP2, 404, b"Not found", 0),
        ("DELETE", TP2, 404, b"Not found", 0),
        ("TRACE", TP2, 404, b"Not found", 0),
        ("PURGE", "/i", 404, b"Not found", 0),
    ],
)
async def test_a_1_routing_table(
    edge: Edge, method: str, target: str, status: int, said: bytes | str, stored: int
) -> None:
    """A.1: method and path decide between event, preflight, service and 404, and what is stored."""
    body = envelope(EVENT) if method == "POST" else None
    reply = await edge.request(method, target, body=body)
    assert reply.status == status
    assert said == ("pixel" if hashlib.sha256(reply.body).hexdigest() == PIXEL else reply.body)
    assert len(edge.raw()) == stored


@pytest.mark.parametrize("segment", sorted(RESERVED))
async def test_a_1_reserved_segments_are_no_vendors(edge: Edge, segment: str) -> None:
    """Contract 14: a reserved first segment never makes an event, with or without the prefix."""
    for prefix in ("", "/anonymous"):
        for method in ("GET", "POST", "HEAD"):
            assert (await edge.request(method, f"{prefix}/{segment}/x", body=b"")).status == 404
    assert edge.raw() == []


@pytest.mark.parametrize("path", ["/apis/v1", "/Anonymous/tp2", "/signin/tp2", "/i/i", "/health/x"])
async def test_a_1_every_other_pair_is_an_event(edge: Edge, path: str) -> None:
    """Contract 14: every two-segment path that is not reserved stays an event path (A-1)."""
    assert (await edge.post(target=path)).status == 200
    assert edge.identified()[0].path == path


async def test_a_2_body_of_a_get_is_ignored(edge: Edge) -> None:
    """A-2: a body is read on POST only; elsewhere it is absent, not empty."""
    await edge.request("GET", "/i?e=pv", body=b'{"schema": 1}')
    record, body = edge.identified()
    assert body is None
    assert record.body_length == -1


async def test_a_2_content_type_of_a_get_is_ignored(edge: Edge) -> None:
    """A-2, A-4: without a body there is no content type that could spoil a GET event (B-14)."""
    await edge.get(("Content-Type", "application/json"))
    assert edge.identified()[0].content_type is None


async def test_a_5_head_is_a_get_without_body(edge: Edge) -> None:
    """A-5: HEAD has the headers of a GET, its length included, and stores the event."""
    get, head = await edge.get(), await edge.request("HEAD", "/i?e=pv&p=web")
    assert head.body == b""
    names = [name for name, _ in get.headers]
    assert [name for name, _ in head.headers] == names
    assert head.one("content-length") == "43"
    assert len(edge.raw()) == 2


async def test_a_9_robots(edge: Edge) -> None:
    """A-9: three groups, one blank line between them, no line end behind the last."""
    reply = await edge.get(target="/robots.txt")
    groups = [f"User-agent: {name}\nDisallow: /" for name in ("*", "Googlebot", "AdsBot-Google")]
    assert reply.body.decode() == "\n\n".join(groups)


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/com%2Esnowplowanalytics.snowplow/tp2", TP2),
        ("/com.snowplowanalytics.snowplow%2Ftp2", TP2),
        ("/f%C3%B6o/b%61r", "/föo/bar"),
        ("/foo/%ff", "/foo/\N{REPLACEMENT CHARACTER}"),
        ("/foo/%00", "/foo/\0"),
    ],
)
async def test_a_1_paths_are_decoded(edge: Edge, target: str, path: str) -> None:
    """A.1: a percent-encoded path is the path that it encodes; broken encodings are no error."""
    assert (await edge.post(target=target)).status == 200
    assert edge.identified()[0].path == path


async def test_a_1_encoded_prefix_is_the_prefix(edge: Edge) -> None:
    """Contract 7: the anonymous prefix cannot be missed by spelling it differently."""
    await edge.post(target=f"/%61nonymous{TP2}")
    assert edge.anonymous().signals == ["path"]


async def test_a_1_lone_surrogates_in_a_path_are_no_error(edge: Edge) -> None:
    """A-17: a path that a server decoded with surrogates does not become a 500."""
    request = scope("GET", "/foo/bar")
    request["path"] = "/foo/\udcff"
    sent = Sent()
    await edge.collector(request, receiver(None), sent.send)
    assert sent.reply().status == 200


@pytest.mark.parametrize("root", ["", "/t", "/deep/er", "/t/"])
@pytest.mark.parametrize("relative", [False, True])
async def test_a_1_below_a_root_path(edge: Edge, root: str, relative: bool) -> None:
    """A.1 holds below `root_path`, whether a server puts that before the path or leaves it out."""
    before = "" if relative else root.rstrip("/")
    reply = await edge.request("GET", f"{before}/i?e=pv", root_path=root)
    assert reply.status == 200
    record, _ = edge.identified()
    assert record.path == "/i"
    await edge.request("GET", f"{before}/anonymous/i?e=pv", root_path=root)
    assert b'"path"' in edge.raw()[1]


async def test_a_1_root_path_ends_at_a_segment(edge: Edge) -> None:
    """A.1: a path that merely begins with the letters of `root_path` is not below it."""
    reply = await edge.request("POST", "/track/tp2", root_path="/tr", body=b"")
    assert reply.status == 200
    assert edge.identified()[0].path == "/track/tp2"


async def test_a_1_mounted_in_starlette(folder: Path) -> None:
    """A.1: mounted in an application without a lifespan of its own, the first event opens it."""
    collector = app(folder)
    site = Starlette(routes=[Mount("/t", app=collector)])
    try:
        found = [
            await exchange(site, "POST", f"/t{TP2}", body=envelope(EVENT)),
            await exchange(site, "POST", f"/t/anonymous{TP2}", body=envelope(EVENT)),
            await exchange(site, "GET", "/t/i?e=pv"),
            await exchange(site, "GET", "/t/nowhere"),
        ]
    finally:
        await collector.close()
    assert [reply.status for reply in found] == [200, 200, 200, 404]


async def test_a_1_answers_are_made_anew(edge: Edge) -> None:
    """Headers that an application around the collector adds reach no other client's answer."""

    def adding(inner: Application) -> Application:
        async def outer(request: Message, receive: object, send: object) -> None:
            async def add(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message["headers"].append((b"set-cookie", b"session=secret"))
                await send(message)  # type: ignore[operator]

            await inner(request, receive, add)  # type: ignore[arg-type]

        return outer

    site = adding(edge.collector)
    for method, target in [
        ("GET", "/nowhere"),
        ("GET", "/r/x"),
        ("GET", "/health"),
        ("GET", "/i?e=pv"),
        ("OPTIONS", TP2),
        ("POST", TP2),
    ]:
        for _ in range(2):
            reply = await exchange(site, method, target, [ANONYMOUS], b"")
            assert reply.all("set-cookie") == ["session=secret"]
        assert (await edge.request(method, target, ANONYMOUS, body=b"")).all("set-cookie") == []


async def test_a_1_behind_middleware(folder: Path) -> None:
    """A.1 holds behind middleware that rewrites the messages of a response."""
    collector = Collector(folder)
    site = Starlette(
        routes=[Mount("/", app=collector)],
        middleware=[Middleware(GZipMiddleware, minimum_size=1)],
    )
    try:
        reply = await exchange(site, "POST", TP2, [("Accept-Encoding", "gzip")], envelope(EVENT))
        assert reply.status == 200
    finally:
        await collector.close()


async def test_a_1_websocket_is_refused(edge: Edge) -> None:
    """A.1: there is nothing but HTTP; a WebSocket is closed."""
    sent = Sent()
    await edge.collector({"type": "websocket", "path": TP2}, receiver(None), sent.send)
    assert [message["type"] for message in sent.messages] == ["websocket.close"]

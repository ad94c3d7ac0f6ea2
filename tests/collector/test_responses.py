"""What tracking requests and preflights are answered (A-12 to A-27)."""

from __future__ import annotations

import pytest

from tests.collector.conftest import Start
from tests.collector.edge import ANONYMOUS, JSON, TP2, Edge
from tests.support.asgi import Body
from whiteout.collector import CollectorSettings

ORIGIN = ("Origin", "https://shop.example.com:8443")


async def test_a_12_pixel(edge: Edge) -> None:
    """A-12: 43 bytes of GIF89a, one pixel by one."""
    body = (await edge.get()).body
    assert len(body) == 43
    assert body.startswith(b"GIF89a\x01\x00\x01\x00")
    assert body.endswith(b";")


@pytest.mark.parametrize("headers", [(), (ANONYMOUS,)])
async def test_a_13_get_is_a_pixel_that_nobody_keeps(
    edge: Edge, headers: tuple[tuple[str, str], ...]
) -> None:
    """A-13: an image that no cache may keep."""
    reply = await edge.get(*headers)
    assert reply.status == 200
    assert reply.one("content-type") == "image/gif"
    assert reply.one("cache-control") == "no-cache, no-store, must-revalidate"


@pytest.mark.parametrize("headers", [(), (ANONYMOUS,)])
async def test_a_14_post_is_ok(edge: Edge, headers: tuple[tuple[str, str], ...]) -> None:
    """A-14: text, exactly the two bytes `ok`, without `Cache-Control`."""
    reply = await edge.post(*headers)
    assert reply.status == 200
    assert reply.body == b"ok"
    assert reply.one("content-length") == "2"
    assert str(reply.one("content-type")).startswith("text/plain")
    assert reply.one("cache-control") is None


async def test_a_15_order_of_headers(edge: Edge) -> None:
    """A-15: cookie, caching, origin, credentials, then the content type."""
    reply = await edge.get(ORIGIN)
    names = [name.decode() for name, _ in reply.headers]
    wanted = [
        "set-cookie",
        "cache-control",
        "access-control-allow-origin",
        "access-control-allow-credentials",
        "content-type",
    ]
    assert [name for name in names if name in wanted] == wanted


async def test_a_16_no_p3p(edge: Edge) -> None:
    """A-16: nothing of P3P is sent."""
    assert (await edge.post()).one("p3p") is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        b'{"schema":"iglu:x/y/jsonschema/1-0-0","data":[]}',
        b"[" * 100_000,
        b'{"a":1,"a":2}',
        b"\0" * 10,
        b"1e999",
        b'"\\ud800"',
    ],
)
@pytest.mark.parametrize("headers", [(), (ANONYMOUS,)])
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "nonsense"])
async def test_a_17_answered_before_it_is_judged(
    edge: Edge, body: bytes, headers: tuple[tuple[str, str], ...], kind: str
) -> None:
    """A-17: whatever a POST holds is answered `ok`; what is wrong becomes a failed event later."""
    reply = await edge.post(("Content-Type", kind), *headers, body=body)
    assert (reply.status, reply.body) == (200, b"ok")
    assert len(edge.raw()) == 1


@pytest.mark.parametrize("query", ["", "?", "?a=%zz", "?{}|", "?nuid", "?;&;", "?e=pv&\xff=1"])
@pytest.mark.parametrize("headers", [(), (ANONYMOUS,)])
async def test_a_17_bad_queries_are_answered(
    edge: Edge, query: str, headers: tuple[tuple[str, str], ...]
) -> None:
    """A-17: a query string that cannot be read is still answered with the pixel."""
    assert (await edge.get(*headers, target=f"/i{query}")).status == 200
    assert len(edge.raw()) == 1


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, "*"),
        ("", "*"),
        ("null", "*"),
        ("https://example.com", "https://example.com"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("chrome-extension://abcdef", "chrome-extension://abcdef"),
        ("https://first.example https://second.example", "https://first.example"),
        ("null https://second.example", "https://second.example"),
        ("nonsense  https://second.example", "https://second.example"),
        ("https://", "*"),
        ("//example.com", "*"),
        ("https://example.com/path", "*"),
        ("https://user@example.com", "*"),
        ("https://example.com\tx", "*"),
        ("https://exa\xe4mple.com", "*"),
        ("https://" + "a" * 256, "*"),
        ("https://example.com " * 1_000, "*"),
    ],
)
async def test_a_20_allow_origin(edge: Edge, origin: str | None, allowed: str) -> None:
    """A-20: the first origin that can be read, else `*`; for every kind of answer alike."""
    headers = () if origin is None else (("Origin", origin),)
    for reply in (
        await edge.post(*headers),
        await edge.get(*headers),
        await edge.get(ANONYMOUS, *headers),
        await edge.request("OPTIONS", TP2, *headers),
        await edge.get(*headers, target="/nowhere"),
    ):
        assert reply.one("access-control-allow-origin") == allowed


async def test_a_20_first_of_several_headers(edge: Edge) -> None:
    """A-20: of two `Origin` headers the first counts."""
    reply = await edge.post(("Origin", "https://a.example"), ("Origin", "https://b.example"))
    assert reply.one("access-control-allow-origin") == "https://a.example"


async def test_a_21_a_23_credentials_and_vary(start: Start) -> None:
    """A-21, A-23: credentials are allowed and caches told that the origin matters, on every answer.

    A page must be able to read that its body was refused, or its tracker would send it for ever.
    """
    edge = start(CollectorSettings(body_limit=2_000, body_timeout=0.1))
    silent = Body([b"{"], "silence")
    replies = {
        "post": (200, await edge.post(ORIGIN)),
        "get": (200, await edge.get(ORIGIN)),
        "anonymous": (200, await edge.post(ORIGIN, ANONYMOUS)),
        "preflight": (200, await edge.request("OPTIONS", TP2, ORIGIN)),
        "redirect": (404, await edge.get(ORIGIN, target="/r/tp2")),
        "unknown": (404, await edge.get(ORIGIN, target="/nowhere")),
        "large": (422, await edge.post(ORIGIN, body=b"x" * 2_001)),
        "encoded": (422, await edge.post(ORIGIN, ("Content-Encoding", "gzip"))),
        "slow": (408, await edge.request("POST", TP2, JSON, ORIGIN, body=silent)),
    }
    for name, (status, reply) in replies.items():
        assert reply.status == status, name
        assert reply.one("access-control-allow-origin") == ORIGIN[1], name
        assert reply.one("access-control-allow-credentials") == "true", name
        assert reply.one("vary") == "Origin", name


async def test_a_24_preflight(edge: Edge) -> None:
    """A-24: an empty 200 with exactly the headers that a browser needs."""
    reply = await edge.request("OPTIONS", TP2, ORIGIN, ("Access-Control-Request-Method", "POST"))
    assert reply.status == 200
    assert reply.body == b""
    assert dict(reply.headers) == {
        b"access-control-allow-origin": ORIGIN[1].encode(),
        b"access-control-allow-credentials": b"true",
        b"access-control-allow-headers": b"Content-Type, SP-Anonymous",
        b"access-control-max-age": b"3600",
        b"vary": b"Origin",
        b"content-length": b"0",
    }


async def test_a_25_max_age_is_configurable(start: Start) -> None:
    """A-25: `Access-Control-Max-Age` is what the operator says."""
    edge = start(CollectorSettings(cors_max_age=5))
    reply = await edge.request("OPTIONS", "/anything")
    assert reply.one("access-control-max-age") == "5"


async def test_a_27_preflight_leaves_no_trace(
    edge: Edge, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A-27: a preflight makes no event, no cookie and no log line."""
    reply = await edge.request(
        "OPTIONS", f"{TP2}?uid=anna", ("Cookie", "sp=abc"), ("Access-Control-Request-Headers", "x")
    )
    assert reply.one("set-cookie") is None
    assert not edge.folder.exists()
    assert capfd.readouterr() == ("", "")
    assert caplog.text == ""

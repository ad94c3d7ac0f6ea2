"""Which pages may read answers and send headers (A-23, A-26, A-28)."""

from __future__ import annotations

import pytest

from tests.collector.conftest import Start
from tests.collector.edge import ANONYMOUS, JSON, TP2, Edge
from tests.support.asgi import Body, Reply
from whiteout.collector import CollectorSettings

SHOP = "https://shop.example"
LISTED = CollectorSettings(cors_origins=(SHOP, "http://localhost:3000"), body_limit=2_000)
ALLOWS = ("access-control-allow-origin", "access-control-allow-credentials")


async def answers(edge: Edge, origin: str) -> list[Reply]:
    """An answer of every kind to a page of this origin."""
    named = ("Origin", origin)
    return [
        await edge.post(named),
        await edge.post(named, ANONYMOUS),
        await edge.post(named, ("Sec-GPC", "1")),
        await edge.get(named),
        await edge.get(named, ANONYMOUS),
        await edge.request("OPTIONS", TP2, named),
        await edge.get(named, target="/nowhere"),
        await edge.get(named, target="/r/tp2"),
        await edge.post(named, body=b"x" * 2_001),
        await edge.request("POST", "/privacy/clear", named),
    ]


@pytest.mark.parametrize("origin", [SHOP, "http://localhost:3000"])
async def test_a_23_named_origins_are_reflected(start: Start, origin: str) -> None:
    """A-23: a page of a named origin may read every answer, anonymous ones too."""
    for reply in await answers(start(LISTED), origin):
        assert reply.one(ALLOWS[0]) == origin
        assert reply.one(ALLOWS[1]) == "true"
        assert reply.one("vary") == "Origin"


@pytest.mark.parametrize(
    "origin",
    [
        "https://other.example",
        "http://shop.example",
        "https://shop.example:8443",
        "https://shop.example.evil.example",
        "https://evil-shop.example",
        "null",
        "",
        "*",
        f"https://other.example {SHOP}",
    ],
)
async def test_a_23_other_origins_are_not(start: Start, origin: str) -> None:
    """A-23: outside the list both headers are left out, and caches still told that it matters."""
    for reply in await answers(start(LISTED), origin):
        assert [reply.one(name) for name in ALLOWS] == [None, None]
        assert reply.one("vary") == "Origin"


async def test_a_23_events_of_others_are_stored_all_the_same(start: Start) -> None:
    """A-23: the list is about reading answers; trackers that are no page name no origin at all."""
    edge = start(LISTED)
    assert (await edge.post(("Origin", "https://other.example"))).status == 200
    assert (await edge.post()).status == 200
    assert len(edge.raw()) == 2


async def test_a_23_a_named_origin_in_any_case(start: Start) -> None:
    """A-23: scheme and host know no case, and what is sent back is what was sent."""
    reply = await start(LISTED).post(("Origin", "HTTPS://Shop.example"))
    assert reply.one(ALLOWS[0]) == "HTTPS://Shop.example"


async def test_a_26_the_preflight_of_an_anonymous_request(edge: Edge) -> None:
    """A-26: the header of anonymity is not on the safe list, so its preflight must allow it."""
    asked = ("Access-Control-Request-Headers", "content-type,sp-anonymous")
    for path in (TP2, "/i", "/any/path", f"/anonymous{TP2}"):
        reply = await edge.request("OPTIONS", path, ("Origin", SHOP), asked)
        allowed = str(reply.one("access-control-allow-headers")).lower().split(", ")
        assert {"content-type", "sp-anonymous"} <= set(allowed)
        assert reply.one(ALLOWS[1]) == "true"


async def test_a_28_further_headers(start: Start) -> None:
    """A-28: headers that the operator names are allowed behind those of the protocol."""
    edge = start(CollectorSettings(cors_headers=("X-Request-Id", "Authorization")))
    reply = await edge.request("OPTIONS", TP2, ("Origin", SHOP))
    allowed = reply.one("access-control-allow-headers")
    assert allowed == "Content-Type, SP-Anonymous, X-Request-Id, Authorization"


async def test_a_21_a_page_may_read_why_its_body_is_refused(start: Start) -> None:
    """A-21, A-23: also what ends before it is read is answered with the headers of its origin."""
    edge = start(CollectorSettings(cors_origins=(SHOP,), body_timeout=0.1))
    silent = Body([b"{"], "silence")
    reply = await edge.request("POST", TP2, JSON, ("Origin", SHOP), body=silent)
    assert (reply.status, reply.one(ALLOWS[0])) == (408, SHOP)

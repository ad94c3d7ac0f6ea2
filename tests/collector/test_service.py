"""The remaining rules of the collector, by number (A-10, A-11, A-49, A-63, A-68 to A-81)."""

from __future__ import annotations

import json
import time

import pytest

from tests.collector.conftest import Start
from tests.collector.edge import ANONYMOUS, EVENT, TP2, Edge, envelope
from whiteout.collector import CollectorSettings, RootResponse
from whiteout.protocol.record import decode

ROOT = RootResponse(302, (("Location", "https://shop.example/"), ("X-Other", "a, b")), "Elsewhere")


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
async def test_a_10_no_flash_policy(edge: Edge, method: str) -> None:
    """A-10: the policy file of Flash is not there."""
    assert (await edge.request(method, "/crossdomain.xml", body=b"")).status == 404


async def test_a_11_root_response(start: Start) -> None:
    """A-11: status, headers and body of `/` are what the operator says, on GET alone."""
    edge = start(CollectorSettings(root=ROOT))
    reply = await edge.request("GET", "/")
    assert (reply.status, reply.body) == (302, b"Elsewhere")
    assert reply.one("location") == "https://shop.example/"
    assert reply.one("x-other") == "a, b"
    for method in ("HEAD", "POST", "PUT"):
        assert (await edge.request(method, "/", body=b"")).status == 404
    assert (await edge.request("GET", "/anonymous/")).status == 404


async def test_a_11_off_by_default(edge: Edge) -> None:
    """A-11: without a configured answer `/` is not found."""
    assert (await edge.request("GET", "/")).status == 404


async def test_a_49_the_header_is_told(edge: Edge) -> None:
    """A-49: that the request asked for anonymity by its header is kept with it."""
    await edge.post(ANONYMOUS)
    assert edge.anonymous().signals == ["sp-anonymous"]


@pytest.mark.parametrize("asks", [(), (ANONYMOUS,)])
async def test_a_63_the_collectors_own_clock(edge: Edge, asks: tuple[tuple[str, str], ...]) -> None:
    """A-63: the time of a record is the clock of this machine, whatever the request says."""
    before = time.time_ns() // 1_000_000
    old = ("Date", "Thu, 01 Jan 1970 00:00:00 GMT")
    await edge.post(old, *asks, body=envelope({**EVENT, "dtm": "1", "stm": "2"}))
    record = decode(edge.raw()[0])
    received = record[0].received if isinstance(record, tuple) else record.received
    assert before <= received <= time.time_ns() // 1_000_000


@pytest.mark.parametrize("asks", [(), (ANONYMOUS,)])
async def test_a_63_a_clock_that_jumps(
    edge: Edge, monkeypatch: pytest.MonkeyPatch, asks: tuple[tuple[str, str], ...]
) -> None:
    """A-63: a clock that jumps by decades, there and back, stops nobody and loses nothing."""
    now = time.time_ns()
    decade = 10 * 365 * 24 * 3600 * 10**9
    for jump in (0, 3 * decade, -2 * decade, decade, -5 * decade):
        monkeypatch.setattr("whiteout.collector.taking.time.time_ns", lambda j=jump: now + j)
        assert (await edge.post(*asks)).status == 200
    times = []
    for raw in edge.raw():
        record = decode(raw)
        times.append(record[0].received if isinstance(record, tuple) else record.received)
    assert len(set(times)) == 5


@pytest.mark.parametrize("asks", [(), (ANONYMOUS,)])
async def test_a_68_a_request_is_one_record(
    start: Start, asks: tuple[tuple[str, str], ...]
) -> None:
    """A-68 to A-70: a record has no limit of its own, so a large batch is whole and in order."""
    limit = 4 * 1024 * 1024
    edge = start(CollectorSettings(body_limit=limit))
    events = [{**EVENT, "aid": f"app-{number}", "page": "x" * 4_000} for number in range(900)]
    body = envelope(*events)
    assert limit * 0.8 < len(body) <= limit
    assert (await edge.post(*asks, body=body)).status == 200
    record = decode(edge.raw()[0])
    if isinstance(record, tuple):
        assert record[1] == body
    else:
        kept = [event.parameters["aid"] for event in record.events]
        assert kept == [event["aid"] for event in events]


async def test_a_69_a_large_body_of_any_form_is_kept(edge: Edge) -> None:
    """A-69: since nothing is split, a body that could not be split is stored like any other."""
    assert (await edge.post(body=b"x" * 1_500_000)).status == 200
    assert edge.identified()[1] == b"x" * 1_500_000


@pytest.mark.parametrize("asks", [(), (ANONYMOUS,)])
async def test_a_70_events_keep_their_order(edge: Edge, asks: tuple[tuple[str, str], ...]) -> None:
    """A-70: events of one request stand in its record in the order in which they were sent."""
    sent = [f"app-{number}" for number in (3, 1, 2)]
    await edge.post(*asks, body=envelope(*({**EVENT, "aid": name} for name in sent)))
    (raw,) = edge.raw()
    assert sorted(sent, key=lambda name: raw.index(name.encode())) == sent


async def test_a_71_a_refused_body_leaves_nothing(start: Start) -> None:
    """A-71, A-72: of a body above the limit nothing is kept, anonymous or not."""
    edge = start(CollectorSettings(body_limit=1_000))
    for asks in ((), (ANONYMOUS,)):
        assert (await edge.post(*asks, body=b"x" * 1_001)).status == 422
    assert not edge.folder.exists()


async def test_a_73_a_batch_of_a_browser(edge: Edge) -> None:
    """A-73: the largest batch that the official tracker sends is taken at once."""
    events = [{**EVENT, "page": "x" * 900} for _ in range(40)]
    assert (await edge.post(body=envelope(*events))).status == 200
    assert len(json.loads(edge.identified()[1] or b"")["data"]) == 40


async def test_a_81_health_while_stopping(edge: Edge) -> None:
    """A-81: once it is asked to stop, `/health` says so while events are still taken."""
    edge.collector.stopping = True
    assert (await edge.request("GET", "/health")).status == 503
    assert (await edge.request("GET", "/sink-health")).status == 200
    assert (await edge.post()).status == 200
    assert len(edge.raw()) == 1


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/health"),
        ("GET", "/sink-health"),
        ("GET", "/robots.txt"),
        ("GET", "/nowhere"),
        ("GET", "/r/tp2"),
        ("POST", "/privacy/clear"),
        ("GET", "/privacy/opt-out"),
        ("POST", "/privacy/opt-out"),
        ("GET", "/.well-known/gpc.json"),
        ("GET", "/i?e=<script>alert(1)</script>"),
        ("POST", f"{TP2}?x=<script>alert(1)</script>"),
        ("GET", "/<script>alert(1)</script>/x"),
        ("GET", "/<script>alert(1)</script>"),
        ("GET", "/whiteout.js"),
    ],
)
async def test_no_answer_is_taken_for_another_kind(edge: Edge, method: str, target: str) -> None:
    """Every answer with a body names its type, allows no guess, and gives back nothing it got."""
    reply = await edge.request(method, target, body=b"<script>alert(1)</script>")
    assert reply.one("x-content-type-options") == "nosniff"
    assert reply.one("content-type") is not None
    assert b"<script>" not in reply.body
    kind = str(reply.one("content-type"))
    if kind.startswith(("text/plain", "text/html")) and reply.body != b"ok":
        assert "default-src 'none'" in str(reply.one("content-security-policy"))

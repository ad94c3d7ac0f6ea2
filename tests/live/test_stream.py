"""The event stream: replay, gaps, limits, and its end."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from tests.live.asgi import HOST, Listener, MemoryFeed, ask, scope_of
from whiteout.live import Live, LiveSettings
from whiteout.live.subscription import Frame, Subscription


def live(feed: MemoryFeed, *, heartbeat: float = 15.0, max_streams: int = 64) -> Live:
    """The pages over a feed in memory, looking at it often."""
    settings = LiveSettings(
        Path("unused"),
        None,
        "1",
        poll_seconds=0.005,
        heartbeat_seconds=heartbeat,
        max_streams=max_streams,
    )
    return Live(settings, lambda: feed)


async def test_what_comes_is_sent() -> None:
    """A new entry reaches an open page as it is, with its cursor as id."""
    feed = MemoryFeed(3)
    async with Listener(live(feed)) as page:
        await page.until(lambda: page.events)
        feed.add(2)
        await page.until_cursor(5)
        assert page.cursors == [4, 5]
        assert page.events[-1]["data"].encode() == feed.entries[-1][1]
    assert page.answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert page.answer.headers["cache-control"] == "no-store"
    assert "content-security-policy" in page.answer.headers


async def test_a_stream_says_where_it_begins() -> None:
    """`ready` carries the cursor, so that a reconnection before the first event loses nothing."""
    async with Listener(live(MemoryFeed(7))) as page:
        await page.until(lambda: len(page.events) == 2)
        assert page.events == [{"retry": "1000"}, {"event": "ready", "id": "7", "data": "{}"}]


@pytest.mark.parametrize(
    ("target", "headers", "expected"),
    [
        ("/api/stream?after=4", {}, [5, 6]),
        ("/api/stream?after=0", {}, [1, 2, 3, 4, 5, 6]),
        ("/api/stream", {"Last-Event-ID": "5"}, [6]),
        ("/api/stream?after=1", {"Last-Event-ID": "5"}, [6]),
        ("/api/stream?after=6", {}, []),
        ("/api/stream?after=-1", {}, []),
        ("/api/stream?after=²", {"Last-Event-ID": "nonsense"}, []),
        ("/api/stream?after=" + "9" * 40, {}, []),
    ],
)
async def test_replay(target: str, headers: dict[str, str], expected: list[int]) -> None:
    """A page goes on where it was; a cursor that is none means from now on."""
    feed = MemoryFeed(6)
    async with Listener(live(feed), target, headers) as page:
        await page.until(lambda: len(page.events) > 1)
        feed.add(1)
        await page.until_cursor(7)
        assert page.cursors == [*expected, 7]


async def test_replay_misses_nothing_that_comes_meanwhile() -> None:
    """Entries written while pages connect arrive once each and in order."""
    feed = MemoryFeed(10)
    app = live(feed)
    pages = []
    for _ in range(20):
        pages.append(Listener(app, "/api/stream?after=0"))
        feed.add(1)
        await asyncio.sleep(0.002)
    for page in pages:
        await page.until_cursor(30)
        await page.leave()
        assert page.cursors == list(range(1, 31))


async def test_a_long_absence_is_a_gap() -> None:
    """Of more than 500 missed entries the newest 500 come, and the rest is said to be missed."""
    async with Listener(live(MemoryFeed(1_200)), "/api/stream?after=100") as page:
        await page.until_cursor(1_200)
        assert page.events[1] == {"event": "gap", "id": "700", "data": '{"missed":600}'}
        assert page.cursors == list(range(701, 1_201))


async def test_a_feed_begun_anew_is_a_gap() -> None:
    """A cursor that the feed has not reached comes from another feed: all of this one is new."""
    async with Listener(live(MemoryFeed(2)), "/api/stream?after=40") as page:
        await page.until_cursor(2)
        assert page.events[1] == {"event": "gap", "id": "0", "data": '{"missed":null}'}
        assert page.cursors == [1, 2]


async def test_a_page_that_comes_later_misses_nothing() -> None:
    """A cursor that the feed reached while another page was open is no cursor of another feed."""
    feed = MemoryFeed(2)
    app = live(feed)
    async with Listener(app) as first:
        await first.until(lambda: len(first.events) == 2)
        feed.add(3)
        await first.until_cursor(5)
        async with Listener(app, "/api/stream?after=5") as second:
            await second.until(lambda: len(second.events) == 2)
            assert second.events[1] == {"event": "ready", "id": "5", "data": "{}"}


async def test_a_slow_page_gets_a_gap_and_the_newest() -> None:
    """Whoever does not keep up loses what waited, is told so, and holds nobody else up."""
    feed = MemoryFeed(1)
    app = live(feed)
    async with Listener(app) as fast, Listener(app) as slow:
        await slow.until(lambda: len(slow.events) == 2)
        slow.flowing.clear()
        for _ in range(12):
            feed.add(200)
            await fast.until_cursor(feed.last_cursor)
        slow.flowing.set()
        await slow.until_cursor(feed.last_cursor)
        assert fast.cursors == list(range(2, 2_402))
        gap = next(event for event in slow.events if event.get("event") == "gap")
        missed = json.loads(gap["data"])["missed"]
        assert missed > 0
        assert len(slow.cursors) + missed == 2_400
        assert slow.cursors[-1] == 2_401
        assert int(gap["id"]) + 1 in slow.cursors


@given(
    st.lists(st.integers(1, 30), max_size=40),
    st.lists(st.booleans(), min_size=40, max_size=40),
    st.integers(1, 20),
    st.integers(1, 400),
)
def test_a_subscription_is_bounded_and_honest(
    batches: list[int], takes: list[bool], max_frames: int, max_bytes: int
) -> None:
    """However it is used: bounded, in order, nothing twice, and every loss is counted."""
    subscription = Subscription(max_frames, max_bytes)
    subscription.start(0, b"", ())
    cursor = 0
    seen: list[int] = []
    missed = 0
    for count, take in zip(batches, takes, strict=False):
        frames = [Frame.of(cursor + number, b"{}") for number in range(1, count + 1)]
        cursor += count
        subscription.offer(frames)
        subscription.offer(frames)
        assert len(subscription._frames) <= max_frames
        assert subscription._size <= max_bytes + len(frames[0].data) + 2
        if take:
            got, lost = parse(subscription._take())
            seen += got
            missed += lost
    got, lost = parse(subscription._take())
    seen += got
    missed += lost
    assert seen == sorted(set(seen))
    assert len(seen) + missed == cursor
    assert cursor in {0, *seen[-1:]}


def parse(chunk: bytes) -> tuple[list[int], int]:
    """Cursors of the entries in a chunk, and how many are said to be missed."""
    cursors: list[int] = []
    missed = 0
    for block in chunk.decode().split("\n\n")[:-1]:
        if block.startswith("event: gap"):
            missed += json.loads(block.partition("data: ")[2])["missed"]
        else:
            cursors.append(int(block.partition("id: ")[2].partition("\n")[0]))
    return cursors, missed


def test_a_frame_is_one_event() -> None:
    """A line break between JSON tokens does not end the event early."""
    assert Frame.of(1, b'{\r\n"a":1}\n').data == b'id: 1\ndata: {  "a":1} \n\n'


async def test_a_quiet_stream_has_a_heartbeat() -> None:
    """Now and then a comment keeps the connection, and shows when it is dead."""
    async with Listener(live(MemoryFeed(), heartbeat=0.02)) as page:
        await page.until(lambda: sum("comment" in event for event in page.events) >= 2)


async def test_the_feed_is_read_once_for_all_and_only_for_listeners() -> None:
    """One poller serves every page, and stops with the last one."""
    feed = MemoryFeed()
    app = live(feed)
    await asyncio.sleep(0.05)
    assert feed.reads == 0
    async with Listener(app), Listener(app), Listener(app) as page:
        feed.add(1)
        await page.until_cursor(1)
        before = feed.reads
        await asyncio.sleep(0.1)
        assert 0 < feed.reads - before <= 21
    await asyncio.sleep(0.02)
    before = feed.reads
    await asyncio.sleep(0.05)
    assert feed.reads == before
    async with Listener(app, "/api/stream?after=0") as page:
        await page.until_cursor(1)


async def test_there_is_a_limit_of_streams() -> None:
    """Beyond the limit a page is told to come back later; a place that is left is free again."""
    app = live(MemoryFeed(), max_streams=2)
    async with Listener(app):
        async with Listener(app):
            answer = await ask(app, "/api/stream")
            assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        async with Listener(app) as page:
            assert page.answer.status == 200


async def test_head_opens_no_stream() -> None:
    """HEAD answers at once."""
    answer = await ask(live(MemoryFeed(), max_streams=0), "/api/stream", method="HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")


async def test_shutdown_ends_streams_at_once() -> None:
    """Open streams end properly, and no new one begins."""
    app = live(MemoryFeed())
    pages = [Listener(app) for _ in range(5)]
    for page in pages:
        await page.until(lambda page=page: len(page.events) == 2)
    async with asyncio.timeout(0.4):
        await app.shutdown()
        for page in pages:
            await page.finished()
    assert all(page.ended for page in pages)
    assert (await ask(app, "/api/stream")).status == 503


async def test_shutdown_gives_up_on_a_stalled_page() -> None:
    """A client that takes nothing does not hold up the exit."""
    app = live(MemoryFeed(), heartbeat=0.01)
    page = Listener(app)
    await page.until(lambda: len(page.events) == 2)
    page.flowing.clear()
    await asyncio.sleep(0.03)
    await app.shutdown()
    await page.finished()
    assert not page.ended


async def test_the_lifespan_ends_streams() -> None:
    """A server that ends its lifespan while streams are open ends them."""
    app = live(MemoryFeed())
    stop = asyncio.Event()
    sent: list[str] = []
    received = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> Message:
        if sent:
            await stop.wait()
        return {"type": next(received)}

    async def send(message: Message) -> None:
        sent.append(message["type"])

    lifespan = asyncio.ensure_future(app({"type": "lifespan"}, receive, send))
    page = Listener(app)
    await page.until(lambda: page.events)
    stop.set()
    await page.finished()
    await lifespan
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_an_unreadable_feed_is_503() -> None:
    """Without a feed there is no stream, and the next try is a new one."""
    feed = MemoryFeed(1)
    app = live(feed)
    feed.error = sqlite3.OperationalError("disk I/O error")
    assert (await ask(app, "/api/stream")).status == 503
    feed.error = None
    async with Listener(app, "/api/stream?after=0") as page:
        await page.until_cursor(1)


async def test_a_feed_that_fails_for_a_while_is_read_again(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Open pages stay open; the trouble is logged once, without what the error says."""
    monkeypatch.setattr("whiteout.live.broadcast._RETRY_SECONDS", 0.005)
    feed = MemoryFeed(1)
    with caplog.at_level(logging.WARNING):
        async with Listener(live(feed), "/api/stream?after=0") as page:
            await page.until_cursor(1)
            feed.error = sqlite3.OperationalError("canary")
            await asyncio.sleep(0.05)
            feed.error = None
            feed.add(1)
            await page.until_cursor(2)
    assert [record.getMessage() for record in caplog.records] == [
        "the feed cannot be read: OperationalError"
    ]


async def test_a_page_that_stays_away_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that takes nothing for a minute loses its place."""
    monkeypatch.setattr("whiteout.live.stream._STALL_SECONDS", 0.05)
    app = live(MemoryFeed(), heartbeat=0.01, max_streams=1)
    page = Listener(app)
    await page.until(lambda: len(page.events) == 2)
    page.flowing.clear()
    await page.finished()
    async with Listener(app):
        pass


async def test_a_cancelled_request_leaves_nothing_behind() -> None:
    """A server that cancels a request while it connects gets its place back."""
    feed = MemoryFeed()
    app = live(feed, max_streams=1)

    async def never() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(_message: Message) -> None:
        await asyncio.Event().wait()

    for pause in (0, 0.001, 0.02):
        scope = scope_of("/api/stream", {"Host": HOST})
        request = asyncio.ensure_future(app(scope, never, send))
        await asyncio.sleep(pause)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
    async with Listener(app) as page:
        feed.add(1)
        await page.until_cursor(1)

"""Bodies: their type, their size, their time, their memory (A-3, A-4, A-66, A-67; contract 13)."""

from __future__ import annotations

import asyncio
import gzip
import time
from pathlib import Path

import pytest

from tests.collector.conftest import Start
from tests.collector.edge import ANONYMOUS, EVENT, JSON, TP2, Edge, envelope
from tests.support.asgi import Body, Message, Sent, exchange, receiver, scope
from whiteout.collector import CollectorSettings, app

LENGTH = "Content-Length"


async def test_a_3_empty_post_has_a_body(edge: Edge) -> None:
    """A-3: an empty POST has the body `` and not none, so that it becomes a failed event (B-19)."""
    await edge.post(body=b"")
    record, body = edge.identified()
    assert body == b""
    assert record.body_length == 0


async def test_a_3_body_is_stored_as_it_came(edge: Edge) -> None:
    """A-3: not a byte of an identified body is changed, be it NUL or broken UTF-8."""
    sent = b"W1I{}\n\r\n\0\xff\xfe" + bytes(range(256))
    await edge.post(body=sent)
    assert edge.identified()[1] == sent


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("application/json", "application/json"),
        ("Application/JSON; charset=UTF-8", "application/json; charset=utf-8"),
        ("application/json;charset=utf-8", "application/json; charset=utf-8"),
        ('application/json ; CHARSET = "utf-8"', "application/json; charset=utf-8"),
        ("application/json; charset=utf8", "application/json; charset=utf-8"),
        ("application/json;", "application/json"),
        ("application/json; charset=latin1; x=y", "application/json; charset=latin1; x=y"),
        ("text/plain;charset=UTF-8", "text/plain; charset=utf-8"),
        ("application/vnd.api+json", "application/vnd.api+json"),
        ("", None),
        ("json", None),
        ("application/", None),
        ("application/json; charset", None),
        ("application/json, text/plain", None),
        ("application/js\xf6n", None),
        ("a/b; x=" + "y" * 200, None),
        (None, None),
    ],
)
async def test_a_4_content_type(edge: Edge, sent: str | None, kept: str | None) -> None:
    """A-4: the type is parsed and written again in lower case; null when there is none to read."""
    headers = [] if sent is None else [("Content-Type", sent)]
    await edge.request("POST", TP2, *headers, body=b"{}")
    assert edge.identified()[0].content_type == kept


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Application/JSON; charset=UTF-8", "application/json; charset=utf-8"),
        ("text/plain;charset=UTF-8", "text/plain"),
        ("text/plain; boundary=anna", "text/plain"),
        ("multipart/form-data; boundary=anna", "other"),
        ("application/x-anna", "other"),
        ("anna", None),
    ],
)
async def test_a_51_content_type_of_a_closed_list(edge: Edge, sent: str, kept: str | None) -> None:
    """A-51: of an anonymous request the content type is one of a few words, never its own text."""
    await edge.post(ANONYMOUS, ("Content-Type", sent))
    assert edge.anonymous().content_type == kept
    assert b"anna" not in edge.raw()[0]


@pytest.mark.parametrize("pieces", [1, 2, 7, 1_000])
@pytest.mark.parametrize("ending", ["complete", "late"])
@pytest.mark.parametrize("announced", [True, False])
async def test_a_3_bodies_in_pieces(edge: Edge, pieces: int, ending: str, announced: bool) -> None:
    """A-3: a body is the same in however many pieces it arrives, with and without a length."""
    sent = envelope(EVENT, {**EVENT, "page": "x" * 5_000})
    size = -(-len(sent) // pieces)
    parts = [sent[i : i + size] for i in range(0, len(sent), size)]
    headers = [(LENGTH, str(len(sent)))] if announced else [("Transfer-Encoding", "chunked")]
    body = Body(parts, ending)  # type: ignore[arg-type]
    assert (await edge.request("POST", TP2, JSON, *headers, body=body)).status == 200
    assert edge.identified()[1] == sent


async def test_a_3_the_last_declared_byte_ends_a_body(edge: Edge) -> None:
    """A-3: a body ends with the last byte that was declared, whatever else is awaited."""
    body = Body([b"ab", b"cd"], "silence")
    assert (await edge.request("POST", TP2, JSON, (LENGTH, "4"), body=body)).status == 200
    assert edge.identified()[1] == b"abcd"


@pytest.mark.parametrize("length", ["2", "", "-1", "+2", "2.0", "abc", "\xb2", "0x2"])
async def test_a_3_a_length_beside_chunks_does_not_count(edge: Edge, length: str) -> None:
    """A-3: with `Transfer-Encoding` the chunks decide; no length beside them does."""
    chunked = ("Transfer-Encoding", "chunked")
    body = Body([b"ab", b"cd"])
    await edge.request("POST", TP2, JSON, chunked, (LENGTH, length), body=body)
    assert edge.identified()[1] == b"abcd"


@pytest.mark.parametrize("status", [422, 413])
@pytest.mark.parametrize("headers", [(), (ANONYMOUS,)])
async def test_a_67_oversized(
    start: Start, status: int, headers: tuple[tuple[str, str], ...]
) -> None:
    """A-67, contract 13: one byte over the limit is 422 (413 in compat) and nothing is stored."""
    edge = start(CollectorSettings(body_limit=1_000, oversized_status=status))
    for body in (b"x" * 1_001, Body([b"x" * 500, b"x" * 501]), Body([b"x" * 1_001], "complete")):
        reply = await edge.post(*headers, body=body)
        assert (reply.status, reply.body) == (status, b"body is too large")
        assert reply.all("set-cookie") == []
    assert not edge.folder.exists()
    assert (await edge.post(*headers, body=b"x" * 1_000)).status == 200


class Endless:
    """A client that sends for as long as somebody takes it."""

    def __init__(self, total: int = 1 << 60) -> None:
        self.total = total
        self.taken = 0

    async def receive(self) -> Message:
        """The next piece."""
        piece = bytes(min(50_000, self.total - self.taken))
        self.taken += len(piece)
        return {"type": "http.request", "body": piece, "more_body": self.taken < self.total}

    async def status(self, edge: Edge, *headers: tuple[str, str]) -> int:
        """The status of the answer."""
        sent = Sent()
        await edge.collector(scope("POST", TP2, [JSON, *headers]), self.receive, sent.send)
        status: int = sent.messages[0]["status"]
        return status


@pytest.mark.parametrize("length", [str(10**8), "9" * 15, "9" * 16, "9" * 5_000])
async def test_a_67_declared_size_is_refused_unread(edge: Edge, length: str) -> None:
    """A-67: a body that is declared far too large is refused without taking a byte of it."""
    client = Endless()
    assert await client.status(edge, (LENGTH, length)) == 422
    assert client.taken == 0


async def test_a_67_who_asks_first_is_told_at_once(edge: Edge) -> None:
    """A-67: a client that asks before it sends is refused before it sends."""
    client = Endless()
    assert await client.status(edge, (LENGTH, "3000000"), ("Expect", "100-continue")) == 422
    assert client.taken == 0


@pytest.mark.parametrize("headers", [(), ((LENGTH, "10000000"),)])
async def test_a_67_a_large_body_is_taken_and_thrown_away(
    edge: Edge, headers: tuple[tuple[str, str], ...]
) -> None:
    """A-67: what is moderately too large is taken to its end, so that the answer arrives."""
    client = Endless(10_000_000)
    assert await client.status(edge, *headers) == 422
    assert client.taken == 10_000_000
    assert edge.collector._bodies._held == 0


async def test_a_67_reading_ends(edge: Edge) -> None:
    """A-67: of a body without end no more is taken than a bound."""
    client = Endless()
    assert await client.status(edge) == 422
    assert client.taken < 20_000_000


async def test_a_67_a_large_body_that_never_finishes(start: Start) -> None:
    """A-67: waiting for the rest of a refused body ends as well."""
    edge = start(CollectorSettings(body_limit=1_000, body_timeout=0.1))
    reply = await edge.post(body=Body([b"x" * 2_000], "silence"))
    assert reply.status == 422


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "GZIP", "gzip, identity"])
async def test_a_19_encoded_bodies_are_refused(edge: Edge, coding: str) -> None:
    """A-19: a compressed body gets 422, after which a tracker does not try again for ever."""
    reply = await edge.post(("Content-Encoding", coding), body=gzip.compress(b"{}"))
    assert (reply.status, reply.body) == (422, b"body is encoded")
    assert not edge.folder.exists()


@pytest.mark.parametrize("coding", ["identity", "Identity"])
async def test_a_19_identity_is_no_encoding(edge: Edge, coding: str) -> None:
    """A-19: a body that says that it is not compressed is taken."""
    assert (await edge.post(("Content-Encoding", coding))).status == 200


async def test_a_66_a_body_that_never_finishes(start: Start) -> None:
    """A-66: what does not arrive is answered 408 in time, and nothing is stored."""
    edge = start(CollectorSettings(body_timeout=0.2))
    began = time.monotonic()
    replies = await asyncio.gather(
        *(edge.post(body=Body(pieces, "silence")) for pieces in ([], [b"{"], [b"{", b"}"]))
    )
    assert [(reply.status, reply.body) for reply in replies] == [
        (408, b"body did not arrive in time")
    ] * 3
    assert 0.15 < time.monotonic() - began < 1
    assert not edge.folder.exists()


async def test_a_66_a_body_that_trickles(start: Start) -> None:
    """A-66: the time counts for the whole body; a byte now and then does not renew it."""
    edge = start(CollectorSettings(body_timeout=0.2))
    sent = Sent()

    async def receive() -> Message:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    began = time.monotonic()
    await edge.collector(scope("POST", TP2, [JSON]), receive, sent.send)
    assert sent.messages[0]["status"] == 408
    assert time.monotonic() - began < 1


async def test_a_66_time_does_not_run_out_for_others(start: Start) -> None:
    """A-66: bodies that keep arriving in time are not ended by the one that does not."""
    edge = start(CollectorSettings(body_timeout=0.2))
    slow = asyncio.create_task(edge.post(body=Body([b"{"], "silence")))
    while not slow.done():
        assert (await edge.post()).status == 200
        await asyncio.sleep(0.01)
    assert (await slow).status == 408


async def test_a_66_the_timer_ends_with_its_bodies(start: Start) -> None:
    """A-66: no timer keeps running while no body is awaited."""
    edge = start(CollectorSettings(body_timeout=0.04))
    assert (await edge.post()).status == 200
    await asyncio.sleep(0.05)
    assert edge.collector._bodies._patience._armed is None
    assert (await edge.post(body=Body([], "silence"))).status == 408


async def test_a_66_a_cancelled_request_stays_cancelled(start: Start) -> None:
    """A-66: a server that cancels a request while its body is read is obeyed."""
    edge = start(CollectorSettings(body_timeout=5))
    task = asyncio.create_task(edge.post(body=Body([b"{"], "silence")))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_66_cancelled_while_out_of_time(start: Start) -> None:
    """A-66: a request that is out of time and cancelled at once counts as cancelled."""
    edge = start(CollectorSettings(body_timeout=0))
    patience = edge.collector._bodies._patience
    task = asyncio.create_task(edge.post(body=Body([b"{"], "silence")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    patience._look(asyncio.get_running_loop())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("pieces", [[], [b"{"], [b"{", b'"'], [b"x" * 100_000] * 3])
async def test_a_66_client_gone(edge: Edge, pieces: list[bytes]) -> None:
    """A-66: of a body that is cut off nothing is stored; 400 if anybody is there."""
    reply = await edge.post(body=Body(pieces, "gone"))
    assert (reply.status, reply.body) == (400, b"body is broken")
    assert not edge.folder.exists()


async def test_a_66_memory_of_unfinished_bodies_is_bounded(start: Start) -> None:
    """Bodies that never finish cannot use up the memory; whole ones are served meanwhile."""
    edge = start(CollectorSettings(body_memory=10_000, body_timeout=0.3))
    piece = Body([b"x" * 4_000], "silence")
    waiting = [asyncio.create_task(edge.post(body=piece)) for _ in range(5)]
    await asyncio.sleep(0.05)
    full = [task.result() for task in waiting if task.done()]
    assert [(r.status, r.body) for r in full] == [(503, b"too many bodies at once")] * 3
    assert [reply.one("retry-after") for reply in full] == ["1"] * 3
    assert (await edge.post()).status == 200
    assert sorted([(await task).status for task in waiting]) == [408, 408, 503, 503, 503]
    assert (await edge.post(body=Body([b"x" * 4_000, b"x" * 4_000]))).status == 200
    assert edge.collector._bodies._held == 0


async def test_a_17_large_batches_hold_nobody_up(edge: Edge) -> None:
    """A-17: a large anonymous body is scrubbed while others are answered."""
    events = ({**EVENT, "page": "x y " * 500, "url": f"https://e.x/{i}"} for i in range(900))
    large = envelope(*events)
    task = asyncio.create_task(edge.post(ANONYMOUS, body=large))
    longest = 0.0
    while not task.done():
        began = time.perf_counter()
        await edge.get()
        longest = max(longest, time.perf_counter() - began)
    assert (await task).status == 200
    assert longest < 0.5


def test_a_66_patience_outlives_an_event_loop(folder: Path) -> None:
    """A-66: used by one event loop after the other, a collector keeps its limits and its spool."""
    collector = app(folder, CollectorSettings(body_timeout=0.1))

    async def use() -> list[int]:
        replies = [
            await exchange(collector, "POST", TP2, [JSON], envelope(EVENT)),
            await exchange(collector, "POST", TP2, [JSON], Body([], "silence")),
        ]
        return [reply.status for reply in replies]

    assert [asyncio.run(use()) for _ in range(3)] == [[200, 408]] * 3
    asyncio.run(collector.close())


async def test_a_66_receiver_may_be_slow_but_complete(start: Start) -> None:
    """A body that arrives within its time is taken although nothing was there at first."""
    edge = start(CollectorSettings(body_timeout=0.5))
    inner = receiver(Body([b"{}"], "late"))

    async def receive() -> Message:
        await asyncio.sleep(0.1)
        return await inner()

    sent = Sent()
    await edge.collector(scope("POST", TP2, [JSON]), receive, sent.send)
    assert sent.messages[0]["status"] == 200

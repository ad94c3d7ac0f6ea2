"""Nothing is acknowledged that is not durable: what the collector answers when the spool fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.collector.edge import ANONYMOUS, EVENT, JSON, TP2, Edge, envelope
from tests.support.asgi import Reply
from whiteout.collector import Collector
from whiteout.spool import SpoolFull, SpoolUnavailable, SpoolWriter


class FakeSpool:
    """A spool whose records become durable, or not, when the test says so."""

    def __init__(self, *, error: Exception | None = None) -> None:
        self.error = error
        self.healthy = error is None
        self.waiting: list[asyncio.Future[None]] = []

    def append(self, record: bytes) -> asyncio.Future[None]:
        """Refuse at once, or let wait."""
        if self.error is not None:
            raise self.error
        self.waiting.append(asyncio.get_running_loop().create_future())
        return self.waiting[-1]

    async def close(self) -> None:
        """Nothing to let go of."""


def edge_with(spool: FakeSpool) -> Edge:
    """A collector on this spool."""
    edge = Edge(Path("/nowhere"))
    opener: Callable[[Path], SpoolWriter] = lambda _: spool  # type: ignore[return-value, assignment]  # noqa: E731
    edge.collector = Collector(edge.folder, open_spool=opener)
    return edge


REQUESTS = [
    pytest.param(method, headers, id=f"{method} {'anonymous' if headers else 'identified'}")
    for method in ("POST", "GET", "HEAD")
    for headers in ((), (ANONYMOUS,))
]


async def send(edge: Edge, method: str, headers: tuple[tuple[str, str], ...]) -> Reply:
    """Send one event."""
    origin = ("Origin", "https://shop.example")
    return await edge.request(method, f"{TP2}?e=pv", JSON, origin, *headers, body=envelope(EVENT))


def assert_refused(reply: Reply) -> None:
    """The answer must make a tracker try again, and be readable by its page."""
    assert reply.status == 503
    assert reply.one("retry-after") == "1"
    assert reply.one("access-control-allow-origin") == "https://shop.example"
    assert reply.all("set-cookie") == []


@pytest.mark.parametrize(("method", "headers"), REQUESTS)
async def test_durable_before_it_is_acknowledged(
    method: str, headers: tuple[tuple[str, str], ...]
) -> None:
    """An event is acknowledged when its record is durable, and not a moment before."""
    spool = FakeSpool()
    task = asyncio.create_task(send(edge_with(spool), method, headers))
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(spool.waiting) == 1
    assert not task.done()
    spool.waiting[0].set_result(None)
    assert (await task).status == 200


@pytest.mark.parametrize(("method", "headers"), REQUESTS)
async def test_durable_failed_commit_is_503(
    method: str, headers: tuple[tuple[str, str], ...]
) -> None:
    """A record whose commit fails is never acknowledged: 503 with `Retry-After`."""
    spool = FakeSpool()
    task = asyncio.create_task(send(edge_with(spool), method, headers))
    while not spool.waiting:
        await asyncio.sleep(0)
    spool.waiting[0].set_exception(SpoolUnavailable("disk"))
    assert_refused(await task)


@pytest.mark.parametrize(("method", "headers"), REQUESTS)
@pytest.mark.parametrize("error", [SpoolFull("full"), SpoolUnavailable("gone")])
async def test_durable_refused_record_is_503(
    method: str, headers: tuple[tuple[str, str], ...], error: Exception
) -> None:
    """A record that the spool refuses is never acknowledged."""
    assert_refused(await send(edge_with(FakeSpool(error=error)), method, headers))


async def test_durable_unusable_folder_is_503(folder: Path) -> None:
    """Mounted without a lifespan, a folder that cannot be used refuses events until it can."""
    place = folder / "place"
    place.write_text("a file")
    edge = Edge(place)
    for _ in range(3):
        assert_refused(await send(edge, "POST", ()))
    place.unlink()
    assert (await send(edge, "POST", ())).status == 200
    await edge.collector.close()


async def test_a_1_sink_health(folder: Path) -> None:
    """A.1 row 9: `/sink-health` is 503 while events cannot be stored, `/health` stays 200."""
    spool = FakeSpool(error=SpoolUnavailable("disk"))
    edge = edge_with(spool)
    edge.collector.open()
    reply = await edge.get(target="/sink-health")
    assert (reply.status, reply.body) == (503, b"Service Unavailable")
    assert (await edge.get(target="/health")).status == 200
    spool.healthy = True
    assert (await edge.get(target="/sink-health")).body == b"ok"


async def test_a_1_closed_collector_refuses(edge: Edge) -> None:
    """After its close a collector acknowledges nothing and does not open its spool again."""
    assert (await send(edge, "POST", ())).status == 200
    await edge.collector.close()
    assert_refused(await send(edge, "POST", ()))
    assert (await edge.get(target="/sink-health")).status == 503
    await edge.collector.close()
    edge.collector.open()
    assert (await send(edge, "POST", ())).status == 200
    assert len(edge.raw()) == 2


async def lifespan(collector: Collector, *messages: str) -> list[str]:
    """Play the server's part of the lifespan."""
    queue = [{"type": f"lifespan.{name}"} for name in messages]
    sent: list[str] = []

    async def receive() -> dict[str, str]:
        return queue.pop(0)

    async def send(message: dict[str, str]) -> None:
        sent.append(message["type"])

    await collector({"type": "lifespan"}, receive, send)  # type: ignore[arg-type]
    return sent


async def test_lifespan_opens_and_closes(edge: Edge) -> None:
    """The spool opens with the lifespan and is released with its end, as often as that happens."""
    for _ in range(2):
        done = await lifespan(edge.collector, "startup", "shutdown")
        assert done == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert [path.name for path in edge.folder.glob("*.db")] == ["spool-1.db"]


async def test_lifespan_fails_without_a_spool(folder: Path) -> None:
    """A server does not start with a folder that cannot be used."""
    place = folder / "place"
    place.write_text("a file")
    assert await lifespan(Collector(place), "startup") == ["lifespan.startup.failed"]

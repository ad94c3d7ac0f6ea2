"""What the collector costs: events in batches, a second worker, memory after many requests."""

from __future__ import annotations

import os
import statistics
import tempfile
from pathlib import Path

from bench import servers
from bench.load import Load, wrk
from bench.payload import body
from bench.report import judge, note, show

_PATH = "/com.snowplowanalytics.snowplow/tp2"
_ROUNDS = 3
_PARTS = 4
_REQUESTS = int(os.environ.get("BENCH_REQUESTS", "200000"))
"""Requests after which memory is looked at; the limit is meant for 2,000,000."""


def batches() -> bool:
    """Events a second with ten events a POST, against one."""
    show("Ten events a POST against one, `whiteout collect` on one core, wrk on another")
    found: dict[int, list[float]] = {1: [], 10: []}
    with tempfile.TemporaryDirectory(prefix="whiteout-bench-") as name:
        for turn in range(_ROUNDS):
            for count, rates in found.items():
                load, _ = _measured(Path(name), f"{turn}-{count}", body(count, 500))
                rates.append(load.rate * count)
    rate = {count: statistics.median(rates) for count, rates in found.items()}
    for count, value in rate.items():
        note(f"{count} a POST: {value:,.0f} events/s")
    return judge("events/s, ten against one", rate[10] / rate[1], 2.5, at_least=True)


def workers() -> bool:
    """Processor time for as many acknowledged events, with two workers against one."""
    show("Processor time of two workers against one, cores shared with wrk")
    found: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory(prefix="whiteout-bench-") as name:
        for turn in range(_ROUNDS):
            for count, costs in found.items():
                options = ("--workers", str(count))
                place = f"{turn}-{count}"
                costs.append(_measured(Path(name), place, body(1, 500), options, core=None)[1])
    cost = {count: statistics.median(costs) for count, costs in found.items()}
    for count, value in cost.items():
        note(f"{count} workers: {value:.2f} s of processor time for 100,000 events")
    return judge("two workers against one", cost[2] / cost[1], 1.2, at_least=False)


def growth() -> bool:
    """Resident memory of a worker, after each quarter of many requests."""
    show(f"Memory of a worker over {_REQUESTS:,} requests")
    with tempfile.TemporaryDirectory(prefix="whiteout-bench-") as name:
        folder = Path(name)
        port = servers.free_port()
        command = servers.whiteout("collect", folder / "data", port)
        with servers.running(command, port) as pid:
            worker = servers.tree(pid)[-1]
            after = [_quarter(folder, port, worker, number) for number in range(1, _PARTS + 1)]
    return all(
        [
            judge("memory of the worker", after[-1], 120, at_least=False, unit=" MB"),
            judge("last against first quarter", after[-1] / after[0], 1.1, at_least=False),
        ]
    )


def _measured(
    folder: Path, name: str, payload: bytes, options: tuple[str, ...] = (), core: int | None = 0
) -> tuple[Load, float]:
    """What wrk saw of a collector of its own, and the processor time for 100,000 events."""
    place = folder / name
    place.mkdir()
    port = servers.free_port()
    command = servers.whiteout("collect", place / "data", port, *options)
    with servers.running(command, port, core=core) as pid:
        wrk(port, _PATH, payload, place, seconds=1)
        before, seconds = servers.cpu_seconds(pid), 4
        load = wrk(port, _PATH, payload, place, seconds=seconds)
        used = servers.cpu_seconds(pid) - before
    return load, used / (load.rate * seconds) * 100_000


def _quarter(folder: Path, port: int, worker: int, number: int) -> float:
    sent = 0.0
    while sent < _REQUESTS / _PARTS:
        sent += wrk(port, _PATH, body(1, number), folder, seconds=2).rate * 2
    used = servers.resident(worker)
    note(f"part {number} of {_PARTS}: {used['Rss']:.0f} MB resident")
    return used["Rss"]

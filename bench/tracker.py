"""The Python tracker beside the one of PyPI, `snowplow-tracker`, in the same run.

Caller: microseconds that `track` takes on the caller's thread while nothing is sent, the best of
many rounds in which the two take turns. Delivery: events a second to a collector in another process
that only counts, from the first call until all of them are there. Down: what a program keeps in
memory while it tracks 100,000 events and nobody listens, and how many arrive once somebody does.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from snowplow_tracker import AsyncEmitter
from snowplow_tracker import PageView as TheirView
from snowplow_tracker import Tracker as Theirs

from bench import servers
from bench.report import judge, note, show
from whiteout.tracker import Tracker

URL, TITLE = "https://shop.example.test/hats?page=2", "Hats"
ROUNDS, CALLS, EVENTS, DOWN = 200, 50, 4_000, 100_000
DELIVERIES = 4
FAR = 10**6
MODES: dict[str, Any] = {
    "identified": {},
    "anonymous": {"anonymous_tracking": True},
    "anonymous session": {"anonymous_tracking": {"with_session_tracking": True}},
}
LIMIT = {"identified": 5.0}
"""Times the rate of the other, which has ids; what is anonymous is scrubbed besides, so half."""


def run() -> bool:
    """Print both beside each other; whether ours keeps its limits."""
    logging.disable()
    try:
        with tempfile.TemporaryDirectory(prefix="whiteout-bench-") as folder:
            # None of the three is left out because another has failed.
            return all([_caller(folder), _delivery(folder), _down(folder)])
    finally:
        logging.disable(logging.NOTSET)


def _best(*calls: Callable[[], object]) -> list[float]:
    """Microseconds of each call, in the best of many short rounds in which they take turns."""
    best = [float("inf")] * len(calls)
    for _ in range(ROUNDS):
        for number, call in enumerate(calls):
            begun = time.perf_counter()
            for _ in range(CALLS):
                call()
            best[number] = min(best[number], (time.perf_counter() - begun) / CALLS * 1e6)
    return best


def _caller(folder: str) -> bool:
    show("The Python tracker: microseconds of `track` on the caller's thread")
    still: Any = {"buffer_size": FAR, "buffer_timeout": FAR * 100, "max_queue_size": FAR}
    good = []
    for name, mode in MODES.items():
        parked = AsyncEmitter("127.0.0.1:9", protocol="http", batch_size=FAR)
        theirs = Theirs("sp", emitters=parked, app_id="shop")
        where = "http://127.0.0.1:9"
        ours = Tracker("sp", where, app_id="shop", data_folder=folder, **still, **mode)
        took, other = _best(
            lambda ours=ours: ours.track_page_view(URL, TITLE),  # type: ignore[misc]
            lambda theirs=theirs: theirs.track(TheirView(URL, TITLE)),  # type: ignore[misc]
        )
        note(f"{name}: {took:.1f}, snowplow-tracker: {other:.1f}")
        good.append(judge(f"{name}, of that", took / other, 1.0, at_least=False))
        ours.clear_user_data()
        ours.close(0)
    return all(good)


def _counted(port: int) -> int:
    with urlopen(f"http://127.0.0.1:{port}/") as answer:
        return int(answer.read())


def _delivered(port: int, call: Callable[[], object], flush: Callable[[], object]) -> float:
    """Events a second, from the first call to the last event at the collector."""
    before = _counted(port)
    begun = time.perf_counter()
    for _ in range(EVENTS):
        call()
    flush()
    while _counted(port) < before + EVENTS:
        time.sleep(0.002)
    return EVENTS / (time.perf_counter() - begun)


def _sink(port: int) -> list[str]:
    return [sys.executable, "-m", "bench.sink", str(port)]


def _delivery(folder: str) -> bool:
    show("The Python tracker: delivery to a collector on this machine, best of some rounds")
    port = servers.free_port()
    good = []
    with servers.running(_sink(port), port, core=None):
        where = f"127.0.0.1:{port}"
        for name, mode in MODES.items():
            slow = fast = 0.0
            for _ in range(DELIVERIES):
                emitter = AsyncEmitter(where, protocol="http")
                theirs = Theirs("sp", emitters=emitter, app_id="shop")
                rate = _delivered(
                    port,
                    lambda theirs=theirs: theirs.track(TheirView(URL, TITLE)),  # type: ignore[misc]
                    theirs.flush,
                )
                slow = max(slow, rate)
                options: Any = {"data_folder": folder, "max_queue_size": FAR, **mode}
                with Tracker("sp", f"http://{where}", app_id="shop", **options) as ours:
                    rate = _delivered(
                        port,
                        lambda ours=ours: ours.track_page_view(URL, TITLE),  # type: ignore[misc]
                        ours.flush,
                    )
                fast = max(fast, rate)
            note(f"{name}: {fast:,.0f} events/s, snowplow-tracker: {slow:,.0f}")
            limit = LIMIT.get(name, 2.0)
            good.append(judge(f"{name}, times that", fast / slow, limit, at_least=True))
    return all(good)


def _resident() -> float:
    """Megabytes that this process has in memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def _down(folder: str) -> bool:
    show(f"The Python tracker: {DOWN:,} events while the collector is down, all defaults on")
    port = servers.free_port()
    ours = Tracker("down", f"http://127.0.0.1:{port}", app_id="shop", data_folder=folder)
    for _ in range(1_000):
        ours.track_page_view(URL, TITLE)
    before = highest = _resident()
    begun = time.perf_counter()
    for number in range(1_000, DOWN):
        ours.track_page_view(URL, TITLE)
        if number % 1_000 == 0:
            highest = max(highest, _resident())
    took = time.perf_counter() - begun
    note(f"tracked in {took:.1f} s, {took / DOWN * 1e6:.0f} microseconds an event")
    good = [judge("more memory", highest - before, 64, at_least=False, unit=" MB")]
    with servers.running(_sink(port), port, core=None):
        begun = time.perf_counter()
        while _counted(port) < DOWN and time.perf_counter() < begun + 60:
            ours.flush(5)
        note(f"delivered in {time.perf_counter() - begun:.1f} s")
        good.append(judge("arrived", _counted(port), DOWN, at_least=True))
    ours.close()
    return all(good)

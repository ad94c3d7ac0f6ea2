"""Small things to do later, in the background."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
import typing
from collections.abc import Callable

from whiteout.tracker import browser
from whiteout.tracker.log import failed
from whiteout.tracker.worker import Worker

if typing.TYPE_CHECKING:
    from whiteout.tracker.loop import LoopWorker


class Timers:
    """Calls functions after a delay, on one thread of its own; at once where there is no thread."""

    def __init__(self, *, threads: bool) -> None:
        self._threads = threads
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._number = itertools.count()
        self._lock = threading.Lock()
        self._worker: Worker | LoopWorker = Worker("whiteout-timers", self._step)
        if browser.is_here():
            from whiteout.tracker.loop import LoopWorker  # noqa: PLC0415  # only there

            self._worker = LoopWorker(self._step_on_loop)

    def later(self, delay: float, action: Callable[[], object]) -> None:
        """Call `action` after so many seconds."""
        if self._threads:
            with self._lock:
                heapq.heappush(self._due, (time.monotonic() + delay, next(self._number), action))
            if self._worker.wake():
                return
            with self._lock:
                self._due.clear()
        _call(action)

    async def _step_on_loop(self) -> float | None:
        return self._step()

    def _step(self) -> float | None:
        while True:
            with self._lock:
                if not self._due:
                    return None
                delay = self._due[0][0] - time.monotonic()
                if delay > 0:
                    return delay
                action = heapq.heappop(self._due)[2]
            _call(action)

    def stop(self, timeout: float) -> None:
        """Call nothing more."""
        with self._lock:
            self._due.clear()
        self._worker.stop(timeout)

    def child(self) -> None:
        """After a fork: what was due is due in the parent."""
        self._lock = threading.Lock()
        self._due = []


def _call(action: Callable[[], object]) -> None:
    try:
        action()
    except Exception as error:  # noqa: BLE001  # whatever it does
        failed("background task", error)

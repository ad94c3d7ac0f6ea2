"""Numbers about all workers for Prometheus, without a label that could identify anybody.

Every worker counts for itself and writes its numbers into a file of its own about once a second.
A worker takes over the file of one that is gone and counts on, so that sums never fall. What was
counted in the last moment before a worker was killed is lost, which numbers for a graph can bear.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import zlib
from array import array
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from whiteout import __version__
from whiteout.collector import Collector
from whiteout.observer import CLASSES, ROUTES, Observer
from whiteout.spool import SpoolError, SpoolReader
from whiteout.spool.lock import FileLock

_KINDS = ("identified", "anonymous", "dropped")
_COUNTERS: tuple[str, ...] = (
    *(
        f'whiteout_answers_total{{route="{route}",status="{status}"}}'
        for route in ROUTES
        for status in CLASSES
    ),
    *(f'whiteout_requests_taken_total{{treatment="{kind}"}}' for kind in _KINDS),
)
_GAUGES = ("whiteout_connections", "whiteout_workers_unable_to_store")
_LAYOUT = zlib.crc32("\n".join((*_COUNTERS, *_GAUGES)).encode())
_SIZE = 8 * (1 + len(_COUNTERS) + len(_GAUGES))
_EVERY = 1.0
_MOST_FILES = 1_000

_HELP = {
    "whiteout_answers_total": ("counter", "Answers by kind of request and class of status."),
    "whiteout_requests_taken_total": ("counter", "Event requests by what was done with them."),
    "whiteout_connections": ("gauge", "Open connections."),
    "whiteout_workers_unable_to_store": ("gauge", "Workers whose spool refuses records."),
    "whiteout_workers": ("gauge", "Running web workers."),
    "whiteout_spool_records": ("gauge", "Records that are not in the lake yet."),
    "whiteout_data_free_bytes": ("gauge", "Free space on the disk of the data folder."),
    "whiteout_build_info": ("gauge", "The version that runs."),
}


class Metrics:
    """The numbers of one worker, and the page with those of all.

    `folder` is the data folder. A disk that cannot be written costs numbers and nothing else.
    """

    def __init__(self, folder: Path, collector: Collector, observer: Observer) -> None:
        self._folder = folder
        self._place = folder / "metrics"
        self._collector = collector
        self._observer = observer
        self._before = [0] * len(_COUNTERS)
        self._lock: FileLock | None = None
        self._file: Path | None = None
        self._written = b""
        self._timer: asyncio.TimerHandle | None = None
        self._hand: ThreadPoolExecutor | None = None
        self._spool: SpoolReader | None = None

    def open(self) -> None:
        """Take a file and go on with its numbers; write them every second from now on."""
        with suppress(OSError):
            self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._take()
        self._tick()

    def close(self) -> None:
        """Write the last numbers and let go of the file."""
        if self._timer is not None:
            self._timer.cancel()
        self._write()
        if self._lock is not None:
            self._lock.release()
            self._lock = None
        if self._hand is not None:
            self._hand.shutdown(cancel_futures=True)

    async def page(self) -> bytes:
        """The numbers of all workers in the text format of Prometheus."""
        self._write()
        if self._hand is None:
            self._hand = ThreadPoolExecutor(1, "whiteout-metrics")
        return await asyncio.get_running_loop().run_in_executor(self._hand, self._page)

    def _take(self) -> None:
        for number in range(1, _MOST_FILES):
            path = self._place / f"worker-{number}"
            lock = FileLock.try_acquire(path.with_name(f"{path.name}.lock"))
            if lock is not None:
                self._lock, self._file = lock, path
                self._before = _read(path)[: len(_COUNTERS)]
                path.unlink(missing_ok=True)  # That of another version may be longer.
                return

    def _tick(self) -> None:
        self._write()
        self._timer = asyncio.get_running_loop().call_later(_EVERY, self._tick)

    def _write(self) -> None:
        if self._file is None:
            return
        raw = array("Q", [_LAYOUT, *self._values()]).tobytes()
        if raw == self._written:
            return
        with suppress(OSError):
            # One write of less than a page: who reads meanwhile sees the former or the latter.
            file = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.pwrite(file, raw, 0)
            finally:
                os.close(file)
            self._written = raw

    def _values(self) -> list[int]:
        taker = self._collector.taker
        counts = [
            *self._observer.counts(),
            *(taker.identified, taker.anonymous, taker.dropped),
        ]
        counted = [a + b for a, b in zip(self._before, counts, strict=True)]
        return [*counted, self._observer.connections, int(not self._collector.healthy)]

    def _page(self) -> bytes:
        values = [0] * (len(_COUNTERS) + len(_GAUGES))
        workers = 0
        if self._file is None:
            values, workers = self._values(), 1
        for path in sorted(self._place.glob("worker-*[0-9]")):
            found = _read(path)
            alive = path == self._file or _is_held(path)
            workers += alive
            kept = found if alive else [*found[: len(_COUNTERS)], *([0] * len(_GAUGES))]
            values = [a + b for a, b in zip(values, kept, strict=True)]
        samples = list(zip((*_COUNTERS, *_GAUGES), values, strict=True))
        samples.append(("whiteout_workers", workers))
        samples += self._of_the_folder()
        samples.append((f'whiteout_build_info{{version="{__version__}"}}', 1))
        return "".join(_lines(samples)).encode()

    def _of_the_folder(self) -> Iterable[tuple[str, int]]:
        with suppress(OSError):
            yield "whiteout_data_free_bytes", shutil.disk_usage(self._folder).free
        if self._spool is None:
            self._spool = SpoolReader(self._folder / "spool")
        try:
            waiting = sum(file.backlog() for file in self._spool.files())
        except SpoolError:
            return
        yield "whiteout_spool_records", waiting


def _read(path: Path) -> list[int]:
    """The numbers of a file; zeros where there is none, or one of another version."""
    with suppress(OSError):
        raw = path.read_bytes()
        if len(raw) == _SIZE:
            layout, *values = array("Q", raw)
            if layout == _LAYOUT:
                return values
    return [0] * (len(_COUNTERS) + len(_GAUGES))


def _is_held(path: Path) -> bool:
    try:
        lock = FileLock.try_acquire(path.with_name(f"{path.name}.lock"))
    except OSError:
        return False
    if lock is not None:
        lock.release()
    return lock is None


def _lines(samples: Iterable[tuple[str, int]]) -> Iterable[str]:
    told = set()
    for sample, value in samples:
        name = sample.partition("{")[0]
        if name not in told:
            told.add(name)
            kind, doc = _HELP[name]
            yield f"# HELP {name} {doc}\n# TYPE {name} {kind}\n"
        yield f"{sample} {value}\n"

"""The durable end of the collector: group commit in one thread per worker process.

Records that arrive while a commit runs share the next one. The event loop only appends to a list;
everything slow happens in the thread, most of it without the GIL, and a whole batch is handed back
with one call into the loop.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from whiteout.spool import database
from whiteout.spool.errors import SpoolFull, SpoolUnavailable
from whiteout.spool.lock import FileLock

Done = Callable[[SpoolUnavailable | None], object]
"""Called on the event loop once a record is durable, or with the reason why it never will be."""

_Waiting = list[tuple[bytes, Done]]

# One commit takes at most this much, so that a full queue neither doubles in memory nor makes
# everybody wait for the last record.
_COMMIT_RECORDS = 1_024
_COMMIT_BYTES = 4 * 1024 * 1024

# A batch is one row, in one statement and so in one transaction: all of it happens in a single call
# that does not hold the GIL, where a statement per record would have to win the GIL back from a
# busy event loop after each.
_INSERT = "INSERT INTO record (id, body, sizes) VALUES (?, ?, ?)"
_PROBE = "INSERT OR REPLACE INTO meta (key, value) VALUES ('probed', ?)"

# Under load a commit that took few records would be followed by one that takes all the others, for
# which everybody waits while nothing is left to do. So a commit waits until there are half as many
# as the one before had, in seconds no longer than this: then one half is answered and comes again
# while the other is synced.
_GATHER = 0.003

_BUSY_STEP = 0.0005
_BACKOFF_FIRST = 0.1
_BACKOFF_LAST = 5.0

_CLOSED = "the spool is closed"
_FORKED = "the spool was opened before this process was forked; open it in the child"

_log = logging.getLogger("whiteout.spool")
_writers: weakref.WeakSet[SpoolWriter] = weakref.WeakSet()


class _Batch(NamedTuple):
    waiting: _Waiting
    sizes: list[int]
    size: int


class SpoolWriter:
    """Appends records to this process's own spool file; one per worker, on one event loop.

    It takes the first file of the folder that no living process holds and goes on with its ids,
    or makes a new one: there are never more files than there were workers at once, and never two
    writers on one file.
    """

    def __init__(
        self,
        path: Path,
        lock: FileLock,
        opened: database.Database,
        *,
        synchronous: str,
        max_pending: int,
        max_pending_bytes: int,
    ) -> None:
        self.file_id = opened.file_id
        self._path = path
        self._lock = lock
        self._connection: sqlite3.Connection | None = opened.connection
        self._synchronous = synchronous
        self._max_pending = max_pending
        self._max_pending_bytes = max_pending_bytes

        # Touched by the event loop alone.
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pending = 0
        self._pending_bytes = 0

        # Shared with the thread. The loop appends to the queue, the thread removes from its front.
        self._queue: _Waiting = []
        self._refusal: str | None = None
        self._closing = False
        self._sleeping = False
        self._wanted = 1
        self._wakeup = threading.Lock()
        self._wakeup.acquire()

        # Touched by the thread alone.
        self._last = opened.last
        self._backoff = 0.0
        self._retry_at = 0.0
        self._damaged = False
        self._taken = 0

        self._thread = threading.Thread(target=self._run, name="whiteout-spool", daemon=True)
        self._thread.start()
        _writers.add(self)

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        synchronous: str = "FULL",
        max_pending: int = 20_000,
        max_pending_bytes: int = 64 * 1024 * 1024,
    ) -> SpoolWriter:
        """Take a spool file in `folder`, which is made if need be.

        `max_pending` records and `max_pending_bytes` bytes may wait to become durable. Anything
        but FULL (or EXTRA) for `synchronous` acknowledges records that a power cut may take.
        A damaged file is renamed to `<name>.corrupt-<n>` and replaced by a new one.
        Raises SpoolError if a newer whiteout wrote the file, SpoolUnavailable if the folder or the
        disk does not work.
        """
        try:
            database.make_folder(folder)
            path, lock, opened = _take_file(folder, synchronous)
        except (OSError, sqlite3.Error) as error:
            raise SpoolUnavailable(
                f"the spool folder cannot be used: {database.describe(error)}"
            ) from error
        return cls(
            path,
            lock,
            opened,
            synchronous=synchronous,
            max_pending=max_pending,
            max_pending_bytes=max_pending_bytes,
        )

    @property
    def healthy(self) -> bool:
        """Whether records are accepted: the last commit succeeded and the writer is open."""
        return self._refusal is None

    def append(self, record: bytes) -> asyncio.Future[None]:
        """Queue a record; the future completes when the record is durable (fsynced).

        To be called on the event loop's thread. Cancelling the future does not take the record
        back. Raises SpoolFull when too much is waiting, SpoolUnavailable while the disk does not
        work; the future fails with SpoolUnavailable when its own commit did.
        """
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = self._loop.create_future()
        self.append_then(record, partial(_complete, future))
        return future

    def append_then(self, record: bytes, done: Done) -> None:
        """Queue a record and call `done` when it is durable; else as `append`."""
        if self._refusal is not None:
            raise SpoolUnavailable(self._refusal)
        size = len(record)
        if (
            self._pending >= self._max_pending
            or self._pending_bytes + size > self._max_pending_bytes
        ):
            raise SpoolFull("too many records are waiting for the disk; try again in a moment")
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        self._pending += 1
        self._pending_bytes += size
        self._queue.append((record, done))
        if self._sleeping and len(self._queue) >= self._wanted:
            self._sleeping = False
            # Not at once: what else arrives in this round of the loop shares the commit.
            self._loop.call_soon(self._wake)

    async def close(self) -> None:
        """Commit what is pending, give the file free; may be called again."""
        if self._thread.is_alive():
            self._refusal = _CLOSED
            self._closing = True
            self._wake()
            await asyncio.get_running_loop().run_in_executor(None, self._thread.join)

    def _wake(self) -> None:
        if self._wakeup.locked():
            self._wakeup.release()

    def _settle(self, batch: _Batch, refusal: str | None) -> None:
        """On the event loop: tell everyone who still waits how their commit went."""
        self._pending -= len(batch.waiting)
        self._pending_bytes -= batch.size
        for _, done in batch.waiting:
            try:
                done(None if refusal is None else SpoolUnavailable(refusal))
            except Exception as error:  # noqa: BLE001 - the others wait for their word too
                _log.error("an acknowledgement could not be passed on: %s", type(error).__name__)

    def _forget(self) -> None:
        """In a forked child, where the thread does not exist: refuse, and let the lock go."""
        self._refusal = _FORKED
        self._lock.abandon()

    # From here on everything runs in the thread.

    def _run(self) -> None:
        try:
            while not (self._closing and not self._queue):
                if self._queue:
                    if self._connection is not None:
                        self._sleep(_GATHER, self._taken // 2)
                    self._store(self._take())
                elif self._connection is not None:
                    self._sleep(-1)
                elif (delay := self._retry_at - time.monotonic()) > 0:
                    self._sleep(delay)
                else:
                    self._recover()
        finally:
            self._refusal = _CLOSED
            while self._queue:
                self._hand_back(self._take(), _CLOSED)
            self._disconnect()
            self._lock.release()

    def _sleep(self, timeout: float, wanted: int = 1) -> None:
        """Wait until so many records are queued, a time out in seconds, or the end."""
        if len(self._queue) >= wanted:
            return
        self._wanted = wanted
        self._sleeping = True
        # Looked at once more, for what came in before the flag was seen.
        if len(self._queue) < wanted and not self._closing:
            self._wakeup.acquire(timeout=timeout)
        self._sleeping = False

    def _take(self) -> _Batch:
        waiting = self._queue[:_COMMIT_RECORDS]
        sizes: list[int] = []
        total = 0
        for record, _ in waiting:
            size = len(record)
            if total + size > _COMMIT_BYTES and sizes:
                break
            sizes.append(size)
            total += size
        self._taken = taken = len(sizes)
        del self._queue[:taken]
        return _Batch(waiting[:taken], sizes, total)

    def _store(self, batch: _Batch) -> None:
        refusal = self._refusal
        if self._connection is not None:
            try:
                body = b"".join([record for record, _ in batch.waiting])
                last = self._last + len(batch.sizes)
                row = (last, body, database.pack_sizes(batch.sizes))
                self._commit(self._connection, _INSERT, row)
                self._last = last
            except Exception as error:  # noqa: BLE001 - whatever it is, nobody may wait forever
                refusal = self._fail(error)
            else:
                refusal = None
                self._backoff = 0.0
        self._hand_back(batch, refusal)

    def _commit(
        self, connection: sqlite3.Connection, statement: str, values: tuple[object, ...]
    ) -> None:
        """Run one statement as one transaction; durable when it returns."""
        deadline = time.monotonic() + database.BUSY_SECONDS
        while True:
            try:
                connection.execute(statement, values)
            except sqlite3.OperationalError as error:
                if not database.is_busy(error) or time.monotonic() > deadline:
                    raise
                # The loader is deleting what it has read, which takes it a few milliseconds.
                time.sleep(_BUSY_STEP)
            else:
                return

    def _hand_back(self, batch: _Batch, refusal: str | None) -> None:
        assert self._loop is not None  # noqa: S101 - something was appended
        try:
            self._loop.call_soon_threadsafe(self._settle, batch, refusal)
        except RuntimeError:
            _log.warning("the event loop ended before its records were acknowledged")

    def _fail(self, error: Exception) -> str:
        """Refuse records until a commit succeeds again; what to tell those who wait."""
        reason = database.describe(error)
        if self._refusal is None:
            _log.error("%s: %s; records are refused until it works", self._path.name, reason)
        self._refusal = refusal = f"the spool cannot be written: {reason}"
        self._damaged = self._damaged or database.is_damaged(error)
        self._disconnect()
        self._backoff = min(max(2 * self._backoff, _BACKOFF_FIRST), _BACKOFF_LAST)
        self._retry_at = time.monotonic() + self._backoff
        return refusal

    def _recover(self) -> None:
        """Open the file anew and see whether a commit succeeds."""
        try:
            database.make_folder(self._path.parent)
            if self._damaged:
                database.set_aside(self._path)
                self._damaged = False
            opened = database.open_for_writing(self._path, self._synchronous)
            self._connection = opened.connection
            self._commit(self._connection, _PROBE, (str(int(time.time())),))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again later
            self._fail(error)
        else:
            self.file_id = opened.file_id
            self._last = opened.last
            self._refusal = None
            _log.warning("%s: works again", self._path.name)

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except sqlite3.Error as error:
                _log.warning("%s: %s", self._path.name, database.describe(error))


def _take_file(folder: Path, synchronous: str) -> tuple[Path, FileLock, database.Database]:
    number = 0
    while True:
        number += 1
        path = folder / f"spool-{number}{database.SUFFIX}"
        lock = FileLock.try_acquire(path.with_name(f"{path.name}.lock"))
        if lock is None:
            continue
        try:
            return path, lock, database.open_for_writing(path, synchronous)
        except database.HeldError as error:
            lock.release()
            _log.warning("%s; another file is used", error)
        except BaseException:
            lock.release()
            raise


def _complete(future: asyncio.Future[None], error: SpoolUnavailable | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)


def _forget_all() -> None:
    for writer in list(_writers):
        writer._forget()  # noqa: SLF001 - of this module


os.register_at_fork(after_in_child=_forget_all)

"""The writer: what is acknowledged, what is refused, and which file it takes."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import stat
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn, cast

import pytest

from whiteout.spool import (
    SpoolError,
    SpoolFull,
    SpoolReader,
    SpoolUnavailable,
    SpoolWriter,
    database,
)
from whiteout.spool import writer as writer_module

SECRET = b"canary-7f3a"


def stored(folder: Path) -> list[tuple[int, bytes]]:
    """Every record of every file of the folder."""
    reader = SpoolReader(folder)
    try:
        return [row for file in reader.files() for row in file.read(0, 1_000_000)]
    finally:
        reader.close()


def databases(folder: Path) -> list[str]:
    """The names of the spool files."""
    return sorted(path.name for path in folder.glob("*.db"))


def failing(error: Exception) -> sqlite3.Connection:
    """A connection on which every statement fails."""

    def execute(*_: object) -> NoReturn:
        raise error

    return cast("sqlite3.Connection", SimpleNamespace(execute=execute, close=lambda: None))


def break_connection(writer: SpoolWriter, error: Exception) -> None:
    """Make the next commit fail; the writer then opens its file anew."""
    assert writer._connection is not None
    writer._connection.close()
    writer._connection = failing(error)


def sqlite_error(code: int, message: str) -> sqlite3.Error:
    """An error as SQLite reports it."""
    error = sqlite3.OperationalError(message)
    error.sqlite_errorcode = code
    error.sqlite_errorname = f"CODE_{code}"
    return error


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something the writer's thread does."""
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def test_what_is_acknowledged_can_be_read_by_another_connection(tmp_path: Path) -> None:
    """Once its future is done a record is in the file, under an id of its own, byte for byte."""
    writer = SpoolWriter.open(tmp_path)
    records = [b"", b"\x00\xff" * 10, SECRET, os.urandom(100_000), b""]
    for number, record in enumerate(records, start=1):
        await writer.append(record)
        assert stored(tmp_path)[-1] == (number, record)
    assert stored(tmp_path) == list(enumerate(records, start=1))
    await writer.close()


async def test_an_empty_record_alone_is_a_record(tmp_path: Path) -> None:
    """A batch of nothing but empty records is stored like any other."""
    writer = SpoolWriter.open(tmp_path)
    await asyncio.gather(writer.append(b""), writer.append(b""))
    await writer.close()
    assert stored(tmp_path) == [(1, b""), (2, b"")]


async def test_records_that_arrive_together_share_a_commit_in_order(tmp_path: Path) -> None:
    """Group commit: one transaction for all records of a round of the event loop."""
    writer = SpoolWriter.open(tmp_path)
    await writer.append(b"first")
    await until(lambda: writer._sleeping)
    assert writer._connection is not None
    statements: list[str] = []
    writer._connection.set_trace_callback(statements.append)
    records = [b"%d" % number for number in range(500)]
    await asyncio.gather(*map(writer.append, records))
    assert len(statements) == 1
    await writer.close()
    assert [record for _, record in stored(tmp_path)[1:]] == records


@pytest.mark.parametrize(("number", "size", "slices"), [(3_000, 10, 3), (20, 700, 4)])
async def test_a_long_queue_is_committed_in_slices(
    tmp_path: Path, number: int, size: int, slices: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No transaction grows without bound, however much is waiting; nothing is lost on the way."""
    monkeypatch.setattr(writer_module, "_COMMIT_BYTES", 4_000 if size == 700 else 100_000)
    writer = SpoolWriter.open(tmp_path)
    await writer.append(b"first")
    await until(lambda: writer._sleeping)
    assert writer._connection is not None
    statements: list[str] = []
    writer._connection.set_trace_callback(statements.append)
    records = [b"%d " % number + bytes(size) for number in range(number)]
    await asyncio.gather(*map(writer.append, records))
    assert len(statements) == slices
    await writer.close()
    assert [record for _, record in stored(tmp_path)[1:]] == records


async def test_a_commit_waits_for_half_as_many_records_as_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a few that came early do not take a sync of their own; the half then starts it."""
    monkeypatch.setattr(writer_module, "_GATHER", 60.0)
    writer = SpoolWriter.open(tmp_path)
    await until(lambda: writer._sleeping)
    await asyncio.gather(*(writer.append(b"first") for _ in range(8)))
    early = asyncio.ensure_future(writer.append(b"second"))
    done, _ = await asyncio.wait([early], timeout=0.1)
    assert not done
    await asyncio.wait_for(asyncio.gather(early, *(writer.append(b"") for _ in range(3))), 5)
    await writer.close()
    assert [record for _, record in stored(tmp_path)] == [b"first"] * 8 + [b"second"] + [b""] * 3


async def test_a_record_alone_waits_no_longer_than_a_moment(tmp_path: Path) -> None:
    """When nobody else comes, and when the spool is closed, the commit goes on without them."""
    writer = SpoolWriter.open(tmp_path)
    await asyncio.gather(*(writer.append(b"first") for _ in range(64)))
    await asyncio.wait_for(writer.append(b"alone"), 5)
    await asyncio.gather(*(writer.append(b"third") for _ in range(64)))
    last = asyncio.ensure_future(writer.append(b"last"))
    await asyncio.sleep(0)
    await writer.close()
    await asyncio.wait_for(last, 5)
    assert [body for _, body in stored(tmp_path)][-1] == b"last"


async def test_a_cancelled_waiter_harms_nobody_and_loses_nothing(tmp_path: Path) -> None:
    """A request that is given up still has its record stored, and its batch-mates succeed."""
    writer = SpoolWriter.open(tmp_path)
    futures = [writer.append(b"%d" % number) for number in range(10)]
    futures[0].cancel()
    futures[4].cancel()
    results = await asyncio.gather(*futures, return_exceptions=True)
    assert [type(result) for result in results].count(asyncio.CancelledError) == 2
    assert writer.healthy
    await writer.append(b"10")
    await writer.close()
    assert stored(tmp_path) == [(number + 1, b"%d" % number) for number in range(11)]


async def test_too_many_pending_records_are_refused(tmp_path: Path) -> None:
    """Memory is bounded by a number of records; what was accepted before is kept."""
    writer = SpoolWriter.open(tmp_path, max_pending=3)
    futures = [writer.append(b"x") for _ in range(3)]
    with pytest.raises(SpoolFull):
        writer.append(b"x")
    await asyncio.gather(*futures)
    await writer.append(b"x")
    await writer.close()
    assert len(stored(tmp_path)) == 4


async def test_too_many_pending_bytes_are_refused(tmp_path: Path) -> None:
    """Memory is bounded by bytes as well; a smaller record may still fit."""
    writer = SpoolWriter.open(tmp_path, max_pending_bytes=1_000)
    futures = [writer.append(bytes(600))]
    with pytest.raises(SpoolFull):
        writer.append(bytes(401))
    futures.append(writer.append(bytes(400)))
    await asyncio.gather(*futures)
    with pytest.raises(SpoolFull):
        writer.append(bytes(1_001))
    await writer.append(bytes(1_000))
    await writer.close()
    assert writer._pending == writer._pending_bytes == 0


async def test_closing_commits_what_is_pending(tmp_path: Path) -> None:
    """close() leaves nobody waiting and nothing unwritten; afterwards records are refused."""
    writer = SpoolWriter.open(tmp_path)
    futures = [writer.append(b"%d" % number) for number in range(5_000)]
    await writer.close()
    await asyncio.gather(*futures)
    assert len(stored(tmp_path)) == 5_000
    assert not writer.healthy
    with pytest.raises(SpoolUnavailable, match="closed"):
        writer.append(b"late")
    await writer.close()


async def test_closing_at_once_and_twice_at_a_time(tmp_path: Path) -> None:
    """A writer that was never used closes too, also when two ask for it."""
    writer = SpoolWriter.open(tmp_path)
    await asyncio.gather(writer.close(), writer.close())
    assert databases(tmp_path) == ["spool-1.db"]


def test_a_loop_that_ended_early_does_not_stop_the_thread(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Records whose event loop is gone are stored all the same, and close() still works."""

    async def append() -> SpoolWriter:
        writer = SpoolWriter.open(tmp_path)
        await writer.append(b"first")
        writer.append(b"second")
        await asyncio.sleep(0)
        return writer

    loop = asyncio.new_event_loop()
    writer = loop.run_until_complete(append())
    loop.close()
    asyncio.run(writer.close())
    assert stored(tmp_path) == [(1, b"first"), (2, b"second")]


async def test_ids_go_on_when_a_file_is_adopted(tmp_path: Path) -> None:
    """A new worker takes the file of one that is gone, with its id, and goes on counting."""
    first = SpoolWriter.open(tmp_path)
    await first.append(b"one")
    await first.close()
    (file,) = SpoolReader(tmp_path).files()
    file.release(1)
    second = SpoolWriter.open(tmp_path)
    assert second.file_id == first.file_id == file.file_id
    await second.append(b"two")
    await second.close()
    assert stored(tmp_path) == [(2, b"two")]


async def test_living_writers_never_share_a_file(tmp_path: Path) -> None:
    """There are as many files as there were writers at once, and no more after a restart."""
    for _ in range(2):
        writers = [SpoolWriter.open(tmp_path) for _ in range(3)]
        assert len({writer.file_id for writer in writers}) == 3
        for writer in writers:
            await writer.append(b"x")
            await writer.close()
    assert databases(tmp_path) == ["spool-1.db", "spool-2.db", "spool-3.db"]


async def test_the_spool_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    """What visitors sent is nobody else's on the machine: 0700 and 0600."""
    folder = tmp_path / "data" / "spool"
    writer = SpoolWriter.open(folder)
    await writer.append(b"x")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert len(list(folder.iterdir())) == 4
    await writer.close()


@pytest.mark.parametrize(
    "error",
    [
        sqlite_error(sqlite3.SQLITE_IOERR, "disk I/O error"),
        sqlite_error(sqlite3.SQLITE_FULL, "database or disk is full"),
        MemoryError(),
    ],
)
async def test_a_failed_commit_is_nobodys_success(
    tmp_path: Path, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """Everyone of the batch is told, the writer is unhealthy, refuses, and comes back by itself."""
    writer = SpoolWriter.open(tmp_path)
    await writer.append(b"before")
    break_connection(writer, error)
    futures = [writer.append(SECRET) for _ in range(3)]
    results = await asyncio.gather(*futures, return_exceptions=True)
    assert [type(result) for result in results] == [SpoolUnavailable] * 3
    assert not writer.healthy
    with pytest.raises(SpoolUnavailable, match="cannot be written"):
        writer.append(b"refused")
    await until(lambda: writer.healthy)
    await writer.append(b"after")
    await writer.close()
    assert [record for _, record in stored(tmp_path)] == [b"before", b"after"]
    assert [record.levelno for record in caplog.records] == [logging.ERROR, logging.WARNING]
    assert str(tmp_path) not in caplog.text
    assert SECRET.decode() not in caplog.text


async def test_a_disk_that_stays_broken_is_tried_ever_less_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Attempts back off, are logged once, and end when the writer is closed."""
    attempts: list[float] = []

    def broken(*_: object) -> NoReturn:
        attempts.append(time.monotonic())
        raise OSError(28, "No space left on device", "/a/path")

    writer = SpoolWriter.open(tmp_path)
    monkeypatch.setattr(database, "open_for_writing", broken)
    break_connection(writer, sqlite_error(sqlite3.SQLITE_FULL, "database or disk is full"))
    with pytest.raises(SpoolUnavailable):
        await writer.append(b"x")
    await until(lambda: len(attempts) == 3)
    assert attempts[2] - attempts[1] > attempts[1] - attempts[0] > 0.1
    with pytest.raises(SpoolUnavailable, match="No space left on device") as refused:
        writer.append(b"x")
    assert "/a/path" not in str(refused.value)
    assert len(caplog.records) == 1
    await writer.close()


async def test_a_record_that_slipped_in_while_the_commit_failed_is_refused(tmp_path: Path) -> None:
    """Nobody waits for a disk that is being tried again."""
    writer = SpoolWriter.open(tmp_path)
    break_connection(writer, sqlite_error(sqlite3.SQLITE_IOERR, "disk I/O error"))
    with pytest.raises(SpoolUnavailable):
        await writer.append(b"x")
    refusal, writer._refusal = writer._refusal, None
    future = writer.append(b"y")
    writer._refusal = refusal
    with pytest.raises(SpoolUnavailable):
        await future
    await writer.close()


async def test_damage_met_by_a_commit_puts_the_file_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A corrupt file is kept under another name, and a fresh one with its own id takes over."""
    writer = SpoolWriter.open(tmp_path)
    await writer.append(b"before")
    damaged = writer.file_id
    break_connection(writer, sqlite_error(sqlite3.SQLITE_CORRUPT, "disk image is malformed"))
    with pytest.raises(SpoolUnavailable):
        await writer.append(b"x")
    await until(lambda: writer.healthy)
    assert writer.file_id != damaged
    await writer.append(b"after")
    await writer.close()
    assert stored(tmp_path) == [(1, b"after")]
    assert (tmp_path / "spool-1.db.corrupt-1").exists()
    assert "spool-1.db.corrupt-1" in caplog.text


async def test_a_writer_waits_for_a_loader_that_deletes(tmp_path: Path) -> None:
    """A lock held by another process for a while delays a commit and fails nothing."""
    writer = SpoolWriter.open(tmp_path)
    with closing(sqlite3.connect(tmp_path / "spool-1.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        future = writer.append(b"x")
        await asyncio.sleep(0.2)
        assert not future.done()
        other.execute("ROLLBACK")
        await future
    assert writer.healthy
    await writer.close()


async def test_a_lock_that_is_never_given_back_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits without end for a program that keeps the file locked."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    writer = SpoolWriter.open(tmp_path)
    with closing(sqlite3.connect(tmp_path / "spool-1.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(SpoolUnavailable, match="locked"):
            await writer.append(b"x")
        other.execute("ROLLBACK")
    await until(lambda: writer.healthy)
    await writer.append(b"y")
    await writer.close()
    assert stored(tmp_path) == [(1, b"y")]


async def test_only_known_words_for_synchronous(tmp_path: Path) -> None:
    """The setting is one of SQLite's four words, nothing else reaches the SQL."""
    with pytest.raises(ValueError, match="synchronous"):
        SpoolWriter.open(tmp_path, synchronous="2; DROP TABLE record")
    await SpoolWriter.open(tmp_path).close()
    assert databases(tmp_path) == ["spool-1.db"]


async def test_a_folder_that_cannot_be_used_is_named_as_the_cause(tmp_path: Path) -> None:
    """Without a usable folder opening fails with a reason."""
    (tmp_path / "file").touch()
    with pytest.raises(SpoolUnavailable, match="cannot be used: Not a directory"):
        SpoolWriter.open(tmp_path / "file" / "spool")


def test_every_error_is_a_spool_error() -> None:
    """One base for callers that do not care which."""
    assert issubclass(SpoolFull, SpoolError)
    assert issubclass(SpoolUnavailable, SpoolError)

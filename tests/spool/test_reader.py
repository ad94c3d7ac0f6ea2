"""The reader: bounded reads, small releases, files that come, go and break."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from whiteout.spool import (
    SpoolReader,
    SpoolUnavailable,
    SpoolWriter,
    database,
    empty_logs,
    logs,
    reader,
)
from whiteout.spool import writer as writer_module

RECORDS = [b"%d" % number + bytes(1_000) for number in range(1_000)]


@pytest.fixture
async def writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SpoolWriter]:
    """A writer that stored RECORDS as 1 to 1000, each in a commit of its own, and lives on."""
    monkeypatch.setattr(writer_module, "_COMMIT_RECORDS", 1)
    opened = SpoolWriter.open(tmp_path)
    for record in RECORDS:
        opened.append(record)
    await opened.append(b"last")
    yield opened
    await opened.close()


async def test_reads_are_bounded_by_number_and_bytes(tmp_path: Path, writer: SpoolWriter) -> None:
    """Ids ascend from `after`; the first record is given even if it alone is too large."""
    (file,) = SpoolReader(tmp_path).files()
    rows = file.read(10, 20)
    assert rows == [(number, RECORDS[number - 1]) for number in range(11, 31)]
    assert [number for number, _ in file.read(0, 1_000, max_bytes=3_100)] == [1, 2, 3]
    assert [number for number, _ in file.read(500, 1_000, max_bytes=1)] == [501]
    assert file.read(1_000, 5) == [(1_001, b"last")]
    assert file.read(1_001, 5) == []
    file.close()


async def test_released_records_are_gone_and_the_rest_stays(
    tmp_path: Path, writer: SpoolWriter
) -> None:
    """release() deletes up to and including an id, as often as one likes; backlog() follows."""
    (file,) = SpoolReader(tmp_path).files()
    assert file.backlog() == 1_001
    file.release(600)
    file.release(600)
    file.release(7)
    assert file.backlog() == 401
    assert file.read(0, 1)[0][0] == 601
    file.release(5_000)
    assert file.backlog() == 0
    assert file.read(0, 1) == []
    await writer.append(b"next")
    assert file.read(0, 1) == [(1_002, b"next")]
    file.close()


async def test_records_of_one_commit_are_told_apart(tmp_path: Path) -> None:
    """They share a row: read from any number on, and released with the last of them."""
    writer = SpoolWriter.open(tmp_path)
    records = [b"", b"one", b"", b"three" * 1_000, b""]
    for record in records:
        writer.append(record)
    await writer.append(b"last")
    (file,) = SpoolReader(tmp_path).files()
    rows = list(enumerate([*records, b"last"], 1))
    for after in range(7):
        assert file.read(after, 1) == rows[after:]
    assert file.backlog() == 6
    file.release(5)
    assert file.read(0, 10) == rows
    file.release(6)
    assert file.backlog() == 0
    await writer.close()
    file.close()


@pytest.mark.parametrize("sizes", [b"", b"123", b"\1\0\0\0", b"\xff\xff\xff\xff\1\0\0\0"])
async def test_a_row_whose_lengths_were_damaged_is_one_record(tmp_path: Path, sizes: bytes) -> None:
    """What cannot be told apart becomes one record, a failed event later, and the rest goes on."""
    writer = SpoolWriter.open(tmp_path)
    writer.append(b"a")
    await writer.append(b"b")
    await writer.append(b"c")
    with closing(sqlite3.connect(tmp_path / "spool-1.db", isolation_level=None)) as other:
        other.execute("UPDATE record SET sizes = ? WHERE id = 2", (sizes,))
    (file,) = SpoolReader(tmp_path).files()
    assert file.read(0, 10) == [(2, b"ab"), (3, b"c")]
    await writer.close()
    file.close()


async def test_release_works_in_small_transactions(
    tmp_path: Path, writer: SpoolWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One transaction deletes a few hundred commits or about a megabyte, then the worker's turn."""
    (file,) = SpoolReader(tmp_path).files()
    deleted: list[int] = []
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)

    def note(statement: str) -> None:
        if statement.startswith("DELETE"):
            deleted.append(int(statement.rpartition(" ")[2]))

    file._releasing.set_trace_callback(note)
    file.release(1_000)
    assert deleted == [250, 500, 750, 1_000]
    monkeypatch.setattr(reader, "_RELEASE_BYTES", 2_000_000)
    await writer.append(bytes(1_500_000))
    await writer.append(bytes(3_000_000))
    await writer.append(b"small")
    file.release(1_004)
    assert deleted[4:] == [1_002, 1_003, 1_004]
    assert pauses.count(reader._RELEASE_PAUSE) == 5
    file.close()


async def test_released_bytes_are_overwritten(tmp_path: Path) -> None:
    """What was released is not left in free pages of the database (contract 16)."""
    canary = b"canary-" + os.urandom(8).hex().encode()
    writer = SpoolWriter.open(tmp_path)
    await writer.append(canary)
    await writer.append(canary + bytes(50_000) + canary)
    await writer.append(b"kept")
    (file,) = SpoolReader(tmp_path).files()
    file.release(2)
    file.close()
    await writer.close()
    contents = (tmp_path / "spool-1.db").read_bytes()
    assert b"kept" in contents
    assert canary not in contents
    assert databases(tmp_path) == ["spool-1.db", "spool-1.db.lock"]


def databases(folder: Path) -> list[str]:
    """The names of everything in the folder."""
    return sorted(path.name for path in folder.iterdir())


async def test_readers_hold_no_transaction(tmp_path: Path, writer: SpoolWriter) -> None:
    """Between calls nothing keeps the log from being emptied, even after a read cut short."""
    (file,) = SpoolReader(tmp_path).files()
    assert len(file.read(0, 1_000, max_bytes=5_000)) == 4
    assert file.backlog() == 1_001
    with closing(sqlite3.connect(tmp_path / "spool-1.db", timeout=0)) as other:
        assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
    file.close()


async def test_the_log_stays_small_while_records_pass_through(tmp_path: Path) -> None:
    """Reading and releasing beside the writer lets SQLite reuse its log (measured: it must)."""
    writer = SpoolWriter.open(tmp_path)
    files = SpoolReader(tmp_path)
    position = 0
    for _ in range(60):
        for _ in range(200):
            writer.append(bytes(1_600))
        await writer.append(bytes(1_600))
        (file,) = files.files()
        rows = file.read(position, 1_000)
        position = rows[-1][0]
        file.release(position)
    assert position == 60 * 201
    assert (tmp_path / "spool-1.db-wal").stat().st_size < 20_000_000
    assert (tmp_path / "spool-1.db").stat().st_size < 5_000_000
    await writer.close()
    files.close()


async def test_files_come_and_go(tmp_path: Path) -> None:
    """A rescan finds new files, keeps open ones as they are, and closes removed ones."""
    folder = tmp_path / "spool"
    files = SpoolReader(folder)
    assert files.files() == []
    first = SpoolWriter.open(folder)
    (one,) = files.files()
    second = SpoolWriter.open(folder)
    again, two = files.files()
    assert again is one
    assert (one.file_id, two.file_id) == (first.file_id, second.file_id)
    await first.close()
    await second.close()
    (folder / "spool-1.db").unlink()
    assert files.files() == [two]
    with pytest.raises(SpoolUnavailable, match=r"^spool-1\.db: "):
        one.read(0, 1)
    files.close()


async def test_a_replaced_file_is_opened_anew(tmp_path: Path) -> None:
    """A file put aside under the loader's hands does not drag its successor along."""
    files = SpoolReader(tmp_path)
    writer = SpoolWriter.open(tmp_path)
    await writer.append(b"old")
    (old,) = files.files()
    await writer.close()
    database.set_aside(tmp_path / "spool-1.db")
    writer = SpoolWriter.open(tmp_path)
    await writer.append(b"new")
    (new,) = files.files()
    assert new.file_id == writer.file_id != old.file_id
    assert new.read(0, 10) == [(1, b"new")]
    await writer.append(b"newer")
    assert new.backlog() == 2
    assert (tmp_path / "spool-1.db-wal").exists()
    await writer.close()
    files.close()


async def test_an_unreadable_file_is_reported_once_and_the_others_are_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One broken file stops nobody; it is named once by its name alone, and taken when it works."""
    writer = SpoolWriter.open(tmp_path)
    await writer.append(b"x")
    await writer.close()
    whole = (tmp_path / "spool-1.db").read_bytes()
    await SpoolWriter.open(tmp_path).close()
    (tmp_path / "spool-0.db").write_bytes(b"no database" * 1_000)
    files = SpoolReader(tmp_path)
    for _ in range(3):
        assert [file.name for file in files.files()] == ["spool-1.db"]
    assert [record.getMessage() for record in caplog.records] == [
        "spool-0.db is damaged or no spool file; it is left out until it can be read"
    ]
    (tmp_path / "spool-0.db").write_bytes(whole)
    assert [file.name for file in files.files()] == ["spool-0.db", "spool-1.db"]
    files.close()


async def test_damage_met_by_a_read_is_an_error_with_a_name(tmp_path: Path) -> None:
    """A page the disk lost is SpoolUnavailable, not garbage."""
    writer = SpoolWriter.open(tmp_path)
    for _ in range(100):
        writer.append(bytes(1_600))
    await writer.append(b"")
    await writer.close()
    with (tmp_path / "spool-1.db").open("r+b") as damaged:
        damaged.seek(8192 * 5)
        damaged.write(b"\xff" * 8192)
    (file,) = SpoolReader(tmp_path).files()
    with pytest.raises(SpoolUnavailable, match=r"^spool-1\.db: "):
        file.read(0, 1_000)
    file.close()


async def test_logs_are_emptied_while_the_worker_lives(tmp_path: Path) -> None:
    """What was released is in no log either (contract 16), and records go on coming."""
    canary = b"canary-" + os.urandom(8).hex().encode()
    writer = SpoolWriter.open(tmp_path)
    await writer.append(canary)
    (file,) = SpoolReader(tmp_path).files()
    file.release(1)
    empty_logs(tmp_path)
    await writer.append(b"next")
    assert not [path.name for path in tmp_path.iterdir() if canary in path.read_bytes()]
    assert file.read(0, 10) == [(2, b"next")]
    await writer.close()
    file.close()


async def test_a_log_that_is_held_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who keeps a transaction open on a spool file is waited for, and not for ever."""
    monkeypatch.setattr(logs, "_PATIENCE", 0.05)
    writer = SpoolWriter.open(tmp_path)
    await writer.append(b"x")
    with closing(sqlite3.connect(tmp_path / "spool-1.db", isolation_level=None)) as stranger:
        stranger.execute("BEGIN")
        stranger.execute("SELECT * FROM record").fetchall()
        with pytest.raises(SpoolUnavailable, match=r"^spool-1\.db: its log cannot be emptied: "):
            empty_logs(tmp_path)
    await writer.close()

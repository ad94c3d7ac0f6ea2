"""The spool file: made whole or not at all, never trusted blindly, never thrown away."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from whiteout.spool import SpoolError, SpoolReader, SpoolWriter, database


def garbage(path: Path) -> None:
    """Something else under the name of a spool file."""
    path.write_bytes(os.urandom(50_000))


def empty(path: Path) -> None:
    """A file of no bytes, as a full disk leaves it."""
    path.touch()


def foreign(path: Path) -> None:
    """Somebody else's database."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE person (name TEXT)")
        connection.commit()


def without_id(path: Path) -> None:
    """A spool file that lost its id."""
    database.open_for_writing(path, "FULL").connection.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM meta WHERE key = 'file_id'")
        connection.commit()


def without_records(path: Path) -> None:
    """A spool file whose table of records has another form."""
    database.open_for_writing(path, "FULL").connection.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE record RENAME COLUMN body TO other")
        connection.commit()


def holed(path: Path) -> None:
    """A spool file of which the disk lost a page in the middle."""
    opened = database.open_for_writing(path, "FULL")
    for _ in range(100):
        opened.connection.execute("INSERT INTO record (body) VALUES (zeroblob(1600))")
    opened.connection.close()
    with path.open("r+b") as file:
        file.seek(8192 * 5)
        file.write(os.urandom(8192))


@pytest.mark.parametrize("damage", [garbage, empty, foreign, without_id, without_records, holed])
async def test_a_damaged_file_is_renamed_and_replaced(
    tmp_path: Path, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    """A file that is no sound spool file is kept as `<name>.corrupt-<n>`, and replaced."""
    damage(tmp_path / "spool-1.db")
    before = (tmp_path / "spool-1.db").read_bytes()
    writer = SpoolWriter.open(tmp_path)
    await writer.append(b"x")
    await writer.close()
    assert (tmp_path / "spool-1.db.corrupt-1").read_bytes() == before
    assert [record.getMessage() for record in caplog.records] == [
        "spool-1.db is damaged or no spool file; it was renamed to spool-1.db.corrupt-1"
    ]
    (file,) = SpoolReader(tmp_path).files()
    assert file.read(0, 10) == [(1, b"x")]


def test_files_put_aside_do_not_overwrite_each_other(tmp_path: Path) -> None:
    """Each damaged file gets a number of its own, its journals the same one."""
    path = tmp_path / "spool-1.db"
    for content in (b"first", b"second"):
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).write_bytes(content)
        database.set_aside(path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {
        f"spool-1.db.corrupt-{number}{suffix}": content
        for number, content in ((1, b"first"), (2, b"second"))
        for suffix in ("", "-wal", "-shm")
    }


async def test_a_journal_without_its_database_is_not_replayed(tmp_path: Path) -> None:
    """What is left of a file that somebody removed is put aside, not mixed into the new one."""
    writer = SpoolWriter.open(tmp_path)
    await writer.append(b"old")
    journal = (tmp_path / "spool-1.db-wal").read_bytes()
    await writer.close()
    (tmp_path / "spool-1.db").unlink()
    (tmp_path / "spool-1.db-wal").write_bytes(journal)
    writer = SpoolWriter.open(tmp_path)
    await writer.append(b"new")
    await writer.close()
    (file,) = SpoolReader(tmp_path).files()
    assert file.read(0, 10) == [(1, b"new")]
    assert (tmp_path / "spool-1.db.corrupt-1-wal").read_bytes() == journal


async def test_what_a_killed_creation_left_does_not_matter(tmp_path: Path) -> None:
    """A file gets its name only when it is whole; a draft is made anew and never read."""
    garbage(tmp_path / "spool-1.db.new")
    garbage(tmp_path / "spool-1.db.new-wal")
    assert SpoolReader(tmp_path).files() == []
    await SpoolWriter.open(tmp_path).close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["spool-1.db", "spool-1.db.lock"]


async def killed(folder: Path, record: bytes) -> Path:
    """A copy of a spool whose worker was killed: a record is in the journal, not in the file."""
    writer = SpoolWriter.open(folder / "living")
    await writer.append(record)
    shutil.copytree(folder / "living", folder / "killed")
    await writer.close()
    assert record not in (folder / "killed" / "spool-1.db").read_bytes()
    return folder / "killed"


async def test_a_worker_starts_a_journal_of_its_own(tmp_path: Path) -> None:
    """What a killed worker left in its journal is synced and moved before anything follows it.

    Otherwise a commit of which the disk lost a part would take all later ones of the same journal
    with it, acknowledged ones too.
    """
    folder = await killed(tmp_path, b"left behind")
    writer = SpoolWriter.open(folder)
    assert (folder / "spool-1.db-wal").stat().st_size == 0
    assert b"left behind" in (folder / "spool-1.db").read_bytes()
    await writer.close()


async def test_a_loader_syncs_what_a_killed_worker_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the loader reads cannot vanish in a power cut and its ids be given out again."""
    folder = await killed(tmp_path, b"left behind")
    synced: list[str] = []
    monkeypatch.setattr(database, "_sync", lambda path: synced.append(path.name))
    (file,) = SpoolReader(folder).files()
    assert synced == ["spool-1.db-wal"]
    assert file.read(0, 10) == [(1, b"left behind")]
    file.close()


def of_format_1(folder: Path) -> None:
    """A spool file as it was when every record had a row of its own: 2 and 3 are not released."""
    folder.mkdir()
    with closing(sqlite3.connect(folder / "spool-1.db")) as connection:
        connection.executescript(
            "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;"
            "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);"
            "CREATE TABLE record (id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL);"
            "INSERT INTO meta VALUES ('format', '1'), ('file_id', '0123456789abcdef');"
            "INSERT INTO record (body) VALUES (x'61'), (x'62'), (x'63');"
            "DELETE FROM record WHERE id = 1"
        )


@pytest.mark.parametrize("first", ["worker", "loader"])
async def test_an_older_format_is_brought_up_to_date(tmp_path: Path, first: str) -> None:
    """A file of format 1 is read, and goes on with its numbers, whoever opens it first."""
    folder = tmp_path / "spool"
    of_format_1(folder)
    files = SpoolReader(folder)
    if first == "loader":
        assert len(files.files()) == 1
    writer = SpoolWriter.open(folder)
    writer.append(b"d")
    await writer.append(b"e")
    (file,) = files.files()
    assert writer.file_id == file.file_id == "0123456789abcdef"
    assert file.backlog() == 4
    assert file.read(0, 10) == [(2, b"b"), (3, b"c"), (4, b"d"), (5, b"e")]
    file.release(3)
    assert file.read(0, 10) == [(4, b"d"), (5, b"e")]
    await writer.close()
    files.close()


async def test_a_newer_format_is_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file that a newer whiteout wrote is left alone, and the message says what to do."""
    await SpoolWriter.open(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "spool-1.db")) as connection:
        connection.execute("UPDATE meta SET value = '3' WHERE key = 'format'")
        connection.commit()
    with pytest.raises(SpoolError, match=r"format 3, .* up to 2: start the newer whiteout"):
        SpoolWriter.open(tmp_path)
    reader = SpoolReader(tmp_path)
    assert reader.files() == reader.files() == []
    assert len(caplog.records) == 1
    assert (tmp_path / "spool-1.db").exists()


async def test_a_file_held_by_a_stranger_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction that a stranger keeps open makes the worker use another file, not wait."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    writer = SpoolWriter.open(tmp_path)
    await writer.append(b"x")
    with closing(sqlite3.connect(tmp_path / "spool-1.db", isolation_level=None)) as stranger:
        stranger.execute("BEGIN")
        stranger.execute("SELECT * FROM record").fetchall()
        await writer.append(b"y")
        await writer.close()
        other = SpoolWriter.open(tmp_path)
        assert other.file_id != writer.file_id
        await other.close()
    again = SpoolWriter.open(tmp_path)
    assert again.file_id == writer.file_id
    await again.close()


async def test_a_drained_file_gives_its_space_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a long backlog was drained, the next worker shrinks the file; ids still go on."""
    monkeypatch.setattr(database, "_VACUUM_PAGES", 100)
    writer = SpoolWriter.open(tmp_path)
    for _ in range(4):
        await writer.append(bytes(1_000_000))
    await writer.close()
    (file,) = SpoolReader(tmp_path).files()
    file.release(4)
    file.close()
    assert (tmp_path / "spool-1.db").stat().st_size > 4_000_000
    again = SpoolWriter.open(tmp_path)
    assert again.file_id == writer.file_id
    assert (tmp_path / "spool-1.db").stat().st_size < 100_000
    await again.append(b"x")
    await again.close()
    (file,) = SpoolReader(tmp_path).files()
    assert file.read(0, 10) == [(5, b"x")]
    file.close()


async def test_a_very_large_file_is_taken_without_reading_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening takes no time in proportion to a backlog: no page by page check beyond a size."""
    writer = SpoolWriter.open(tmp_path)
    await writer.append(bytes(100_000))
    await writer.close()
    monkeypatch.setattr(database, "_CHECK_PAGES", 1)
    with (tmp_path / "spool-1.db").open("r+b") as file:
        file.seek(8192 * 5)
        file.write(os.urandom(8192))
    again = SpoolWriter.open(tmp_path)
    assert again.file_id == writer.file_id
    await again.close()


async def test_the_file_is_set_up_as_the_measurements_say(tmp_path: Path) -> None:
    """WAL, synchronous=FULL, AUTOINCREMENT, and SQLite's own checkpoints, early."""
    writer = SpoolWriter.open(tmp_path)
    connection = writer._connection
    assert connection is not None

    def pragma(name: str) -> object:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2
    assert pragma("wal_autocheckpoint") == 200
    assert pragma("page_size") == 8_192
    (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'record'").fetchone()
    assert "AUTOINCREMENT" in sql
    await writer.close()

"""The spool file: its tables, how it comes into being, and how it is opened without losing a byte.

Table `record` holds what was appended, a row for each commit: `body` has the records one after the
other, `sizes` their lengths (null: it is one record), and `id` is the number of the last of them.
AUTOINCREMENT keeps numbers ascending even after the table was emptied, so that a position in the
lake never points past an unread record. Table `meta` holds the file's own id and the number of its
format; in format 1 every record had a row of its own.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import struct
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from whiteout.spool.errors import SpoolError, SpoolUnavailable

FORMAT = 2
SUFFIX = ".db"
BUSY_SECONDS = 5.0

_SYNCHRONOUS = frozenset({"OFF", "NORMAL", "FULL", "EXTRA"})
# Five records of a usual size share a page: fewer bytes per commit than with SQLite's 4,096.
_PAGE_SIZE = 8192
# Moving the log into the file keeps commits waiting, so it is done often, when there is little to
# move (1.6 MiB): with SQLite's 1,000 pages the 99th percentile of commits was half as long again.
_LOG_PAGES = 200
# Checking a larger file (256 MiB) page by page would keep a worker from starting; damage in it is
# noticed once a commit meets it.
_CHECK_PAGES = 32_768
# An emptied file larger than this (32 MiB) gives its disk space back when a worker opens it.
_VACUUM_PAGES = 4_096
_COMPANIONS = ("-wal", "-shm", "-journal")

_log = logging.getLogger("whiteout.spool")


class Database(NamedTuple):
    """An open spool file."""

    connection: sqlite3.Connection
    file_id: str
    last: int
    """The number of the newest record that was ever in the file."""


class DamagedError(SpoolError):
    """The file is not a spool file, or is corrupt."""


class HeldError(SpoolUnavailable):
    """Another program keeps a transaction open on the file."""


def pack_sizes(sizes: Sequence[int]) -> bytes | None:
    """The lengths of a row's records as the file keeps them."""
    return None if len(sizes) == 1 else struct.pack(f"<{len(sizes)}I", *sizes)


def records_of(number: int, body: bytes, sizes: bytes | None) -> Iterator[tuple[int, bytes]]:
    """The numbered records of a row; all of it as one where the lengths cannot be right."""
    lengths = struct.unpack(f"<{len(sizes) // 4}I", sizes) if sizes and not len(sizes) % 4 else ()
    if sum(lengths) != len(body) or not lengths:
        yield number, body
        return
    start = 0
    for at, length in enumerate(lengths, number - len(lengths) + 1):
        end = start + length
        yield at, body[start:end]
        start = end


def is_busy(error: BaseException) -> bool:
    """Whether another connection held the lock that was needed."""
    return _primary_code(error) == sqlite3.SQLITE_BUSY


def is_damaged(error: BaseException) -> bool:
    """Whether the file itself is broken, as opposed to the disk under it."""
    return isinstance(error, DamagedError) or _primary_code(error) in {
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    }


def describe(error: BaseException) -> str:
    """The error in a few words, without any path."""
    if isinstance(error, SpoolError):
        return str(error)
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    name = getattr(error, "sqlite_errorname", None)
    return f"{error} ({name})" if name else type(error).__name__


def open_for_writing(path: Path, synchronous: str) -> Database:
    """Open the spool file at `path`, making it if it is absent; the caller holds its lock.

    A file that is damaged or is no spool file is renamed to `<name>.corrupt-<n>` and replaced.
    Raises SpoolError for a file of a newer format, HeldError when another program keeps a
    transaction open on it, sqlite3.Error or OSError when the disk does not work.
    """
    if synchronous not in _SYNCHRONOUS:
        raise ValueError(f"synchronous must be one of {', '.join(sorted(_SYNCHRONOUS))}")
    if not path.exists():
        set_aside(path)  # A journal without its database would be replayed into the new one.
        _create(path)
    try:
        return _adopt(path, synchronous)
    except DamagedError:
        set_aside(path)
        _create(path)
        return _adopt(path, synchronous)


def open_for_loading(path: Path) -> Database:
    """Open an existing spool file for reading.

    Raises SpoolError, sqlite3.Error, OSError. Unless the file has an older format it writes
    nothing, so it works on a full disk too.
    """
    connection = _connect(path)
    try:
        file_id = _identify(connection, path)
        # A killed worker may have left a commit that is visible but was never synced. Were it read
        # now and lost in a power cut, its number would be given out twice.
        with suppress(FileNotFoundError):
            _sync(_sibling(path, "-wal"))
        return Database(connection, file_id, _newest(connection))
    except BaseException:
        connection.close()
        raise


def open_for_releasing(path: Path, file_id: str) -> sqlite3.Connection:
    """Open the file once more, to delete from it; it must still be the one of that id.

    Raises SpoolError, sqlite3.Error, OSError. Nothing is written yet.
    """
    connection = _connect(path)
    try:
        found = _identify(connection, path)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA secure_delete = ON").fetchall()
    except BaseException:
        connection.close()
        raise
    if found != file_id:
        connection.close()
        raise SpoolUnavailable(f"{path.name} was just replaced")
    return connection


def set_aside(path: Path) -> None:
    """Rename the file and its journals to `<name>.corrupt-<n>`, whatever of them exists."""
    # The journals go first: one left behind alone would be replayed into the file's successor.
    suffixes = [suffix for suffix in (*_COMPANIONS, "") if _sibling(path, suffix).exists()]
    if not suffixes:
        return
    number = 1
    while any(_sibling(path, f".corrupt-{number}{suffix}").exists() for suffix in suffixes):
        number += 1
    for suffix in suffixes:
        _sibling(path, suffix).rename(_sibling(path, f".corrupt-{number}{suffix}"))
    _log.error(
        "%s is damaged or no spool file; it was renamed to %s.corrupt-%d",
        path.name,
        path.name,
        number,
    )


def make_folder(folder: Path) -> None:
    """Create the folder, readable by its owner alone, so that it survives a power cut."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync(folder.parent)


def _adopt(path: Path, synchronous: str) -> Database:
    connection = _connect(path)
    try:
        file_id = _identify(connection, path)
        _check(connection, path)
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("PRAGMA fullfsync = ON")  # On macOS a plain fsync does not suffice.
        _shrink(connection)
        _begin_log(connection, path)
        connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}").fetchall()
        # The writer waits for locks by itself, in finer steps than SQLite does.
        connection.execute("PRAGMA busy_timeout = 0").fetchall()
    except BaseException:
        connection.close()
        raise
    return Database(connection, file_id, _newest(connection))


def _newest(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'record'").fetchone()
    return row[0] if row else 0


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def _identify(connection: sqlite3.Connection, path: Path) -> str:
    """The file's id. Raises DamagedError, or SpoolError when its format is a newer one."""
    try:
        meta = dict(connection.execute("SELECT key, value FROM meta").fetchall())
        written, file_id = int(meta["format"]), str(meta["file_id"])
    except sqlite3.DatabaseError as error:
        if is_damaged(error) or _primary_code(error) == sqlite3.SQLITE_ERROR:
            raise _damaged(path) from None
        raise
    except (KeyError, TypeError, ValueError):
        raise _damaged(path) from None
    if written > FORMAT:
        raise SpoolError(
            f"{path.name} has spool format {written}, this whiteout knows up to {FORMAT}: "
            "start the newer whiteout that wrote it, and let it drain the spool first"
        )
    if written < FORMAT:
        _upgrade(connection)
    return file_id


def _upgrade(connection: sqlite3.Connection) -> None:
    """Bring a file of format 1 up to date; worker and loader may both try."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        names = [row[1] for row in connection.execute("PRAGMA table_info(record)").fetchall()]
        if "sizes" not in names:
            connection.execute("ALTER TABLE record ADD COLUMN sizes BLOB")
        connection.execute("UPDATE meta SET value = ? WHERE key = 'format'", (str(FORMAT),))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _check(connection: sqlite3.Connection, path: Path) -> None:
    try:
        connection.execute("SELECT id, body, sizes FROM record LIMIT 0").fetchall()
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        if pages > _CHECK_PAGES:
            return
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if is_damaged(error) or _primary_code(error) == sqlite3.SQLITE_ERROR:
            raise _damaged(path) from None
        raise
    if verdict != "ok":
        raise _damaged(path)


def _shrink(connection: sqlite3.Connection) -> None:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    if pages > _VACUUM_PAGES and not connection.execute("SELECT 1 FROM record LIMIT 1").fetchall():
        connection.execute("VACUUM")


def _begin_log(connection: sqlite3.Connection, path: Path) -> None:
    """Move what the log holds into the database and start a new one. Raises HeldError.

    Frames of a commit whose fsync failed, or never came, may look committed although the disk has
    lost them, and every later commit in the same log would be lost with them. A new log depends
    on nothing that came before.
    """
    held, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if held:
        raise HeldError(f"another program keeps a transaction open on {path.name}; close it")


def _create(path: Path) -> None:
    """Make an empty spool file: all of it, durably, or nothing under its name."""
    draft = _sibling(path, ".new")
    for suffix in ("", *_COMPANIONS):
        _sibling(draft, suffix).unlink(missing_ok=True)
    os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    with closing(_connect(draft)) as connection:
        connection.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        connection.execute(
            "CREATE TABLE record "
            "(id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL, sizes BLOB)"
        )
        connection.executemany(
            "INSERT INTO meta (key, value) VALUES (?, ?)",
            [("format", str(FORMAT)), ("file_id", uuid.uuid4().hex)],
        )
        connection.execute("COMMIT")
    _sync(draft)
    draft.rename(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sibling(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _damaged(path: Path) -> DamagedError:
    return DamagedError(f"{path.name} is damaged or no spool file")


def _primary_code(error: BaseException) -> int:
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF

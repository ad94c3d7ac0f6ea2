"""Publishing to the feed: one SQLite file, one writer, the newest entries only.

Entries and positions change in one transaction, so after a restart of the loader nothing is
published twice. A commit is not waited for (WAL, `synchronous=NORMAL`): a killed process loses
nothing, a power cut at most the newest entries together with their positions. The feed is a view
of what the lake keeps; when its file is damaged it is thrown away and begins anew.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from whiteout.feed.errors import FeedError

MIB = 1024 * 1024

_LOG_PATIENCE = 30.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY AUTOINCREMENT, entry BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS positions (file_id TEXT PRIMARY KEY, last INTEGER NOT NULL)
  WITHOUT ROWID;
"""

logger = logging.getLogger(__name__)


class FeedWriter:
    """The one writer of a feed. Not for several threads. Raises `FeedError`."""

    def __init__(self, path: Path, keep: int, keep_bytes: int) -> None:
        self._path = path
        self._keep = keep
        self._keep_bytes = keep_bytes
        self._db = self._connect()
        count, size = self._db.execute(
            "SELECT count(*), coalesce(sum(length(entry)), 0) FROM entries"
        ).fetchone()
        self._count: int = count
        self._size: int = size

    @classmethod
    def open(cls, path: Path, keep: int = 5_000, keep_bytes: int = 32 * MIB) -> FeedWriter:
        """Open or make the feed at `path`, which keeps the newest `keep` entries.

        They are also limited to `keep_bytes` together. A damaged file is replaced by an empty
        one. Raises `FeedError` where the disk refuses.
        """
        with _explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                return cls(path, keep, keep_bytes)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                logger.warning("the feed %s is damaged; starting an empty one", path)
                for suffix in ("", "-wal", "-shm"):
                    path.with_name(path.name + suffix).unlink(missing_ok=True)
                return cls(path, keep, keep_bytes)

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, isolation_level=None, timeout=10.0)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            # What was pruned is overwritten, not just forgotten (contract 16).
            db.execute("PRAGMA secure_delete = ON")
            db.execute(f"PRAGMA journal_size_limit = {4 * MIB}")
            _check(db)
            db.executescript(_SCHEMA)
            if not db.execute("SELECT 1 FROM sqlite_sequence WHERE name = 'entries'").fetchone():
                # Cursors of a feed that was thrown away must lie below those of the next one.
                # Microseconds stay ahead of any event rate, and exact in JavaScript.
                db.execute(
                    "INSERT INTO sqlite_sequence (name, seq) VALUES ('entries', ?)",
                    (time.time_ns() // 1000,),
                )
        except BaseException:
            db.close()
            raise
        return db

    def positions(self) -> dict[str, int]:
        """How far each spool file has been published: file id → record id."""
        with _explained(self._path):
            return dict(self._db.execute("SELECT file_id, last FROM positions").fetchall())

    def publish(self, entries: Sequence[bytes], positions: Mapping[str, int]) -> None:
        """Add entries, oldest first, move the positions forward, and prune: all or nothing.

        `positions` names the files that the entries came from, with the last record published.
        """
        # What would be pruned in the same breath is not written at all.
        entries = entries[-self._keep :]
        with _explained(self._path), self._transaction():
            self._db.executemany(
                "INSERT INTO entries (entry) VALUES (?)", [(entry,) for entry in entries]
            )
            self._db.executemany(
                "INSERT INTO positions (file_id, last) VALUES (?, ?) ON CONFLICT (file_id) "
                "DO UPDATE SET last = max(last, excluded.last)",
                list(positions.items()),
            )
            count = self._count + len(entries)
            size = self._size + sum(map(len, entries))
            while count > self._keep or (size > self._keep_bytes and count > 1):
                # By number all at once, by size in small steps; the newest entry always stays.
                excess = count - self._keep if count > self._keep else min(16, count - 1)
                pruned = self._db.execute(
                    "DELETE FROM entries WHERE id IN "
                    "(SELECT id FROM entries ORDER BY id LIMIT ?) RETURNING length(entry)",
                    (excess,),
                ).fetchall()
                count -= len(pruned)
                size -= sum(length for (length,) in pruned)
        self._count, self._size = count, size

    def remove(self, unwanted: Callable[[bytes], bool]) -> int:
        """Remove entries for good, from the file and its log; the number of them.

        Cursors and positions stay. All pages are written anew, because one may keep an old copy
        of an entry that had moved; readers are waited for.
        """
        with _explained(self._path):
            found = self._db.execute("SELECT id, entry FROM entries")
            numbers = [(number,) for number, entry in found if unwanted(entry)]
            with self._transaction():
                self._db.executemany("DELETE FROM entries WHERE id = ?", numbers)
            self._db.execute("PRAGMA temp_store = MEMORY")
            self._db.execute("VACUUM")
            self._empty_log()
            count, size = self._db.execute(
                "SELECT count(*), coalesce(sum(length(entry)), 0) FROM entries"
            ).fetchone()
        self._count, self._size = count, size
        return len(numbers)

    def _empty_log(self) -> None:
        """Move all of the log into the file, and cut it to nothing."""
        deadline = time.monotonic() + _LOG_PATIENCE
        while True:
            held, *_ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not held:
                return
            if time.monotonic() > deadline:
                raise sqlite3.OperationalError("a reader keeps the file busy")
            time.sleep(0.05)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _check(db: sqlite3.Connection) -> None:
    if db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise sqlite3.DatabaseError("quick_check failed")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise FeedError(f"cannot write the feed {path}: {cause}") from error

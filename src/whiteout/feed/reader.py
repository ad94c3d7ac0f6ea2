"""Reading the feed from any process, cheaply enough to poll ten times a second."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any


class FeedReader:
    """Reads a feed that another process writes; empty while the file does not exist.

    A cursor is the id of an entry; ids grow, also across a feed that had to begin anew. Each call
    is one finished SELECT, so the writer is never held up. What cannot be read right now (the
    file is being made or replaced) reads as empty. Not for several threads at once.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None

    def newest(self, limit: int) -> list[tuple[int, bytes]]:
        """The newest entries, oldest of them first."""
        rows = self._select("SELECT id, entry FROM entries ORDER BY id DESC LIMIT ?", limit)
        return rows[::-1]

    def after(self, cursor: int, limit: int) -> list[tuple[int, bytes]]:
        """The entries that follow a cursor, oldest first; pruned ones are skipped."""
        return self._select(
            "SELECT id, entry FROM entries WHERE id > ? ORDER BY id LIMIT ?", cursor, limit
        )

    def last(self) -> int:
        """The newest cursor, 0 in an empty feed. A few microseconds: made for polling."""
        rows = self._select("SELECT max(id) FROM entries")
        return (rows[0][0] or 0) if rows else 0

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _select(self, sql: str, *values: int) -> list[Any]:
        try:
            return self._connection().execute(sql, values).fetchall()
        except (OSError, sqlite3.DatabaseError):
            self.close()
            return []

    def _connection(self) -> sqlite3.Connection:
        # A damaged feed is replaced by a new file; the old one would stay empty for ever.
        status = self._path.stat()
        identity = (status.st_dev, status.st_ino)
        if self._db is None or identity != self._identity:
            self.close()
            self._db = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode=ro",
                uri=True,
                isolation_level=None,
                timeout=5.0,
                check_same_thread=False,
            )
            self._identity = identity
        return self._db

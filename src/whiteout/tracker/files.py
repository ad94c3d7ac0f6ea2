"""State in a file: what a program has where a browser has local storage (R25)."""

from __future__ import annotations

import time
from collections.abc import Callable

from whiteout.tracker.database import Database, Unavailable


class FileStorage:
    """Keeps texts in a database file until their time is up. `clock` tells epoch seconds."""

    background = True

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def get(self, key: str) -> str | None:
        """The text under a key; one whose time is up is removed."""
        try:
            with self._database.use(create=False) as connection:
                row = connection.execute(
                    "SELECT value, expires FROM state WHERE key = ?", (key,)
                ).fetchone()
                if row is None:
                    return None
                if row[1] > self._clock():
                    return str(row[0])
                connection.execute("DELETE FROM state WHERE key = ?", (key,))
        except Unavailable:
            pass
        return None

    def set(self, key: str, value: str, max_age: int) -> bool:
        """Keep a text."""
        if max_age <= 0:
            self.delete(key)
            return False
        try:
            with self._database.use() as connection:
                connection.execute(
                    "INSERT OR REPLACE INTO state VALUES (?, ?, ?)",
                    (key, value, self._clock() + max_age),
                )
        except Unavailable:
            return False
        return True

    def delete(self, key: str) -> None:
        """Remove a text."""
        try:
            with self._database.use(create=False) as connection:
                connection.execute("DELETE FROM state WHERE key = ?", (key,))
        except Unavailable:
            pass

    def keys(self) -> list[str]:
        """Every key."""
        try:
            with self._database.use(create=False) as connection:
                rows = connection.execute("SELECT key FROM state ORDER BY key").fetchall()
        except Unavailable:
            return []
        return [str(row[0]) for row in rows]

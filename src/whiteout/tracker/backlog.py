"""Events that wait on disk (R137, W4, W38).

Several processes may share the file. A process leases what it is about to send; what a process
leased that is gone comes free when the lease runs out. An event is removed once the collector has
it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from whiteout.privacy import Mode
from whiteout.tracker.database import Database, Unavailable
from whiteout.tracker.items import Item

Stored = tuple[int, Item]
"""An event and its number in the file."""

LEASE = 60.0
"""Seconds for which a process has an event to itself."""

_ALL = 500


class Backlog(Protocol):
    """Events that wait outside of memory; what each method does, `FileBacklog` says."""

    def put(self, items: Sequence[Item]) -> tuple[list[int], int] | None:
        """Keep events."""

    def claim(self, mode: Mode, limit: int, takes: Callable[[bytes], bool]) -> list[Stored]:
        """Take a lease of the oldest events of a mode."""

    def release(self, ids: Iterable[int]) -> None:
        """Give leases back."""

    def remove(self, ids: Iterable[int]) -> None:
        """Remove events by number."""

    def modes(self) -> dict[Mode, int]:
        """Count events by mode."""

    def purge(self, owner: str | None) -> int:
        """Remove events by owner."""

    def change(self, owner: str | None, change: Callable[[Item], None]) -> None:
        """Change events by owner."""

    def take_out(self, owner: str | None) -> list[Item]:
        """Take events by owner."""

    def child(self) -> None:
        """Notice a fork."""


class FileBacklog:
    """The queue in a database file, with at most `most` events; then the oldest go."""

    def __init__(self, database: Database, most: int) -> None:
        self._database = database
        self._most = most

    def put(self, items: Sequence[Item]) -> tuple[list[int], int] | None:
        """Keep events; their numbers, and how many older ones had to go. None if nothing is kept.

        An owner is kept of identified events only: it would tie anonymous ones together.
        """
        rows = [
            (item.mode.value, item.owner if item.mode is Mode.IDENTIFIED else "", item.raw)
            for item in items
        ]
        numbers: list[int] = []
        try:
            with self._database.use() as connection:
                for row in rows:
                    cursor = connection.execute(
                        "INSERT INTO queue (mode, owner, leased, raw) VALUES (?, ?, 0, ?)", row
                    )
                    numbers.append(cursor.lastrowid or 0)
                (count,) = connection.execute("SELECT count(*) FROM queue").fetchone()
                over = max(0, int(count) - self._most)
                if over:
                    connection.execute(
                        "DELETE FROM queue WHERE id IN (SELECT id FROM queue ORDER BY id LIMIT ?)",
                        (over,),
                    )
        except Unavailable:
            return None
        return numbers, over

    def claim(self, mode: Mode, limit: int, takes: Callable[[bytes], bool]) -> list[Stored]:
        """The oldest events of a mode that nobody is sending, leased to the caller.

        At most `limit`, and as long as `takes` takes them.
        """
        now = time.time()
        found: list[Stored] = []
        try:
            with self._database.use(create=False) as connection:
                connection.execute("BEGIN IMMEDIATE")
                rows = connection.execute(
                    "SELECT id, raw, owner FROM queue WHERE mode = ? AND leased < ?"
                    " ORDER BY id LIMIT ?",
                    (mode.value, now, limit),
                )
                for number, raw, owner in rows:
                    if not takes(bytes(raw)):
                        break
                    found.append((int(number), Item.stored(bytes(raw), mode, str(owner))))
                connection.executemany(
                    "UPDATE queue SET leased = ? WHERE id = ?",
                    [(now + LEASE, number) for number, _ in found],
                )
        except Unavailable:
            return []
        return found

    def release(self, ids: Iterable[int]) -> None:
        """Events were not sent after all."""
        self._each("UPDATE queue SET leased = 0 WHERE id = ?", ids)

    def remove(self, ids: Iterable[int]) -> None:
        """Events were sent, or never will be."""
        self._each("DELETE FROM queue WHERE id = ?", ids)

    def _each(self, sql: str, ids: Iterable[int]) -> None:
        rows = [(one,) for one in ids]
        if not rows:
            return
        try:
            with self._database.use(create=False) as connection:
                connection.executemany(sql, rows)
        except Unavailable:
            pass

    def modes(self) -> dict[Mode, int]:
        """How many events wait, by mode."""
        try:
            with self._database.use(create=False) as connection:
                rows = connection.execute("SELECT mode, count(*) FROM queue GROUP BY mode")
                return {Mode(row[0]): int(row[1]) for row in rows.fetchall()}
        except (Unavailable, ValueError):
            return {}

    def purge(self, owner: str | None) -> int:
        """Remove what waits, of one owner or of all; how many events that were."""
        where, values = _of(owner)
        try:
            with self._database.use(create=False) as connection:
                return connection.execute(f"DELETE FROM queue{where}", values).rowcount  # noqa: S608
        except Unavailable:
            return 0

    def change(self, owner: str | None, change: Callable[[Item], None]) -> None:
        """Change what waits, of one owner or of all; what is empty then goes."""
        where, values = _of(owner)
        try:
            with self._database.use(create=False) as connection:
                connection.execute("BEGIN IMMEDIATE")
                last = 0
                extra = "AND" if where else "WHERE"
                while rows := connection.execute(
                    f"SELECT id, mode, owner, raw FROM queue{where} {extra} id > ?"  # noqa: S608
                    " ORDER BY id LIMIT ?",
                    (*values, last, _ALL),
                ).fetchall():
                    last = int(rows[-1][0])
                    for row in rows:
                        item = Item.stored(bytes(row[3]), Mode(row[1]), str(row[2]))
                        change(item)
                        connection.execute(
                            "UPDATE queue SET mode = ?, owner = ?, raw = ? WHERE id = ?",
                            (item.mode.value, item.owner, item.raw, row[0]),
                        )
                connection.execute("DELETE FROM queue WHERE raw = x''")
        except (Unavailable, ValueError):
            # What cannot be changed must not stay as it is (W23).
            self.purge(owner)

    def child(self) -> None:
        """After a fork."""
        self._database.child()

    def take_out(self, owner: str | None) -> list[Item]:
        """Remove what waits, of one owner or of all, and return it (W4)."""
        where, values = _of(owner)
        try:
            with self._database.use(create=False) as connection:
                connection.execute("BEGIN IMMEDIATE")
                rows = connection.execute(
                    f"SELECT raw, mode, owner FROM queue{where} ORDER BY id",  # noqa: S608
                    values,
                ).fetchall()
                connection.execute(f"DELETE FROM queue{where}", values)  # noqa: S608
                return [Item.stored(bytes(r[0]), Mode(r[1]), str(r[2])) for r in rows]
        except (Unavailable, ValueError):
            return []


def _of(owner: str | None) -> tuple[str, tuple[str, ...]]:
    return ("", ()) if owner is None else (" WHERE owner = ?", (owner,))

"""One small SQLite file: the "local storage" of a program (R25, R137).

It is opened for each use and closed again, so no connection is ever shared between threads or taken
through a fork. Removed bytes are overwritten. Only its owner can read it. A file that is no
database is moved aside and begun anew: a tracker must work, and must not destroy what it does not
know.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from whiteout.tracker.log import logger

_SCHEMA = """
CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    mode TEXT NOT NULL,
    owner TEXT NOT NULL,
    leased REAL NOT NULL,
    raw BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS queue_mode ON queue (mode, id);
"""
_PATIENCE = 2.0


class Unavailable(Exception):
    """The file cannot be used now; the reason was logged once."""


class Database:
    """The file at `path`, which is made when something is written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known = False
        self._warned = False
        self._lock = threading.Lock()

    @contextmanager
    def use(self, *, create: bool = True) -> Iterator[sqlite3.Connection]:
        """A transaction. Raises Unavailable, also when `create` is false and there is no file."""
        if not create and not self.path.exists():
            raise Unavailable
        try:
            with closing(self._open()) as connection, connection:
                yield connection
        except (sqlite3.Error, OSError) as error:
            self._warn(error)
            raise Unavailable from None

    def _open(self) -> sqlite3.Connection:
        with self._lock:
            if self._known and self.path.exists():
                return self._connect()
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            try:
                connection = self._connect(_SCHEMA)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                self.path.replace(self.path.with_suffix(".broken"))
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
                connection = self._connect(_SCHEMA)
            self._known = True
            return connection

    def _connect(self, schema: str = "") -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level="IMMEDIATE")
        try:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA synchronous = NORMAL")
            if schema:
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
                connection.executescript(schema)
        except BaseException:
            connection.close()
            raise
        return connection

    def _warn(self, error: Exception) -> None:
        if not self._warned:
            self._warned = True
            logger.warning("the local storage cannot be used: %s", type(error).__name__)

    def child(self) -> None:
        """After a fork: the lock may have been held by a thread that is not here."""
        self._lock = threading.Lock()

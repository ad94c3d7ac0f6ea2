"""The logs of the spool files, in which what was released stands until they are emptied."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from whiteout.spool import database
from whiteout.spool.errors import SpoolUnavailable

_PATIENCE = 30.0
_PAUSE = 0.02


def empty_logs(folder: Path) -> None:
    """Move the logs of all spool files into the files, and cut them to nothing.

    Workers may go on writing. Raises SpoolUnavailable where one does not let go for long.
    """
    for path in sorted(folder.glob(f"*{database.SUFFIX}")):
        try:
            _empty(path)
        except sqlite3.Error as error:
            reason = database.describe(error)
            raise SpoolUnavailable(f"{path.name}: its log cannot be emptied: {reason}") from None


def _empty(path: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    uri = f"{path.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(uri, uri=True, timeout=1.0, isolation_level=None)) as connection:
        # The worker was told that its commits are on the disk: the log may go once the file is.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")
        while True:
            held, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not held:
                return
            if time.monotonic() > deadline:
                raise sqlite3.OperationalError("somebody keeps reading it")
            time.sleep(_PAUSE)

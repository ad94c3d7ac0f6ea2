"""The loader's end of the spool: reads every file, whether its worker lives or not."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Self

from whiteout.spool import database
from whiteout.spool.errors import SpoolError, SpoolUnavailable

# What one transaction of a release deletes: the worker cannot commit meanwhile.
_RELEASE_ROWS = 250
_RELEASE_BYTES = 1024 * 1024
# Between two of them the worker gets its turn; SQLite's locks know no queue.
_RELEASE_PAUSE = 0.001

_log = logging.getLogger("whiteout.spool")


class SpoolFile:
    """One spool file, open for reading and releasing.

    One thread may read while another releases. Every method raises SpoolUnavailable when the file
    cannot be read or written at the moment, or was closed because it is gone.
    """

    def __init__(
        self, path: Path, opened: database.Database, releasing: sqlite3.Connection
    ) -> None:
        self.file_id = opened.file_id
        self.name = path.name
        self._connection = opened.connection
        self._releasing = releasing

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a file that exists. Raises SpoolError, SpoolUnavailable."""
        try:
            opened = database.open_for_loading(path)
            try:
                return cls(path, opened, database.open_for_releasing(path, opened.file_id))
            except BaseException:
                opened.connection.close()
                raise
        except (sqlite3.Error, OSError) as error:
            raise SpoolUnavailable(f"{path.name}: {database.describe(error)}") from error

    def read(
        self, after: int, limit: int, max_bytes: int = 32 * 1024 * 1024
    ) -> list[tuple[int, bytes]]:
        """The oldest records whose number is greater than `after`, as (number, record), ascending.

        Some `limit` of them: it ends with the commit that reaches it, and before one that would
        make it more than `max_bytes`, unless it is the first.
        """
        records: list[tuple[int, bytes]] = []
        size = 0
        # The cursor is closed at once: a transaction left open would let the log grow forever.
        with (
            self._errors(),
            closing(
                self._connection.execute(
                    "SELECT id, body, sizes FROM record WHERE id > ? ORDER BY id LIMIT ?",
                    (after, limit),
                )
            ) as rows,
        ):
            for number, body, sizes in rows:
                size += len(body)
                if records and (size > max_bytes or len(records) >= limit):
                    break
                if sizes is None:
                    records.append((number, body))
                else:
                    records += [
                        record
                        for record in database.records_of(number, body, sizes)
                        if record[0] > after
                    ]
        return records

    def release(self, upto: int) -> None:
        """Delete the records up to and including number `upto`; their bytes are overwritten.

        Those that were committed together go together, with the last of them. Harmless when
        repeated. A power cut may bring records back, never others: positions in the lake make up
        for it.
        """
        with self._errors():
            while (last := self._slice_end(upto)) is not None:
                self._releasing.execute("DELETE FROM record WHERE id <= ?", (last,))
                if last == upto:
                    return
                time.sleep(_RELEASE_PAUSE)

    def _slice_end(self, upto: int) -> int | None:
        """The last id of what one transaction deletes, None when nothing is left."""
        size = 0
        last = None
        for number, length in self._releasing.execute(
            "SELECT id, length(body) FROM record WHERE id <= ? ORDER BY id LIMIT ?",
            (upto, _RELEASE_ROWS),
        ).fetchall():
            size += length
            if size > _RELEASE_BYTES and last is not None:
                break
            last = number
        return last

    def backlog(self) -> int:
        """The number of records not yet released."""
        with self._errors():
            # Numbers have no gaps and are released from the front: counting would read every page.
            oldest = self._connection.execute(
                "SELECT id, sizes FROM record ORDER BY id LIMIT 1"
            ).fetchone()
            (newest,) = self._connection.execute("SELECT max(id) FROM record").fetchone()
        if oldest is None or newest is None:
            return 0
        last, sizes = oldest
        count: int = newest - last + (len(sizes) // 4 if sizes else 1)
        return count

    def close(self) -> None:
        """Let go of the file."""
        for connection in (self._connection, self._releasing):
            try:
                connection.close()
            except sqlite3.Error as error:
                _log.warning("%s: %s", self.name, database.describe(error))

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise SpoolUnavailable(f"{self.name}: {database.describe(error)}") from error


class SpoolReader:
    """All spool files of a folder, with one connection kept open for each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, tuple[tuple[int, int], SpoolFile]] = {}
        self._reported: dict[str, str] = {}

    def files(self) -> list[SpoolFile]:
        """The spool files that there are now, by name; those unchanged are the same objects.

        The objects of files that were removed or replaced are closed. A file that cannot be read
        is left out, reported by logging once, and tried again at the next call.
        """
        present: list[SpoolFile] = []
        known, self._open = self._open, {}
        for name, identity in self._scan():
            seen, file = known.pop(name, (None, None))
            if file is not None and seen != identity:
                file.close()
                file = None
            if file is None:
                file = self._try(name)
            if file is not None:
                self._open[name] = identity, file
                present.append(file)
        for _, file in known.values():
            file.close()
        return present

    def close(self) -> None:
        """Close every file."""
        for _, file in self._open.values():
            file.close()
        self._open.clear()

    def _scan(self) -> list[tuple[str, tuple[int, int]]]:
        """Names of the files with what tells one file from its successor of the same name."""
        found = []
        for path in sorted(self._folder.glob(f"*{database.SUFFIX}")):
            with suppress(FileNotFoundError):
                status = path.stat()
                found.append((path.name, (status.st_dev, status.st_ino)))
        return found

    def _try(self, name: str) -> SpoolFile | None:
        try:
            file = SpoolFile.open(self._folder / name)
        except SpoolError as error:
            if self._reported.get(name) != str(error):
                self._reported[name] = str(error)
                _log.error("%s; it is left out until it can be read", error)
            return None
        self._reported.pop(name, None)
        return file

"""Reading the lake with SQL, while it is being written or while nobody owns it.

DuckDB gets the list of files of the newest version from the Delta log; its own `delta` extension
would have to be downloaded. Each table is a view: an empty relation with every column and its
type, united by name with the files, so that the columns are there, in order, before the first
event and in files that are older than a column.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from whiteout.lake.daily_views import create_daily_views, has_daily
from whiteout.lake.errors import explained
from whiteout.lake.format import check_format
from whiteout.lake.locks import reading
from whiteout.lake.sql import name_of, opened, readable, select_from
from whiteout.lake.table import TABLES, TableSpec, current_files

if TYPE_CHECKING:
    import duckdb


class LakeReader:
    """Opens connections to the lake in a folder, which need not exist yet."""

    def __init__(self, folder: Path, *, tables: tuple[TableSpec, TableSpec] = TABLES) -> None:
        self._folder = folder
        self._tables = tables

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own with the views `events` and `failed_events` as they are now.

        Beside them `unique_events` and the tables of roll-ups. Time zone UTC. No file that a view
        names is removed inside the block. Nothing is downloaded, and nothing is written to disk: a
        query that needs more than the memory fails. Raises `LakeFormatError` for a newer lake,
        `LakeError` for what cannot be read.
        """
        with reading(self._folder):
            check_format(self._folder)
            with opened(self._folder) as connection:
                with readable(self._folder):
                    self._make_views(connection)
                yield connection

    def files(self, table: str) -> list[Path]:
        """The files of a table's newest version; they stay while the block of `connect` lasts.

        Raises `LakeError`.
        """
        with explained(f"read the table {table}", self._folder):
            return current_files(self._folder.absolute() / table)

    def _make_views(self, connection: duckdb.DuckDBPyConnection) -> None:
        # The files never change, so their footers need be read only once.
        connection.execute("SET parquet_metadata_cache = true")
        files = [self.files(spec.name) for spec in self._tables]
        for spec, paths in zip(self._tables, files, strict=True):
            select = select_from(spec, paths)
            connection.execute(f"CREATE VIEW {name_of(spec.name)} AS {select}")
        if has_daily(self._tables):
            create_daily_views(connection, self._folder, *files)

"""Reading the lake with SQL, while it is being written or while nobody owns it.

DuckDB gets the list of files of the newest version from the Delta log; its own `delta` extension
would have to be downloaded. Each table is a view: an empty relation with every column and its
type, united by name with the files, so that the columns are there, in order, before the first
event and in files that are older than a column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from whiteout.lake.errors import LakeError, explained
from whiteout.lake.format import check_format
from whiteout.lake.locks import reading
from whiteout.lake.table import PARTITION, TABLES, TableSpec, current_files

if TYPE_CHECKING:
    import duckdb

SQL_TYPES: dict[str, str] = {
    "string": "VARCHAR",
    "uuid": "VARCHAR",
    "json": "VARCHAR",
    "int": "INTEGER",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "ts": "TIMESTAMP WITH TIME ZONE",
    "strings": "VARCHAR[]",
    "date": "DATE",
}
"""How each column type appears in SQL."""

# Characters that DuckDB takes for a pattern in a path.
_GLOB = re.compile(r"([*?\[])")


class LakeReader:
    """Opens connections to the lake in a folder, which need not exist yet."""

    def __init__(self, folder: Path, *, tables: tuple[TableSpec, TableSpec] = TABLES) -> None:
        self._folder = folder
        self._tables = tables

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own with the views `events` and `failed_events` as they are now.

        Time zone UTC. No file that a view names is removed inside the block. Nothing is
        downloaded, and nothing is written to disk: a query that needs more than the memory
        fails. Raises `LakeFormatError` for a newer lake, `LakeError` for what cannot be read.
        """
        # Here, because the loader imports this room, never reads, and has to stay small.
        import duckdb  # noqa: PLC0415

        with reading(self._folder):
            check_format(self._folder)
            connection = duckdb.connect(
                ":memory:",
                config={
                    "autoinstall_known_extensions": "false",
                    "autoload_known_extensions": "false",
                    # Spilled rows would be a copy that erasure does not know of (contract 16).
                    "temp_directory": "",
                },
            )
            try:
                try:
                    connection.execute("SET TimeZone = 'UTC'")
                    for spec in self._tables:
                        connection.execute(self._view(spec))
                except duckdb.Error as error:
                    raise LakeError(
                        f"cannot read the lake {self._folder}: {type(error).__name__}"
                    ) from error
                yield connection
            finally:
                connection.close()

    def _view(self, spec: TableSpec) -> str:
        columns = ", ".join(f"NULL::{SQL_TYPES[c.type]} AS {_name(c.name)}" for c in spec.columns)
        select = f"SELECT {columns} WHERE false"
        with explained(f"read the table {spec.name}", self._folder):
            files = current_files(self._folder.absolute() / spec.name)
        if files:
            paths = ", ".join(_text(_GLOB.sub(r"[\1]", str(path))) for path in files)
            options = f"hive_partitioning = true, hive_types = {{{_text(PARTITION)}: DATE}}"
            stored = f"read_parquet([{paths}], {options}, union_by_name = true)"
            # Names and paths are quoted above.
            select = f"({select}) UNION ALL BY NAME (SELECT * FROM {stored})"  # noqa: S608
        return f"CREATE VIEW {_name(spec.name)} AS {select}"


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

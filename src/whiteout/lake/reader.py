"""Reading the lake with SQL, while it is being written or while nobody owns it.

DuckDB gets the list of files of the newest version from the Delta log; its own `delta` extension
would have to be downloaded. Each table is a view: an empty relation with every column and its
type, united by name with the files, so that the columns are there, in order, before the first
event and in files that are older than a column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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

_MARKS = ("filename = true", "file_row_number = true")


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
        with reading(self._folder):
            check_format(self._folder)
            with opened(self._folder) as connection:
                with readable(self._folder):
                    for spec in self._tables:
                        connection.execute(self._view(spec))
                yield connection

    def files(self, table: str) -> list[Path]:
        """The files of a table's newest version; they stay while the block of `connect` lasts.

        Raises `LakeError`.
        """
        with explained(f"read the table {table}", self._folder):
            return current_files(self._folder.absolute() / table)

    def _view(self, spec: TableSpec) -> str:
        return f"CREATE VIEW {_name(spec.name)} AS {select_from(spec, self.files(spec.name))}"


@contextmanager
def opened(folder: Path, *, threads: int = 0) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of its own for reading the lake in a folder; `threads` 0 leaves it to DuckDB.

    Nothing is downloaded, and nothing is written to disk.
    """
    # Here, because the loader imports this room, seldom reads, and has to stay small.
    import duckdb  # noqa: PLC0415

    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            # Spilled rows would be a copy that erasure does not know of (contract 16).
            "temp_directory": "",
            **({"threads": str(threads)} if threads else {}),
        },
    )
    try:
        with readable(folder):
            connection.execute("SET TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


@contextmanager
def readable(folder: Path) -> Iterator[None]:
    """Turn what DuckDB raises inside into a `LakeError`; it quotes no query and no value."""
    import duckdb  # noqa: PLC0415

    try:
        yield
    except duckdb.Error as error:
        raise LakeError(f"cannot read the lake {folder}: {type(error).__name__}") from None


def select_from(spec: TableSpec, files: Sequence[Path], *, marked: bool = False) -> str:
    """The SQL that selects every column of a table from some of its files.

    `marked` adds `filename` and `file_row_number`, which tell where a row stands.
    """
    columns = [f"NULL::{SQL_TYPES[c.type]} AS {_name(c.name)}" for c in spec.columns]
    if marked:
        columns += ["NULL::VARCHAR AS filename", "NULL::BIGINT AS file_row_number"]
    select = f"SELECT {', '.join(columns)} WHERE false"
    if not files:
        return select
    stored = _parquet(files, "union_by_name = true", *(_MARKS if marked else ()))
    # Names and paths are quoted.
    return f"({select}) UNION ALL BY NAME (SELECT * FROM {stored})"  # noqa: S608


def _parquet(files: Sequence[Path], *options: str) -> str:
    """The SQL of a relation of Parquet files, in which the day is a column."""
    paths = ", ".join(quoted(_GLOB.sub(r"[\1]", str(path))) for path in files)
    hive = f"hive_partitioning = true, hive_types = {{{quoted(PARTITION)}: DATE}}"
    return f"read_parquet([{paths}], {', '.join((hive, *options))})"


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def quoted(text: str) -> str:
    """Text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"

"""SQL over the files of the lake: a connection that keeps to itself, and a relation of files.

DuckDB gets a list of files; its own `delta` extension would have to be downloaded.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from whiteout.lake.errors import LakeError
from whiteout.lake.table import PARTITION, TableSpec

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

_MARKS = {"filename": "VARCHAR", "file_row_number": "BIGINT"}


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


def select_from(
    spec: TableSpec, files: Sequence[Path], *, marked: bool = False, only: Collection[str] = ()
) -> str:
    """The SQL that selects every column of a table, or `only` some, from some of its files.

    `marked` adds `filename` and `file_row_number`, which tell where a row stands. With few columns
    a query is prepared several times as fast.
    """
    chosen = [c for c in spec.columns if not only or c.name in only]
    columns = [f"NULL::{SQL_TYPES[c.type]} AS {name_of(c.name)}" for c in chosen]
    if marked:
        columns += [f"NULL::{kind} AS {name}" for name, kind in _MARKS.items()]
    select = f"SELECT {', '.join(columns)} WHERE false"
    if not files:
        return select
    hive = f"hive_partitioning = true, hive_types = {{{quoted(PARTITION)}: DATE}}"
    marks = [f"{name} = true" for name in _MARKS] if marked else []
    stored = parquet(files, hive, "union_by_name = true", *marks)
    # Not by their names: a file may be older than a column.
    names = ", ".join(quoted(name) for name in (*(c.name for c in chosen), *_MARKS))
    present = f"COLUMNS(lambda name: name IN ({names}))" if only else "*"
    # Names and paths are quoted.
    return f"({select}) UNION ALL BY NAME (SELECT {present} FROM {stored})"  # noqa: S608


def parquet(files: Sequence[Path], *options: str) -> str:
    """The SQL of a relation of Parquet files."""
    paths = ", ".join(quoted(_GLOB.sub(r"[\1]", str(path))) for path in files)
    return f"read_parquet([{paths}], {', '.join(options)})"


def name_of(text: str) -> str:
    """Text as a name in SQL."""
    return '"' + text.replace('"', '""') + '"'


def quoted(text: str) -> str:
    """Text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"

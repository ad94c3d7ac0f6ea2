"""The tables as files for other programs: Parquet, and the enriched TSV (B-46, B-47).

Rows are streamed day by day, so that memory does not grow with the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from whiteout.lake.errors import explained
from whiteout.lake.format import check_format
from whiteout.lake.locks import reading
from whiteout.lake.sql import opened, quoted, readable, select_from
from whiteout.lake.table import TABLES, TableSpec, current_files
from whiteout.protocol.columns import CANONICAL_COLUMNS, Column

if TYPE_CHECKING:
    import duckdb

_LINES = 2_000
_MEMORY = "600MB"
# Rows of 138 columns: a group of them is in memory at a time.
_ROW_GROUP = "ROW_GROUP_SIZE 32768"


@dataclass(frozen=True, slots=True)
class TableFiles:
    """The files of one table as they are now, by day, and a connection to read them with."""

    spec: TableSpec
    days: dict[str, list[Path]]
    _connection: duckdb.DuckDBPyConnection
    _folder: Path

    def tsv(self, day: str) -> Iterator[str]:
        """The events of a day as lines of enriched TSV, without line ends. Raises `LakeError`."""
        files = select_from(self.spec, self.days[day])
        columns = ", ".join(map(_tsv, CANONICAL_COLUMNS))
        # Made of the names of columns and of quoted paths.
        select = f"SELECT concat_ws(chr(9), {columns}) FROM ({files})"  # noqa: S608
        with readable(self._folder):
            self._connection.execute(select)
            while rows := self._connection.fetchmany(_LINES):
                for (line,) in rows:
                    yield line

    def parquet(self, days: Sequence[str], target: Path) -> int:
        """Write all columns of some days into one Parquet file; the number of rows.

        Raises `LakeError`, also where the file cannot be written.
        """
        files = [path for day in days for path in self.days[day]]
        copy = f"COPY ({select_from(self.spec, files)}) TO {quoted(str(target))}"
        with readable(self._folder):
            self._connection.execute(f"{copy} (FORMAT parquet, COMPRESSION zstd, {_ROW_GROUP})")
            ((rows,),) = self._connection.fetchall()
        return int(rows)


@contextmanager
def table_files(
    folder: Path, table: str, since: str | None = None, until: str | None = None
) -> Iterator[TableFiles]:
    """The files of a table of the lake in `folder`, of the days `since` to `until`, inclusive.

    They stay as long as the block lasts. Raises `LakeError`.
    """
    spec = next(spec for spec in TABLES if spec.name == table)
    with reading(folder), opened(folder, threads=2) as connection:
        check_format(folder)
        with readable(folder):
            connection.execute(f"SET memory_limit = '{_MEMORY}'")
            connection.execute("SET preserve_insertion_order = false")
        days: dict[str, list[Path]] = {}
        with explained(f"read the table {table}", folder):
            for path in sorted(current_files(folder.absolute() / table)):
                day = path.parent.name.partition("=")[2]
                if (since or day) <= day <= (until or day):
                    days.setdefault(day, []).append(path)
        yield TableFiles(spec, days, connection, folder)


def _tsv(column: Column) -> str:
    """The SQL of a column as text: nothing for null, 1 and 0, times to the millisecond (B-46)."""
    name = f'"{column.name}"'
    if column.type == "ts":
        moment = f"make_timestamp(epoch_us({name}))"
        return f"coalesce(strftime({moment}, '%Y-%m-%d %H:%M:%S.%g'), '')"
    if column.type == "bool":
        return f"CASE {name} WHEN true THEN '1' WHEN false THEN '0' ELSE '' END"
    if column.type == "string":
        # What came from elsewhere than the pipeline may hold what ends a value or a line.
        return f"coalesce(translate({name}, chr(9) || chr(10) || chr(13), '   '), '')"
    return f"coalesce({name}::VARCHAR, '')"

"""Finding the rows of somebody in a file of a table: coarsely with SQL, then one by one.

SQL sorts out the rows in which an identifier stands in any way, which are few; whoever asked then
judges each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whiteout.lake.errors import explained
from whiteout.lake.format import check_format
from whiteout.lake.locks import reading
from whiteout.lake.sql import opened, readable, select_from
from whiteout.lake.table import TABLES, TableSpec, current_files

if TYPE_CHECKING:
    import duckdb

MEMORY = "400MB"
"""What DuckDB may use while it looks for rows or writes files anew."""

_ROWS_AT_ONCE = 200
_TEXTS = frozenset({"string", "uuid", "json"})

Progress = Callable[[int, int], None]
"""Told how many of how many files are done."""


@dataclass(frozen=True, slots=True)
class Clue:
    """What may tell a row of somebody: a column that equals a value, or a text with a part in it.

    `parts` are looked for in every text column, or with `nested_only` in those of JSON alone;
    `folded` are parts in lower case, which stand for any mixture of cases.
    """

    equal: Mapping[str, Sequence[str]] = field(default_factory=dict)
    parts: Sequence[str] = ()
    folded: Sequence[str] = ()
    nested_only: bool = False

    def condition(self, spec: TableSpec) -> tuple[str, list[Any]]:
        """The condition in SQL, and the values of its parameters."""
        terms: list[str] = []
        values: list[Any] = []
        for column in spec.columns:
            wanted = self.equal.get(column.name)
            if wanted:
                terms.append(f'"{column.name}" IN ({", ".join("?" for _ in wanted)})')
                values += wanted
            if column.type == "json" or (column.type in _TEXTS and not self.nested_only):
                terms += [f'contains("{column.name}", ?)' for _ in self.parts]
                terms += [f'contains(lower("{column.name}"), ?)' for _ in self.folded]
                values += [*self.parts, *self.folded]
        return " OR ".join(terms) or "false", values


Sift = Callable[[Path], Clue | None]
"""Says by what to find the rows of a file that may be wanted; None where there are none."""


def find_rows(
    connection: duckdb.DuckDBPyConnection, spec: TableSpec, file: Path, clue: Clue
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The rows of a file that a clue fits: number in the file, from 0, and values by column.

    Raises what DuckDB raises, which may quote values.
    """
    condition, values = clue.condition(spec)
    relation = select_from(spec, [file], marked=True)
    # Names are those of the table's own columns; values are parameters.
    select = f"SELECT * EXCLUDE (filename) FROM ({relation}) WHERE {condition}"  # noqa: S608
    connection.execute(select, values)
    names = [column[0] for column in connection.description or ()]
    while batch := connection.fetchmany(_ROWS_AT_ONCE):
        for row in batch:
            found = dict(zip(names, row, strict=True))
            yield found.pop("file_row_number"), found


def look_through(
    folder: Path,
    table: str,
    sift: Sift,
    progress: Progress | None = None,
    *,
    tables: tuple[TableSpec, TableSpec] = TABLES,
) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The rows that clues fit in the newest version of a table of the lake in `folder`.

    Each with its file; no file is removed until all have been looked through. `sift` says of each
    file whether to look into it, and by which clue. Raises `LakeError`.
    """
    spec = next(spec for spec in tables if spec.name == table)
    with reading(folder), opened(folder, threads=2) as connection, readable(folder):
        check_format(folder)
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        with explained(f"read the table {table}", folder):
            files = sorted(current_files(folder.absolute() / table))
        for number, file in enumerate(files, 1):
            clue = sift(file)
            if clue is not None:
                for _, values in find_rows(connection, spec, file, clue):
                    yield file, values
            if progress is not None:
                progress(number, len(files))

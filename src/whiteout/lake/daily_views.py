"""The views over roll-ups, and over events without those that came twice.

Each view joins what the roll-ups of some days say with what the other days' events give now.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from whiteout.lake.daily import COUNTED, daily_tables, duplicates
from whiteout.lake.daily_files import DailyFolder, by_day
from whiteout.lake.sql import name_of, parquet, quoted, select_from
from whiteout.lake.table import TABLES, TableSpec

if TYPE_CHECKING:
    import duckdb

UNIQUE = "unique_events"
"""The view of events in which none stands twice that came twice on a day."""

_APART = "without_roll_up"
DUPLICATES = "duplicates"
"""The column of a roll-up that says where the events stand that came twice."""


def has_daily(tables: Sequence[TableSpec]) -> bool:
    """Whether there are roll-ups of these tables."""
    return tuple(tables) == TABLES


def create_daily_views(
    connection: duckdb.DuckDBPyConnection, lake: Path, events: list[Path], failed: list[Path]
) -> None:
    """Make the views `unique_events` and those of all daily tables, from the files of both tables.

    Raises what DuckDB raises, and LakeError.
    """
    _Views(connection, lake, events, failed).create()


class _Views:
    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        lake: Path,
        events: list[Path],
        failed: list[Path],
    ) -> None:
        folder = DailyFolder(lake)
        self._connection = connection
        self._root = lake.absolute()
        self._events = events
        self._tables = daily_tables(funnel := folder.funnel())
        days = by_day(map(_name, events), map(_name, failed))
        stored = folder.stored()
        wanted = folder.wanted(days, funnel)
        self._fresh = [path for path in wanted.values() if path in stored]
        rest = {day for day, path in wanted.items() if path not in stored}
        self._rest_events = _of(events, rest)
        self._rest_failed = _of(failed, rest)

    def create(self) -> None:
        """Make all views."""
        run = self._connection.execute
        events, failed = TABLES
        run(f"CREATE SCHEMA {_APART}")
        some = select_from(events, self._rest_events, marked=True, only=COUNTED)
        run(f"CREATE VIEW {_APART}.marked AS {some}")
        run(f"CREATE VIEW {_APART}.failed AS {select_from(failed, self._rest_failed)}")
        twice = duplicates(f"{_APART}.marked")
        run(f"CREATE VIEW {_APART}.unique AS {unique(f'{_APART}.marked', twice, COUNTED)}")
        if self._fresh:
            root = quoted(f"{self._root}/events/")
            known = self._known(DUPLICATES)
            known = f"SELECT {root} || filename AS filename, row FROM ({known})"  # noqa: S608
            twice = f"{known} UNION ALL {twice}" if self._rest_events else known
        every = select_from(events, self._events, marked=True)
        names = [column.name for column in events.columns]
        run(f"CREATE VIEW {UNIQUE} AS {unique(f'({every})', twice, names)}")
        for table in self._tables:
            rows = table.rows(f"{_APART}.unique", f"{_APART}.failed")
            if self._fresh:
                known = self._known(table.name)
                rest = self._rest_events or self._rest_failed
                rows = f"{known} UNION ALL BY NAME ({rows})" if rest else known
            run(f"CREATE VIEW {table.name} AS {rows}")

    def _known(self, column: str) -> str:
        """The SQL of the rows that roll-ups hold in a column."""
        stored = parquet(self._fresh, "hive_partitioning = false")
        return f"SELECT unnest({column}, recursive := true) FROM {stored}"  # noqa: S608


def unique(marked: str, twice: str, columns: Sequence[str]) -> str:
    """The SQL of some columns of the events of a marked relation, but of those found `twice`."""
    chosen = ", ".join(map(name_of, columns))
    return (
        f"SELECT {chosen} FROM {marked} AS e ANTI JOIN ({twice}) AS d"  # noqa: S608
        " ON e.file_row_number = d.row AND e.filename = d.filename"
    )


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _of(files: Sequence[Path], days: Collection[str]) -> list[Path]:
    return [path for path in files if path.parent.name.partition("=")[2] in days]

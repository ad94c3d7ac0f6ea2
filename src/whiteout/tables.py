"""The stored events for programs: DuckDB, and from there Polars, pandas or Arrow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from whiteout.lake import LakeReader

if TYPE_CHECKING:
    import duckdb


@contextmanager
def open_tables(data: str | Path = "whiteout-data") -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables `events` and `failed_events` of a data folder, as a DuckDB connection.

    Beside them `unique_events`, in which an event that came twice on a day stands once, and the
    tables that are counted by day, `daily_events` and others.

    `connection.sql(query)` gives a relation, and that a frame: `.pl()` for Polars, `.df()` for
    pandas, `.to_arrow_table()` for Arrow, each of which has to be installed. The tables are those
    of the moment of opening, and the connection ends with the block. whiteout may run meanwhile or
    not. Time zone UTC; nothing is written. Raises `whiteout.lake.LakeError` for what cannot be
    read; a folder without a lake has empty tables.
    """
    with LakeReader(Path(data) / "lake").connect() as connection:
        yield connection

"""Small tables with the same machinery: fast enough for thousands of commits."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from whiteout.lake import LakeOwner, LakeReader, LakeSettings, Slice
from whiteout.lake.table import TableSpec
from whiteout.lake.upkeep import Clock
from whiteout.protocol.columns import Column

DAY = "2026-11-24"


def column(name: str, kind: Any) -> Column:
    """A column that may be null."""
    return Column(name, kind, None, nullable=True, doc="")


COLUMNS = (
    column("collector_tstamp", "ts"),
    column("event_id", "uuid"),
    column("number", "int"),
    column("redacted", "strings"),
    column("collector_date", "date"),
)

TABLES = (TableSpec("events", COLUMNS), TableSpec("failed_events", COLUMNS))

FAST = LakeSettings(durable=False)
"""Without fsync, which nothing but a power cut could tell."""


def row(file_id: str, record: int, day: str = DAY) -> tuple[Any, ...]:
    """The row that a record always gives."""
    return (1_795_000_000_000 + record, f"{file_id}-{record}", record, ["user_id"], day)


def owner(folder: Path, settings: LakeSettings = FAST, clock: Clock = time.time) -> LakeOwner:
    """The owner of a lake of small tables."""
    return LakeOwner.open(folder, settings, tables=TABLES, clock=clock)


def piece(file_id: str, records: Iterable[int], last: int, day: str = DAY) -> Slice:
    """What a spool file gives: every third record fails, every seventh does both, twice.

    The same records always give the same rows.
    """
    made = Slice(file_id, last)
    for record in records:
        pair = (record, row(file_id, record, day))
        if record % 7 == 0:
            made.events += [pair, pair]
            made.failed += [pair, pair]
        elif record % 3 == 0:
            made.failed.append(pair)
        else:
            made.events.append(pair)
    return made


def stored(folder: Path, table: str) -> list[str]:
    """The event ids in a table, sorted, as a reader sees them."""
    with LakeReader(folder, tables=TABLES).connect() as connection:
        found = connection.execute(f"SELECT event_id FROM {table} ORDER BY ALL").fetchall()
    return [event_id for (event_id,) in found]


def expected(file_id: str, last: int, table: str) -> list[str]:
    """The event ids that records 1 to `last` of a file put into a table, sorted."""
    made = piece(file_id, range(1, last + 1), last)
    rows = made.events if table == "events" else made.failed
    return sorted(pair[1][1] for pair in rows)

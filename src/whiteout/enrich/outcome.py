"""What comes of a record, and what all its events have in common (B-28; contract 9)."""

from __future__ import annotations

from typing import Any, NamedTuple

from whiteout.enrich import places as at
from whiteout.enrich.derived import day_of
from whiteout.enrich.setters import Row
from whiteout.enrich.settings import EnrichSettings


class Enriched(NamedTuple):
    """The rows that came of one record, as `EVENT_COLUMNS` and `FAILED_COLUMNS` say."""

    events: list[tuple[Any, ...]]
    failed: list[tuple[Any, ...]]


def base_row(settings: EnrichSettings, received: int, now: int) -> Row:
    """An event row with what is the same for every event of a request."""
    row: Row = [None] * at.WIDTH
    row[at.ETL_TSTAMP] = now
    row[at.COLLECTOR_TSTAMP] = received
    row[at.V_COLLECTOR] = settings.v_collector
    row[at.V_ETL] = settings.v_etl
    row[at.COLLECTOR_DATE] = day_of(received)
    return row

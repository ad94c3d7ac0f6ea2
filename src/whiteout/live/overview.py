"""What happened within a while, counted from the lake: the numbers behind the overview's charts.

Everything here is a count; no identifier leaves the lake. Sessions can be counted only where events
carry one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whiteout.privacy import Mode

if TYPE_CHECKING:
    import duckdb

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

MOST_ROWS = 20
"""Most lines of a list."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """A range that can be asked for, and the steps into which it is cut, in seconds."""

    seconds: int
    step: int


SPANS: dict[str, Span] = {
    "15m": Span(15 * MINUTE, 30),
    "1h": Span(HOUR, MINUTE),
    "6h": Span(6 * HOUR, 5 * MINUTE),
    "24h": Span(DAY, 15 * MINUTE),
    "7d": Span(7 * DAY, 2 * HOUR),
    "30d": Span(30 * DAY, 12 * HOUR),
    "90d": Span(90 * DAY, DAY),
    "1y": Span(365 * DAY, 7 * DAY),
}
"""The ranges by name."""

_MODES = tuple(mode.value for mode in Mode)
_SINCE = "collector_date >= ?::DATE AND collector_tstamp >= make_timestamptz(? * 1000)"
_STEP = "(epoch_ms(collector_tstamp) - ?) // ?"
_MODE = "coalesce(mode_declared, mode_inferred)"
_CHOICE = "json_extract_string(unstruct_event, '$.data.data.eventType')"

# All of these are made of the constants above.
_BY_MODE = f"SELECT {_STEP}, {_MODE}, count(*) FROM events WHERE {_SINCE} GROUP BY ALL"  # noqa: S608
_BY_STEP = (
    f"SELECT {_STEP}, count(*) FILTER (event = 'page_view'), count(DISTINCT domain_sessionid)"  # noqa: S608
    f" FROM events WHERE {_SINCE} GROUP BY ALL"
)
_FAILED = f"SELECT {_STEP}, count(*) FROM failed_events WHERE {_SINCE} GROUP BY ALL"  # noqa: S608
_SESSIONS = f"SELECT count(DISTINCT domain_sessionid) FROM events WHERE {_SINCE}"  # noqa: S608
_PAGES = (
    "SELECT concat(page_urlhost, page_urlpath) AS page, count(*) AS n FROM events"  # noqa: S608
    f" WHERE {_SINCE} AND event = 'page_view' AND page_urlhost IS NOT NULL"
    f" GROUP BY page ORDER BY n DESC, page LIMIT {MOST_ROWS}"
)
_REFERRERS = (
    "SELECT refr_urlhost AS host, count(*) AS n FROM events"  # noqa: S608
    f" WHERE {_SINCE} AND event = 'page_view' AND refr_urlhost IS NOT NULL"
    " AND refr_urlhost IS DISTINCT FROM page_urlhost"
    f" GROUP BY host ORDER BY n DESC, host LIMIT {MOST_ROWS}"
)
_CONSENT = (
    f"SELECT coalesce(CASE event_name WHEN 'consent_preferences' THEN {_CHOICE} END, event_name)"  # noqa: S608
    f" AS choice, count(*) AS n FROM events WHERE {_SINCE} AND event_name IN"
    " ('consent_preferences', 'consent_granted', 'consent_withdrawn', 'cmp_visible')"
    f" GROUP BY choice ORDER BY n DESC, choice LIMIT {MOST_ROWS}"
)


class Overview:
    """Counts from a lake. `now` gives the time in seconds."""

    def __init__(self, lake: Path, now: Callable[[], float] = time.time) -> None:
        self._lake = lake
        self._now = now

    def look(self, name: str) -> dict[str, Any]:
        """All numbers of a range, by its name.

        `series` has one row a step, oldest first: `t`, its beginning in milliseconds since 1970,
        and the number of `events`, those in each mode, `page_views`, `sessions` and `failed`
        events in it. `pages`, `referrers` and `consent` are lists of what occurred most. Raises
        KeyError for another name, and what the lake raises.
        """
        span = SPANS[name]
        step = span.step * 1_000
        # The last step is the one that goes on now.
        end = (int(self._now() * 1_000) // step + 1) * step
        steps = span.seconds // span.step
        start = end - steps * step
        since = [datetime.fromtimestamp(start / 1_000, UTC).date().isoformat(), start]
        series = [_row(start + number * step) for number in range(steps)]
        # Loading the lake takes as long as loading all else, and few processes ever need it.
        from whiteout.lake import LakeReader  # noqa: PLC0415

        with LakeReader(self._lake).connect() as lake:
            # The process also answers trackers, which come first.
            lake.execute("SET threads = 1; SET memory_limit = '1GB'")
            rows = _Rows(lake, since)
            _fill(series, rows, [start, step])
            return {
                "range": name,
                "step": span.step,
                "from": start,
                "to": end,
                "series": series,
                "pages": rows.named(_PAGES, "page", "page_views"),
                "referrers": rows.named(_REFERRERS, "referrer", "page_views"),
                "consent": rows.named(_CONSENT, "choice", "events"),
                "sessions": rows.of(_SESSIONS)[0][0],
            }


class _Rows:
    def __init__(self, lake: duckdb.DuckDBPyConnection, since: list[Any]) -> None:
        self._lake = lake
        self._since = since

    def of(self, query: str, *before: Any) -> list[tuple[Any, ...]]:
        return self._lake.execute(query, [*before, *self._since]).fetchall()

    def named(self, query: str, *names: str) -> list[Row]:
        return [dict(zip(names, row, strict=True)) for row in self.of(query)]


def _row(start: int) -> Row:
    counts = ("events", *_MODES, "page_views", "sessions", "failed")
    return {"t": start, **dict.fromkeys(counts, 0)}


def _fill(series: list[Row], rows: _Rows, steps: list[int]) -> None:
    def at(number: int) -> Row:
        # An event of a clock that is ahead counts as one of now.
        return series[min(number, len(series) - 1)]

    for number, mode, count in rows.of(_BY_MODE, *steps):
        at(number)["events"] += count
        if mode in _MODES:
            at(number)[mode] += count
    for number, page_views, sessions in rows.of(_BY_STEP, *steps):
        at(number)["page_views"] += page_views
        at(number)["sessions"] += sessions
    for number, count in rows.of(_FAILED, *steps):
        at(number)["failed"] += count

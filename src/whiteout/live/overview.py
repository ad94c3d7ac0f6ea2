"""What happened within a while, counted from the lake: the numbers behind the overview's charts.

Everything here is a count; no identifier leaves the lake. Sessions can be counted only where events
carry one. Ranges with steps of days are read from the tables that are counted by day.
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
    "30d": Span(30 * DAY, DAY),
    "90d": Span(90 * DAY, DAY),
    "1y": Span(365 * DAY, 7 * DAY),
}
"""The ranges by name."""

_MODES = tuple(mode.value for mode in Mode)
_SINCE = "collector_date >= ?::DATE AND collector_tstamp >= make_timestamptz(? * 1000)"
_STEP = "(epoch_ms(collector_tstamp) - ?) // ?"
_MODE = "coalesce(mode_declared, mode_inferred)"
_CHOICE = "json_extract_string(unstruct_event, '$.data.data.eventType')"
_FIRST = f"GROUP BY 1 ORDER BY n DESC, 1 LIMIT {MOST_ROWS}"
_DAYS = "day >= ?::DATE"
_DAY = "(epoch_ms(day::TIMESTAMP) - ?) // ?"


@dataclass(frozen=True, slots=True)
class _Queries:
    """What is asked for a range. `since` says how many of its bounds the queries take."""

    since: int
    by_mode: str
    by_step: str
    failed: str
    sessions: str
    pages: str
    referrers: str
    consent: str


# All of these are made of the constants above.
_OF_EVENTS = _Queries(
    since=2,
    by_mode=f"SELECT {_STEP}, {_MODE}, count(*) FROM unique_events WHERE {_SINCE} GROUP BY ALL",  # noqa: S608
    by_step=f"SELECT {_STEP}, count(*) FILTER (event = 'page_view'),"  # noqa: S608
    f" count(DISTINCT domain_sessionid) FROM unique_events WHERE {_SINCE} GROUP BY ALL",
    failed=f"SELECT {_STEP}, count(*) FROM failed_events WHERE {_SINCE} GROUP BY ALL",  # noqa: S608
    sessions=f"SELECT count(DISTINCT domain_sessionid) FROM unique_events WHERE {_SINCE}",  # noqa: S608
    pages="SELECT concat(page_urlhost, page_urlpath), count(*) AS n FROM unique_events"  # noqa: S608
    f" WHERE {_SINCE} AND event = 'page_view' AND page_urlhost IS NOT NULL {_FIRST}",
    referrers="SELECT refr_urlhost, count(*) AS n FROM unique_events"  # noqa: S608
    f" WHERE {_SINCE} AND event = 'page_view' AND refr_urlhost IS NOT NULL"
    f" AND refr_urlhost IS DISTINCT FROM page_urlhost {_FIRST}",
    consent="SELECT coalesce(CASE event_name WHEN 'consent_preferences' THEN"  # noqa: S608
    f" {_CHOICE} END, event_name), count(*) AS n FROM unique_events WHERE {_SINCE}"
    " AND event_name IN"
    f" ('consent_preferences', 'consent_granted', 'consent_withdrawn', 'cmp_visible') {_FIRST}",
)
_BY_DAY = _Queries(
    since=1,
    by_mode=f"SELECT {_DAY}, mode, sum(events)::BIGINT FROM daily_events WHERE {_DAYS} GROUP BY ALL",  # noqa: E501, S608
    # Each table has a row that the other may lack.
    by_step=f"SELECT {_DAY}, sum(views)::BIGINT, sum(sessions)::BIGINT FROM ("  # noqa: S608
    "SELECT day, events AS views, 0 AS sessions FROM daily_events WHERE event = 'page_view'"
    f" UNION ALL SELECT day, 0, sessions FROM daily_visits) WHERE {_DAYS} GROUP BY ALL",
    failed=f"SELECT {_DAY}, sum(events)::BIGINT FROM daily_failures WHERE {_DAYS} GROUP BY ALL",  # noqa: S608
    sessions=f"SELECT coalesce(sum(sessions), 0)::BIGINT FROM daily_visits WHERE {_DAYS}",  # noqa: S608
    pages=f"SELECT page, sum(page_views)::BIGINT AS n FROM daily_pages WHERE {_DAYS} {_FIRST}",  # noqa: S608
    referrers="SELECT referrer, sum(page_views)::BIGINT AS n FROM daily_referrers"  # noqa: S608
    f" WHERE {_DAYS} {_FIRST}",
    consent=f"SELECT choice, sum(events)::BIGINT AS n FROM daily_choices WHERE {_DAYS} {_FIRST}",  # noqa: S608
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
        events in it. `pages`, `referrers` and `consent` are lists of what occurred most. Where the
        steps are days or longer, a session counts on each day on which it had an event. Raises
        KeyError for another name, and what the lake raises.
        """
        span = SPANS[name]
        step = span.step * 1_000
        # The last step is the one that goes on now.
        end = (int(self._now() * 1_000) // step + 1) * step
        steps = span.seconds // span.step
        start = end - steps * step
        queries = _OF_EVENTS if span.step % DAY else _BY_DAY
        since = [datetime.fromtimestamp(start / 1_000, UTC).date().isoformat(), start]
        series = [_row(start + number * step) for number in range(steps)]
        # Loading the lake takes as long as loading all else, and few processes ever need it.
        from whiteout.lake import LakeReader  # noqa: PLC0415

        with LakeReader(self._lake).connect() as lake:
            # The process also answers trackers, which come first.
            lake.execute("SET threads = 1; SET memory_limit = '1GB'")
            rows = _Rows(lake, since[: queries.since])
            _fill(series, rows, queries, [start, step])
            return {
                "range": name,
                "step": span.step,
                "from": start,
                "to": end,
                "series": series,
                "pages": rows.named(queries.pages, "page", "page_views"),
                "referrers": rows.named(queries.referrers, "referrer", "page_views"),
                "consent": rows.named(queries.consent, "choice", "events"),
                "sessions": rows.of(queries.sessions)[0][0],
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


def _fill(series: list[Row], rows: _Rows, queries: _Queries, steps: list[int]) -> None:
    def at(number: int) -> Row:
        # An event of a clock that is ahead counts as one of now.
        return series[min(number, len(series) - 1)]

    for number, mode, count in rows.of(queries.by_mode, *steps):
        at(number)["events"] += count
        if mode in _MODES:
            at(number)[mode] += count
    for number, page_views, sessions in rows.of(queries.by_step, *steps):
        at(number)["page_views"] += page_views
        at(number)["sessions"] += sessions
    for number, count in rows.of(queries.failed, *steps):
        at(number)["failed"] += count

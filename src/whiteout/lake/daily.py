"""What is counted by day: the tables of roll-ups, and the SQL that gives their rows.

The SQL reads events, of which those that came twice on a day stand there once, and failed events.
The same SQL makes the roll-up of a day and, at the moment of a query, counts the days that have
none; so both come to the same.

No table has a column for an identifier: visits and visitors are numbers. A page, a referrer or a
reason may be of one visitor only, as in the event that it was counted from. So roll-ups lie beside
the events, and go with them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from whiteout.lake.sql import quoted
from whiteout.protocol.columns import Column, ColumnType

DAILY_FORMAT: Final = 1
MOST_PAGES: Final = 1_000
"""Most pages, and most referrers, that are counted of a day: the most frequent ones."""

COUNTED: Final = (
    *("collector_date", "collector_tstamp", "derived_tstamp", "event_id", "event_fingerprint"),
    *("event", "event_name", "unstruct_event", "mode_declared", "mode_inferred", "signal"),
    *("redacted", "domain_sessionid", "domain_userid", "page_urlhost", "page_urlpath"),
    "refr_urlhost",
)
"""The columns of events that the SQL reads."""

EVENTS: Final = "$events"
FAILED: Final = "$failed"
"""Stand in the SQL for the relations that are counted."""


@dataclass(frozen=True, slots=True)
class DailyTable:
    """A table of roll-ups: its name, what it counts, its columns, and the SQL of its rows."""

    name: str
    doc: str
    columns: tuple[Column, ...]
    select: str

    def rows(self, events: str, failed: str) -> str:
        """The SQL of its rows, counted from two relations."""
        return self.select.replace(EVENTS, events).replace(FAILED, failed)


def _key(name: str, doc: str, kind: ColumnType = "string", *, nullable: bool = False) -> Column:
    return Column(name, kind, None, nullable=nullable, doc=doc)


def _count(name: str, doc: str) -> Column:
    return Column(name, "int", None, nullable=False, doc=doc)


_DAY = _key("day", "Day on which the events arrived.", "date")
_EVENTS = _count("events", "How many events.")
_VIEWS = _count("page_views", "How many page views.")

_MODE = "coalesce(mode_declared, mode_inferred)"
_CHOICE = "json_extract_string(unstruct_event, '$.data.data.eventType')"
_LIMIT = f"ROW_NUMBER() OVER (PARTITION BY day ORDER BY page_views DESC, {{}}) <= {MOST_PAGES}"
# What was quoted of an event is left out, so that the same mistake is one line.
_REASON = "regexp_replace(reason, ': \".*\"', '')"

_TABLES = (
    DailyTable(
        "daily_events",
        "Events by mode and kind.",
        (
            _DAY,
            _key("mode", "Mode that the tracker declared, else the one that the event shows."),
            _key("event", "Kind of event.", nullable=True),
            _EVENTS,
        ),
        f"SELECT collector_date AS day, {_MODE} AS mode, event, count(*) AS events"  # noqa: S608
        f" FROM {EVENTS} GROUP BY ALL",
    ),
    DailyTable(
        "daily_visits",
        "Sessions and visitors; a session counts on each day on which it had an event.",
        (
            _DAY,
            _count("sessions", "Sessions of events whose mode keeps one."),
            _count("visitors", "Visitors of identified events (`domain_userid`)."),
            _count("viewing", "Sessions with page views."),
            _count("bounced", "Sessions with one page view, and nothing else but page pings."),
        ),
        # One look for sessions, so that each is found once.
        "WITH visit AS (SELECT collector_date AS day, domain_sessionid,"  # noqa: S608
        " count(*) FILTER (event = 'page_view') AS views,"
        " count(*) FILTER (event NOT IN ('page_view', 'page_ping')) AS actions"
        f" FROM {EVENTS} WHERE domain_sessionid IS NOT NULL GROUP BY ALL),"
        " by_visit AS (SELECT day, count(*) AS sessions, count(*) FILTER (views > 0) AS viewing,"
        " count(*) FILTER (views = 1 AND actions = 0) AS bounced FROM visit GROUP BY day),"
        " by_visitor AS (SELECT collector_date AS day, count(DISTINCT domain_userid) AS visitors"
        f" FROM {EVENTS} GROUP BY day)"
        " SELECT day, coalesce(sessions, 0) AS sessions, visitors, coalesce(viewing, 0) AS viewing,"
        " coalesce(bounced, 0) AS bounced FROM by_visitor LEFT JOIN by_visit USING (day)",
    ),
    DailyTable(
        "daily_removed",
        "Identifiers that were removed, by the signal that asked for it.",
        (
            _DAY,
            _key("signal", "What asked for server anonymisation.", nullable=True),
            _key("identifier", "Name of the identifier."),
            _count("events", "How many events it was removed from."),
        ),
        "SELECT day, signal, identifier, count(*) AS events FROM (SELECT collector_date AS day,"  # noqa: S608
        f" signal, unnest(redacted) AS identifier FROM {EVENTS}) GROUP BY ALL",
    ),
    DailyTable(
        "daily_failures",
        "Failed events by what is wrong with them.",
        (
            _DAY,
            _key("failure", "Kind of failure."),
            _key("reason", "What is wrong, without what was quoted of the event."),
            _key("app_id", "Application, where it could be read.", nullable=True),
            _count("events", "How many failed events."),
        ),
        f"SELECT collector_date AS day, failure, {_REASON} AS reason, app_id, count(*) AS events"  # noqa: S608
        f" FROM {FAILED} GROUP BY ALL",
    ),
    DailyTable(
        "daily_pages",
        f"Page views by page, of the {MOST_PAGES:,} most viewed pages of a day.",
        (_DAY, _key("page", "Host and path of the page."), _VIEWS),
        "SELECT collector_date AS day, concat(page_urlhost, page_urlpath) AS page,"  # noqa: S608
        f" count(*) AS page_views FROM {EVENTS} WHERE event = 'page_view'"
        f" AND page_urlhost IS NOT NULL GROUP BY day, page QUALIFY {_LIMIT.format('page')}",
    ),
    DailyTable(
        "daily_referrers",
        f"Page views by the site that they came from, of the {MOST_PAGES:,} most frequent of a"
        " day; without the site itself.",
        (_DAY, _key("referrer", "Host of the page before."), _VIEWS),
        "SELECT collector_date AS day, refr_urlhost AS referrer, count(*) AS page_views"  # noqa: S608
        f" FROM {EVENTS} WHERE event = 'page_view' AND refr_urlhost IS NOT NULL"
        " AND refr_urlhost IS DISTINCT FROM page_urlhost"
        f" GROUP BY day, referrer QUALIFY {_LIMIT.format('referrer')}",
    ),
    DailyTable(
        "daily_choices",
        "What visitors chose when they were asked for consent.",
        (
            _DAY,
            _key("choice", "What they chose, or the name of the event."),
            _count("events", "How many events say so."),
        ),
        "SELECT collector_date AS day, coalesce(CASE event_name WHEN 'consent_preferences'"  # noqa: S608
        f" THEN {_CHOICE} END, event_name) AS choice, count(*) AS events FROM {EVENTS}"
        " WHERE event_name IN"
        " ('consent_preferences', 'consent_granted', 'consent_withdrawn', 'cmp_visible')"
        " GROUP BY ALL",
    ),
)

_FUNNEL = DailyTable(
    "daily_funnel",
    "Sessions that came through the pages of `pipeline.funnel`, in that order.",
    (
        _DAY,
        _key("step", "Number of the step, from 1.", "int"),
        _key("pages", "Which pages the step is."),
        _count("sessions", "Sessions that came so far, within the day."),
    ),
    "",
)


def daily_tables(funnel: Sequence[str] = ()) -> tuple[DailyTable, ...]:
    """All tables of roll-ups, for a funnel of pages: their paths, `%` for anything, in order."""
    filled = DailyTable(_FUNNEL.name, _FUNNEL.doc, _FUNNEL.columns, _funnel(funnel))
    return (*_TABLES[:2], filled, *_TABLES[2:])


def definition(funnel: Sequence[str]) -> str:
    """A digest of what is counted and how: roll-ups of another one count for nothing."""
    texts = [str(DAILY_FORMAT), *(f"{t.name}: {t.select}" for t in daily_tables(funnel))]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def duplicates(marked: str, part: str = "true") -> str:
    """The SQL of `filename` and `row` of each event that had come before on the same day.

    The same event has the same id and fingerprint; the first to arrive is the one that counts.
    `marked` is a relation of events with the marks of where they stand; `part` a condition on the
    event id by which they are taken in several goes.
    """
    key = "collector_date, event_id, event_fingerprint"
    twice = (
        f"SELECT {key} FROM {marked} WHERE event_id IS NOT NULL AND {part}"  # noqa: S608
        " GROUP BY ALL HAVING count(*) > 1"
    )
    number = (
        f"ROW_NUMBER() OVER (PARTITION BY {key}"
        " ORDER BY collector_tstamp, filename, file_row_number)"
    )
    return (
        "SELECT filename, file_row_number AS row FROM (SELECT e.filename, e.file_row_number,"  # noqa: S608
        f" {number} AS number FROM {marked} AS e SEMI JOIN ({twice}) AS t ON"
        " e.collector_date = t.collector_date AND e.event_id = t.event_id"
        " AND e.event_fingerprint IS NOT DISTINCT FROM t.event_fingerprint) WHERE number > 1"
    )


def _funnel(pages: Sequence[str]) -> str:
    if not pages:
        return (
            "SELECT NULL::DATE AS day, NULL::INTEGER AS step, NULL::VARCHAR AS pages,"
            " NULL::BIGINT AS sessions WHERE false"
        )
    cases = " ".join(
        f"WHEN page_urlpath LIKE {quoted(page)} THEN {number}"
        for number, page in enumerate(pages, 1)
    )
    seen = (
        "seen AS (SELECT collector_date AS day, domain_sessionid, derived_tstamp AS moment,"  # noqa: S608
        f" CASE {cases} END AS number FROM {EVENTS}"
        " WHERE event = 'page_view' AND domain_sessionid IS NOT NULL)"
    )
    first = (
        "step1 AS (SELECT day, domain_sessionid, min(moment) AS moment FROM seen"
        " WHERE number = 1 GROUP BY ALL)"
    )
    later = [
        f"step{n} AS (SELECT day, domain_sessionid, min(seen.moment) AS moment"  # noqa: S608
        f" FROM step{n - 1} AS before JOIN seen USING (day, domain_sessionid)"
        f" WHERE number = {n} AND seen.moment >= before.moment GROUP BY ALL)"
        for n in range(2, len(pages) + 1)
    ]
    selects = [
        f"SELECT day, {number} AS step, {quoted(page)} AS pages, count(*) AS sessions"  # noqa: S608
        f" FROM step{number} GROUP BY day"
        for number, page in enumerate(pages, 1)
    ]
    return f"WITH {', '.join([seen, first, *later])} {' UNION ALL '.join(selects)}"

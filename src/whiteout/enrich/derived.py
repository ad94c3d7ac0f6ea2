"""Values that follow from others: times, the schema of the event, the day (B-57, B-59)."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from whiteout.enrich.values import is_timestamp
from whiteout.protocol.iglu import SNOWPLOW, SchemaKey

_DAY = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()
_FIRST_DAY = date.min.toordinal() - _EPOCH

EventSchema = tuple[str | None, str | None, str | None, str | None]
"""Vendor, name, format and version of an event."""

NO_SCHEMA: EventSchema = (None, None, None, None)

EVENT_SCHEMAS: dict[str, EventSchema] = {
    "struct": ("com.google.analytics", "event", "jsonschema", "1-0-0"),
    **{
        name: (SNOWPLOW, name, "jsonschema", "1-0-0")
        for name in ("page_view", "page_ping", "transaction", "transaction_item")
    },
}
"""The schemas of the events that have parameters of their own; they are labels (E-17)."""


def event_schema(event: str | None, key: SchemaKey | None) -> EventSchema | None:
    """The schema of an event; None for what is no event (B-59).

    `key` is the schema of a self-describing event, None when it has none.
    """
    if event == "unstruct":
        return NO_SCHEMA if key is None else key
    return None if event is None else EVENT_SCHEMAS.get(event)


def derived_timestamp(
    collector: int, created: int | None, sent: int | None, true: int | None
) -> int:
    """When an event happened, by the best that is known, in epoch milliseconds (B-57)."""
    if true is not None:
        return true
    if created is None or sent is None or created >= sent:
        return collector
    derived = collector - (sent - created)
    return derived if is_timestamp(derived) else collector


def day_of(milliseconds: int) -> str:
    """The day of a time since the epoch, `YYYY-MM-DD` in UTC."""
    return _day(milliseconds // _DAY)


@lru_cache(maxsize=64)
def _day(days: int) -> str:
    # The first year that a date can have is 1, the first that a time can have here is 0.
    return date.fromordinal(max(days, _FIRST_DAY) + _EPOCH).isoformat()

"""The filters of `/micro/good` and `/micro/bad` (D-21 to D-23)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

import msgspec

from whiteout.live.micro_shapes import MicroEvent
from whiteout.protocol.parameters import EVENT_CODES

_SCHEME = "iglu:"


class BadFilter(ValueError):
    """The body of a request is no filter; the text says what it takes (D-12)."""


class GoodFilter(msgspec.Struct):
    """Which events are wanted; all that is given has to hold, and `limit` takes the newest (D-21).

    Codes such as `pv` stand for their events, and `iglu:` may be left out (D-22).
    """

    event_type: str | None = None
    schema: str | None = None
    contexts: list[str] | None = None
    limit: int | None = None

    def chosen(self, events: Iterable[MicroEvent]) -> list[MicroEvent]:
        """The events that pass, in their order."""
        wanted = None if self.event_type is None else EVENT_CODES.get(self.event_type)
        kind = wanted or self.event_type
        schema = None if self.schema is None else _uri(self.schema)
        contexts = frozenset(map(_uri, self.contexts or ()))
        found = (
            event
            for event in events
            if (kind is None or event.event_type == kind)
            and (schema is None or event.schema == schema)
            and contexts <= event.contexts
        )
        return list(islice(found, self.limit))


class BadEventFilter(msgspec.Struct):
    """Which failed events are wanted (D-23); one whose request could not be read always passes."""

    vendor: str | None = None
    version: str | None = None
    limit: int | None = None

    def chosen(self, events: Iterable[MicroEvent]) -> list[MicroEvent]:
        """The failed events that pass, in their order."""
        found = (
            event
            for event in events
            if event.api is None
            or (self.vendor in (None, event.api[0]) and self.version in (None, event.api[1]))
        )
        return list(islice(found, self.limit))


_Filter = TypeVar("_Filter", GoodFilter, BadEventFilter)


def good_filter(body: bytes) -> GoodFilter:
    """The filter in a body. Raises BadFilter."""
    return _checked(body, GoodFilter)


def bad_filter(body: bytes) -> BadEventFilter:
    """The filter in a body. Raises BadFilter."""
    return _checked(body, BadEventFilter)


def _checked(body: bytes, kind: type[_Filter]) -> _Filter:
    try:
        found = msgspec.json.decode(body, type=kind)
    except (ValueError, RecursionError) as error:
        raise BadFilter(f"not a filter: {error}") from None
    if found.limit is not None and found.limit < 0:
        raise BadFilter("not a filter: limit is less than 0")
    return found


def _uri(text: str) -> str:
    return text if text.startswith(_SCHEME) else _SCHEME + text

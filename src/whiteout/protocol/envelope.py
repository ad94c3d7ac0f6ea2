"""The POST envelope `payload_data` (B-14 to B-20, B-23 to B-27; contract 12)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from whiteout.privacy import error_position, load_json
from whiteout.protocol.iglu import NotSelfDescribingError, matches, self_describing

CONTENT_TYPES: tuple[str, ...] = (
    "application/json",
    "application/json; charset=utf-8",
    "application/json; charset=UTF-8",
)
"""Content types under which a body is read (B-14, B-15)."""

MAX_EVENTS = 1_000
"""Most events that one request may hold (B-20)."""


class EnvelopeProblem(ValueError):
    """A body is not an envelope of events.

    `where` and `kind` are fixed words, `position` is the offset of the fault where one is known.
    Nothing of the body stands in it, so it may be kept of anonymous requests (contract 11).
    """

    def __init__(self, where: str, kind: str, position: int | None = None) -> None:
        at = "" if position is None else f" at position {position}"
        super().__init__(f"{where}: {kind}{at}")
        self.where = where
        self.kind = kind
        self.position = position


def open_envelope(body: bytes, loads: Callable[[bytes], Any] = load_json) -> list[Any]:
    """The events of a POST body, as they stand there, whatever they are.

    Raises EnvelopeProblem when the body is not UTF-8, not JSON, nested too deeply for the parser,
    not self-describing, not `payload_data/1-0-*`, or holds no event or too many. `loads` must raise
    ValueError or RecursionError for what it cannot read.
    """
    try:
        value = loads(body)
    except RecursionError:
        raise EnvelopeProblem("body", "too_deep") from None
    except ValueError as error:
        fault = _utf8_fault(body)
        if fault is not None:
            raise EnvelopeProblem("body", "not_utf8", fault) from None
        raise EnvelopeProblem("body", "not_json", error_position(error)) from None
    try:
        key, data = self_describing(value)
    except NotSelfDescribingError as error:
        raise EnvelopeProblem("body", error.code) from None
    if not matches(key, "payload_data"):
        raise EnvelopeProblem("body.schema", "not_payload_data")
    if not isinstance(data, list) or not data:
        raise EnvelopeProblem("body.data", "no_events")
    if len(data) > MAX_EVENTS:
        raise EnvelopeProblem("body.data", "too_many_events", MAX_EVENTS)
    return data


def _utf8_fault(body: bytes) -> int | None:
    """Where a body stops being UTF-8; None when it never does."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None

"""Which events a request holds, before any of their values is looked at (B-10 to B-27, F-P23)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec

from whiteout.enrich.faults import MAX_FAULTS, Failure, Fault, fault, quoted
from whiteout.enrich.known import schema_key
from whiteout.privacy import MAX_DEPTH
from whiteout.protocol.envelope import CONTENT_TYPES, MAX_EVENTS, EnvelopeProblem, open_envelope
from whiteout.protocol.iglu import SNOWPLOW, matches
from whiteout.protocol.parameters import (
    NAMES,
    PAYLOAD_NAMES,
    QUERY_FORBIDDEN_IN_POST,
    REQUIRED,
)
from whiteout.protocol.paths import TP1, TP2, Adapter, adapter_of
from whiteout.protocol.querystring import BadQueryError, parse_query
from whiteout.protocol.record import IdentifiedRequest

_TRACKER = Failure.TRACKER_PROTOCOL_VIOLATIONS
_ENVELOPE_DEPTH = 3
USUAL_PATH = f"/{TP2.vendor}/{TP2.version}"
"""Path to which most trackers send."""

ENVELOPES = frozenset(
    f"iglu:{SNOWPLOW}/payload_data/jsonschema/1-0-{addition}" for addition in range(5)
)
"""Schemas of the POST envelope that there are."""

_FROM_QUERY = NAMES - QUERY_FORBIDDEN_IN_POST


class _Envelope(msgspec.Struct):
    schema: str
    data: list[dict[str, str]]


_decode_envelope = msgspec.json.Decoder(_Envelope).decode
_decode_any = msgspec.json.Decoder().decode


@dataclass(slots=True)
class RawEvent:
    """One event of a request as its parameters, and what is wrong with them already.

    `others` are members of the event that are no text; those nested too deeply are left out.
    """

    parameters: dict[str, str]
    faults: Sequence[Fault] = ()
    others: dict[str, Any] | None = None

    @property
    def as_sent(self) -> dict[str, Any]:
        """Everything that the event was sent with."""
        return {**self.parameters, **(self.others or {})}


class RefusedError(ValueError):
    """A request has no events; `faults` say why."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults[0].keyword)
        self.faults = faults


def adapter_for(path: str) -> Adapter | None:
    """The adapter that a path names, supported or not; None when it is no event path (B-5)."""
    return TP2 if path == USUAL_PATH else adapter_of(path)


def events_of(
    adapter: Adapter | None, request: IdentifiedRequest, body: bytes | None
) -> list[RawEvent]:
    """The events of an identified request. Raises RefusedError when it has none."""
    query = _parsed(request.query) if request.query else {}
    if adapter == TP2:
        return _events_of_tp2(request.content_type, query, body)
    if adapter == TP1:
        if not query:
            raise _refused("empty", "querystring", Failure.ADAPTER_FAILURES)
        return [RawEvent(_given(query, NAMES))]
    if adapter is None:
        raise _refused("unsupported_path", "path", Failure.COLLECTOR_PAYLOAD_FORMAT_VIOLATION)
    quote = quoted(f"{adapter.vendor}/{adapter.version}")
    raise _refused("unsupported_path", "path", Failure.ADAPTER_FAILURES, quote=quote)


def _refused(
    kind: str,
    where: str,
    failure: Failure = _TRACKER,
    *,
    quote: str | None = None,
    position: int | None = None,
) -> RefusedError:
    return RefusedError(fault(kind, where, failure=failure, quote=quote, position=position))


def _parsed(query: str) -> dict[str, str | None]:
    try:
        return parse_query(query)
    except BadQueryError as error:
        failure = Failure.COLLECTOR_PAYLOAD_FORMAT_VIOLATION
        raise _refused("bad_query", "querystring", failure, position=error.position) from None


def _events_of_tp2(
    content_type: str | None, query: dict[str, str | None], body: bytes | None
) -> list[RawEvent]:
    """The table of B-14, row by row."""
    if body is None and not query:
        raise RefusedError(
            fault("missing", "body", failure=_TRACKER),
            fault("empty", "querystring", failure=_TRACKER),
        )
    if content_type not in CONTENT_TYPES and (content_type is not None or body is not None):
        quote = None if content_type is None else quoted(content_type)
        raise _refused("unsupported_content_type", "contentType", quote=quote)
    if body is not None:
        return _events_of_body(body, _given(query, _FROM_QUERY) if query else None)
    if content_type is not None:
        raise _refused("missing", "body")
    return [RawEvent(_given(query, NAMES))]


def _given(query: Mapping[str, str | None], names: Collection[str]) -> dict[str, str]:
    """The known parameters of a query that have a value (B-7, B-26, B-32)."""
    return {k: v for k, v in query.items() if v is not None and k in names}


def _events_of_body(body: bytes, query: dict[str, str] | None) -> list[RawEvent]:
    events = _typed_events(body)
    if events is None:
        try:
            events = [_event(i, item) for i, item in enumerate(open_envelope(body, _decode_any))]
        except EnvelopeProblem as error:
            raise _refused(error.kind, error.where, position=error.position) from None
    if query:
        for event in events:
            event.parameters = {**event.parameters, **query}
    return events


def _typed_events(body: bytes) -> list[RawEvent] | None:
    """The events of a body in which everything has its type; None for any other body."""
    try:
        envelope = _decode_envelope(body)
    except (ValueError, RecursionError):
        return None
    if envelope.schema not in ENVELOPES:
        key = schema_key(envelope.schema)
        if key is None or not matches(key, "payload_data"):
            return None
    if not 0 < len(envelope.data) <= MAX_EVENTS:
        return None
    return [RawEvent(item, _faults(item)) for item in envelope.data]


def _event(index: int, item: Any) -> RawEvent:
    if not isinstance(item, dict):
        where = f"body.data[{index}]"
        return RawEvent({}, [fault("not_an_object", where, failure=_TRACKER)])
    faults = _faults(item)
    texts: dict[str, str] = {}
    others: dict[str, Any] = {}
    for name, value in item.items():
        if isinstance(value, str):
            texts[name] = value
            continue
        found = _not_text(name, value)
        if found.keyword != "too_deep":
            others[name] = value
        if len(faults) < MAX_FAULTS:
            faults.append(found)
    return RawEvent(texts, faults, others)


def _not_text(name: str, value: object) -> Fault:
    """The fault of a value that is no text (B-17, B-20)."""
    where = name if name in NAMES else "event"
    if _depth(value) > MAX_DEPTH - _ENVELOPE_DEPTH:
        return fault("too_deep", where, failure=_TRACKER)
    return fault("not_a_string", where, failure=_TRACKER, quote=quoted(value))


def _faults(item: Mapping[str, object]) -> list[Fault]:
    """What is wrong with the names in a POST event (B-26, B-27)."""
    if PAYLOAD_NAMES.issuperset(item) and "tv" in item and "p" in item and "e" in item:
        return []
    unknown = islice((name for name in item if name not in PAYLOAD_NAMES), MAX_FAULTS)
    return [
        *(fault("unknown_parameter", "event", failure=_TRACKER, quote=quoted(n)) for n in unknown),
        *missing_parameters(item),
    ]


def missing_parameters(item: Mapping[str, object]) -> list[Fault]:
    """A fault for each parameter that every POST event needs and this one lacks (B-27)."""
    return [fault("missing", name, failure=_TRACKER) for name in REQUIRED if name not in item]


def _depth(value: object) -> int:
    depth, level = 0, [value]
    while level := [v for v in level if isinstance(v, (dict, list))]:
        depth += 1
        level = [m for v in level for m in (v.values() if isinstance(v, dict) else v)]
    return depth

"""Which events a request holds, before any of their values is looked at (B-10 to B-27, F-P23)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import msgspec

from whiteout.enrich.faults import MAX_FAULTS, Failure, Fault, fault, quoted
from whiteout.enrich.known import schema_key
from whiteout.privacy import MAX_DEPTH
from whiteout.protocol.envelope import CONTENT_TYPES, MAX_EVENTS, EnvelopeProblem, open_envelope
from whiteout.protocol.iglu import matches
from whiteout.protocol.parameters import (
    NAMES,
    PAYLOAD_NAMES,
    QUERY_FORBIDDEN_IN_POST,
    REQUIRED,
)
from whiteout.protocol.paths import SUPPORTED, TP1, TP2, Adapter, adapter_of
from whiteout.protocol.querystring import BadQueryError, parse_query
from whiteout.protocol.record import IdentifiedRequest

_TRACKER = Failure.TRACKER_PROTOCOL_VIOLATIONS
_FORMAT = Failure.COLLECTOR_PAYLOAD_FORMAT_VIOLATION
_ENVELOPE_DEPTH = 3
_USUAL_PATH = f"/{TP2.vendor}/{TP2.version}"
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
    faults: list[Fault] = field(default_factory=list)
    others: dict[str, Any] | None = None

    @property
    def as_sent(self) -> dict[str, Any]:
        """Everything that the event was sent with."""
        return {**self.parameters, **(self.others or {})}


@dataclass(slots=True)
class Adapted:
    """The events of a request, or the faults for which it has none."""

    adapter: Adapter | None
    events: list[RawEvent] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def adapt(request: IdentifiedRequest, body: bytes | None) -> Adapted:
    """The events of an identified request."""
    adapter = TP2 if request.path == _USUAL_PATH else adapter_of(request.path)
    adapted = Adapted(adapter)
    try:
        query = parse_query(request.query) if request.query else {}
    except BadQueryError as error:
        adapted.faults.append(
            fault("bad_query", "querystring", failure=_FORMAT, position=error.position)
        )
        return adapted
    if adapter is None:
        adapted.faults.append(fault("unsupported_path", "path", failure=_FORMAT))
    elif adapter not in SUPPORTED:
        quote = quoted(f"{adapter.vendor}/{adapter.version}")
        adapted.faults.append(
            fault("unsupported_path", "path", failure=Failure.ADAPTER_FAILURES, quote=quote)
        )
    elif adapter == TP1:
        if query:
            adapted.events.append(RawEvent(_given(query, NAMES)))
        else:
            adapted.faults.append(fault("empty", "querystring", failure=Failure.ADAPTER_FAILURES))
    else:
        _adapt_tp2(request.content_type, query, body, adapted)
    return adapted


def _adapt_tp2(
    content_type: str | None,
    query: Mapping[str, str | None],
    body: bytes | None,
    adapted: Adapted,
) -> None:
    """The table of B-14, row by row."""
    faults = adapted.faults
    if body is None and not query:
        faults.append(fault("missing", "body", failure=_TRACKER))
        faults.append(fault("empty", "querystring", failure=_TRACKER))
    elif content_type not in CONTENT_TYPES and (content_type is not None or body is not None):
        quote = None if content_type is None else quoted(content_type)
        faults.append(
            fault("unsupported_content_type", "contentType", failure=_TRACKER, quote=quote)
        )
    elif body is not None:
        _adapt_body(body, _given(query, _FROM_QUERY), adapted)
    elif content_type is not None:
        faults.append(fault("missing", "body", failure=_TRACKER))
    else:
        adapted.events.append(RawEvent(_given(query, NAMES)))


def _given(query: Mapping[str, str | None], names: Collection[str]) -> dict[str, str]:
    """The known parameters of a query that have a value (B-7, B-26, B-32)."""
    return {k: v for k, v in query.items() if v is not None and k in names}


def _adapt_body(body: bytes, query: dict[str, str], adapted: Adapted) -> None:
    events = _typed_events(body)
    if events is None:
        try:
            events = [_event(i, item) for i, item in enumerate(open_envelope(body, _decode_any))]
        except EnvelopeProblem as error:
            adapted.faults.append(
                fault(error.kind, error.where, failure=_TRACKER, position=error.position)
            )
            return
    if query:
        for event in events:
            event.parameters = {**event.parameters, **query}
    adapted.events = events


def _typed_events(body: bytes) -> list[RawEvent] | None:
    """The events of a body in which everything has its type; None for any other body."""
    try:
        envelope = _decode_envelope(body)
    except (ValueError, RecursionError):
        return None
    key = schema_key(envelope.schema)
    if key is None or not matches(key, "payload_data") or not 0 < len(envelope.data) <= MAX_EVENTS:
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
        where = name if name in NAMES else "event"
        if _depth(value) > MAX_DEPTH - _ENVELOPE_DEPTH:
            faults.append(fault("too_deep", where, failure=_TRACKER))
        else:
            others[name] = value
            faults.append(fault("not_a_string", where, failure=_TRACKER, quote=quoted(value)))
    return RawEvent(texts, faults[:MAX_FAULTS], others)


def _faults(item: Mapping[str, object]) -> list[Fault]:
    """What is wrong with the names in a POST event (B-26, B-27)."""
    if PAYLOAD_NAMES.issuperset(item):
        return missing_parameters(item)
    unknown = islice((name for name in item if name not in PAYLOAD_NAMES), MAX_FAULTS)
    return [
        *(fault("unknown_parameter", "event", failure=_TRACKER, quote=quoted(n)) for n in unknown),
        *missing_parameters(item),
    ]


def missing_parameters(item: Mapping[str, object]) -> list[Fault]:
    """A fault for each parameter that every POST event needs and this one lacks (B-27)."""
    if "tv" in item and "p" in item and "e" in item:
        return []
    return [fault("missing", name, failure=_TRACKER) for name in REQUIRED if name not in item]


def _depth(value: object) -> int:
    depth, level = 0, [value]
    while level := [v for v in level if isinstance(v, (dict, list))]:
        depth += 1
        level = [m for v in level for m in (v.values() if isinstance(v, dict) else v)]
    return depth

"""A request that must be anonymous becomes a record without anything that identifies.

Implements A-51, A-52, F-P1 to F-P4 and contracts 7, 11 and 13. The function sees only what its
arguments name: no address, no cookie, no forwarding header is handed to it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from whiteout.collector.codec import dumps, loads
from whiteout.privacy import (
    BY_PARAMETER,
    Problem,
    Scrubbed,
    Signal,
    coarse_user_agent,
    origin_of,
    scrub_event,
)
from whiteout.protocol.envelope import CONTENT_TYPES, EnvelopeProblem, open_envelope
from whiteout.protocol.parameters import NAMES, PAYLOAD_NAMES
from whiteout.protocol.paths import SUPPORTED, TP1, adapter_of
from whiteout.protocol.querystring import BadQueryError, parse_query
from whiteout.protocol.record import AnonymousEvent, AnonymousRequest

_IDENTIFIERS = {name for name, row in BY_PARAMETER.items() if not row.with_session}
"""Parameters that, in the query of a POST, name somebody but are no part of its events (F-P23)."""


@dataclass(frozen=True, slots=True)
class AnonymousInput:
    """The parts of a request that may be looked at when it is anonymous."""

    received: int
    signals: tuple[Signal, ...]
    path: str
    query: str
    body: bytes | None
    content_type: str | None
    """As `content_type` writes it."""
    user_agent: str | None
    referer: str | None
    origin: str | None
    plain_text: bool
    """Whether `text/plain` is read as JSON, as under the path prefix (contract 8)."""


def anonymise(request: AnonymousInput, *, keep_session: bool) -> AnonymousRequest:
    """What may be kept of an anonymous request."""
    adapter = adapter_of(request.path)
    record = AnonymousRequest(
        received=request.received,
        signals=[str(signal) for signal in request.signals],
        content_type=_known_type(request.content_type),
        body_length=None if request.body is None else len(request.body),
        user_agent=None if request.user_agent is None else coarse_user_agent(request.user_agent),
        referer=None if request.referer is None else origin_of(request.referer),
        origin=None if request.origin is None else origin_of(request.origin),
    )
    if adapter not in SUPPORTED:
        record.failure = Problem("path", "unsupported_path")
        return record
    record.vendor, record.version = adapter
    try:
        query: dict[str, Any] = dict(parse_query(request.query))
    except BadQueryError as error:
        record.failure = Problem("querystring", "bad_query", error.position)
        return record
    if request.body is None or adapter == TP1:
        _take_query(record, query, keep_session=keep_session)
    else:
        _take_body(record, request, query, keep_session=keep_session)
    return record


def _take_query(record: AnonymousRequest, query: dict[str, Any], *, keep_session: bool) -> None:
    if not query:
        record.failure = Problem("querystring", "empty")
        return
    record.events.append(_event(_scrub(query, NAMES, keep_session=keep_session, strict=False)))


def _take_body(
    record: AnonymousRequest,
    request: AnonymousInput,
    query: dict[str, Any],
    *,
    keep_session: bool,
) -> None:
    accepted = record.content_type in CONTENT_TYPES or (
        request.plain_text and record.content_type == "text/plain"
    )
    if not accepted:
        record.failure = Problem("contentType", "unsupported_content_type")
        return
    try:
        events = open_envelope(request.body or b"", loads)
    except EnvelopeProblem as fault:
        record.failure = Problem(fault.where, fault.kind, fault.position)
        return
    given = {name: value for name, value in query.items() if value and name in NAMES}
    plain = {k: v for k, v in given.items() if k not in BY_PARAMETER and k != "eid"}
    identifiers = {k: v for k, v in given.items() if k in _IDENTIFIERS}
    known = PAYLOAD_NAMES | plain.keys()
    for index, event in enumerate(events):
        if isinstance(event, dict):
            if given:
                event = {**identifiers, **event, **plain}  # noqa: PLW2901 (the query adds to it)
            scrubbed = _scrub(
                event, known, keep_session=keep_session and not identifiers, strict=True
            )
            record.events.append(_event(scrubbed))
        else:
            problem = Problem(f"body.data[{index}]", "not_an_object")
            record.events.append(AnonymousEvent({}, problems=[problem]))


def _scrub(
    parameters: dict[str, Any], known: Collection[str], *, keep_session: bool, strict: bool
) -> Scrubbed:
    return scrub_event(
        parameters, known, keep_session=keep_session, strict=strict, loads=loads, dumps=dumps
    )


def _event(scrubbed: Scrubbed) -> AnonymousEvent:
    return AnonymousEvent(
        scrubbed.parameters,
        redacted=sorted(scrubbed.redacted),
        user=scrubbed.user,
        session=scrubbed.session,
        problems=scrubbed.problems,
    )


def _known_type(content_type: str | None) -> str | None:
    """A content type, if it is one of those that are understood; any other text is not kept."""
    if content_type is None or content_type in CONTENT_TYPES:
        return content_type
    return "text/plain" if content_type.partition(";")[0] == "text/plain" else "other"

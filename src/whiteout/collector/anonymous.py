"""A request that must be anonymous becomes a record without anything that identifies.

Implements A-51, A-52, C-38, F-P1 to F-P4, F-P21 and contracts 7, 11 and 13. The function sees only
what its arguments name: no address, no cookie, no forwarding header is handed to it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from whiteout.collector.codec import dumps, loads
from whiteout.collector.forms import Forms
from whiteout.collector.settings import AgentPolicy, AnonymousSettings, ReferrerPolicy, UrlPolicy
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
from whiteout.protocol.paths import SUPPORTED, TP1, TP2, adapter_of
from whiteout.protocol.querystring import BadQueryError, parse_query
from whiteout.protocol.record import (
    AnonymousEvent,
    AnonymousRequest,
    anonymous_parts,
    encode_anonymous,
)

_IDENTIFIERS = {name for name, row in BY_PARAMETER.items() if not row.with_session}
"""Parameters that, in the query of a POST, name somebody but are no part of its events (F-P23)."""


_LONGEST_TIME = 15
_USUAL_PATH = f"/{TP2.vendor}/{TP2.version}"


@dataclass(slots=True)
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


USUAL = AnonymousSettings()
"""What is kept when the operator says nothing."""


class Anonymiser:
    """Makes the records of anonymous requests, quickly where their events are like others."""

    def __init__(self, settings: AnonymousSettings) -> None:
        self._settings = USUAL if settings == USUAL else settings
        self._forms = Forms(keep_session=settings.keep_session)

    def record(self, request: AnonymousInput) -> bytes:
        """The record to store."""
        body = request.body
        usual = (
            self._settings is USUAL
            and body is not None
            and request.path == _USUAL_PATH
            and request.content_type in CONTENT_TYPES
            and not request.query
        )
        if not usual or body is None:
            return encode_anonymous(anonymise(request, self._settings), dumps)
        event = self._forms.event(body)
        if event is not None:
            agent, referer, origin = request.user_agent, request.referer, request.origin
            received, length, events, end = _parts(
                request.signals,
                request.content_type,
                None if agent is None else coarse_user_agent(agent),
                None if referer is None else origin_of(referer),
                None if origin is None else origin_of(origin),
            )
            return b"%b%d%b%d%b[%b]%b" % (
                *(received, request.received, length, len(body), events, event, end),
            )
        record = anonymise(request)
        if len(record.events) == 1:
            self._forms.learn(body, record.events[0])
        return encode_anonymous(record, dumps)


@lru_cache(maxsize=256)
def _parts(
    signals: tuple[Signal, ...],
    content_type: str | None,
    agent: str | None,
    referer: str | None,
    origin: str | None,
) -> tuple[bytes, ...]:
    """A record of a usual request around what differs from one to the next."""
    record = AnonymousRequest(
        received=0,
        signals=[*signals],
        content_type=content_type,
        user_agent=agent,
        referer=referer,
        origin=origin,
    )
    record.vendor, record.version = TP2
    return anonymous_parts(record, dumps)


def _head(request: AnonymousInput, settings: AnonymousSettings) -> AnonymousRequest:
    """What may be kept beside the events of a request."""
    step = settings.seconds * 1000
    return AnonymousRequest(
        received=request.received // step * step if step else request.received,
        signals=[*request.signals],
        content_type=_known_type(request.content_type),
        body_length=None if request.body is None else len(request.body),
        user_agent=_agent(request.user_agent, settings.agent),
        referer=_referer(request.referer, settings.referrer),
        origin=None if request.origin is None else origin_of(request.origin),
    )


def anonymise(request: AnonymousInput, settings: AnonymousSettings = USUAL) -> AnonymousRequest:
    """What may be kept of an anonymous request."""
    adapter = adapter_of(request.path)
    record = _head(request, settings)
    if adapter not in SUPPORTED:
        record.failure = Problem("path", "unsupported_path")
        return record
    record.vendor, record.version = adapter
    try:
        query: dict[str, Any] = dict(parse_query(request.query)) if request.query else {}
    except BadQueryError as error:
        record.failure = Problem("querystring", "bad_query", error.position)
        return record
    if request.body is None or adapter == TP1:
        _take_query(record, query, settings)
    else:
        _take_body(record, request, query, settings)
    return record


def _take_query(
    record: AnonymousRequest, query: dict[str, Any], settings: AnonymousSettings
) -> None:
    if not query:
        record.failure = Problem("querystring", "empty")
        return
    scrubbed = _scrub(query, NAMES, keep_session=settings.keep_session, strict=False)
    record.events.append(_event(scrubbed, query, settings))


def _take_body(
    record: AnonymousRequest,
    request: AnonymousInput,
    query: dict[str, Any],
    settings: AnonymousSettings,
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
    known = PAYLOAD_NAMES.union(plain) if plain else PAYLOAD_NAMES
    for index, event in enumerate(events):
        if isinstance(event, dict):
            if given:
                event = {**identifiers, **event, **plain}  # noqa: PLW2901 (the query adds to it)
            keep = settings.keep_session and not identifiers
            scrubbed = _scrub(event, known, keep_session=keep, strict=True)
            record.events.append(_event(scrubbed, event, settings))
        else:
            problem = Problem(f"body.data[{index}]", "not_an_object")
            record.events.append(AnonymousEvent({}, problems=[problem]))


def _scrub(
    parameters: dict[str, Any], known: Collection[str], *, keep_session: bool, strict: bool
) -> Scrubbed:
    return scrub_event(
        parameters, known, keep_session=keep_session, strict=strict, loads=loads, dumps=dumps
    )


def _event(scrubbed: Scrubbed, sent: dict[str, Any], settings: AnonymousSettings) -> AnonymousEvent:
    if settings is not USUAL:
        _adjust(scrubbed.parameters, sent, settings)
    return AnonymousEvent(
        scrubbed.parameters,
        redacted=sorted(scrubbed.redacted),
        user=scrubbed.user,
        session=scrubbed.session,
        problems=scrubbed.problems,
    )


def _adjust(kept: dict[str, str], sent: dict[str, Any], settings: AnonymousSettings) -> None:
    """Keep of a scrubbed event as much as the operator wants."""
    agent = sent.get("ua")
    if isinstance(agent, str):
        _replace(kept, "ua", _agent(agent, settings.agent))
    if "url" in kept and settings.url is not UrlPolicy.CAMPAIGN:
        whole = settings.url is UrlPolicy.PATH
        _replace(kept, "url", kept["url"].partition("?")[0] if whole else origin_of(kept["url"]))
    if "refr" in kept and settings.referrer is not ReferrerPolicy.PATH:
        none = settings.referrer is ReferrerPolicy.NONE
        _replace(kept, "refr", None if none else origin_of(kept["refr"]))
    if settings.seconds:
        # When it was sent would tell what was measured on the way (F-P21).
        kept.pop("stm", None)
        for name in ("dtm", "ttm"):
            _replace(kept, name, _step(kept.get(name), settings.seconds * 1000))


def _replace(kept: dict[str, str], name: str, value: str | None) -> None:
    if value is not None:
        kept[name] = value
    else:
        kept.pop(name, None)


def _step(time: str | None, step: int) -> str | None:
    """A time in milliseconds as the last step before it; None for anything else."""
    good = time is not None and time.isascii() and time.isdigit() and len(time) <= _LONGEST_TIME
    return str(int(time) // step * step) if good and time is not None else None


def _agent(user_agent: str | None, policy: AgentPolicy) -> str | None:
    if user_agent is None or policy is AgentPolicy.DROP:
        return None
    return user_agent if policy is AgentPolicy.KEEP else coarse_user_agent(user_agent)


def _referer(referer: str | None, policy: ReferrerPolicy) -> str | None:
    return None if referer is None or policy is ReferrerPolicy.NONE else origin_of(referer)


def _known_type(content_type: str | None) -> str | None:
    """A content type, if it is one of those that are understood; any other text is not kept."""
    if content_type is None or content_type in CONTENT_TYPES:
        return content_type
    return "text/plain" if content_type.partition(";")[0] == "text/plain" else "other"

"""Rows of identified requests (B-8, B-18, B-28, B-43, B-72, B-73; contracts 9, 12 and 13)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from whiteout.enrich import places as at
from whiteout.enrich.adapters import RawEvent, RefusedError, adapter_for, events_of
from whiteout.enrich.failed import FailedMaker
from whiteout.enrich.faults import Failure, Fault, quoted
from whiteout.enrich.finish import Finish
from whiteout.enrich.ids import Ids
from whiteout.enrich.known import KnownSchemas
from whiteout.enrich.nested import NestedParts
from whiteout.enrich.outcome import Enriched, base_row
from whiteout.enrich.rows import Defaults, EventRow
from whiteout.enrich.setters import Row
from whiteout.enrich.settings import EnrichSettings, SchemaLookup
from whiteout.enrich.values import BadValueError, read_network_id
from whiteout.privacy import AddressPolicy, Mode, infer, keep_address
from whiteout.protocol.paths import Adapter
from whiteout.protocol.record import IdentifiedRequest

_NO_USER = frozenset({"", "undefined", "null"})
_USER_PARAMETERS = frozenset({"uid", "duid", "nuid", "tnuid", "fp"})
_kept_address = lru_cache(maxsize=4096)(keep_address)


class IdentifiedRows:
    """Makes the rows of identified requests."""

    def __init__(self, settings: EnrichSettings, schemas: SchemaLookup, finish: Finish) -> None:
        self._settings = settings
        self._finish = finish
        self._schemas = KnownSchemas(schemas)
        self._strict = settings.unknown_schemas == "fail"
        self._tracker_ip = settings.address if settings.trust_tracker_ip else None

    def rows(self, request: IdentifiedRequest, body: bytes | None, now: int, ids: Ids) -> Enriched:
        """The rows of one request."""
        adapter = adapter_for(request.path)
        try:
            events = events_of(adapter, request, body)
            network_id = _network_id(request.network_userid)
        except RefusedError as error:
            row = self._maker(request, adapter).row(ids.failure(0), error.faults)
            return Enriched([], [row])
        if self._settings.reject_batch and any(event.faults for event in events):
            return Enriched([], [_refused(self._maker(request, adapter), events, ids)])
        base = base_row(self._settings, request.received, now)
        base[at.NETWORK_USERID] = network_id
        base[at.SERVER_ANONYMOUS] = False
        if request.address is not None:
            base[at.USER_IPADDRESS] = _kept_address(request.address, self._settings.address)
        defaults = Defaults(request.user_agent, request.referer, self._tracker_ip)
        enriched = Enriched([], [])
        maker: FailedMaker | None = None
        for index, event in enumerate(events):
            filled = None if event.faults else self._filled(event, base, defaults)
            if filled is not None and not filled.faults:
                if filled.row[at.EVENT_ID] is None:
                    filled.row[at.EVENT_ID] = ids.event(index)
                identified = _is_identified(filled.row)
                self._finish.row(
                    filled.row, now, filled.nested, identified=identified, coarse=False
                )
                enriched.events.append(tuple(filled.row))
                continue
            if maker is None:
                maker = self._maker(request, adapter)
            enriched.failed.append(_failed(maker, event, filled, ids.failure(index)))
        return enriched

    def _filled(self, event: RawEvent, base: Row, defaults: Defaults) -> EventRow:
        nested = NestedParts(self._schemas, strict=self._strict)
        filled = EventRow(base, nested, self._finish.hygiene.rules)
        filled.fill(event.parameters, defaults)
        row, declared = filled.row, filled.nested.declared
        mode = infer(user=filled.user, session=filled.session, server=False)
        row[at.MODE_INFERRED] = mode.value
        row[at.MODE_DECLARED] = None if declared is None else declared.value
        row[at.REDACTED] = []
        if filled.linker is not None:
            if _is_identified(row):
                filled.follow_link()
            elif filled.linker.partition(".")[0] not in _NO_USER:
                row[at.REDACTED] = ["domain_userid"]
        return filled

    def _maker(self, request: IdentifiedRequest, adapter: Adapter | None) -> FailedMaker:
        return FailedMaker(
            request.received,
            self._settings.v_collector,
            self._settings.v_etl,
            quote=self._finish.hygiene.quotes,
            server_anonymous=False,
            adapter=adapter,
            content_type=request.content_type,
            body_length=None if request.body_length < 0 else request.body_length,
            address=AddressPolicy.NONE if self._tracker_ip is None else self._tracker_ip,
            hygiene=self._finish.hygiene,
        )


def _is_identified(row: Row) -> bool:
    """Whether an event is identified, and does not say that it is not (contract 9)."""
    identified = Mode.IDENTIFIED.value
    return row[at.MODE_INFERRED] == identified and row[at.MODE_DECLARED] in (None, identified)


def _refused(maker: FailedMaker, events: Sequence[RawEvent], ids: Ids) -> tuple[Any, ...]:
    """The one row of a request that is refused as a whole (B-18)."""
    faults = [found for event in events for found in event.faults]
    return maker.row(ids.failure(0), faults, payload=[event.as_sent for event in events])


def _failed(
    maker: FailedMaker, event: RawEvent, filled: EventRow | None, failure_id: str
) -> tuple[Any, ...]:
    """The row of one failed event.

    An event that cannot be read in full may carry what nobody sees, so it has a mode only when it
    shows that it is identified.
    """
    if filled is None:
        named = any(event.parameters.get(name) for name in _USER_PARAMETERS)
        mode = Mode.IDENTIFIED if named else None
        return maker.row(failure_id, event.faults, payload=event.as_sent, mode_inferred=mode)
    mode = infer(user=filled.user, session=filled.session, server=False)
    if not filled.nested.readable and mode is not Mode.IDENTIFIED:
        mode = None
    return maker.row(
        failure_id,
        filled.faults,
        payload=event.as_sent,
        mode_declared=filled.nested.declared,
        mode_inferred=mode,
        redacted=filled.row[at.REDACTED],
    )


def _network_id(text: str | None) -> str | None:
    """The network user id of a request. Raises RefusedError when it is no UUID (B-8)."""
    if text is None:
        return None
    try:
        return read_network_id(text)
    except BadValueError:
        failure = Failure.COLLECTOR_PAYLOAD_FORMAT_VIOLATION
        raise RefusedError(
            Fault("networkUserId", "uuid", "is not a UUID", quote=quoted(text), failure=failure)
        ) from None

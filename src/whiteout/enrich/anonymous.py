"""Rows of anonymous requests (F-P11; contracts 7, 9, 10 and 11).

The collector scrubbed the events before it wrote them, and read neither cookie nor address. Here
faults are told without a word of what was sent, and at the end every column that the mode forbids
is emptied once more.
"""

from __future__ import annotations

from typing import Any

from whiteout.enrich import places as at
from whiteout.enrich.adapters import missing_parameters
from whiteout.enrich.failed import FailedMaker
from whiteout.enrich.faults import Failure, Fault, fault, fault_of
from whiteout.enrich.finish import Finish
from whiteout.enrich.ids import Ids
from whiteout.enrich.known import KnownSchemas
from whiteout.enrich.nested import NestedParts
from whiteout.enrich.outcome import Enriched, base_row
from whiteout.enrich.rows import Defaults, EventRow
from whiteout.enrich.setters import Row
from whiteout.enrich.settings import EnrichSettings, SchemaLookup
from whiteout.privacy import BY_COLUMN, ZERO_UUID, Mode, Problem, forbidden_columns, infer
from whiteout.protocol.columns import EVENT_COLUMNS, EVENT_INDEX
from whiteout.protocol.parameters import NAMES
from whiteout.protocol.paths import TP2, Adapter
from whiteout.protocol.record import AnonymousEvent, AnonymousRequest

_UNKNOWN_ADDRESS = "unknown"
_NEVER_READ = frozenset({"network_userid", "user_ipaddress"})
_FORBIDDEN: dict[Mode, tuple[int, ...]] = {
    mode: tuple(EVENT_INDEX[column] for column in sorted(forbidden_columns(mode))) for mode in Mode
}
_WHOLE_REQUEST: dict[str, Failure] = {
    "unsupported_path": Failure.ADAPTER_FAILURES,
    "bad_query": Failure.COLLECTOR_PAYLOAD_FORMAT_VIOLATION,
}


class AnonymousRows:
    """Makes the rows of anonymous requests."""

    def __init__(self, settings: EnrichSettings, schemas: SchemaLookup, finish: Finish) -> None:
        self._settings = settings
        self._finish = finish
        self._schemas = KnownSchemas(schemas)
        self._strict = settings.unknown_schemas == "fail"
        self._zero = settings.sentinel == "zero"

    def rows(self, request: AnonymousRequest, now: int, ids: Ids) -> Enriched:
        """The rows of one request."""
        signal = "+".join(request.signals) or None
        maker = self._maker(request, signal)
        if request.failure is not None:
            faults = [_request_fault(request.failure, maker.adapter)]
            mode = infer(user=False, session=False, server=True)
            return Enriched([], [maker.row(ids.failure(0), faults, mode_inferred=mode)])
        is_post = request.body_length is not None and maker.adapter == TP2
        found = [_faults(event, is_post=is_post) for event in request.events]
        if self._settings.reject_batch and any(found):
            return Enriched([], [_refused(maker, request, found, ids)])
        base = base_row(self._settings, request.received, now)
        base[at.SERVER_ANONYMOUS] = True
        base[at.SIGNAL] = signal
        defaults = Defaults(request.user_agent, request.referer)
        enriched = Enriched([], [])
        for index, (event, known) in enumerate(zip(request.events, found, strict=True)):
            mode = infer(user=event.user, session=event.session, server=True)
            redacted = sorted(_NEVER_READ.union(event.redacted))
            filled, faults = self._filled(event, known, base, defaults)
            declared = None if filled is None else filled.nested.declared
            if filled is not None and not faults:
                row = filled.row
                if row[at.EVENT_ID] is None:
                    row[at.EVENT_ID] = ids.event(index)
                row[at.MODE_DECLARED] = None if declared is None else declared.value
                row[at.MODE_INFERRED] = mode.value
                row[at.REDACTED] = redacted
                self._finish.row(row, now, filled.nested, identified=False, coarse=True)
                self._empty(row, mode)
                enriched.events.append(tuple(row))
                continue
            enriched.failed.append(
                maker.row(
                    ids.failure(index),
                    faults,
                    payload=event.parameters,
                    mode_declared=declared,
                    mode_inferred=mode,
                    redacted=redacted,
                )
            )
        return enriched

    def _filled(
        self, event: AnonymousEvent, known: list[Fault], base: Row, defaults: Defaults
    ) -> tuple[EventRow | None, list[Fault]]:
        """An event with its faults; one that violates the protocol is not looked into further."""
        if known and known[0].failure is not Failure.SCHEMA_VIOLATIONS:
            return None, known
        nested = NestedParts(self._schemas, strict=self._strict)
        filled = EventRow(base, nested, self._finish.hygiene.rules)
        parameters = event.parameters
        if not NAMES.issuperset(parameters):
            parameters = {name: text for name, text in parameters.items() if name in NAMES}
        filled.fill(parameters, defaults)
        return filled, [*known, *filled.faults]

    def _empty(self, row: Row, mode: Mode) -> None:
        """Empty the columns that a mode forbids, whatever filled them (contracts 9 and 10)."""
        for index in _FORBIDDEN[mode]:
            if row[index] is not None:
                row[index] = None
                name = BY_COLUMN[EVENT_COLUMNS[index].name].name
                if name not in row[at.REDACTED]:
                    row[at.REDACTED] = sorted([*row[at.REDACTED], name])
        if self._zero:
            row[at.NETWORK_USERID] = ZERO_UUID
            row[at.USER_IPADDRESS] = _UNKNOWN_ADDRESS

    def _maker(self, request: AnonymousRequest, signal: str | None) -> FailedMaker:
        adapter = None
        if request.vendor is not None and request.version is not None:
            adapter = Adapter(request.vendor, request.version)
        return FailedMaker(
            request.received,
            self._settings.v_collector,
            self._settings.v_etl,
            quote=False,
            server_anonymous=True,
            adapter=adapter,
            content_type=request.content_type,
            body_length=request.body_length,
            signal=signal,
            hygiene=self._finish.hygiene,
            redacted=sorted(_NEVER_READ),
        )


def _faults(event: AnonymousEvent, *, is_post: bool) -> list[Fault]:
    """What the collector found, and what a POST event lacks (B-27), worst first."""
    faults = [fault_of(problem) for problem in event.problems]
    if is_post and not any(fault.keyword == "not_an_object" for fault in faults):
        unusable = {fault.where for fault in faults}
        faults += (f for f in missing_parameters(event.parameters) if f.where not in unusable)
    return sorted(faults, key=lambda fault: fault.failure is Failure.SCHEMA_VIOLATIONS)


def _request_fault(problem: Problem, adapter: Adapter | None) -> Fault:
    failure = _WHOLE_REQUEST.get(problem.what)
    if failure is None:
        is_tp2 = adapter == TP2
        failure = Failure.TRACKER_PROTOCOL_VIOLATIONS if is_tp2 else Failure.ADAPTER_FAILURES
    return fault(problem.what, problem.where, failure=failure, position=problem.position)


def _refused(
    maker: FailedMaker, request: AnonymousRequest, found: list[list[Fault]], ids: Ids
) -> tuple[Any, ...]:
    """The one row of a request that is refused as a whole (B-18)."""
    redacted = _NEVER_READ.union(*(event.redacted for event in request.events))
    user = any(event.user for event in request.events)
    session = any(event.session for event in request.events)
    return maker.row(
        ids.failure(0),
        [fault for faults in found for fault in faults],
        payload=[event.parameters for event in request.events],
        mode_inferred=infer(user=user, session=session, server=True),
        redacted=sorted(redacted),
    )

"""What the events of a record were sent with, each beside the row that came of it (D-16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from whiteout.enrich.adapters import RefusedError, adapter_for, events_of
from whiteout.enrich.hygiene import Hygiene
from whiteout.enrich.ids import Ids
from whiteout.enrich.outcome import Enriched
from whiteout.enrich.records import Record
from whiteout.enrich.settings import EnrichSettings
from whiteout.protocol.columns import FAILED_INDEX
from whiteout.protocol.record import AnonymousRequest

_FAILURE_ID = FAILED_INDEX["failure_id"]

Sent = dict[str, Any]
"""The parameters of one event; nothing where there is no one event."""


@dataclass(frozen=True, slots=True)
class Correlated:
    """The rows of a record, each with what was sent."""

    events: Sequence[tuple[tuple[Any, ...], Sent]]
    failed: Sequence[tuple[tuple[Any, ...], Sent]]


def correlate(
    record: Record, enriched: Enriched, place: bytes, settings: EnrichSettings
) -> Correlated:
    """Put what was sent beside what came of it.

    `place` is what `Enricher.enrich` was told of the record. What was sent is kept as far as a
    failed event keeps it by the settings.
    """
    kept = Hygiene.of(settings).parameters
    sent = [kept(event, settings.address) for event in _sent(record)]
    ids = Ids(place)
    places = {ids.failure(at): at for at in range(max(1, len(sent)))}
    failed_at = [places[row[_FAILURE_ID]] for row in enriched.failed]
    good_at = [at for at in range(len(sent)) if at not in failed_at]
    one_each = len(enriched.events) + len(enriched.failed) == len(sent)
    return Correlated(
        [(row, sent[at]) for row, at in zip(enriched.events, good_at, strict=False)],
        [
            (row, sent[at] if one_each else {})
            for row, at in zip(enriched.failed, failed_at, strict=True)
        ],
    )


def shows_requests(settings: EnrichSettings) -> bool:
    """Whether a whole request may be shown: not where something of it has to go."""
    return Hygiene.of(settings).quotes


def _sent(record: Record) -> list[Sent]:
    if isinstance(record, AnonymousRequest):
        return [dict(event.parameters) for event in record.events]
    request, body = record
    try:
        return [event.as_sent for event in events_of(adapter_for(request.path), request, body)]
    except RefusedError:
        return []

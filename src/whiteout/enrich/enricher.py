"""Records become rows (B-1)."""

from __future__ import annotations

import logging

from whiteout.enrich.anonymous import AnonymousRows
from whiteout.enrich.failed import FailedMaker
from whiteout.enrich.faults import Failure, fault
from whiteout.enrich.finish import Finish
from whiteout.enrich.identified import IdentifiedRows
from whiteout.enrich.ids import Ids
from whiteout.enrich.outcome import Batch, Columns, Enriched, Numbered
from whiteout.enrich.quick import QuickRows, Records
from whiteout.enrich.records import read_record
from whiteout.enrich.settings import EnrichSettings, KeysUnavailable, SchemaLookup
from whiteout.protocol.record import AnonymousRequest, RecordError

_log = logging.getLogger(__name__)


class Enricher:
    """Makes rows of records. Nothing outlives a record but caches of bounded size.

    `schemas` finds the validators of entities and self-describing events (B-50).
    """

    def __init__(self, settings: EnrichSettings, schemas: SchemaLookup) -> None:
        self._settings = settings
        finish = Finish(settings)
        self._identified = IdentifiedRows(settings, schemas, finish)
        self._anonymous = AnonymousRows(settings, schemas, finish)
        self._quick = QuickRows(settings, schemas, finish)

    def enrich_all(self, records: Records, now: int, source: str) -> Batch:
        """The events and failed events of many records of one spool file, their numbers ascending.

        What comes of them is what `enrich` makes of each, with `source/number` for its place, but
        the usual records among them take half the time. Raises KeysUnavailable only.
        """
        try:
            events, others = self._quick.read(records, now, source)
        except KeysUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 (the long way tells which record it was)
            _log.error("a batch could not be processed as a whole: %s", type(error).__name__)
            events, others = Columns(), records
        rows: list[Numbered] = []
        failed: list[Numbered] = []
        for number, raw in others:
            enriched = self.enrich(raw, now, f"{source}/{number}".encode())
            rows.extend((number, row) for row in enriched.events)
            failed.extend((number, row) for row in enriched.failed)
        return Batch(events.merged(rows), failed)

    def enrich(self, raw: bytes, now: int, place: bytes = b"") -> Enriched:
        """The events and failed events of one record, whatever the bytes are.

        Raises KeysUnavailable and nothing else.

        `now` is the time of processing in epoch milliseconds. `place` names the record in the whole
        system, such as the id of its spool file and its number there: ids that trackers left out
        are derived from it, and without it from the record's bytes, so that two equal requests in
        the same millisecond would share them.
        """
        ids = Ids(place or raw)
        try:
            record = read_record(raw)
            if isinstance(record, AnonymousRequest):
                return self._anonymous.rows(record, now, ids)
            request, body = record
            return self._identified.rows(request, body, now, ids)
        except RecordError:
            return self._unreadable("unreadable", now, ids)
        except KeysUnavailable:
            # No fault of the record, which must not be lost for it.
            raise
        except Exception as error:  # noqa: BLE001 (a bad record must not stop those behind it)
            # Neither the record nor the text of the error: both can hold an identifier.
            _log.error("a record could not be processed: %s", type(error).__name__)
            return self._unreadable("internal", now, ids)

    def tidy(self, now: int) -> None:
        """Destroy keys of pseudonyms whose time has passed. Raises KeysUnavailable."""
        if self._settings.pii is not None:
            self._settings.pii.keys.tidy(now)

    def _unreadable(self, kind: str, now: int, ids: Ids) -> Enriched:
        """A failed event for a record of which nothing is known, not even when it was received."""
        maker = FailedMaker(
            now,
            self._settings.v_collector,
            self._settings.v_etl,
            quote=False,
            server_anonymous=None,
        )
        problem = fault(kind, "record", failure=Failure.GENERIC_ERROR)
        return Enriched([], [maker.row(ids.failure(0), [problem])])

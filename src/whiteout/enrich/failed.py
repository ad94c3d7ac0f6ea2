"""Rows of failed events (B-74, B-82; F-P11, contracts 9 and 11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from whiteout.enrich.derived import day_of
from whiteout.enrich.faults import Fault, errors, failure_of, reason
from whiteout.enrich.hygiene import NO_HYGIENE, Hygiene
from whiteout.enrich.text import cut, is_longer, tsv_safe
from whiteout.enrich.values import BadValueError, read_uuid
from whiteout.privacy import AddressPolicy, Mode
from whiteout.protocol.columns import FAILED_COLUMNS, FAILED_INDEX
from whiteout.protocol.paths import Adapter

Payload = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None
"""One event, or all events of a request."""

_LONGEST_LABEL = 100
_LONGEST_APP_ID = 255
_COLUMNS = len(FAILED_COLUMNS)


@dataclass(slots=True)
class FailedMaker:
    """Makes the failed rows of one request.

    `quote` tells that the faults may quote what was sent: not of an anonymous request. `address` is
    how much of an address in the parameter `ip` is kept, None when nothing is; `hygiene` says what
    else is left out.
    """

    received: int
    v_collector: str
    v_etl: str
    quote: bool
    server_anonymous: bool | None
    adapter: Adapter | None = None
    content_type: str | None = None
    body_length: int | None = None
    signal: str | None = None
    address: AddressPolicy = AddressPolicy.NONE
    hygiene: Hygiene = NO_HYGIENE
    redacted: Sequence[str] = field(default_factory=list)

    def row(
        self,
        failure_id: str,
        faults: Sequence[Fault],
        *,
        payload: Payload = None,
        mode_declared: Mode | None = None,
        mode_inferred: Mode | None = None,
        redacted: Sequence[str] | None = None,
    ) -> tuple[Any, ...]:
        """The row of a failed event, or of a request without events.

        `payload` is the event as it was sent; of an anonymous one, as it was scrubbed.
        """
        values: dict[str, Any] = {
            "collector_tstamp": self.received,
            "failure_id": failure_id,
            "failure": failure_of(faults).value,
            "reason": reason(faults, quote=self.quote),
            "errors": errors(faults, quote=self.quote),
            "vendor": None if self.adapter is None else _label(self.adapter.vendor),
            "version": None if self.adapter is None else _label(self.adapter.version),
            "content_type": None if self.content_type is None else _label(self.content_type),
            "body_length": self.body_length,
            "mode_declared": None if mode_declared is None else mode_declared.value,
            "mode_inferred": None if mode_inferred is None else mode_inferred.value,
            "server_anonymous": self.server_anonymous,
            "signal": self.signal,
            "redacted": list(self.redacted if redacted is None else redacted),
            "payload": self._payload(payload),
            "v_collector": self.v_collector,
            "v_etl": self.v_etl,
            "collector_date": day_of(self.received),
        }
        if isinstance(payload, Mapping):
            values["event_id"] = _event_id(payload.get("eid"))
            values["app_id"] = _app_id(payload.get("aid"))
        row: list[Any] = [None] * _COLUMNS
        for name, value in values.items():
            row[FAILED_INDEX[name]] = value
        return tuple(row)

    def _payload(self, payload: Payload) -> str | None:
        if not payload:
            return None
        kept = self.hygiene.parameters
        if isinstance(payload, Mapping):
            return msgspec.json.encode(kept(payload, self.address)).decode()
        return msgspec.json.encode([kept(event, self.address) for event in payload]).decode()


def _label(text: str) -> str | None:
    return tsv_safe(cut(text, _LONGEST_LABEL))


def _event_id(value: object) -> str | None:
    try:
        return read_uuid(value) if isinstance(value, str) else None
    except BadValueError:
        return None


def _app_id(value: object) -> str | None:
    safe = tsv_safe(value) if isinstance(value, str) else None
    return None if safe is None or is_longer(safe, _LONGEST_APP_ID) else safe

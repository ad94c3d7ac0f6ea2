"""Records as the spool hands them over (A.10, A-51)."""

from __future__ import annotations

import msgspec

from whiteout.enrich.values import is_timestamp
from whiteout.protocol.record import AnonymousRequest, IdentifiedRequest, RecordError, decode

_decode_json = msgspec.json.Decoder().decode


def read_record(raw: bytes) -> tuple[IdentifiedRequest, bytes | None] | AnonymousRequest:
    """Read a record. Raises RecordError for bytes that are no record of this version."""
    record = decode(raw, _decode_json)
    request = record if isinstance(record, AnonymousRequest) else record[0]
    if not is_timestamp(request.received):
        raise RecordError("record has no possible time")
    return record

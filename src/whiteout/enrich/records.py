"""Records as the spool hands them over (A.10, A-51)."""

from __future__ import annotations

import msgspec

from whiteout.enrich.values import is_timestamp
from whiteout.protocol.record import (
    IDENTIFIED,
    AnonymousRequest,
    IdentifiedRequest,
    RecordError,
    decode,
)

_decode_json = msgspec.json.Decoder().decode
_decode_head = msgspec.json.Decoder(IdentifiedRequest, strict=True).decode

Record = tuple[IdentifiedRequest, bytes | None] | AnonymousRequest
"""An identified request with its body, which is None for anything but a POST, or an anonymous
request."""


def read_record(raw: bytes) -> Record:
    """Read a record. Raises RecordError for bytes that are no record of this version."""
    record = _read_whole_post(raw) or decode(raw, _decode_json)
    request = record if isinstance(record, AnonymousRequest) else record[0]
    if not is_timestamp(request.received):
        raise RecordError("record has no possible time")
    return record


def _read_whole_post(raw: bytes) -> tuple[IdentifiedRequest, bytes] | None:
    """The usual record, read three times as fast as any; None when it is another one."""
    end = raw.find(b"\n")
    if end < 0 or not raw.startswith(IDENTIFIED):
        return None
    try:
        request = _decode_head(raw[len(IDENTIFIED) : end])
    except (ValueError, RecursionError):
        return None
    body = raw[end + 1 :]
    return (request, body) if request.body_length == len(body) else None

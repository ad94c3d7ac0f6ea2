"""Ids as the protocol writes them: version 4 UUIDs in lower case (R44, R108)."""

from __future__ import annotations

_VARIANT = "89ab"


def as_uuid(digits: str) -> str:
    """A version 4 UUID from 32 hex digits, of which six bits give way to version and variant."""
    variant = _VARIANT[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"

"""JSON as the collector reads and writes it: strict UTF-8, quick, errors as ValueError."""

from __future__ import annotations

from typing import Any

import msgspec

_decode = msgspec.json.Decoder().decode
dumps = msgspec.json.Encoder().encode
"""Encode plain values and dataclasses as compact JSON."""


def loads(raw: bytes) -> Any:
    """Decode JSON. Raises ValueError, whose text names the position, or RecursionError."""
    try:
        return _decode(raw)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from None

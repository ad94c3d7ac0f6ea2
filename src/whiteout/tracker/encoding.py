"""JSON as events carry it: compact, strict, with the types that Python programs have."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID


def _plain(value: Any) -> Any:
    for kinds, convert in _CONVERSIONS:
        if isinstance(value, kinds):
            return convert(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} is nothing that JSON can hold")


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def iso(moment: datetime) -> str:
    """A time as ISO 8601 in UTC with milliseconds; one without a zone is local time."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


_CONVERSIONS: tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    (datetime, iso),
    ((date, UUID), str),
    (Decimal, _number),
    (Enum, lambda value: value.value),
    (Mapping, dict),
    ((set, frozenset), list),
)

to_json = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
).encode
"""The JSON of a value. Raises TypeError or ValueError for what no JSON can hold."""


def utf8(text: str) -> bytes:
    """UTF-8; half of a surrogate pair, which has none, becomes a question mark."""
    return text.encode("utf-8", "replace")

"""The vocabulary in which our schemas are written: small parts of JSON Schema draft 4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Field = dict[str, Any]
Fields = Mapping[str, Field]

INT32 = 2**31 - 1
"""Greatest value of the columns that hold whole numbers."""

INT64 = 2**63 - 1
"""Greatest value of a long whole number."""


def members(required: Fields, optional: Fields | None = None) -> Field:
    """An object with these members and no other."""
    schema: Field = {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "additionalProperties": False,
    }
    if required:
        schema["required"] = list(required)
    return schema


def text(longest: int | None = None, *, shortest: int = 0) -> Field:
    """Text, counted in Unicode characters."""
    field: Field = {"type": "string"}
    if longest is not None:
        field["maxLength"] = longest
    if shortest:
        field["minLength"] = shortest
    return field


def matching(pattern: str) -> Field:
    """Text that matches a pattern."""
    return {"type": "string", "pattern": pattern}


def formatted(name: str) -> Field:
    """Text of a format: `uuid`, `date-time` or `uri`."""
    return {"type": "string", "format": name}


def one_of(*values: str) -> Field:
    """One of these texts."""
    return {"enum": list(values)}


def whole(greatest: int | None = INT32, *, least: int | None = 0) -> Field:
    """A whole number within limits."""
    return _number("integer", least, greatest)


def number(greatest: float | None = None, *, least: float | None = None) -> Field:
    """A number within limits."""
    return _number("number", least, greatest)


def _number(kind: str, least: float | None, greatest: float | None) -> Field:
    field: Field = {"type": kind}
    if least is not None:
        field["minimum"] = least
    if greatest is not None:
        field["maximum"] = greatest
    return field


def flag() -> Field:
    """True or false."""
    return {"type": "boolean"}


def several(item: Field, *, at_least: int = 0) -> Field:
    """A list of such items."""
    field: Field = {"type": "array", "items": item}
    if at_least:
        field["minItems"] = at_least
    return field


def or_null(field: Field) -> Field:
    """Such a value, or null."""
    if "enum" in field:
        return {"enum": [*field["enum"], None]}
    return {**field, "type": [field["type"], "null"]}

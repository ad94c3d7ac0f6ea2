"""Carts."""

from __future__ import annotations

from whiteout.protocol.iglu import SNOWPLOW as VENDOR
from whiteout.schemas.definitions.fields import Field, members, number, text

__all__ = ["SCHEMAS", "VENDOR"]

_LINE = members(
    {"sku": text(), "quantity": number()},
    {"name": text(), "category": text(), "unitPrice": number(), "currency": text()},
)

SCHEMAS: dict[str, Field] = {
    "add_to_cart/jsonschema/1-0-0": _LINE,
    "remove_from_cart/jsonschema/1-0-0": _LINE,
}
"""Each schema by name, format and version."""

"""Which schemas are known, and their validators (E-3, B-56)."""

from __future__ import annotations

from collections.abc import Iterator

from whiteout.protocol.iglu import SchemaKey, parse_uri
from whiteout.schemas.definitions import DEFINITIONS
from whiteout.schemas.dialect import Definition, Validator, compile_schema


class SchemaRegistry:
    """The bundled schemas. A validator is built when it is first asked for, and kept.

    Only a known schema is ever kept, so what strangers name costs no memory. A look-up is for the
    exact version (E-3), and there is no network behind it (B-56).
    """

    def __init__(self) -> None:
        self._definitions: dict[SchemaKey, Definition] = {
            key: definition
            for uri, definition in DEFINITIONS.items()
            if (key := parse_uri(uri)) is not None
        }
        self._validators: dict[SchemaKey, Validator] = {}

    def __iter__(self) -> Iterator[SchemaKey]:
        """The keys of all known schemas."""
        return iter(self._definitions)

    def definition(self, key: SchemaKey) -> Definition | None:
        """The schema itself; None for an unknown one."""
        return self._definitions.get(key)

    def validator(self, key: SchemaKey) -> Validator | None:
        """The validator of a schema; None for an unknown one."""
        known = self._validators.get(key)
        if known is None and key in self._definitions:
            known = self._validators[key] = compile_schema(self._definitions[key])
        return known

"""Schemas as documents: the form in which registries hand them out (E-6, E-12)."""

from __future__ import annotations

from whiteout.protocol.iglu import SchemaKey, parse_uri
from whiteout.schemas.dialect import Definition

META = "http://iglucentral.com/schemas/com.snowplowanalytics.self-desc/schema/jsonschema/1-0-0#"
"""What a schema document names as its own schema."""


def document(key: SchemaKey, definition: Definition) -> Definition:
    """A schema with the members that say which one it is."""
    named = {name: value for name, value in definition.items() if name not in ("$schema", "self")}
    return {"$schema": META, "self": key._asdict(), **named}


def names(definition: object, key: SchemaKey) -> bool:
    """Whether a document says of itself that it is this very schema (E-12)."""
    return isinstance(definition, dict) and definition.get("self") == key._asdict()


def successor(key: SchemaKey, definition: Definition) -> SchemaKey | None:
    """The version that a schema says it is superseded by; None where it names none (E-10, B-54)."""
    version = definition.get("$supersededBy")
    if not isinstance(version, str) or version == key.version:
        return None
    return parse_uri(key._replace(version=version).uri)

"""Iglu URIs and self-describing JSON (E-1, E-2, E-4, B-23, B-50, B-55)."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

_URI = re.compile(
    r"iglu:([A-Za-z0-9\-_.]+)/([A-Za-z0-9\-_]+)/([A-Za-z0-9\-_]+)"
    r"/([1-9][0-9]*-(?:0|[1-9][0-9]*)-(?:0|[1-9][0-9]*))"
)
SNOWPLOW = "com.snowplowanalytics.snowplow"
"""Vendor of the protocol's own schemas."""

PAYLOAD_DATA = f"iglu:{SNOWPLOW}/payload_data/jsonschema/1-0-4"
"""Schema of the POST envelope, newest version (B-24)."""

CONTEXTS = f"iglu:{SNOWPLOW}/contexts/jsonschema/1-0-1"
"""Schema under which entities are stored (B-55)."""

UNSTRUCT_EVENT = f"iglu:{SNOWPLOW}/unstruct_event/jsonschema/1-0-0"
"""Schema under which a self-describing event is stored (B-55)."""


class SchemaKey(NamedTuple):
    """The parts of an Iglu URI; `version` is `MODEL-REVISION-ADDITION`."""

    vendor: str
    name: str
    format: str
    version: str

    @property
    def uri(self) -> str:
        """The URI again."""
        return f"iglu:{self.vendor}/{self.name}/{self.format}/{self.version}"


class NotSelfDescribingError(ValueError):
    """JSON is not self-describing; `code` says why, in the words of the protocol (B-51)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def parse_uri(uri: object) -> SchemaKey | None:
    """The parts of an Iglu URI, or None for anything else (E-1)."""
    match = _URI.fullmatch(uri) if isinstance(uri, str) else None
    return None if match is None else SchemaKey(*match.groups())


def self_describing(value: object) -> tuple[SchemaKey, Any]:
    """Schema and data of a self-describing JSON (E-2). Raises NotSelfDescribingError."""
    if not isinstance(value, dict) or "schema" not in value:
        raise NotSelfDescribingError("INVALID_SCHEMA")
    key = parse_uri(value["schema"])
    if key is None:
        raise NotSelfDescribingError("INVALID_IGLUURI")
    if "data" not in value:
        raise NotSelfDescribingError("INVALID_DATA_PAYLOAD")
    return key, value["data"]


def matches(key: SchemaKey, name: str) -> bool:
    """Whether a schema is version 1-0-* of the protocol's own schema `name` (E-4)."""
    return (
        key.vendor == SNOWPLOW
        and key.name == name
        and key.format == "jsonschema"
        and key.version.startswith("1-0-")
    )

"""The wrappers of entities and of self-describing events (B-50, B-53)."""

from __future__ import annotations

from whiteout.protocol.iglu import SNOWPLOW as VENDOR
from whiteout.schemas.definitions.fields import Field, matching, members, several

__all__ = ["SCHEMAS", "VENDOR"]

_SELF_DESCRIBING = members(
    {
        "schema": matching(
            r"^iglu:[a-zA-Z0-9\-_.]+/[a-zA-Z0-9\-_]+/[a-zA-Z0-9\-_]+/[0-9]+-[0-9]+-[0-9]+$"
        ),
        "data": {},
    }
)

SCHEMAS: dict[str, Field] = {
    "contexts/jsonschema/1-0-0": several(_SELF_DESCRIBING, at_least=1),
    "contexts/jsonschema/1-0-1": several(_SELF_DESCRIBING),
    "unstruct_event/jsonschema/1-0-0": _SELF_DESCRIBING,
}
"""Each schema by name, format and version."""

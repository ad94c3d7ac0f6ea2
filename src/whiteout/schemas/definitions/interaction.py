"""Clicks, searches, shares and timings."""

from __future__ import annotations

from whiteout.protocol.iglu import SNOWPLOW as VENDOR
from whiteout.schemas.definitions.fields import (
    Field,
    members,
    number,
    or_null,
    several,
    text,
    whole,
)

__all__ = ["SCHEMAS", "VENDOR"]

_TARGET = {"targetUrl": text(shortest=1)}
_LINK = {"elementId": text(), "elementClasses": several(text()), "elementTarget": text()}

SCHEMAS: dict[str, Field] = {
    "link_click/jsonschema/1-0-0": members(_TARGET, _LINK),
    "link_click/jsonschema/1-0-1": members(_TARGET, {**_LINK, "elementContent": text()}),
    "button_click/jsonschema/1-0-0": members(
        {"label": text(4096, shortest=1)},
        {
            "id": or_null(text(4096)),
            "name": or_null(text(4096)),
            "classes": or_null(several(text(4096))),
        },
    ),
    "site_search/jsonschema/1-0-0": members(
        {"terms": several(text(), at_least=1)},
        {
            "filters": {
                "type": "object",
                "additionalProperties": {"type": ["string", "boolean"]},
            },
            "totalResults": whole(),
            "pageResults": whole(),
        },
    ),
    "social_interaction/jsonschema/1-0-0": members(
        {"action": text(), "network": text()}, {"target": text()}
    ),
    "timing/jsonschema/1-0-0": members(
        {"category": text(), "variable": text(), "timing": number()}, {"label": text()}
    ),
}
"""Each schema by name, format and version."""

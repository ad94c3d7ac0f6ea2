"""Forms: focused, changed, submitted."""

from __future__ import annotations

from whiteout.protocol.iglu import SNOWPLOW as VENDOR
from whiteout.schemas.definitions.fields import Field, members, one_of, or_null, several, text

__all__ = ["SCHEMAS", "VENDOR"]

_NODE = one_of("INPUT", "TEXTAREA", "SELECT")
_INPUT = one_of(
    "button",
    "checkbox",
    "color",
    "date",
    "datetime",
    "datetime-local",
    "email",
    "file",
    "hidden",
    "image",
    "month",
    "number",
    "password",
    "radio",
    "range",
    "reset",
    "search",
    "submit",
    "tel",
    "text",
    "time",
    "url",
    "week",
)
_VALUE = or_null(text(65_535))
_CLASSES = several(text(4096))
_ELEMENT = {
    "formId": text(4096),
    "elementId": text(4096),
    "nodeName": _NODE,
    "value": _VALUE,
}

SCHEMAS: dict[str, Field] = {
    "focus_form/jsonschema/1-0-0": members(
        _ELEMENT, {"elementType": _INPUT, "elementClasses": or_null(_CLASSES)}
    ),
    "change_form/jsonschema/1-0-0": members(_ELEMENT, {"type": _INPUT, "elementClasses": _CLASSES}),
    "submit_form/jsonschema/1-0-0": members(
        {"formId": text(4096)},
        {
            "formClasses": _CLASSES,
            "elements": several(
                members(
                    {"name": text(65_535), "value": _VALUE, "nodeName": _NODE},
                    {"type": _INPUT},
                )
            ),
        },
    ),
}
"""Each schema by name, format and version."""

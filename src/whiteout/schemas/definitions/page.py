"""The page view, the browser, the screen of an application, and what a visitor does there."""

from __future__ import annotations

from whiteout.protocol.iglu import SNOWPLOW as VENDOR
from whiteout.schemas.definitions.fields import (
    Field,
    flag,
    formatted,
    matching,
    members,
    number,
    or_null,
    text,
    whole,
)

__all__ = ["SCHEMAS", "VENDOR"]

_HEX = "[a-fA-F0-9]"
_SIZE = text(20)
_LANGUAGE = or_null(text(20))


def _browser(memory: Field) -> Field:
    return members(
        {
            "viewport": _SIZE,
            "documentSize": _SIZE,
            "resolution": _SIZE,
            "colorDepth": whole(1000),
            "cookiesEnabled": flag(),
            "online": flag(),
        },
        {
            "devicePixelRatio": or_null(number(1000, least=0)),
            "browserLanguage": _LANGUAGE,
            "documentLanguage": _LANGUAGE,
            "webdriver": or_null(flag()),
            "deviceMemory": or_null(memory),
            "hardwareConcurrency": or_null(whole(1000)),
            "tabId": or_null(formatted("uuid")),
        },
    )


SCHEMAS: dict[str, Field] = {
    "web_page/jsonschema/1-0-0": members(
        {"id": matching(f"^{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}$")}
    ),
    "browser_context/jsonschema/1-0-0": _browser(whole(1000)),
    "browser_context/jsonschema/2-0-0": _browser(number(1000, least=0)),
    "application/jsonschema/1-0-0": members({"version": text(255)}),
    "screen_view/jsonschema/1-0-0": {
        **members({}, {"name": text(), "id": text()}),
        "minProperties": 1,
    },
    "activity_metrics/jsonschema/1-0-0": members(
        {
            "mouseDistance": whole(),
            "scrollDistance": whole(),
            "keyPresses": whole(),
            "clicks": whole(),
            "touches": whole(),
        }
    ),
}
"""Each schema by name, format and version."""

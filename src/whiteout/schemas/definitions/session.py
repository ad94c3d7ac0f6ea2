"""The session of a visitor (E-18, R35, R36)."""

from __future__ import annotations

from whiteout.protocol.iglu import SNOWPLOW as VENDOR
from whiteout.schemas.definitions.fields import (
    Field,
    formatted,
    matching,
    members,
    one_of,
    or_null,
    whole,
)

__all__ = ["SCHEMAS", "VENDOR"]

_UUID = formatted("uuid")
_BASE = {
    "userId": matching("^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$|^[0-9a-f]{16}$"),
    "sessionId": _UUID,
    "sessionIndex": whole(),
    "storageMechanism": one_of("SQLITE", "COOKIE_1", "COOKIE_3", "LOCAL_STORAGE", "FLASH_LSO"),
}
_PREVIOUS = {"previousSessionId": or_null(_UUID)}
_FIRST = {"firstEventId": or_null(_UUID)}

SCHEMAS: dict[str, Field] = {
    "client_session/jsonschema/1-0-0": members({**_BASE, **_PREVIOUS}),
    "client_session/jsonschema/1-0-1": members({**_BASE, **_PREVIOUS}, _FIRST),
    "client_session/jsonschema/1-0-2": members(
        _BASE,
        {
            **_PREVIOUS,
            **_FIRST,
            "eventIndex": or_null(whole()),
            "firstEventTimestamp": or_null(formatted("date-time")),
        },
    ),
}
"""Each schema by name, format and version."""

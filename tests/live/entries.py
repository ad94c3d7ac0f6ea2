"""Feed entries as the pipeline publishes them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

COLUMNS = (
    "user_id",
    "domain_userid",
    "domain_sessionid",
    "domain_sessionidx",
    "network_userid",
    "user_ipaddress",
)

IDENTIFIERS: dict[str, Any] = {
    "user_id": "ada",
    "domain_userid": "1f0c9a52-77be-4e5e-9d0c-2a6f1d1b7a11",
    "domain_sessionid": "8b6ff0a1-2d63-4c5c-9a3d-7b8f4c1f2e22",
    "domain_sessionidx": 3,
    "network_userid": "c1b7d0f4-93a8-4c1d-8a55-0d6f9b7e3c33",
    "user_ipaddress": "203.0.113.0",
}
"""One made-up visitor."""


def event(
    mode: str = "identified",
    *,
    name: str = "page_view",
    app: str | None = "shop",
    url: str | None = "https://shop.example/shoes/red",
    identifiers: Mapping[str, Any] | None = None,
    redacted: tuple[str, ...] = (),
    signal: str | None = None,
    declared: str | None = None,
    time: datetime | None = None,
    event_id: str | None = None,
    **fields: Any,
) -> bytes:
    """An event; `fields` are further canonical columns."""
    found = dict.fromkeys(COLUMNS) | dict(identifiers or {})
    event_id = event_id or str(uuid.uuid4())
    stamp = (time or datetime.now(UTC)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    canonical = {
        "app_id": app,
        "platform": "web",
        "collector_tstamp": stamp,
        "event": name if name in {"page_view", "page_ping", "struct"} else "unstruct",
        "event_id": event_id,
        "event_name": name,
        "name_tracker": "sp",
        "v_tracker": "js-4.10.1",
        "page_url": url,
        **found,
        **fields,
    }
    return _encoded(
        {
            "kind": "event",
            "collector_tstamp": stamp,
            "event_id": event_id,
            "event_name": name,
            "app_id": app,
            "platform": "web",
            "name_tracker": "sp",
            "mode_declared": declared,
            "mode_inferred": mode,
            "server_anonymous": mode.startswith("server"),
            "signal": signal,
            "redacted": list(redacted),
            "identifiers": found,
            "event": {key: value for key, value in canonical.items() if value is not None},
        }
    )


def failed(
    reason: str = "The body is not JSON.",
    *,
    failure: str = "tracker_protocol_violations",
    errors: tuple[tuple[str, str], ...] = (("body", "not JSON at position 17"),),
    mode: str = "server_anonymous",
    redacted: tuple[str, ...] = ("user_ipaddress",),
    signal: str | None = "sp-anonymous",
    app: str | None = None,
    event_id: str | None = None,
    payload: object = None,
    time: datetime | None = None,
) -> bytes:
    """A failed event; `errors` are pairs of where and what."""
    stamp = (time or datetime.now(UTC)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return _encoded(
        {
            "kind": "failed",
            "collector_tstamp": stamp,
            "failure": failure,
            "reason": reason,
            "errors": [{"where": where, "what": what} for where, what in errors],
            "app_id": app,
            "event_id": event_id,
            "mode_declared": None,
            "mode_inferred": mode,
            "server_anonymous": mode.startswith("server"),
            "signal": signal,
            "redacted": list(redacted),
            "identifiers": dict.fromkeys(COLUMNS),
            "payload": payload,
        }
    )


def _encoded(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode()

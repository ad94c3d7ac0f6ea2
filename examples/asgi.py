"""A plain ASGI application: `uvicorn examples.asgi:app`."""

from __future__ import annotations

import os
from typing import Any

from whiteout.web import AsgiMiddleware, current_tracker


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Greet, and track it."""
    if scope["type"] != "http":
        return
    tracker = current_tracker()
    if tracker is not None:
        tracker.track_struct_event("example", "greeted")
    headers = [(b"content-type", b"text/html; charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"<!doctype html><title>Hello</title>"})


def consent(scope: dict[str, Any]) -> bool | None:
    """The decision, as a cookie of this site tells it."""
    cookies = dict(scope["headers"]).get(b"cookie", b"")
    if b"consent=" not in cookies:
        return None
    return b"consent=yes" in cookies


app = AsgiMiddleware(
    application,  # type: ignore[arg-type]
    "example",
    os.environ.get("COLLECTOR", "http://127.0.0.1:9090"),
    consent=consent,
    page_views=True,
)

"""A plain WSGI application: `gunicorn examples.wsgi:app`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from whiteout.web import WsgiMiddleware, current_tracker


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Greet, and track it."""
    tracker = current_tracker()
    if tracker is not None:
        tracker.track_struct_event("example", "greeted")
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    return [b"<!doctype html><title>Hello</title>"]


def consent(environ: dict[str, Any]) -> bool | None:
    """The decision, as a cookie of this site tells it."""
    cookies = environ.get("HTTP_COOKIE", "")
    if "consent=" not in cookies:
        return None
    return "consent=yes" in cookies


app = WsgiMiddleware(
    application,
    "example",
    os.environ.get("COLLECTOR", "http://127.0.0.1:9090"),
    consent=consent,
    page_views=True,
)

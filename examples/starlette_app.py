"""A Starlette application: `uvicorn examples.starlette_app:app`."""

from __future__ import annotations

import os
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from whiteout.web import AsgiMiddleware, current_tracker


def consent(scope: dict[str, Any]) -> bool:
    """The decision, as a cookie of this site tells it."""
    return b"consent=yes" in dict(scope["headers"]).get(b"cookie", b"")


async def greet(request: Request) -> HTMLResponse:
    """Greet, and track it."""
    tracker = current_tracker()
    if tracker is not None:
        tracker.track_struct_event("example", "greeted")
    return HTMLResponse("<!doctype html><title>Hello</title>")


tracking = Middleware(
    AsgiMiddleware,  # type: ignore[arg-type]
    namespace="example",
    endpoint=os.environ.get("COLLECTOR", "http://127.0.0.1:9090"),
    consent=consent,
)
app = Starlette(routes=[Route("/", greet)], middleware=[tracking])

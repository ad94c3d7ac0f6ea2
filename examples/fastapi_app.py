"""A FastAPI application: `uvicorn examples.fastapi_app:app`."""

from __future__ import annotations

import os
from typing import Annotated, Any

from fastapi import Depends, FastAPI

from whiteout import Tracker
from whiteout.web import AsgiMiddleware, request_tracker


def consent(scope: dict[str, Any]) -> bool:
    """The decision, as a cookie of this site tells it."""
    return b"consent=yes" in dict(scope["headers"]).get(b"cookie", b"")


app = FastAPI()
app.add_middleware(
    AsgiMiddleware,
    namespace="example",
    endpoint=os.environ.get("COLLECTOR", "http://127.0.0.1:9090"),
    consent=consent,
)


@app.get("/")
def greet(tracker: Annotated[Tracker, Depends(request_tracker)]) -> str:
    """Greet, and track it."""
    tracker.track_struct_event("example", "greeted")
    return "Hello"

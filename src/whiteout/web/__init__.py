"""Tracking for web applications: each request has a tracker that knows the visitor's anonymity."""

from __future__ import annotations

from whiteout.web.asgi import AsgiMiddleware
from whiteout.web.current import current_tracker, request_tracker
from whiteout.web.flask import FlaskTracking
from whiteout.web.tracking import Tracking
from whiteout.web.visits import RequestTracker, Visit
from whiteout.web.wsgi import WsgiMiddleware

__all__ = [
    "AsgiMiddleware",
    "FlaskTracking",
    "RequestTracker",
    "Tracking",
    "Visit",
    "WsgiMiddleware",
    "current_tracker",
    "request_tracker",
]

"""A Flask application: `flask --app examples.flask_app run`."""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, render_template_string

from whiteout.web import FlaskTracking, current_tracker

app = Flask(__name__)


def consent(environ: dict[str, Any]) -> bool:
    """The decision, as a cookie of this site tells it."""
    return "consent=yes" in environ.get("HTTP_COOKIE", "")


tracking = FlaskTracking(
    app,
    "example",
    os.environ.get("COLLECTOR", "http://127.0.0.1:9090"),
    consent=consent,
)


@app.get("/")
def greet() -> str:
    """Greet, track it, and load the tag at the visitor's level."""
    tracker = current_tracker()
    if tracker is not None:
        tracker.track_struct_event("example", "greeted")
    page = "<!doctype html><title>Hello</title>{{ whiteout_tag('/static/whiteout.js') }}"
    return render_template_string(page)

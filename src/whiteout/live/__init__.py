"""The web pages: the live view of events and the try-it page, behind the gate (contract 15)."""

from __future__ import annotations

from whiteout.live.application import OWN_PATHS, OWN_PREFIXES, Live, LiveSettings, app, owns
from whiteout.live.gate import Gate
from whiteout.live.micro_app import micro_app
from whiteout.live.micro_request import MicroRequest, of_anonymous, of_identified, of_row
from whiteout.live.micro_shapes import MicroEvent, bad_event, good_event
from whiteout.live.micro_window import MemoryWindow
from whiteout.live.shutdown import on_termination

__all__ = [
    "OWN_PATHS",
    "OWN_PREFIXES",
    "Gate",
    "Live",
    "LiveSettings",
    "MemoryWindow",
    "MicroEvent",
    "MicroRequest",
    "app",
    "bad_event",
    "good_event",
    "micro_app",
    "of_anonymous",
    "of_identified",
    "of_row",
    "on_termination",
    "owns",
]

"""The web pages: the live view of events and the try-it page, behind the gate (contract 15)."""

from __future__ import annotations

from whiteout.live.application import OWN_PATHS, OWN_PREFIXES, Live, LiveSettings, app, owns
from whiteout.live.gate import Gate
from whiteout.live.shutdown import on_termination

__all__ = [
    "OWN_PATHS",
    "OWN_PREFIXES",
    "Gate",
    "Live",
    "LiveSettings",
    "app",
    "on_termination",
    "owns",
]

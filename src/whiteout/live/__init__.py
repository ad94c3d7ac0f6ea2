"""The web pages: the live view of events and the try-it page, behind the gate (contract 15)."""

from __future__ import annotations

from whiteout.live.application import OWN_PATHS, OWN_PREFIXES, Live, LiveSettings, app, owns
from whiteout.live.desk_api import Desk, DeskBusy, DeskUnavailable
from whiteout.live.gate import Gate
from whiteout.live.micro_app import micro_app
from whiteout.live.micro_request import MicroRequest, of_anonymous, of_identified, of_row
from whiteout.live.micro_shapes import MicroEvent, bad_event, good_event
from whiteout.live.micro_window import MemoryWindow
from whiteout.live.orders import KINDS, SELECTORS, STOPPABLE, BadOrder, Order, read_order
from whiteout.live.shutdown import on_termination

__all__ = [
    "KINDS",
    "OWN_PATHS",
    "OWN_PREFIXES",
    "SELECTORS",
    "STOPPABLE",
    "BadOrder",
    "Desk",
    "DeskBusy",
    "DeskUnavailable",
    "Gate",
    "Live",
    "LiveSettings",
    "MemoryWindow",
    "MicroEvent",
    "MicroRequest",
    "Order",
    "app",
    "bad_event",
    "good_event",
    "micro_app",
    "of_anonymous",
    "of_identified",
    "of_row",
    "on_termination",
    "owns",
    "read_order",
]

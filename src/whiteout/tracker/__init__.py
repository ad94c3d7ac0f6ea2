"""The Python tracker: the same modes, strategies, toggles, sessions and events as in a page."""

from __future__ import annotations

from whiteout.tracker.entities import Entity
from whiteout.tracker.errors import ConfigurationError
from whiteout.tracker.events import (
    CmpVisible,
    ConsentGranted,
    ConsentPreferences,
    ConsentWithdrawn,
    Event,
    LinkClick,
    PagePing,
    PageView,
    ScreenView,
    SelfDescribing,
    StructuredEvent,
    TrueTimestamp,
)
from whiteout.tracker.globals import ContextEvent
from whiteout.tracker.options import Options, TrackerOptions
from whiteout.tracker.plugins import Plugin
from whiteout.tracker.receipts import (
    ClearedUserData,
    ClientSession,
    PrivacyState,
    RequestFailure,
)
from whiteout.tracker.signals import ProgramSignals, RequestSignals, Signals
from whiteout.tracker.storage import MemoryStorage, NullStorage, Storage
from whiteout.tracker.tracker import Tracker
from whiteout.tracker.transport import HttpTransport, Request, Response, Transport

__all__ = [
    "ClearedUserData",
    "ClientSession",
    "CmpVisible",
    "ConfigurationError",
    "ConsentGranted",
    "ConsentPreferences",
    "ConsentWithdrawn",
    "ContextEvent",
    "Entity",
    "Event",
    "HttpTransport",
    "LinkClick",
    "MemoryStorage",
    "NullStorage",
    "Options",
    "PagePing",
    "PageView",
    "Plugin",
    "PrivacyState",
    "ProgramSignals",
    "Request",
    "RequestFailure",
    "RequestSignals",
    "Response",
    "ScreenView",
    "SelfDescribing",
    "Signals",
    "Storage",
    "StructuredEvent",
    "Tracker",
    "TrackerOptions",
    "Transport",
    "TrueTimestamp",
]

"""The collector: accepts events over HTTP and answers once they are durable."""

from __future__ import annotations

from whiteout.collector.app import MOST_AT_ONCE, Collector, app
from whiteout.collector.request import Request
from whiteout.collector.settings import (
    AgentPolicy,
    AnonymousSettings,
    CollectorSettings,
    CookieSettings,
    Enforcement,
    EnforcementSettings,
    ReferrerPolicy,
    RootResponse,
    UrlPolicy,
)
from whiteout.collector.taking import Taken

__all__ = [
    "MOST_AT_ONCE",
    "AgentPolicy",
    "AnonymousSettings",
    "Collector",
    "CollectorSettings",
    "CookieSettings",
    "Enforcement",
    "EnforcementSettings",
    "ReferrerPolicy",
    "Request",
    "RootResponse",
    "Taken",
    "UrlPolicy",
    "app",
]

"""The collector: accepts events over HTTP and answers once they are durable."""

from __future__ import annotations

from whiteout.collector.app import MOST_AT_ONCE, Collector, Request, Taken, app
from whiteout.collector.settings import CollectorSettings, CookieSettings

__all__ = [
    "MOST_AT_ONCE",
    "Collector",
    "CollectorSettings",
    "CookieSettings",
    "Request",
    "Taken",
    "app",
]

"""The collector: accepts events over HTTP and answers once they are durable."""

from __future__ import annotations

from whiteout.collector.app import Collector, app
from whiteout.collector.settings import CollectorSettings, CookieSettings

__all__ = ["Collector", "CollectorSettings", "CookieSettings", "app"]

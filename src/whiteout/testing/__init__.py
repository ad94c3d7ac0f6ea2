"""Test your own tracking, without sockets, threads and files."""

from __future__ import annotations

from whiteout.testing.collector import MemoryCollector, Received, SentEvent

__all__ = ["MemoryCollector", "Received", "SentEvent"]

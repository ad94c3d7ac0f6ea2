"""Request paths that carry events (A.1, A-1, B-5, B-10; contracts 7 and 14)."""

from __future__ import annotations

from typing import NamedTuple

from whiteout.protocol.iglu import SNOWPLOW

ANONYMOUS_PREFIX = "/anonymous"
"""Path prefix that makes a request server-anonymous whatever its headers say (contract 7)."""

CLEAR_PATH = "/privacy/clear"
"""A POST to it makes the collector expire its cookie (W17, contract 8)."""

RESERVED: frozenset[str] = frozenset(
    {"anonymous", "privacy", "micro", "assets", "plugins", "api", "demo", "try"}
)
"""First path segments that are never the vendor of an event path (contract 14)."""

PIXEL_PATHS: frozenset[str] = frozenset({"/i", "/ice.png"})
"""Paths of the oldest protocol version, GET only (A.1 row 5)."""


class Adapter(NamedTuple):
    """Vendor and version of an event path, which choose how a request is read."""

    vendor: str
    version: str


TP1 = Adapter(SNOWPLOW, "tp1")
TP2 = Adapter(SNOWPLOW, "tp2")
SUPPORTED: frozenset[Adapter] = frozenset({TP1, TP2})
"""Adapters that whiteout has (B-10); any other pair becomes a failed event (B-11)."""


def adapter_of(path: str) -> Adapter | None:
    """The adapter that a path names, supported or not; None when it is no event path (B-5)."""
    if path in PIXEL_PATHS:
        return TP1
    segments = path.removeprefix("/").split("/")
    if len(segments) == 3 and not segments[2]:
        segments.pop()
    if len(segments) != 2 or not all(segments):
        return None
    return Adapter(*segments)


def is_event_path(path: str) -> bool:
    """Whether a POST to this path is an event: exactly two segments, none reserved (A.1, A-1)."""
    root, *segments = path.split("/")
    return not root and len(segments) == 2 and all(segments) and segments[0] not in RESERVED

"""What the control run has to leave, or a search that finds nothing would prove nothing."""

from __future__ import annotations

from collections.abc import Iterable

from whiteout.proof.search import Found
from whiteout.proof.shots import ANYWHERE, MATRIX

ADDRESS = "address of the connection"
"""The channel of the address from which requests come, where this machine has more than one."""

_PARAMETERS = (
    *("uid", "duid", "sid", "tnuid", "fp", "ua"),
    *("url, _sp", "url, query", "url, query gclid", "url, name in query", "url, fragment"),
    *("refr, query", "refr, fragment"),
)
_ENTITIES = (
    *("client_session.userId", "client_session.sessionId", "client_session.previousSessionId"),
    *("client_session.firstEventId", "browser_context.tabId", "json key user_id"),
    *("json key password", "nested json key", "json url, query", "mailto", "e-mail in text"),
)
_HEADERS = ("cookie sp", "user agent", "referer, query", "referer, fragment", "referer")
_FAILED = ("unknown parameter", "wrong values", "malformed json entities", "wrong schema")

KEPT: frozenset[str] = frozenset(
    {
        *(f"{shape}: {place}" for shape in MATRIX for place in (*_PARAMETERS, *_ENTITIES)),
        *(f"headers alone: {place}" for place in _HEADERS),
        *(f"{shape}: duid" for shape in _FAILED),
        *("vid", ADDRESS),
    }
)
"""Channels whose canaries are in the lake of a system with its usual settings."""

KEPT_ANYWHERE: frozenset[str] = frozenset(
    f"{shape}: {place}" for shape in ANYWHERE for place in ("uid", "duid")
)
"""Channels whose canaries are in the lake of any system that takes identified events."""

FILES = ("lake/events/", "lake/failed_events/", "feed.db")
"""Parts of the data folder in which some canary must be."""


def missing(lake: Iterable[Found], *, own: bool, addressed: bool = True) -> list[str]:
    """What was not found in the data folder although it is there.

    `addressed` tells whether the address of the connection was a canary.
    """
    found = list(lake)
    names = {one.name for one in found if one.place.startswith("lake/")}
    expected = KEPT if own else KEPT_ANYWHERE
    lost = sorted(expected - names - (set() if addressed else {ADDRESS}))
    lost += [part for part in FILES if not any(one.place.startswith(part) for one in found)]
    pages = [one.place for one in found if " page of " in one.place]
    return lost if pages else [*lost, "compressed pages"]

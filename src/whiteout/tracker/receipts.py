"""What a tracker tells about itself: states, receipts, failures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypedDict

from whiteout.privacy import Mode, StorageStrategy


class ClientSession(TypedDict):
    """The session as the entity `client_session` and the session callback tell it (R35)."""

    userId: str
    sessionId: str
    sessionIndex: int
    eventIndex: int
    previousSessionId: str | None
    storageMechanism: str
    firstEventId: str | None
    firstEventTimestamp: str | None


@dataclass(frozen=True, slots=True)
class RequestFailure:
    """A request that failed: its events, the status or a message, and whether it is repeated."""

    events: list[dict[str, str]]
    will_retry: bool
    status: int | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class ClearedUserData:
    """What `clear_user_data` removed (W17).

    `cookies` and `local_storage` are keys, `memory` names of identifiers, `events` the number of
    unsent events that were dropped.
    """

    cookies: list[str] = field(default_factory=list)
    local_storage: list[str] = field(default_factory=list)
    memory: list[str] = field(default_factory=list)
    events: int = 0


@dataclass(frozen=True, slots=True)
class PrivacyState:
    """What a tracker sends, stores and holds in memory now, in plain data.

    `signal` is the signal that decided: `opt-out`, `dnt`, `gpc`, or None. `blocked` tells whether
    events are dropped. `sent` and `memory` are names of identifiers, `cookies` and `local_storage`
    keys that the tracker has there, `queued` the number of events that wait to be sent, `waiting`
    of those that wait for a decision about consent.
    """

    mode: Mode
    anonymous: bool
    session: bool
    server: bool
    strategy: StorageStrategy
    signal: str | None
    consent: str
    blocked: bool
    sent: list[str]
    memory: list[str]
    cookies: list[str]
    local_storage: list[str]
    queued: int
    waiting: int

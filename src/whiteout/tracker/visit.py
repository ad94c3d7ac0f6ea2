"""One visit of one visitor: the fields of `_sp_id` while a tracker works on them (R44-R48, R55)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from whiteout.protocol.state import VisitorState
from whiteout.tracker.ids import new_id, uuid_or_empty, visitor_or_empty

_INT = re.compile(r"[0-9]{1,15}")
_FIELDS = 10
_LAST_MILLISECOND = 253_402_300_799_999


def _int(text: str) -> int | None:
    return int(text) if _INT.fullmatch(text) else None


def _moment(text: str) -> int | None:
    """Epoch milliseconds of a year that has four digits."""
    value = _int(text)
    return value if value is not None and value <= _LAST_MILLISECOND else None


@dataclass(slots=True)
class Visit:
    """The ten fields (R44), and whether they were found in storage (R45).

    Times are epoch seconds, except `first_event_at`, which is epoch milliseconds.
    """

    user: str
    created_at: int
    count: int
    now: int
    last_visit: int | None
    session: str
    previous: str = ""
    first_event: str = ""
    first_event_at: int | None = None
    index: int = 0
    found: bool = False

    @classmethod
    def fresh(cls, now: int) -> Visit:
        """A visitor whom nobody has seen before, without an id."""
        return cls("", now, 1, now, None, new_id())

    @classmethod
    def parse(cls, text: str, now: int) -> Visit:
        """Read a stored value; fields that cannot be what they should be are missing (W26)."""
        part = [*text.split("."), *[""] * _FIELDS][:_FIELDS]
        first = uuid_or_empty(part[7])
        created, seen = _int(part[1]), _int(part[3])
        return cls(
            user=visitor_or_empty(part[0]),
            created_at=now if created is None else created,
            count=_int(part[2]) or 1,
            now=now if seen is None else seen,
            last_visit=_int(part[4]),
            session=uuid_or_empty(part[5]) or new_id(),
            previous=uuid_or_empty(part[6]),
            first_event=first,
            first_event_at=_moment(part[8]) if first else None,
            index=_int(part[9]) or 0,
            found=True,
        )

    def serialise(self, *, anonymous: bool) -> str:
        """The stored text; without user and previous session when anonymous (R46)."""
        return VisitorState(
            domain_userid=self.user,
            created_at=self.created_at,
            visit_count=self.count,
            now=self.now,
            last_visit=self.last_visit,
            session_id=self.session,
            previous_session_id=self.previous,
            first_event_id=self.first_event,
            first_event_at=self.first_event_at,
            event_index=self.index,
        ).serialise(anonymous=anonymous)

    def renew(self) -> None:
        """Start a new session (R55)."""
        if self.found:
            self.previous = self.session
            self.last_visit = self.now
        self.count += 1
        self.session = new_id()
        self.first_event, self.first_event_at, self.index = "", None, 0

    def carry(self, other: Visit) -> None:
        """Go on with the session of another visit."""
        self.session = other.session
        self.first_event, self.first_event_at = other.first_event, other.first_event_at
        self.index = other.index

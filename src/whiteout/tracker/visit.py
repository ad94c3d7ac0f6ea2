"""One visit of one visitor: the fields of `_sp_id` while a tracker works on them (R44-R48, R55)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from whiteout.protocol.state import VisitorState
from whiteout.tracker.ids import new_id


@dataclass(slots=True)
class Visit(VisitorState):
    """The state of a visitor who visits; it always has a session."""

    @classmethod
    def fresh(cls, now: int) -> Self:
        """A visitor whom nobody has seen before, without an id."""
        return cls("", now, 1, now, None, new_id())

    @classmethod
    def read(cls, text: str, now: int) -> Self:
        """A stored visitor, with a new session where none is stored."""
        visit = cls.parse(text, now)
        visit.session = visit.session or new_id()
        return visit

    def renew(self) -> None:
        """Start a new session (R55)."""
        if self.found:
            self.previous = self.session
            self.last_visit = self.now
        self.count += 1
        self.session = new_id()
        self.first_event, self.first_event_at, self.index = "", None, 0

    def carry(self, other: VisitorState) -> None:
        """Go on with the session of another visit."""
        self.session = other.session
        self.first_event, self.first_event_at = other.first_event, other.first_event_at
        self.index = other.index

"""Events that wait for a decision about consent: in memory, unstamped, for a while."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from whiteout.tracker.events import Event


class Content(NamedTuple):
    """What an event says, copied when it was tracked; nothing about who caused it.

    `time_name` and `time` are when it happened.
    """

    event: type[Event]
    parameters: dict[str, str]
    schema: str
    self_describing: str | None
    entities: Sequence[str]
    time_name: str
    time: int


class WaitingRoom:
    """Keeps at most `most` events, each for `seconds`."""

    def __init__(self, seconds: float, most: int) -> None:
        self._seconds = seconds
        self._most = most
        self._waiting: deque[tuple[float, Content]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, content: Content, now: float) -> int:
        """Have an event wait; how many had to go because they waited for too long, or were many."""
        gone = self.expire(now)
        if len(self._waiting) >= self._most:
            self._waiting.popleft()
            gone += 1
        self._waiting.append((now + self._seconds, content))
        return gone

    def expire(self, now: float) -> int:
        """Forget what has waited for too long; how many events that were."""
        gone = 0
        while self._waiting and self._waiting[0][0] <= now:
            self._waiting.popleft()
            gone += 1
        return gone

    def take(self) -> list[Content]:
        """Everything that waits, which waits no longer."""
        found = [content for _, content in self._waiting]
        self._waiting.clear()
        return found

"""The queue in memory: a lane for each mode, so that no request mixes two (R34; contract 8)."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from whiteout.privacy import Anonymity, Mode
from whiteout.tracker.items import Item

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 300.0


class Lane:
    """The events of one mode that wait, those in somebody's hands, and how sending them fares.

    `most` is the number of events in a request, smaller after a collector found one too large.
    `backlog` is about how many events of this mode are on disk.
    """

    def __init__(self, mode: Mode, most: int) -> None:
        self.mode = mode
        self.server = Anonymity.of(mode).server
        self.waiting: deque[Item] = deque()
        self.hands: dict[int, Item] = {}
        self.most = most
        self.failures = 0
        self.not_before = 0.0
        self.since = 0.0
        self.backlog = 0

    def failed(self, retry_after: float | None) -> None:
        """A request failed: wait before the next one, longer each time, and never in step."""
        wait = min(_FIRST_WAIT * 2.0**self.failures, _LONGEST_WAIT)
        wait *= 0.5 + random.random() / 2  # noqa: S311  # it spreads load, no more
        self.failures = min(self.failures + 1, 30)
        if retry_after is not None:
            wait = max(wait, min(retry_after, _LONGEST_WAIT))
        self.not_before = time.monotonic() + wait

    def worked(self) -> None:
        """A request succeeded."""
        self.failures, self.not_before = 0, 0.0


class Lanes:
    """All lanes, and the lock that guards them."""

    def __init__(self, most: int) -> None:
        self.lock = threading.Lock()
        self.waiting = 0
        self._lanes = {mode: Lane(mode, most) for mode in Mode}

    def __iter__(self) -> Iterator[Lane]:
        return iter(self._lanes.values())

    def __getitem__(self, mode: Mode) -> Lane:
        return self._lanes[mode]

    def add(self, item: Item) -> Lane:
        """Add an event behind the others of its mode. The caller has the lock."""
        lane = self._lanes[item.mode]
        if not lane.waiting:
            lane.since = time.monotonic()
        lane.waiting.append(item)
        self.waiting += 1
        return lane

    def take(self, lane: Lane, count: int) -> list[Item]:
        """Take the first events of a lane into one's hands. The caller has the lock."""
        taken = [lane.waiting.popleft() for _ in range(min(count, len(lane.waiting)))]
        self.waiting -= len(taken)
        lane.hands.update((id(item), item) for item in taken)
        return taken

    def let_go(self, lane: Lane, items: Sequence[Item]) -> list[Item]:
        """Events leave one's hands; those of them that are not gone. The caller has the lock.

        What was demanded meanwhile is done now.
        """
        for item in items:
            lane.hands.pop(id(item), None)
            item.obey()
        return [item for item in items if not item.gone]

    def give_back(self, lane: Lane, items: Sequence[Item]) -> None:
        """Events that were taken wait again, in front. The caller has the lock."""
        for item in reversed(self.let_go(lane, items)):
            self.waiting += 1
            if item.mode is lane.mode:
                lane.waiting.appendleft(item)
            else:
                self._lanes[item.mode].waiting.append(item)

    def settle(self, lane: Lane, items: Sequence[Item]) -> list[Item]:
        """Events in one's hands that may still go this way; others go theirs."""
        with self.lock:
            wrong = [item for item in items if item.gone or item.demand is not None]
            self.give_back(lane, wrong)
        return [item for item in items if id(item) in lane.hands]

    def each(self, matches: Callable[[Item], bool]) -> list[Item]:
        """The events that match, waiting or in somebody's hands. The caller has the lock."""
        return [
            item
            for lane in self
            for item in (*lane.waiting, *lane.hands.values())
            if not item.gone and matches(item)
        ]

    def demote(self, matches: Callable[[Item], bool], to: Anonymity, view: str) -> None:
        """Take the ids out of events."""
        with self.lock:
            for item in self.each(matches):
                item.demand = to, view
            moved: list[Item] = []
            for lane in self:
                for item in lane.waiting:
                    item.obey()
                moved += [item for item in lane.waiting if item.mode is not lane.mode]
                self._keep(lane, lambda item, lane=lane: item.mode is lane.mode)  # type: ignore[misc]
            for item in moved:
                self.add(item)

    def purge(self, matches: Callable[[Item], bool]) -> int:
        """Remove events; how many that were."""
        with self.lock:
            found = self.each(matches)
            for item in found:
                item.gone = True
            for lane in self:
                self._keep(lane, lambda item: not item.gone)
            return len(found)

    def _keep(self, lane: Lane, stays: Callable[[Item], bool]) -> None:
        kept = deque(item for item in lane.waiting if stays(item))
        self.waiting -= len(lane.waiting) - len(kept)
        lane.waiting = kept

    @property
    def empty(self) -> bool:
        """Whether nothing waits anywhere, as far as is known. The caller has the lock."""
        return not any(lane.waiting or lane.hands or lane.backlog for lane in self)

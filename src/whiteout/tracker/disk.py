"""The part of the queue that is on disk, where the strategy allows it (R26, R137; W4, W23, W33)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence

from whiteout.privacy import Anonymity, Mode
from whiteout.tracker.backlog import Backlog, Stored
from whiteout.tracker.items import Item
from whiteout.tracker.lanes import Lane, Lanes
from whiteout.tracker.losses import Losses

_SPILL = 500
_LOOK_EVERY = 10.0
NO_DISK = "the local storage cannot be used"


class Disk:
    """Moves events between the lanes and a backlog; None for a tracker that keeps nothing.

    `active` tells whether to look for what an earlier process left behind. `epoch` changes whenever
    events on disk were changed or removed by their owner.
    """

    def __init__(self, backlog: Backlog | None, lanes: Lanes, losses: Losses) -> None:
        self._backlog = backlog
        self._lanes = lanes
        self._losses = losses
        self._looked_at = float("-inf")
        self._lock = threading.Lock()
        self.active = True
        self.epoch = 0

    def __bool__(self) -> bool:
        return self._backlog is not None

    @property
    def looked(self) -> bool:
        """Whether somebody has looked, where there is anything to look at."""
        unseen = self._backlog is not None and self.active
        return not unseen or self._looked_at > float("-inf")

    def look(self) -> list[Mode]:
        """See what waits there, now and then; the modes of what an earlier process left behind."""
        now = time.monotonic()
        if self._backlog is None or not self.active or now - self._looked_at < _LOOK_EVERY:
            return []
        with self._lock:
            self._looked_at = now
            found = self._backlog.modes()
            with self._lanes.lock:
                for lane in self._lanes:
                    lane.backlog = found.get(lane.mode, 0)
        return list(found)

    def keep(self, lane: Lane, items: Sequence[Item], otherwise: str) -> None:
        """Put events in one's hands on disk where they may be there; the others are lost."""
        # Each is written out before anybody may ask for it to be changed.
        able = [item for item in items if item.keeps and item.raw] if self else []
        able = self._lanes.settle(lane, able)
        put = self._put(able)
        kept = {id(item) for item in able} if put is not None else set()
        with self._lanes.lock:
            others = [item for item in items if id(item) not in kept]
            lost = [item for item in self._lanes.let_go(lane, others) if item.raw]
        self._losses.report(len(lost), otherwise)
        if put is None:
            return
        numbers, over = put
        self._losses.report(over, "the queue on disk is full")
        self._reconsider(lane, list(zip(numbers, able, strict=True)))

    def _put(self, items: Sequence[Item]) -> tuple[list[int], int] | None:
        if self._backlog is None or not items:
            return None
        with self._lock:
            return self._backlog.put(items)

    def _reconsider(self, lane: Lane, stored: Sequence[Stored]) -> None:
        """What was demanded of events while they were written must hold on disk as well."""
        with self._lanes.lock:
            wrong = [
                (number, item)
                for number, item in stored
                if item.gone or item.demand is not None or not item.keeps
            ]
            back = {id(item) for _, item in wrong}
            self._lanes.let_go(lane, [item for _, item in stored if id(item) not in back])
            self._lanes.give_back(lane, [item for _, item in wrong])
            lane.backlog += len(stored) - len(wrong)
        self.remove(number for number, _ in wrong)

    def spill(self, lane: Lane) -> None:
        """While a collector cannot be reached, events wait on disk rather than in memory."""
        while self:
            with self._lanes.lock:
                taken = self._lanes.take(lane, _SPILL)
                stay = [item for item in taken if not item.keeps]
                self._lanes.give_back(lane, stay)
            move = [item for item in taken if item.keeps]
            if move:
                self.keep(lane, move, NO_DISK)
            if stay or not move:
                return

    def claim(self, lane: Lane, takes: Callable[[bytes], bool]) -> list[Stored]:
        """The oldest events of a lane's mode that `takes` takes, leased."""
        claimed: list[Stored] = []
        if self._backlog is not None:
            claimed = self._backlog.claim(lane.mode, lane.most, takes)
        if not claimed:
            lane.backlog = 0
        return claimed

    def release(self, numbers: Iterable[int]) -> None:
        """Events were not sent after all."""
        if self._backlog is not None:
            self._backlog.release(numbers)

    def remove(self, numbers: Iterable[int]) -> None:
        """Events were sent, or never will be."""
        if self._backlog is not None:
            self._backlog.remove(numbers)

    def demote(self, owner: str | None, to: Anonymity, view: str) -> None:
        """Take the ids out of what waits, of one owner or of all."""
        self.epoch += 1
        if self._backlog is not None:
            with self._lock:
                self._backlog.change(owner, lambda item: item.demote(to, view))
            self._looked_at = float("-inf")

    def purge(self, owner: str | None) -> int:
        """Remove what waits, of one owner or of all; how many events that were."""
        self.epoch += 1
        if self._backlog is None:
            return 0
        with self._lock:
            return self._backlog.purge(owner)

    def leave(self, owner: str | None) -> None:
        """Take what waits back into memory: it may not be on disk any longer (W4)."""
        self.epoch += 1
        if self._backlog is None:
            return
        with self._lock:
            items = self._backlog.take_out(owner)
        with self._lanes.lock:
            for item in items:
                item.keeps = False
                self._lanes.add(item)

    def child(self) -> None:
        """After a fork."""
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        if self._backlog is not None:
            self._backlog.child()

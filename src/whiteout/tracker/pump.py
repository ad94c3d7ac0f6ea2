"""Moves events from the queue to the collector, a batch at a time (R141, R145; W30, W37)."""

from __future__ import annotations

import time
from collections.abc import Callable

from whiteout.privacy import Anonymity
from whiteout.tracker.courier import Courier, Outcome
from whiteout.tracker.disk import NO_DISK, Disk
from whiteout.tracker.exchange import Work
from whiteout.tracker.ids import new_id
from whiteout.tracker.items import Item
from whiteout.tracker.lanes import Lane, Lanes
from whiteout.tracker.losses import Losses
from whiteout.tracker.options import Options

_REFUSED = "the collector refused them"
_READY = 0.0


class Pump:
    """Works on one lane at a time; two threads work on different lanes.

    `floor` tells the level below which events of an earlier process may not be sent.
    """

    def __init__(
        self,
        options: Options,
        courier: Courier,
        lanes: Lanes,
        disk: Disk,
        losses: Losses,
        floor: Callable[[], Anonymity | None],
    ) -> None:
        self._size = options.buffer_size
        self._patience = options.buffer_timeout / 1000
        self._courier = courier
        self._lanes = lanes
        self._disk = disk
        self._losses = losses
        self._floor = floor

    def run(self, lane: Lane, forced: Callable[[], bool]) -> Work[float | None]:
        """Send what is due; the seconds until something is due again, None for never.

        While `forced`, everything is due, until a request fails.
        """
        while True:
            now = time.monotonic()
            if lane.not_before > now and not forced():
                self._disk.spill(lane)
                busy = lane.waiting or lane.backlog
                return lane.not_before - now if busy else None
            if lane.backlog:
                works = yield from self._send_stored(lane)
            else:
                wait = self._due(lane, now, forced=forced())
                if wait is None or wait > 0:
                    return wait
                works = yield from self._send(lane, self._batch(lane))
            if not works and forced():
                return None

    def _due(self, lane: Lane, now: float, *, forced: bool) -> float | None:
        if not lane.waiting:
            return None
        if forced or self._lanes.waiting >= self._size:
            return _READY
        return lane.since + self._patience - now

    def _batch(self, lane: Lane) -> list[Item]:
        """The next events that fit into one request, in hands and written out."""
        room = self._courier.room()
        with self._lanes.lock:
            taken = self._lanes.take(lane, lane.most)
        batch: list[Item] = []
        rest: list[Item] = []
        for position, item in enumerate(taken):
            if item.raw and not room.takes(item.raw):
                rest = taken[position:]
                break
            batch.append(item)
        with self._lanes.lock:
            self._lanes.give_back(lane, rest)
            self._lanes.let_go(lane, [item for item in batch if not item.raw])
            lane.since = time.monotonic()
        return [item for item in batch if item.raw]

    def _send(self, lane: Lane, batch: list[Item]) -> Work[bool]:
        """Send events from memory; whether the lane may go on."""
        batch = self._lanes.settle(lane, batch)
        if not batch:
            return True
        outcome = yield from self._courier.deliver(lane, [item.raw for item in batch])
        if outcome.split or (outcome.retry and not self._disk):
            with self._lanes.lock:
                self._lanes.give_back(lane, batch)
        elif outcome.retry:
            keep = [item for item in batch if item.keeps]
            with self._lanes.lock:
                self._lanes.give_back(lane, [item for item in batch if not item.keeps])
            self._disk.keep(lane, keep, NO_DISK)
        else:
            with self._lanes.lock:
                self._lanes.let_go(lane, batch)
        return self._conclude(outcome, len(batch))

    def _conclude(self, outcome: Outcome, count: int) -> bool:
        if not outcome.done and not outcome.retry:
            self._losses.report(count, _REFUSED)
        outcome.tell()
        return outcome.split or not outcome.retry

    def _send_stored(self, lane: Lane) -> Work[bool]:
        """Send events from disk; whether the lane may go on."""
        epoch = self._disk.epoch
        batch = self._disk.claim(lane, self._courier.room().takes)
        floor = self._floor()
        if batch and floor is not None and _is_below(Anonymity.of(lane.mode), floor):
            self._adopt([item for _, item in batch], floor)
            self._disk.remove(number for number, _ in batch)
            return True
        numbers = [number for number, _ in batch]
        if not batch or self._disk.epoch != epoch:
            self._disk.release(numbers)
            return True
        outcome = yield from self._courier.deliver(lane, [item.raw for _, item in batch])
        if outcome.retry:
            self._disk.release(numbers)
        else:
            self._disk.remove(numbers)
            lane.backlog = max(0, lane.backlog - len(batch))
        return self._conclude(outcome, len(batch))

    def _adopt(self, items: list[Item], floor: Anonymity) -> None:
        """Events of an earlier process, tracked at a weaker level than now, lose their ids."""
        view = new_id()
        for item in items:
            item.demote(floor, view)
        with self._lanes.lock:
            for item in items:
                self._lanes.add(item)


def _is_below(mode: Anonymity, floor: Anonymity) -> bool:
    return (floor.anonymous and not mode.anonymous) or (floor.server and not mode.server)

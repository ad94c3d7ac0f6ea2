"""Takes events and sees to it that they are sent (R137-R146; contract 8; W4, W23, W30-W33, W37).

Server-anonymous events have a worker of their own, and each mode a lane: neither kind of event can
block the other, and no request mixes two modes. Where the strategy allows it, events that cannot be
sent now wait on disk. `submit` never waits for the network; it writes to disk itself only when
memory is full.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
import typing
import weakref
from collections.abc import Callable, Collection

from whiteout.privacy import Anonymity
from whiteout.tracker import browser
from whiteout.tracker.backlog import Backlog
from whiteout.tracker.courier import Courier
from whiteout.tracker.disk import Disk
from whiteout.tracker.exchange import Work, here, there
from whiteout.tracker.items import Item
from whiteout.tracker.lanes import Lanes
from whiteout.tracker.log import failed
from whiteout.tracker.losses import Losses
from whiteout.tracker.options import Options
from whiteout.tracker.pump import Pump
from whiteout.tracker.transport import HttpTransport
from whiteout.tracker.worker import Worker

if typing.TYPE_CHECKING:
    from whiteout.tracker.loop import LoopWorker

_SPILL = 500
_FULL = "the queue is full"
_CLOSED = "the tracker is closed"
_SIDES = (False, True)

Owners = Collection[str] | None
"""Whose events: those of some owners, or None for all."""


class Emitter:
    """The queue and its workers. `backlog` is where events wait on disk, None for nowhere.

    `floor` tells the level below which stored events of an earlier time may not be sent. `finish`,
    a method, is called when the emitter closes by itself, at the end of the interpreter.
    """

    def __init__(
        self,
        options: Options,
        backlog: Backlog | None = None,
        floor: Callable[[], Anonymity | None] = lambda: None,
        finish: Callable[[], object] | None = None,
    ) -> None:
        self._options = options
        self._backlog = backlog
        self._floor = floor
        self._finish = None if finish is None else weakref.WeakMethod(finish)
        self._transport = HttpTransport() if options.transport is None else options.transport
        self._courier = Courier(options)
        self.losses = Losses(options)
        self._closed = False
        self._most = options.max_queue_size
        self._size = options.buffer_size
        self._begin()
        self._loops: list[LoopWorker] = []
        self._workers = {server: self._worker(server=server) for server in _SIDES}
        _EMITTERS.add(self)

    def _worker(self, *, server: bool) -> Worker | LoopWorker:
        send = self._transport.send
        if browser.is_here() and self._options.threads:
            from whiteout.tracker.loop import LoopWorker  # noqa: PLC0415  # only there

            worker = LoopWorker(lambda: there(self._step(server=server), send))
            self._loops.append(worker)
            return worker
        return Worker(
            f"whiteout-{'anonymous-' if server else ''}sender",
            lambda: here(self._step(server=server), send),
            self._hang_up,
        )

    def _begin(self) -> None:
        """An empty queue."""
        self._lanes = Lanes(self._courier.most)
        self._stepped = threading.Condition(self._lanes.lock)
        self._disk = Disk(self._backlog, self._lanes, self.losses)
        self._pump = Pump(
            self._options, self._courier, self._lanes, self._disk, self.losses, self._floor
        )
        self._forced = 0
        self._inline = False
        self._started = dict.fromkeys(_SIDES, 0)
        self._finished = dict.fromkeys(_SIDES, 0)

    def submit(self, item: Item) -> None:
        """Take an event. Never raises, and never waits for the network."""
        if self._closed:
            self.losses.report(1, _CLOSED)
            return
        lanes = self._lanes
        while lanes.waiting >= self._most and self._make_room():
            pass
        with lanes.lock:
            lane = lanes.add(item)
            due = lanes.waiting >= self._size or len(lane.waiting) == 1
        if due:
            self._go(server=lane.server)

    def _make_room(self) -> bool:
        """Move events to disk, many at once, or lose the oldest one (R140)."""
        lanes = self._lanes
        with lanes.lock:
            lane = max(lanes, key=lambda one: len(one.waiting))
            first = lane.waiting[0] if lane.waiting else None
            many = self._disk and first is not None and first.keeps
            taken = lanes.take(lane, _SPILL if many else 1)
        self._disk.keep(lane, taken, _FULL)
        return bool(taken)

    def _go(self, *, server: bool) -> None:
        """Have a worker look, or look here where no threads are wanted."""
        if self._options.threads:
            self._workers[server].wake()
        else:
            self._step_here()

    def _step_here(self) -> None:
        with self._lanes.lock:
            if self._inline:
                return
            self._inline = True
        try:
            for server in _SIDES:
                here(self._step(server=server), self._transport.send)
        finally:
            self._inline = False

    def _step(self, *, server: bool) -> Work[float | None]:
        """Send what is due on one side; the seconds until something is due again."""
        self._started[server] += 1
        number = self._started[server]
        self._floor()
        for mode in self._disk.look():
            other = Anonymity.of(mode).server
            if other is not server and self._options.threads:
                self._workers[other].wake()
        delays: list[float] = []
        for lane in self._lanes:
            if lane.server is server:
                delay = yield from self._pump.run(lane, lambda: self._forced > 0)
                delays += [] if delay is None else [delay]
        with self._stepped:
            self._finished[server] = number
            self._stepped.notify_all()
        return max(0.0, min(delays)) if delays else None

    def flush(self, timeout: float) -> bool:
        """Try to send everything now; whether nothing waits any more. At most so many seconds.

        On a worker's own thread, in a callback, there is nobody to wait for.
        """
        if any(worker.is_here for worker in self._workers.values()):
            self.hurry()
            return self._lanes_are_empty()
        until = time.monotonic() + timeout
        with self._stepped:
            if self._lanes.empty and self._disk.looked:
                return True
            self._forced += 1
            wanted = {server: self._started[server] + 1 for server in _SIDES}
        try:
            threads = self._options.threads and all(
                self._workers[server].wake() for server in _SIDES
            )
            if not threads:
                self._step_here()
            with self._stepped:
                while threads and (left := until - time.monotonic()) > 0:
                    if all(self._finished[server] >= wanted[server] for server in _SIDES):
                        break
                    self._stepped.wait(left)
                return self._lanes.empty
        finally:
            with self._stepped:
                self._forced -= 1

    @property
    def on_loop(self) -> bool:
        """Whether nobody can wait here without giving the event loop back."""
        return bool(self._loops)

    async def rest(self, timeout: float) -> bool:  # noqa: ASYNC109  # of what may never end
        """`flush` where there is nothing but an event loop."""
        self.hurry()
        for worker in self._loops:
            await worker.idle(timeout)
        return self._lanes_are_empty()

    def _lanes_are_empty(self) -> bool:
        with self._lanes.lock:
            return self._lanes.empty

    def leave(self) -> None:
        """The page is about to be gone: send off what waits, or keep it for the next page."""
        for lane in self._lanes:
            lane.since = 0.0
            if lane.failures:
                self._disk.spill(lane)
        for worker in self._loops:
            worker.leave()

    def hurry(self) -> None:
        """Try to send everything now, without waiting for it."""
        for lane in self._lanes:
            lane.not_before = 0.0
            lane.since = 0.0
            if lane.waiting or lane.backlog:
                self._go(server=lane.server)

    def close(self, timeout: float) -> bool:
        """Send what can be sent, keep on disk what may be kept there, and end.

        Whether nothing was lost.
        """
        if self._closed:
            return True
        until = time.monotonic() + timeout
        sent = self.flush(timeout)
        self._closed = True
        if self._loops:
            # Nobody can wait here; what is under way goes on as long as the page is there.
            return sent
        lost = 0
        for lane in self._lanes:
            while True:
                with self._lanes.lock:
                    items = [*lane.hands.values(), *self._lanes.take(lane, _SPILL)]
                if not items:
                    break
                lost += sum(1 for item in items if not item.gone and not item.keeps)
                self._disk.keep(lane, items, _CLOSED)
        for worker in self._workers.values():
            worker.stop(max(0.0, until - time.monotonic()))
        self._hang_up()
        return sent or not lost

    def _hang_up(self) -> None:
        """Give up connections."""
        try:
            self._transport.close()
        except Exception as error:  # noqa: BLE001  # a transport may be a stranger's
            failed("transport", error)

    @property
    def queued(self) -> int:
        """About how many events wait."""
        with self._lanes.lock:
            return sum(len(lane.waiting) + len(lane.hands) + lane.backlog for lane in self._lanes)

    def demote(self, owners: Owners, to: Anonymity, view: str) -> None:
        """Take the ids out of events that wait (W23)."""
        self._lanes.demote(_of(owners), to, view)
        for owner in _each(owners):
            self._disk.demote(owner, to, view)
        self._go_on()

    def purge(self, owners: Owners) -> int:
        """Forget events that wait; how many that were."""
        if owners is None:
            for lane in self._lanes:
                lane.worked()
        found = self._lanes.purge(_of(owners))
        return found + sum(self._disk.purge(owner) for owner in _each(owners))

    def leave_disk(self, owners: Owners) -> None:
        """Events that wait may not be on disk any longer (W4)."""
        with self._lanes.lock:
            for item in self._lanes.each(_of(owners)):
                item.keeps = False
        for owner in _each(owners):
            self._disk.leave(owner)
        self._go_on()

    def _go_on(self) -> None:
        """Have the workers look at what has changed lanes."""
        for lane in self._lanes:
            if lane.waiting:
                self._go(server=lane.server)

    def use_disk(self, *, use: bool) -> None:
        """Whether to look on disk for what an earlier process left behind."""
        self._disk.active = use

    def child(self) -> None:
        """After a fork: what waits here is the parent's to send."""
        self._begin()
        self._disk.child()

    def end(self) -> None:
        """The interpreter ends."""
        finish = None if self._finish is None else self._finish()
        if finish is not None:
            finish()
        self.close(self._options.shutdown_timeout / 1000)


def _of(owners: Owners) -> Callable[[Item], bool]:
    return lambda item: owners is None or item.owner in owners


def _each(owners: Owners) -> Collection[str | None]:
    return (None,) if owners is None else tuple(owners)


_EMITTERS: weakref.WeakSet[Emitter] = weakref.WeakSet()


def _after_fork() -> None:
    for emitter in list(_EMITTERS):
        emitter.child()


def _at_exit() -> None:
    for emitter in list(_EMITTERS):
        try:
            emitter.end()
        except Exception as error:  # noqa: BLE001  # nothing may disturb the end
            failed("shutdown", error)


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

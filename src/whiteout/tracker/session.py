"""The visitor and the visit of a tracker, and when they are stored (R44-R70; contracts 1 and 5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from whiteout.privacy import ZERO_UUID, Anonymity, StorageStrategy
from whiteout.protocol.state import SESSION_VALUE
from whiteout.tracker import browser
from whiteout.tracker.encoding import iso
from whiteout.tracker.ids import new_id
from whiteout.tracker.places import Places
from whiteout.tracker.receipts import ClientSession
from whiteout.tracker.visit import Visit

_IN_BROWSER = browser.is_here()
_FRESH = 0.05
_FRESH_BEHIND = 1.0
_SOON = 0.01
"""Seconds until a page's own scripts see what changed (R52)."""


class Session:
    """Ids of one tracker, under its current level and strategy. Its owner locks.

    `lifetime` and `timeout` are seconds. `soon` is asked to call `store` later, where storing takes
    long enough to be done in the background.
    """

    def __init__(
        self,
        places: Places,
        *,
        lifetime: int,
        timeout: int,
        clock: Callable[[], float],
        soon: Callable[[float], None],
    ) -> None:
        self.places = places
        self.lifetime = lifetime
        self._timeout = timeout
        self._clock = clock
        self._soon = soon
        self._level: Anonymity | None = None
        self.has_ids = False
        """Whether the level needs ids; without, nothing is read or written (W22, R51)."""
        self._strategy = StorageStrategy.NONE
        self._area = places.area(self._strategy)
        self.visit: Visit | None = None
        self._last_event = 0.0
        self._looked_at = 0.0
        self._dirty = False
        self._scheduled = False
        self._told = ""
        self.touched = False
        """Whether anything happened that is worth storing, besides having looked."""

    @property
    def level(self) -> Anonymity | None:
        """The level of its tracker."""
        return self._level

    @level.setter
    def level(self, level: Anonymity | None) -> None:
        self._level = level
        self.has_ids = level is not None and (not level.anonymous or level.session)

    @property
    def strategy(self) -> StorageStrategy:
        """The storage strategy of its tracker."""
        return self._strategy

    @strategy.setter
    def strategy(self, strategy: StorageStrategy) -> None:
        self._strategy = strategy
        self._area = self.places.area(strategy)

    @property
    def _has_user(self) -> bool:
        anonymous = self.level is None or self.level.anonymous
        return not anonymous and self.strategy is not StorageStrategy.NONE

    def _now(self) -> int:
        return round(self._clock())

    def fresh(self) -> Visit:
        """A visitor nobody has seen before, with an id where the level has one."""
        visit = Visit.fresh(self._now())
        if self._has_user:
            visit.user = new_id()
        return visit

    def _stored(self) -> tuple[Visit | None, bool]:
        """What is stored for the level, renewed where it is over; whether it is still alive."""
        assert self.level is not None  # noqa: S101  # only levels with ids come here
        if self.strategy is StorageStrategy.NONE:
            return None, False
        anonymous = self.level.anonymous
        text = self.places.read(self.strategy, "as" if anonymous else "id")
        alive = anonymous or bool(self.places.read(self.strategy, "ses"))
        if not text:
            return None, alive
        visit = Visit.read(text, self._now())
        if self.level.server and not visit.server:
            # What was sent of it can be tied to a person, which this level rules out (contract 3).
            return None, False
        if self._has_user and not visit.user:
            visit.user = new_id()
        if not alive:
            visit.renew()
        return visit, alive

    def take_up(
        self, carried: Visit | None = None, *, moved: bool = False, begin: bool = False
    ) -> None:
        """Take up the ids of the level, or make new ones (R54; contracts 3 and 4).

        `carried` is a session that goes on; `moved` tells that it comes with all that is known, so
        that nothing stored counts; `begin` asks for a new session.
        """
        self.visit = None
        if not self.has_ids:
            return
        assert self.level is not None  # noqa: S101  # has_ids
        anonymous = self.level.anonymous
        visit = carried
        if not moved and not (anonymous and begin):
            known, alive = self._stored()
            if known is not None and carried is not None and not alive:
                # The visitor is known, and the visit that was tracked anonymously is the next one.
                known.carry(carried)
            if alive and known is not None and known.index:
                self._told = known.session
            visit = known or carried
        visit = self.fresh() if visit is None else replace(visit)
        if anonymous:
            visit.user = visit.previous = ""
        else:
            # Without storage there is no visitor, wherever the visit comes from.
            visit.user = (visit.user or new_id()) if self._has_user else ""
            if begin:
                visit.renew()
        self.visit = visit
        self.touched = self.touched or carried is not None or begin
        self._last_event = self._clock()
        self._save(self._last_event)

    def _save(self, now: float) -> None:
        """Something changed; it is stored soon."""
        if self._strategy is StorageStrategy.NONE:
            return
        if not self._dirty:
            self._dirty = True
            self._looked_at = now
        if not self._scheduled and (self._area.background or _IN_BROWSER):
            self._scheduled = True
            new = self.visit is not None and self.visit.index <= 1
            self._soon(_SOON if _IN_BROWSER else _FRESH if new else _FRESH_BEHIND)

    def store(self) -> bool:
        """Store now what is new. Whether it stayed."""
        visit = self.visit
        due = self._dirty and visit is not None and self.has_ids
        self.cancel()
        if not due or visit is None or self.level is None:
            return True
        self._looked_at = self._clock()
        anonymous = self.level.anonymous
        visit.server = self.level.server
        text = visit.serialise(anonymous=anonymous)
        if anonymous:
            stayed = self.places.write(self.strategy, "as", text, self._timeout)
        else:
            stayed = self.places.write(self.strategy, "ses", SESSION_VALUE, self._timeout)
            self.places.write(self.strategy, "id", text, self.lifetime)
        visit.found = visit.found or stayed
        return stayed

    def cancel(self) -> None:
        """Forget what was not stored yet."""
        self._dirty = self._scheduled = False

    def look_again(self) -> None:
        """Believe nothing of what was read before."""
        self._looked_at = 0.0

    def refresh(self) -> Visit:
        """Bring the visit up to date with storage, other processes and the clock (R56)."""
        return self._refresh(self._clock())

    def _refresh(self, now: float) -> Visit:
        visit = self.visit
        if visit is None:
            visit = self.visit = self.fresh()
        area = self._area
        if now - self._looked_at > (_FRESH_BEHIND if area.background else _FRESH):
            if not self._dirty:
                self._looked_at = now
                known, _ = self._stored()
                if known is not None:
                    self.visit = known
                    return known
                visit.found = False
            elif not area.background:
                self._store_late(visit, over=now - self._last_event > self._timeout)
        if now - self._last_event > self._timeout:
            visit.renew()
        return visit

    def end_idle(self) -> None:
        """End the session that is held in memory, if its time is up (R56)."""
        visit = self.visit
        if visit is not None and self._clock() - self._last_event > self._timeout:
            if self._dirty:
                self._store_late(visit, over=True)
            visit.renew()
            if self.level is None or self.level.anonymous:
                visit.previous = ""

    def _store_late(self, visit: Visit, *, over: bool) -> None:
        """Store what was left for later; if its time is up meanwhile, it counts as stored."""
        if over:
            visit.found = visit.found or self.strategy is not StorageStrategy.NONE
        else:
            self.store()

    def count(self, event_id: str, at: int) -> Visit:
        """Count an event in, which happened at this epoch millisecond (R56-R59)."""
        now = self._clock()
        visit = self._refresh(now)
        if not visit.index:
            visit.first_event, visit.first_event_at = event_id, at
        visit.index += 1
        self._touch(visit, now)
        return visit

    def _touch(self, visit: Visit, now: float) -> None:
        self.touched = True
        self._last_event = now
        visit.now = round(now)
        self._save(now)

    def start(self) -> None:
        """Start a new session by hand (R64)."""
        before = "" if self.visit is None else self.visit.session
        visit = self.refresh()
        if visit.session == before or visit.index:
            # One whose time was up has just been followed by a new one.
            visit.renew()
        if self.level is not None and self.level.anonymous:
            visit.previous = ""
        self._touch(visit, self._clock())
        self.store()

    def untold(self) -> ClientSession | None:
        """The session, the first time that it is asked for; nothing without storage (R67, W27)."""
        visit = self.visit
        if visit is None or self.strategy is StorageStrategy.NONE or visit.session == self._told:
            return None
        self._told = visit.session
        self.store()
        return self.describe(visit)

    def describe(self, visit: Visit) -> ClientSession:
        """The session as entity and callback tell it (R35)."""
        anonymous = self.level is None or self.level.anonymous
        at = visit.first_event_at
        local = self.strategy is StorageStrategy.LOCAL_STORAGE
        moment = None if at is None else datetime.fromtimestamp(at / 1000, UTC)
        return {
            "userId": ZERO_UUID if anonymous else visit.user or ZERO_UUID,
            "sessionId": visit.session,
            "sessionIndex": visit.count,
            "eventIndex": visit.index,
            "previousSessionId": None if anonymous else visit.previous or None,
            "storageMechanism": "LOCAL_STORAGE" if local else "COOKIE_1",
            "firstEventId": None if anonymous else visit.first_event or None,
            "firstEventTimestamp": None if moment is None else iso(moment),
        }

    def child(self) -> None:
        """After a fork: nothing is scheduled here."""
        self._scheduled = False

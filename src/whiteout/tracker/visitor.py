"""One visitor: level, strategy, ids and queue, and how they change (contracts 1-6; R71-R85)."""

from __future__ import annotations

import threading
from collections.abc import Callable

from whiteout.privacy import Anonymity, StorageStrategy
from whiteout.privacy.consent import Consent
from whiteout.tracker.emitter import Emitter
from whiteout.tracker.gate import Gate
from whiteout.tracker.ids import new_id
from whiteout.tracker.log import logger
from whiteout.tracker.options import Options
from whiteout.tracker.page import PageViewId
from whiteout.tracker.places import Key, Places
from whiteout.tracker.plugins import Plugins
from whiteout.tracker.receipts import ClearedUserData, PrivacyState
from whiteout.tracker.session import Session
from whiteout.tracker.signals import Signals
from whiteout.tracker.visit import Visit

IDENTIFYING_PAIRS = ("uid", "duid", "nuid", "tnuid", "ip", "ua", "sid", "vid")
_PERSISTENT = (StorageStrategy.COOKIE_AND_LOCAL_STORAGE, StorageStrategy.LOCAL_STORAGE)


class Visitor:
    """Everything that one tracker knows about its visitor. Methods are called with `lock` held.

    `shared` tells that the queue holds events of other visitors too. `soon` calls a function later
    in the background.
    """

    def __init__(
        self,
        options: Options,
        places: Places,
        emitter: Emitter,
        *,
        signals: Signals | None = None,
        shared: bool = False,
        soon: Callable[[float, Callable[[], object]], None],
    ) -> None:
        self.options = options
        self.lock = threading.RLock()
        self.gate = Gate(options, options.signals if signals is None else signals)
        self.places = places
        self.emitter = emitter
        self._owners: set[str] | None = {new_id()} if shared else None
        self._token = next(iter(self._owners)) if self._owners else ""
        self.view = PageViewId()
        self.plugins = Plugins()
        self.pairs: dict[str, str] = {}
        self.user_id: str | None = None
        self.blocked = False
        self.signal: str | None = None
        self.session = Session(
            places,
            lifetime=options.cookie_lifetime,
            timeout=options.session_cookie_timeout,
            clock=options.clock,
            soon=lambda delay: soon(delay, self.store),
        )
        self.session.strategy = options.state_storage_strategy
        self._unusable = False
        self._keeps = self._may_keep
        self._certain = False

    @property
    def level(self) -> Anonymity | None:
        """The level that holds; None before anything was decided, and while events are dropped."""
        return self.session.level

    @property
    def strategy(self) -> StorageStrategy:
        """The storage strategy that holds."""
        return self.session.strategy

    @property
    def _may_keep(self) -> bool:
        return self.options.use_local_storage and self.session.strategy in _PERSISTENT

    @property
    def keeps(self) -> bool:
        """Whether events may wait on disk (R26)."""
        return self._keeps

    def owner(self, user: str) -> str:
        """Whose an event with this user id is; without one, it belongs to this tracker alone."""
        if self._owners is None:
            return ""
        if user:
            self._owners.add(user)
        return user or self._token

    def settle(self, before: StorageStrategy | None = None, *, new_session: bool = False) -> bool:
        """Bring the tracker to what holds now. False while nothing may be tracked.

        `before` is the strategy that held until now, `new_session` tells that the site wants one.
        """
        if self._certain and before is None:
            return True
        session = self.session
        before = before or session.strategy
        usable = not self._unusable and session.strategy is not StorageStrategy.NONE
        verdict = self.gate.judge(session=usable)
        self.signal = verdict.signal
        if verdict.blocked:
            if not self.blocked:
                self.blocked = True
                session.level = None
                self._forget()
            return False
        self.blocked = False
        level = session.level
        self._certain = self.gate.quiet
        if level == verdict.level and before is session.strategy and not new_session:
            return True
        self._change(level, verdict.level, before, new_session=new_session)
        if verdict.level.session and not session.store():
            self._unusable, self._certain = True, False
            logger.warning("no usable storage, so no anonymous session")
            return self.settle()
        return True

    def _change(
        self,
        origin: Anonymity | None,
        to: Anonymity,
        before: StorageStrategy,
        *,
        new_session: bool,
    ) -> None:
        session = self.session
        moved = before is not session.strategy
        changed = origin is not None and origin != to
        taken = origin is not None and (
            (to.anonymous and not origin.anonymous) or (to.server and not origin.server)
        )
        session.end_idle()
        visit = session.visit if session.has_ids else None
        if moved or taken:
            self._leave(origin, before)
        if visit is not None and origin is not None:
            self.owner(visit.user)
            if moved or changed:
                self._end(origin, to, before)
        session.level = to
        # Into anonymity, only a session goes on that was anonymous already and loses nothing (W8).
        anonymous = origin is not None and origin.anonymous
        goes_on = visit is not None and not new_session and anonymous and not taken
        if origin is not None and to.anonymous:
            session.take_up(visit if goes_on else None, moved=goes_on, begin=not goes_on)
        else:
            session.take_up(visit, moved=moved and not anonymous, begin=new_session)
        if changed:
            self.view.rotate()
        first = origin is None and self._owners is None
        if taken or (first and to.anonymous):
            # At the start, too: an earlier process may have left events on disk (W23).
            self.emitter.demote(self._owners, to, new_id())
        keeps, self._keeps = self._keeps, self._may_keep
        if (keeps or first) and not self._keeps:
            self.emitter.leave_disk(self._owners)
        if self._owners is None:
            self.emitter.use_disk(use=self._keeps)
        self.plugins.privacy_changed(to)

    def _end(self, origin: Anonymity, to: Anonymity, before: StorageStrategy) -> None:
        """Remove what was stored for a session that ends or moves.

        An identified visitor's state stays when anonymity begins (contract 3).
        """
        keys: tuple[Key, ...] = ("as",) if origin.anonymous else ("id", "ses")
        if origin.anonymous or not to.anonymous:
            for key in keys:
                self.places.remove(before, key)

    def _leave(self, origin: Anonymity | None, before: StorageStrategy) -> None:
        """Write down what is left of a level, if that stays; nothing is written later."""
        session = self.session
        if origin is not None and not origin.anonymous and before is session.strategy:
            session.store()
        session.cancel()

    def enable(self, level: Anonymity, strategy: StorageStrategy | None) -> None:
        """`enable_anonymous_tracking` (contract 3)."""
        self._toward(level, strategy)
        if level.session and self.level is not None and not self.level.session:
            logger.warning("no usable storage, so no anonymous session")

    def disable(
        self, level: Anonymity, strategy: StorageStrategy | None, *, new_session: bool
    ) -> None:
        """`disable_anonymous_tracking` (contract 4)."""
        self._toward(level, strategy, new_session=new_session)

    def _toward(
        self, level: Anonymity, strategy: StorageStrategy | None, *, new_session: bool = False
    ) -> None:
        before = self.session.strategy
        self.gate.explicit = level
        self._certain = False
        if strategy is not None:
            if strategy is not before:
                # What happened under the earlier one belongs there, and may be wanted again.
                self.session.store()
            self.session.strategy = strategy
            self._unusable = False
        self.settle(before, new_session=new_session)

    def decide(self, consent: Consent) -> None:
        """A consent platform tells the visitor's decision (contract 6)."""
        self.gate.consent = consent
        self._certain = False

    def look_for(self, opt_out_cookie: str | None) -> None:
        """Another cookie, or none, means that the visitor opted out."""
        self.gate.opt_out_cookie = opt_out_cookie
        self._certain = False

    def _forget(
        self, *, preserve_user: bool = False, preserve_session: bool = False
    ) -> ClearedUserData:
        """Remove everything that this tracker has stored and in memory; what it was."""
        session = self.session
        session.cancel()
        memory = self.memory()
        cookies = self.places.own(self.places.cookies)
        for name in cookies:
            self.places.cookies.delete(name)
        local = self.places.own(self.places.local)
        for name in local:
            self.places.local.delete(name)
        if not preserve_user:
            self.user_id = None
            self.pairs = {
                name: text for name, text in self.pairs.items() if name not in IDENTIFYING_PAIRS
            }
        visit = session.visit
        if visit is not None:
            self.owner(visit.user)
        session.visit = session.fresh() if visit is not None and session.has_ids else None
        if session.visit is not None and visit is not None:
            if preserve_user:
                session.visit.user = visit.user
            if preserve_session:
                session.visit.session, session.visit.count = visit.session, visit.count
        session.look_again()
        self.view.rotate()
        events = self.emitter.purge(self._owners)
        return ClearedUserData(cookies, local, memory, events)

    def clear(self, *, preserve_user: bool, preserve_session: bool) -> ClearedUserData:
        """`clear_user_data` (R81, W17)."""
        return self._forget(preserve_user=preserve_user, preserve_session=preserve_session)

    def memory(self) -> list[str]:
        """Names of the identifiers that are held in memory, sent or not."""
        visit: Visit | None = self.session.visit
        pairs = self.pairs
        found = (
            ("domain_userid", (visit and visit.user) or pairs.get("duid")),
            ("domain_sessionid", (visit and visit.session) or pairs.get("sid")),
            ("domain_sessionidx", (visit and visit.session) or pairs.get("vid")),
            ("user_id", self.user_id or pairs.get("uid")),
            ("user_ipaddress", pairs.get("ip")),
            ("network_userid", pairs.get("nuid") or pairs.get("tnuid")),
        )
        return [name for name, value in found if value]

    def state(self, waiting: int, *, undecided: bool) -> PrivacyState:
        """`get_privacy_state`. Storage is read only where the level uses it.

        While consent is `undecided`, nothing is settled.
        """
        verdict = self.gate.judge(session=False)
        blocked = verdict.blocked if undecided else not self.settle()
        level = self.level or verdict.level
        memory = self.memory()
        session = level.session
        reads = not blocked and self.session.has_ids
        if reads:
            self.session.store()
        cookies = reads and self.strategy is not StorageStrategy.LOCAL_STORAGE
        cookies = cookies and self.strategy is not StorageStrategy.NONE
        local = reads and self.strategy is StorageStrategy.LOCAL_STORAGE
        sent = [
            name
            for name in memory
            if not level.anonymous
            or (session and name in ("domain_sessionid", "domain_sessionidx"))
        ]
        return PrivacyState(
            mode=level.mode,
            anonymous=level.anonymous,
            session=level.session,
            server=level.server,
            strategy=self.strategy,
            signal=self.signal,
            consent=self.gate.consent.value,
            blocked=blocked,
            sent=[] if blocked else sent,
            memory=memory,
            cookies=self.places.own(self.places.cookies) if cookies else [],
            local_storage=self.places.own(self.places.local) if local else [],
            queued=self.emitter.queued,
            waiting=waiting,
        )

    def store(self) -> None:
        """Store what is new (R51)."""
        with self.lock:
            self.session.store()

    def child(self) -> None:
        """After a fork: the lock may have been held by a thread that is not here."""
        self.lock = threading.RLock()
        self.session.child()

"""The tracker: what a program makes, and calls."""

from __future__ import annotations

import functools
import os
import weakref
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self, Unpack

from whiteout.privacy import Anonymity, StorageStrategy
from whiteout.privacy.consent import Consent
from whiteout.tracker import browser, checks
from whiteout.tracker.anonymity import IDENTIFIED, AnonymousTracking, read_anonymity
from whiteout.tracker.calls import Calls
from whiteout.tracker.emitter import Emitter
from whiteout.tracker.entities import Entity, schema_of
from whiteout.tracker.errors import ConfigurationError
from whiteout.tracker.events import Event
from whiteout.tracker.globals import GlobalContext, GlobalContexts
from whiteout.tracker.ground import ground_of, with_defaults
from whiteout.tracker.log import failed, logger
from whiteout.tracker.looks import Looks
from whiteout.tracker.options import Options, TrackerOptions
from whiteout.tracker.plugins import Plugin
from whiteout.tracker.receipts import ClearedUserData, PrivacyState
from whiteout.tracker.subject import Subject
from whiteout.tracker.timers import Timers
from whiteout.tracker.tracking import Way, preferences
from whiteout.tracker.visitor import Visitor
from whiteout.tracker.waiting import WaitingRoom

Decision = Consent | str | bool | None
"""A decision about consent: granted, denied or unknown; or True, False or None."""


class Tracker(Calls, Subject, Looks):
    """Tracks the events of one visitor and sends them to a collector.

    `namespace` names the tracker, `endpoint` is the collector's address; `Options` says what each
    option means. Raises ConfigurationError for options that are wrong or contradict each other.
    Afterwards no method raises but for arguments of the wrong type, and none waits for the network
    except `flush` and `close`. As a context manager, the tracker closes at the end.
    """

    def __init__(self, namespace: str, endpoint: str, **options: Unpack[TrackerOptions]) -> None:
        checked = Options.read(namespace, endpoint, with_defaults(options))
        places, backlog = ground_of(checked)
        timers = Timers(threads=checked.threads)
        emitter = Emitter(checked, backlog, floor=self._floor, finish=self._finish)
        self._begin(checked, Visitor(checked, places, emitter, soon=timers.later))
        self._timers: Timers | None = timers

    def _begin(self, options: Options, visitor: Visitor) -> None:
        self._options = options
        self._visitor = visitor
        self._timers = None
        self._closed = False
        self._globals = GlobalContexts()
        self._way = Way(options, visitor, self._globals)
        seconds = options.consent_buffer
        self._room = None if seconds is None else WaitingRoom(seconds, options.max_queue_size)
        _TRACKERS.add(self)
        self._settle()
        for plugin in options.plugins:
            self.add_plugin(plugin)

    @property
    def namespace(self) -> str:
        """The name of the tracker."""
        return self._options.namespace

    # Events.

    def track(self, event: Event) -> str | None:
        """Track an event; its id, None when it is not sent (now). Never raises."""
        try:
            if self._closed:
                logger.error("an event was tracked after the tracker was closed")
                return None
            content = self._way.content(event, self._options.clock())
            if self._room is not None and self._waits:
                self._wait(content)
                return None
            return self._way.go(content)
        except Exception as error:  # noqa: BLE001  # on any doubt, nothing is sent (W13)
            failed("track", error)
            return None

    # Privacy.

    def enable_anonymous_tracking(
        self,
        options: AnonymousTracking = None,
        *,
        state_storage_strategy: str | None = None,
    ) -> None:
        """Take identity away from now on (contract 3).

        A flag that `options` leaves out keeps its value. `options=False` is refused, with a
        warning. Nothing tracked afterwards shares an id with anything before; what waits to be sent
        loses its ids. An unknown strategy keeps nothing. Raises ConfigurationError for flags that
        do not exist.
        """
        if options is False:
            logger.warning("options=False is refused: call disable_anonymous_tracking")
            return
        with self._visitor.lock:
            level = read_anonymity(True if options is None else options, self._visitor.gate.wanted)
            self._visitor.enable(level, _strategy(state_storage_strategy))
        self._release()

    def disable_anonymous_tracking(
        self, *, state_storage_strategy: str | None = None, new_session: bool = False
    ) -> None:
        """Give identity back from now on (contract 4), and send what waits."""
        with self._visitor.lock:
            strategy = _strategy(state_storage_strategy)
            self._visitor.disable(IDENTIFIED, strategy, new_session=new_session)
        self._release()
        if self._timers is not None:
            self._visitor.emitter.hurry()

    def set_consent(self, consent: Decision) -> None:
        """What the visitor decided, as a consent platform says (contract 6).

        `granted` identifies, `denied` does not, `unknown` is the configured default; a call of the
        two methods above, and every signal, has precedence. Events that waited for the decision
        are sent now, with their own times. Raises ConfigurationError for any other value.
        """
        try:
            decision = Consent.read(consent)
        except ValueError as error:
            raise ConfigurationError(str(error)) from None
        with self._visitor.lock:
            self._visitor.decide(decision)
            self._settle()
        self._release()

    def clear_user_data(
        self, *, preserve_session: bool = False, preserve_user: bool = False
    ) -> ClearedUserData:
        """Remove all that this tracker has stored and in memory, unsent events too; what it was."""
        with self._visitor.lock:
            receipt = self._visitor.clear(
                preserve_user=preserve_user, preserve_session=preserve_session
            )
        waited = 0 if self._room is None else len(self._room.take())
        return ClearedUserData(
            receipt.cookies, receipt.local_storage, receipt.memory, receipt.events + waited
        )

    def get_privacy_state(self) -> PrivacyState:
        """What is sent, stored and held in memory now."""
        waiting = 0 if self._room is None else len(self._room)
        with self._visitor.lock:
            return self._visitor.state(waiting, undecided=self._waits)

    def set_opt_out_cookie(self, name: str | None) -> None:
        """The cookie that means, while it has a value, that the visitor opted out."""
        checked = checks.cookie_name("the argument of set_opt_out_cookie", name)
        with self._visitor.lock:
            self._visitor.look_for(checked)
            self._settle()

    # Entities and plugins.

    def add_global_contexts(
        self, contexts: Iterable[GlobalContext] | Mapping[str, GlobalContext]
    ) -> None:
        """Entities for all events, or those that a condition accepts (R151)."""
        self._globals.add(contexts)

    def remove_global_contexts(self, contexts: Iterable[GlobalContext | str]) -> None:
        """Remove global contexts, by name or value."""
        self._globals.remove(contexts)

    def clear_global_contexts(self) -> None:
        """Remove all global contexts."""
        self._globals.clear()

    def add_plugin(self, plugin: Plugin) -> None:
        """Add a plugin, and tell it the level."""
        self._visitor.plugins.add(plugin)
        try:
            plugin.activate(self)
            level = self._visitor.level
            if level is not None:
                plugin.privacy_changed(level)
        except Exception as error:  # noqa: BLE001  # a stranger's code
            failed("plugin", error)

    def enable_gdpr_context(
        self,
        basis_for_processing: str,
        *,
        document_id: str | None = None,
        document_version: str | None = None,
        document_description: str | None = None,
    ) -> None:
        """Tell the legal basis on every event from now on (R164)."""
        try:
            data = preferences(
                basis_for_processing,
                {
                    "documentId": document_id,
                    "documentVersion": document_version,
                    "documentDescription": document_description,
                },
            )
        except ValueError as error:
            raise ConfigurationError(str(error)) from None
        self._globals.add([Entity(schema_of("gdpr"), data)])

    # Sending.

    def flush(self, timeout: float = 10.0) -> bool:
        """Send what waits now, for so many seconds at most; whether nothing waits any more."""
        self._visitor.store()
        return self._visitor.emitter.flush(timeout)

    async def aflush(self, timeout: float = 10.0) -> bool:  # noqa: ASYNC109  # of a thread
        """`flush`, without blocking the event loop."""
        if self._visitor.emitter.on_loop:
            self._visitor.store()
            return await self._visitor.emitter.rest(timeout)
        return await self._aside(functools.partial(self.flush, timeout))

    def close(self, timeout: float | None = None) -> bool:
        """Store, send and end; whether nothing was lost. By default within `shutdown_timeout`."""
        if self._closed:
            return True
        seconds = self._options.shutdown_timeout / 1000 if timeout is None else timeout
        self._finish()
        if self._timers is None:
            return True
        self._timers.stop(0)
        return self._visitor.emitter.close(seconds)

    async def aclose(self, timeout: float | None = None) -> bool:  # noqa: ASYNC109  # of a thread
        """`close`, without blocking the event loop."""
        if self._visitor.emitter.on_loop:
            seconds = self._options.shutdown_timeout / 1000 if timeout is None else timeout
            await self.aflush(seconds)
            return self.close(0)
        return await self._aside(functools.partial(self.close, timeout))

    async def _aside(self, call: Callable[[], bool]) -> bool:
        import asyncio  # noqa: PLC0415  # only who awaits needs it

        return await asyncio.get_running_loop().run_in_executor(None, call)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def settle_state(self) -> None:
        """Store the state now if anything happened, as a request does before it is answered."""
        with self._visitor.lock:
            if self._visitor.session.touched:
                self._visitor.session.store()

    def give_up_waiting(self) -> None:
        """No decision about consent will come: what waits goes out anonymously."""
        if self._room is not None and self._waits:
            self.set_consent(Consent.DENIED)

    def _finish(self) -> None:
        """Nothing is tracked any more; the state is stored, and silence was no consent."""
        self._closed = True
        self._visitor.store()
        if self._room is not None:
            self._lose(len(self._room.take()))

    # Consent that is not decided yet.

    @property
    def _waits(self) -> bool:
        gate = self._visitor.gate
        undecided = gate.explicit is None and gate.consent is Consent.UNKNOWN
        return self._room is not None and undecided

    def _settle(self) -> None:
        if not self._waits:
            self._visitor.settle()

    def _wait(self, content: Any) -> None:
        """Have an event wait, unless signals forbid it; no id is read, made or stored."""
        visitor, room = self._visitor, self._room
        with visitor.lock:
            if room is None or visitor.gate.judge(session=False).blocked:
                return
            self._lose(room.add(content, self._options.clock()))

    def _release(self) -> None:
        """Events that waited go out as the decision wants them, with their own times."""
        room = self._room
        if room is None or self._waits:
            return
        with self._visitor.lock:
            self._lose(room.expire(self._options.clock()))
            contents = room.take()
        for content in contents:
            try:
                self._way.go(content)
            except Exception as error:  # noqa: BLE001  # whatever it is
                failed("track", error)

    def _lose(self, count: int) -> None:
        self._visitor.emitter.losses.report(count, "no consent came in time")

    def _floor(self) -> Anonymity | None:
        """The level that holds now, asked before anything is sent (W23)."""
        with self._visitor.lock:
            self._settle()
            return self._visitor.level

    def _leave(self) -> None:
        self._visitor.store()
        self._visitor.emitter.leave()

    def _child(self) -> None:
        self._visitor.child()
        if self._timers is not None:
            self._timers.child()


def _strategy(name: str | None) -> StorageStrategy | None:
    """A strategy by its name; an unknown one keeps nothing (contract 1)."""
    if name is None:
        return None
    try:
        return checks.strategy("state_storage_strategy", name)
    except ConfigurationError:
        logger.warning("there is no such storage strategy: nothing is kept")
        return StorageStrategy.NONE


_TRACKERS: weakref.WeakSet[Tracker] = weakref.WeakSet()


def _after_fork() -> None:
    for tracker in list(_TRACKERS):
        tracker._child()  # noqa: SLF001  # the same module


def _at_leave() -> None:
    for tracker in list(_TRACKERS):
        try:
            tracker._leave()  # noqa: SLF001  # the same module
        except Exception as error:  # noqa: BLE001  # nothing may disturb the page
            failed("leaving", error)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
browser.when_left(_at_leave)

"""Finding schemas: our own first, then those of the registries that an operator configured.

A registry is never waited for long. What is not known yet is fetched in a thread; whoever needs it
waits a moment, of which there is a budget, and goes on without. Answers are kept for a while, also
that there is no such schema; a schema that was known stays in use while a registry cannot be asked
(E-3, E-7, E-8, E-11).
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from whiteout.protocol.iglu import SchemaKey
from whiteout.schemas.dialect import Definition, Validator, compile_schema
from whiteout.schemas.documents import successor
from whiteout.schemas.faults import SchemaFault
from whiteout.schemas.registries import Registry, RegistryError, SchemaNotFound, is_askable
from whiteout.schemas.registry import SchemaRegistry

_log = logging.getLogger("whiteout.schemas")

_MOST_WAITING = 100
_FIRST_RETRY = 0.5
_LAST_RETRY = 60.0
_LAST_GROWTH = 8


@dataclass(frozen=True, slots=True)
class ResolverSettings:
    """Where schemas are looked for, and how patiently. Times are in seconds.

    `registries` are asked in this order, for schemas of these `vendors` only where there are any.
    `cache`: how long an answer is good. `most_known` and `most_unknown` bound how many are kept.
    Registries are asked for at most `rate` schemas a second in the long run, `burst` at once.
    `wait` is how long a look-up waits for a schema that it is the first to ask for; together such
    waits take at most a tenth of the time, saved up to `patience`. None waits for every one.
    """

    registries: tuple[Registry, ...] = ()
    vendors: frozenset[str] = frozenset()
    cache: float = 3600.0
    most_known: int = 500
    most_unknown: int = 2_000
    rate: float = 5.0
    burst: int = 50
    wait: float = 1.0
    patience: float | None = 2.0


class _Bucket:
    """A budget that fills up again with time."""

    def __init__(self, most: float, rate: float) -> None:
        self._most = most
        self._rate = rate
        self._left = most
        self._at = time.monotonic()

    def left(self) -> float:
        """What may be spent now."""
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now
        return self._left

    def spend(self, amount: float) -> None:
        """Spend some."""
        self._left = max(0.0, self.left() - amount)


@dataclass(slots=True)
class _Entry:
    """What is known about a schema that registries were asked for.

    It is itself the validator of that schema, so that whoever keeps it gets the newest version.
    `foreign` tells that whiteout did not write the schema. `instead` is the schema that superseded
    it, and by which data is checked then (B-54).
    """

    owner: Resolver
    key: SchemaKey
    foreign: bool = True
    instead: SchemaKey | None = None
    definition: Definition | None = None
    check: Validator | None = None
    due: float = 0.0
    failures: int = 0
    asked: bool = False
    answered: threading.Event = field(default_factory=threading.Event)

    def __call__(self, data: Any) -> list[SchemaFault]:
        """What is wrong with data."""
        if time.monotonic() >= self.due:
            self.owner.refresh(self)
        return [] if self.check is None else self.check(data)


class Resolver:
    """Looks schemas up. For one thread that asks; what it asks of registries runs in another.

    Without registries it is `SchemaRegistry` and nothing else. To be closed.
    """

    def __init__(self, settings: ResolverSettings | None = None) -> None:
        self._settings = settings = settings or ResolverSettings()
        self._own = SchemaRegistry()
        self._known: OrderedDict[SchemaKey, _Entry] = OrderedDict()
        self._unknown: OrderedDict[SchemaKey, _Entry] = OrderedDict()
        self._requests = _Bucket(settings.burst, settings.rate)
        self._patience = _Bucket(settings.patience or 0.0, 0.1)
        self._queue: queue.Queue[_Entry | None] = queue.Queue(_MOST_WAITING)
        self._thread: threading.Thread | None = None
        self._down: set[str] = set()
        self._lock = threading.Lock()
        self._closed = False

    def validator(self, key: SchemaKey) -> Validator | None:
        """The validator of a schema; None for one that is unknown, or not known yet."""
        own = self._own.validator(key)
        if own is not None or not self._settings.registries:
            return own
        entry = self._entry(key)
        return None if entry is None or entry.check is None else entry

    def definition(self, key: SchemaKey) -> Definition | None:
        """The schema itself; None for one that is unknown, or not known yet."""
        own = self._own.definition(key)
        if own is not None or not self._settings.registries:
            return own
        entry = self._entry(key)
        return None if entry is None else entry.definition

    def close(self) -> None:
        """Ask for nothing more."""
        self._closed = True
        if self._thread is not None:
            try:
                self._queue.put_nowait(None)
            except queue.Full:
                return

    def refresh(self, entry: _Entry) -> bool:
        """Ask again for a schema, in the thread; whether that is under way."""
        if entry.asked:
            return True
        if self._closed or self._requests.left() < 1:
            return False
        entry.asked = True
        entry.answered.clear()
        try:
            self._queue.put_nowait(entry)
        except queue.Full:
            entry.asked = False
            return False
        self._requests.spend(1)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="whiteout-schemas", daemon=True)
            self._thread.start()
        return True

    def _entry(self, key: SchemaKey) -> _Entry | None:
        with self._lock:
            entry = self._known.get(key) or self._unknown.get(key)
            if entry is not None and entry.check is not None:
                self._known.move_to_end(key)
        if entry is None:
            if not is_askable(key, self._settings.vendors):
                return None
            entry = _Entry(self, key)
            with self._lock:
                _put(self._unknown, entry, self._settings.most_unknown)
            if not self.refresh(entry):
                with self._lock:
                    del self._unknown[key]
                return None
            self._wait(entry)
        elif time.monotonic() >= entry.due and self.refresh(entry) and entry.check is None:
            self._wait(entry)
        return entry

    def _wait(self, entry: _Entry) -> None:
        if self._settings.patience is None:
            entry.answered.wait(self._settings.wait)
            return
        most = min(self._settings.wait, self._patience.left())
        began = time.monotonic()
        if most > 0 and not entry.answered.wait(most):
            _log.debug("a schema is not known yet")
        self._patience.spend(time.monotonic() - began)

    def _run(self) -> None:
        while not self._closed:
            entry = self._queue.get()
            if entry is None:
                return
            try:
                self._fetch(entry)
            finally:
                entry.asked = False
                entry.answered.set()

    def _fetch(self, entry: _Entry) -> None:
        definition, failed = self._ask(self._settings.registries, entry.key)
        if definition is not None:
            instead = successor(entry.key, definition)
            newer, away = (None, False)
            if instead is not None:
                newer, away = self._ask(self._settings.registries, instead)
            # While the one that superseded it cannot be had, the older one is better than none.
            entry.check = compile_schema(definition if newer is None else newer)
            entry.instead = None if newer is None else instead
            entry.definition = definition
            failed |= away
        now = time.monotonic()
        entry.failures = entry.failures + 1 if failed and definition is None else 0
        entry.due = now + (self._settings.cache if not entry.failures else _pause(entry.failures))
        if definition is not None:
            with self._lock:
                self._unknown.pop(entry.key, None)
                _put(self._known, entry, self._settings.most_known)

    def _ask(
        self, registries: Sequence[Registry], key: SchemaKey
    ) -> tuple[Definition | None, bool]:
        """The schema of the first registry that has it, and whether one could not be asked."""
        failed = False
        for registry in registries:
            try:
                found = registry.fetch(key)
            except SchemaNotFound:
                self._answers(registry.name)
            except RegistryError as error:
                failed = True
                self._fails(registry.name, str(error))
            except Exception as error:  # noqa: BLE001 (no registry may end this thread)
                failed = True
                self._fails(registry.name, type(error).__name__)
            else:
                self._answers(registry.name)
                return found, failed
        return None, failed

    def _fails(self, name: str, why: str) -> None:
        with self._lock:
            new = name not in self._down
            self._down.add(name)
        if new:
            _log.warning("the schema registry %s %s; it is tried again", name, why)

    def _answers(self, name: str) -> None:
        with self._lock:
            again = name in self._down
            self._down.discard(name)
        if again:
            _log.warning("the schema registry %s answers again", name)


def _put(entries: OrderedDict[SchemaKey, _Entry], entry: _Entry, most: int) -> None:
    entries[entry.key] = entry
    entries.move_to_end(entry.key)
    while len(entries) > most:
        entries.popitem(last=False)


def _pause(failures: int) -> float:
    """Seconds until a registry that failed so often is asked again (E-8)."""
    return min(_LAST_RETRY, _FIRST_RETRY + 4.0 ** min(failures, _LAST_GROWTH) / 1000)


def find(registries: Sequence[Registry], key: SchemaKey) -> Definition:
    """A schema, our own first, asking registries at once and for as long as they take.

    Raises SchemaNotFound, or RegistryError when one of them could not be asked.
    """
    own = SchemaRegistry().definition(key)
    if own is not None:
        return own
    failure: RegistryError | None = None
    for registry in registries if is_askable(key) else ():
        try:
            return registry.fetch(key)
        except SchemaNotFound:
            continue
        except RegistryError as error:
            failure = RegistryError(f"{registry.name} {error}")
    raise failure or SchemaNotFound

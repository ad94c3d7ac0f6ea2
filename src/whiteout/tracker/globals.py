"""Entities for many events: global contexts, with filters and rules (R151-R155, W34)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from whiteout.tracker.entities import Entity, is_entity
from whiteout.tracker.errors import ConfigurationError
from whiteout.tracker.log import failed


@dataclass(frozen=True, slots=True)
class ContextEvent:
    """The event for which entities are wanted: its parameters, `e`, and schema if it has one."""

    event: Mapping[str, str]
    event_type: str
    event_schema: str


Generator = Callable[[ContextEvent], Any]
"""Returns an entity, a list of them, or None."""

Primitive = Entity | Mapping[str, Any] | Generator
Condition = Callable[[ContextEvent], bool] | Mapping[str, str | Sequence[str]]
"""A filter, or a ruleset with `accept` and `reject` (R153)."""

GlobalContext = Primitive | tuple[Condition, Primitive | Sequence[Primitive]]

_RULE = re.compile(
    r"iglu:[\w\-]+\.[\w\-]+(?:\.[\w\-]+)*(?:\.\*)*/(?:[\w\-]+|\*)/jsonschema"
    r"/(?:\d+|\*)-(?:\d+|\*)-(?:\d+|\*)"
)


class GlobalContexts:
    """The global contexts of one tracker: a list, and some by name, if any are `present`."""

    def __init__(self) -> None:
        self._unnamed: list[GlobalContext] = []
        self._named: dict[str, GlobalContext] = {}
        self.present = False

    def _look(self) -> None:
        self.present = bool(self._unnamed or self._named)

    def add(self, contexts: Iterable[GlobalContext] | Mapping[str, GlobalContext]) -> None:
        """Add a list, or a mapping from names. Raises ConfigurationError for what is neither."""
        if isinstance(contexts, Mapping):
            found = dict(contexts)
            _check(found.values())
            self._named |= found
        elif isinstance(contexts, Iterable):
            several = list(contexts)
            _check(several)
            self._unnamed.extend(several)
        else:
            raise ConfigurationError("global contexts are a list, or a mapping from names")
        self._look()

    def remove(self, contexts: Iterable[GlobalContext | str]) -> None:
        """Remove by name, or what equals one that was added (R155)."""
        for one in contexts:
            if isinstance(one, str):
                self._named.pop(one, None)
            elif one in self._unnamed:
                self._unnamed.remove(one)
        self._look()

    def clear(self) -> None:
        """Remove all."""
        self._unnamed.clear()
        self._named.clear()
        self._look()

    def entities(self, about: ContextEvent) -> list[Any]:
        """The entities for an event; what is no entity in the end is left out."""
        found: list[Any] = []
        for one in (*self._unnamed, *self._named.values()):
            if isinstance(one, tuple):
                condition, what = one
                if _applies(condition, about):
                    several = what if isinstance(what, (list, tuple)) else [what]
                    for primitive in several:
                        found.extend(_generate(primitive, about))
            else:
                found.extend(_generate(one, about))
        return found


def _check(contexts: Iterable[Any]) -> None:
    for one in contexts:
        if isinstance(one, tuple):
            if len(one) != 2 or not (callable(one[0]) or isinstance(one[0], Mapping)):
                raise ConfigurationError(
                    "a conditional context is a pair of a filter or ruleset, and entities"
                )
            several = one[1] if isinstance(one[1], (list, tuple)) else [one[1]]
        else:
            several = [one]
        if not all(callable(what) or is_entity(what) for what in several):
            raise ConfigurationError("a global context is an entity, or a function that makes one")


def _generate(primitive: Any, about: ContextEvent) -> list[Any]:
    made = primitive
    if callable(primitive):
        try:
            made = primitive(about)
        except Exception as error:  # noqa: BLE001  # a stranger's code
            failed("global context", error)
            return []
    several = made if isinstance(made, (list, tuple)) else [made]
    return [one for one in several if is_entity(one)]


def _applies(condition: Condition, about: ContextEvent) -> bool:
    if not isinstance(condition, Mapping):
        try:
            return condition(about) is True
        except Exception as error:  # noqa: BLE001  # a stranger's code
            failed("filter of a global context", error)
            return False
    accept, reject = condition.get("accept"), condition.get("reject")
    return matches(accept, about.event_schema) and not matches(reject, about.event_schema)


def matches(rules: str | Sequence[str] | None, schema: str) -> bool:
    """Whether one of these rules matches a schema; a rule that is none matches nothing (R154)."""
    several = [rules] if isinstance(rules, str) else rules or ()
    for rule in several:
        if _RULE.fullmatch(rule):
            pattern = re.escape(rule).replace(r"\*", "[^/.]+")
            if re.fullmatch(pattern, schema):
                return True
    return False

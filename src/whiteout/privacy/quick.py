"""Scrubbing the usual event: nothing in it is odd, so little of it has to be looked at.

Gives to the letter what the way gives that every event can go (`scrub.py`), or gives up; a property
test compares the two. What identifies is found by the names of parameters and members, with a plan
for each set of names. All other text is looked at together, once, for anything from which something
may have to be removed.

What is remembered from one event to the next are the plans, which hold names and no value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from math import inf
from operator import itemgetter
from typing import Any

from whiteout.privacy.agents import coarse_user_agent
from whiteout.privacy.closer import Closer, Dumps, Loads, OddEventError
from whiteout.privacy.findings import EMPTY, LONGEST, MOST, NOT_SOUGHT, SHORTEST
from whiteout.privacy.identifiers import BY_PARAMETER, Identifier, IdentifierClass
from whiteout.privacy.nested import GONE, JSON_PARAMETERS, is_own_session
from whiteout.privacy.plain import nothing_odd
from whiteout.privacy.shapes import Shape, shape_of
from whiteout.privacy.text import decode_base64url, encode_base64url
from whiteout.privacy.urls import usual_url

_MOST_KNOWN = 512
_DEEPEST = 12
URLS: dict[str, bool] = {"url": True, "refr": False}
"""Parameters that hold a URL, and whether it keeps its campaign."""

AGENT = "ua"
"""The parameter that holds a user agent."""

_SETTLED = frozenset({int, bool, type(None)})
_SESSION = IdentifierClass.SESSION

_Texts = Callable[[Mapping[str, Any]], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class _Plan:
    """Names of the parameters of an event, by what is done with them.

    `kept` are those that stay, whatever is left of their text; `texts` are those of them that are
    neither URL nor user agent. `values_of_kept` and `values_of_texts` take what stands there.
    """

    identifiers: tuple[tuple[str, Identifier], ...]
    session: tuple[tuple[str, Identifier], ...]
    kept: tuple[str, ...]
    values_of_kept: _Texts
    texts: tuple[str, ...]
    values_of_texts: _Texts
    urls: tuple[tuple[str, bool], ...]
    agents: tuple[str, ...]
    nested: tuple[str, ...]


_plans: dict[tuple[Collection[str], tuple[str, ...]], _Plan] = {}


def _plan_of(known: Collection[str], names: tuple[str, ...]) -> _Plan:
    """The plan for the names of an event's parameters. Raises OddEventError for unknown names."""
    if not isinstance(known, frozenset):
        raise OddEventError
    plan = _plans.get((known, names))
    if plan is None:
        if not all(name in BY_PARAMETER or name in known for name in names):
            raise OddEventError
        if len(_plans) >= _MOST_KNOWN:
            _plans.clear()
        _plans[known, names] = plan = _read(names)
    return plan


def _read(names: tuple[str, ...]) -> _Plan:
    rows = [(name, BY_PARAMETER[name]) for name in names if name in BY_PARAMETER]
    others = [name for name in names if name not in BY_PARAMETER]
    kept = tuple(name for name in others if name not in JSON_PARAMETERS)
    texts = tuple(name for name in kept if name not in URLS and name != AGENT)
    return _Plan(
        identifiers=tuple(row for row in rows if not row[1].with_session),
        session=tuple(row for row in rows if row[1].with_session),
        kept=kept,
        values_of_kept=_values_of(kept),
        texts=texts,
        values_of_texts=_values_of(texts),
        urls=tuple((name, URLS[name]) for name in kept if name in URLS),
        agents=tuple(name for name in kept if name == AGENT),
        nested=tuple(name for name in others if name in JSON_PARAMETERS),
    )


def _values_of(names: tuple[str, ...]) -> _Texts:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda event: tuple(event[name] for name in names)


def scrub_usual(
    parameters: Mapping[str, Any],
    known: Collection[str],
    *,
    keep_session: bool,
    loads: Loads,
    dumps: Dumps,
) -> tuple[dict[str, str], set[str], bool, bool]:
    """The parameters that `scrub_event` keeps of a usual event, and what else it tells of it.

    That is `redacted`, `user` and `session` of its answer. The arguments are those of
    `scrub_event`. Raises OddEventError.
    """
    plan = _plan_of(known, tuple(parameters))
    event = _Event()
    for name, identifier in plan.identifiers:
        event.carries(identifier, parameters[name])
    event.keeps = keep_session = keep_session and not event.user
    kept = event.session_of(plan.session, parameters)
    nested: list[tuple[str, dict[str, Any]]] = []
    for name in plan.nested:
        value = _decoded(name, parameters[name], loads)
        if event.stays(value, 1):
            nested.append((name, value))
    if keep_session and event.user:
        raise OddEventError
    values = plan.values_of_kept(parameters)
    for value in values:
        if value.__class__ is not str:
            raise OddEventError
    kept.update(zip(plan.kept, values, strict=True))
    event.scrub(kept, plan, loads, dumps)
    for name, value in nested:
        if value.get("data") != [] or name not in ("co", "cx"):
            raw = dumps(value)
            kept[name] = (encode_base64url(raw) if JSON_PARAMETERS[name] else raw).decode()
    return kept, event.names, event.user, event.session


def _decoded(name: str, text: Any, loads: Loads) -> dict[str, Any]:
    """The object that a parameter holds as JSON. Raises OddEventError."""
    try:
        raw = text.encode()
        value = loads(decode_base64url(raw) if JSON_PARAMETERS[name] else raw)
    except (AttributeError, ValueError, RecursionError):
        raise OddEventError from None
    if value.__class__ is not dict:
        raise OddEventError
    return value


def entity_of(value: dict[str, Any]) -> tuple[Shape, dict[str, Any], str | None]:
    """The shape of an object, the object that it tells of, and the schema which that one names.

    That is the data of an entity, or the object itself. Raises OddEventError.
    """
    inside, entity, schema = value, None, value.get("schema")
    if schema is not None:
        data = value.get("data")
        if schema.__class__ is not str:
            raise OddEventError
        if data.__class__ is dict:
            if len(value) != 2:
                raise OddEventError
            if "schema" not in data:
                inside, entity, schema = data, schema, None
    shape = shape_of(entity, schema, tuple(inside))
    if shape is None:
        raise OddEventError
    return shape, inside, schema


class _Event:
    """One event: what identifies is taken out of it, and its texts are scrubbed where they stand.

    `keeps` tells whether the tracker's own session may stay, `session` whether one does.
    """

    __slots__ = (
        "_found",
        "_places",
        "_texts",
        "_urls",
        "_words",
        "keeps",
        "names",
        "session",
        "user",
    )

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.user = False
        self.keeps = False
        self.session = False
        self._found: list[str] = []
        self._texts: list[str] = []
        self._words: list[str] = []
        self._urls: list[tuple[dict[str, Any], str, bool]] = []
        self._places: list[tuple[dict[str, Any], Shape] | list[Any]] = []

    def carries(self, identifier: Identifier, value: Any) -> None:
        """The event carries an identifier, unless the value is empty; as in `Findings`."""
        if value in EMPTY:
            return
        self.names.add(identifier.name)
        if identifier.kind is not _SESSION:
            self.user = True
        if isinstance(value, (str, int)) and identifier.name not in NOT_SOUGHT:
            self._found.append(str(value))

    def keeps_session(self, identifier: Identifier, value: Any) -> bool:
        """Whether a value is the tracker's own session, and sessions are kept (contract 7)."""
        if not (self.keeps and is_own_session(identifier, value)):
            return False
        self.session = True
        return True

    def session_of(
        self, rows: tuple[tuple[str, Identifier], ...], parameters: Mapping[str, Any]
    ) -> dict[str, str]:
        """The parameters with a session that stays."""
        kept: dict[str, str] = {}
        for name, identifier in rows:
            value = parameters[name]
            if value.__class__ is str and self.keeps_session(identifier, value):
                kept[name] = value
            else:
                self.carries(identifier, value)
        return kept

    def stays(self, value: Any, depth: int) -> bool:
        """Take what identifies out of decoded JSON; whether anything of it stays.

        Raises OddEventError.
        """
        if value.__class__ is not dict:
            if value.__class__ is list:
                self._list(value, depth)
            elif value.__class__ is float and not -inf < value < inf:
                raise OddEventError
            return True
        if depth > _DEEPEST:
            raise OddEventError
        shape, inside, schema = entity_of(value)
        if shape.whole is not None:
            self.carries(shape.whole, value)
            return False
        self._words.append(shape.words)
        if shape.held:
            self._take_out(inside, shape)
        gone = self._members(inside, shape, depth)
        if "data" in gone and schema is not None:
            return False
        for name in gone:
            del inside[name]
        if shape.session and not self.keeps:
            self.names.add("domain_sessionid")
            return False
        return True

    def _take_out(self, value: dict[str, Any], shape: Shape) -> None:
        for held in shape.held:
            item = value[held.key]
            if held.named and item.__class__ is bool:
                continue
            if self.keeps and self.keeps_session(held.identifier, item):
                continue
            self.carries(held.identifier, item)
            if held.replacement is GONE:
                del value[held.key]
            else:
                value[held.key] = held.replacement

    def _members(self, value: dict[str, Any], shape: Shape, depth: int) -> Collection[str]:
        """Look at all other members; the names of those of which nothing stays."""
        gone: list[str] = []
        texts = self._texts
        for name in value if shape.plain is None else shape.plain:
            item = value[name]
            if item.__class__ is str:
                texts.append(item)
            elif item.__class__ not in _SETTLED and not self.stays(item, depth + 1):
                gone.append(name)
        gone += [
            name
            for name in (*(name for name, _ in shape.urls), *shape.agents)
            if value[name].__class__ is not str and not self.stays(value[name], depth + 1)
        ]
        self._urls += [
            (value, name, campaign) for name, campaign in shape.urls if value[name].__class__ is str
        ]
        for name in shape.agents:
            if value[name].__class__ is str:
                value[name] = coarse_user_agent(value[name])
        self._places.append((value, shape))
        return gone

    def _list(self, items: list[Any], depth: int) -> None:
        if depth > _DEEPEST:
            raise OddEventError
        gone: list[int] = []
        for index, item in enumerate(items):
            if item.__class__ is str:
                self._texts.append(item)
            elif not self.stays(item, depth + 1):
                gone.append(index)
        for index in reversed(gone):
            del items[index]
        self._places.append(items)

    def scrub(self, kept: dict[str, str], plan: _Plan, loads: Loads, dumps: Dumps) -> None:
        """Scrub all texts where they stand, those of the parameters included.

        Raises OddEventError.
        """
        urls = self._urls
        urls += [(kept, name, campaign) for name, campaign in plan.urls]
        raw = [place[name] for place, name, _ in urls]
        joined = "\n".join((*plan.values_of_texts(kept), *self._texts))
        everything = "\n".join((joined, *raw)).lower()
        words = "\n".join(self._words)
        values = "\n".join(self._found).lower().split()
        if len(values) != len(self._found) or len(values) >= MOST:
            raise OddEventError
        sought = [value for value in values if SHORTEST <= len(value) <= LONGEST]
        for value in sought:
            if value in everything or value in words:
                raise OddEventError
        names = self.names
        closer = None
        if not nothing_odd(joined):
            closer = Closer(names, sought, loads, dumps)
            closer.look_at_texts(kept, plan.texts, self._places)
        for (place, name, campaign), url in zip(urls, raw, strict=True):
            clean = usual_url(url, keep_campaign=campaign, names=names)
            if clean is None:
                closer = closer or Closer(names, sought, loads, dumps)
                clean = closer.url(url, keep_campaign=campaign)
            place[name] = clean
        for name in plan.agents:
            kept[name] = coarse_user_agent(kept[name])
        if closer is not None:
            names |= closer.found()

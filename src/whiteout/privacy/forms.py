"""Scrubbing an event as it stands in its JSON text, by the form of another that was like it.

Most events of a site differ in their values only. From one of them a form is made: a pattern for
the text of such events, which says where each value stands, and the text of what stays of them,
with places for the values that do. A text that fits is scrubbed without being decoded. In a form
stand the names of parameters and members and no value.

Gives to the letter what `scrub_event` gives for the decoded event, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from whiteout.privacy.agents import coarse_user_agent
from whiteout.privacy.closer import OddEventError
from whiteout.privacy.findings import EMPTY, MOST, NOT_SOUGHT, SHORTEST
from whiteout.privacy.identifiers import BY_PARAMETER, ZERO_UUID, Identifier, IdentifierClass
from whiteout.privacy.nested import GONE, JSON_PARAMETERS, is_own_session
from whiteout.privacy.plain import ODD, nothing_looks_odd
from whiteout.privacy.quick import AGENT, URLS, entity_of
from whiteout.privacy.shapes import Shape
from whiteout.privacy.urls import USUAL_HEAD, usual_query

# Nothing here is tried twice, so that a text which does not fit costs no more than one that does.
_TEXT = f"[^{ODD}]*+"
_AGENT = r'[^"\\\x00-\x1f\x7f]*+'
_SCALAR = r"0|-?[1-9][0-9]{0,14}|-?(?:0|[1-9][0-9]{0,8})\.[0-9]{0,2}[1-9]|true|false|null"
_VALUE = rf"(?!{ZERO_UUID})[0-9A-Za-z_.:@+\-]{{{SHORTEST},128}}"
_UUID = rf"(?!{ZERO_UUID})[0-9A-Fa-f]{{8}}(?:-[0-9A-Fa-f]{{4}}){{3}}-[0-9A-Fa-f]{{12}}"
_COUNT = "[0-9]{1,9}"
_NUMBER = "0|[1-9][0-9]{0,8}"
_SHORT = "[0-9]{1,5}"
_SHORT_NUMBER = "[1-9][0-9]{0,4}"
_QUERY = r"(?:\?[^\"\\#\x00-\x1f]*+)?+"
_FRAGMENT = r"(?:#[^\"\\=\x00-\x1f]*+)?+"
_DEEPEST = 12

_Pieces = list[str | int]
"""Text that stays: what is the same for all events of a form, and numbers of groups."""


@dataclass(frozen=True, slots=True)
class Form:
    """What events of one form have in common.

    `names` are the identifiers that all of them carry. Of the groups of `pattern`, `texts` hold
    text, `values` values of identifiers, `links` URLs in two halves, `urls` the second of these,
    which is the query, with whether the campaign stays, and `agents` user agents. `template` is
    what stays, with the groups in `places` between its parts.
    """

    pattern: re.Pattern[str]
    template: tuple[str, ...]
    places: Callable[[Any], tuple[str, ...]]
    texts: Callable[[Any], tuple[str, ...]]
    values: Callable[[Any], tuple[str, ...]]
    links: Callable[[Any], tuple[str, ...]]
    urls: tuple[tuple[int, bool], ...]
    agents: tuple[int, ...]
    words: str
    names: frozenset[str]
    user: bool
    session: bool

    def scrubbed(self, text: str) -> tuple[str, frozenset[str]] | None:
        """The JSON text of the parameters that stay, and names of what was found.

        None for the text of an event that is not of this form, or not usual.
        """
        match = self.pattern.fullmatch(text)
        if match is None:
            return None
        groups: Any = match.groups()
        joined = "\n".join(self.texts(groups))
        everything = "\n".join((joined, *self.links(groups))).lower()
        if "eyj" in everything:  # A token, maybe.
            return None
        for value in "\n".join(self.values(groups)).lower().split("\n"):
            if value and (value in everything or value in self.words):
                return None
        if not nothing_looks_odd(joined):
            return None
        cleaned = self._cleaned(groups)
        if cleaned is None:
            return None
        groups, names = cleaned
        parts = [*self.template]
        parts[1::2] = self.places(groups)
        return "".join(parts), names

    def _cleaned(self, groups: Any) -> tuple[Any, frozenset[str]] | None:
        """The groups with clean URLs and user agents, and names of all that was found."""
        if not (self.urls or self.agents):
            return groups, self.names
        groups = [*groups]
        found: set[str] = set()
        for index, campaign in self.urls:
            query = groups[index]
            kept = query and usual_query(query[1:], keep_campaign=campaign, names=found)
            if kept is None:
                return None
            groups[index] = kept
        for index in self.agents:
            groups[index] = coarse_user_agent(groups[index])
        return groups, self.names.union(found) if found else self.names


def form_of(
    event: Mapping[str, Any], nested: Mapping[str, Any], *, keep_session: bool
) -> Form | None:
    """The form of a usual event, whose parameters that hold JSON are given decoded too.

    None when it has none. That its text fits and is scrubbed as it should be is to be tried.
    """
    try:
        maker = _Maker(event, keep_session=keep_session)
        return maker.form(event, nested)
    except OddEventError:
        return None


class _Maker:
    """Writes the pattern and the template, from left to right."""

    def __init__(self, event: Mapping[str, Any], *, keep_session: bool) -> None:
        self.names: set[str] = set()
        self.user = False
        self.session = False
        self._keep = keep_session
        self._pattern: list[str] = []
        self._groups = 0
        self._texts: list[int] = []
        self._values: list[int] = []
        self._urls: list[tuple[int, bool]] = []
        self._agents: list[int] = []
        self._words: list[str] = []
        self._emptied = False
        for name, value in event.items():
            if name in BY_PARAMETER and not BY_PARAMETER[name].with_session:
                self._note(BY_PARAMETER[name], value)
        self._keep = keep_session and not self.user

    def form(self, event: Mapping[str, Any], nested: Mapping[str, Any]) -> Form:
        """The form. Raises OddEventError."""
        first: list[_Pieces] = []
        middle: list[_Pieces] = []
        last: list[_Pieces] = []
        self._pattern.append(r"\{")
        for place, (name, value) in enumerate(event.items()):
            self._pattern.append(f'{"," if place else ""}"{name}":')
            if name in BY_PARAMETER:
                pieces = self._identifier(BY_PARAMETER[name], value, '"')
                if pieces is not GONE:
                    first.append([f'"{name}":', *pieces])
            elif name in JSON_PARAMETERS:
                self._pattern.append('"')
                self._emptied = False
                pieces = self._value(nested[name], r"\"", 1)
                self._pattern.append('"')
                if pieces is not GONE and not (self._emptied and name in ("co", "cx")):
                    last.append([f'"{name}":"', *pieces, '"'])
            else:
                middle.append([f'"{name}":', *self._parameter(name)])
        self._pattern.append(r"\}")
        if (self._keep and self.user) or len(self._values) >= MOST:
            raise OddEventError
        template, places = _folded(_listed("{", [*first, *middle, *last], "}"))
        return Form(
            pattern=re.compile("".join(self._pattern)),
            template=template,
            places=_taken(places),
            texts=_taken(self._texts),
            values=_taken(self._values),
            links=_taken([half for query, _ in self._urls for half in (query - 1, query)]),
            urls=tuple(self._urls),
            agents=tuple(self._agents),
            words="\n".join(self._words),
            names=frozenset(self.names),
            user=self.user,
            session=self.session,
        )

    def _parameter(self, name: str) -> _Pieces:
        if name in URLS:
            return self._url('"', campaign=URLS[name])
        pieces = self._quoted(_AGENT if name == AGENT else _TEXT, '"')
        group = self._groups - 1
        if name == AGENT:
            self._agents.append(group)
        else:
            self._texts.append(group)
        return pieces

    def _url(self, quote: str, *, campaign: bool) -> _Pieces:
        self._pattern.append(re.escape(quote))
        head, query = self._group(USUAL_HEAD), self._group(_QUERY)
        self._urls.append((query, campaign))
        self._pattern.append(_FRAGMENT + re.escape(quote))
        return [quote, head, query, quote]

    def _group(self, pattern: str) -> int:
        self._pattern.append(f"({pattern})")
        self._groups += 1
        return self._groups - 1

    def _quoted(self, pattern: str, quote: str) -> _Pieces:
        self._pattern.append(re.escape(quote))
        group = self._group(pattern)
        self._pattern.append(re.escape(quote))
        return [quote, group, quote]

    def _literal(self, text: str) -> _Pieces:
        self._pattern.append(re.escape(text))
        return [text]

    def _note(self, identifier: Identifier, value: Any) -> bool:
        """Whether there is an identifier; its name is noted."""
        if value in EMPTY:
            return False
        self.names.add(identifier.name)
        self.user |= identifier.kind is not IdentifierClass.SESSION
        return True

    def _identifier(self, identifier: Identifier, value: Any, quote: str) -> Any:
        """The pattern of an identifier; the session as it stays, `GONE` for any other."""
        text = type(value) is str
        if self._keep and is_own_session(identifier, value):
            self.session = True
            pattern = _UUID if identifier.name == "domain_sessionid" else _COUNT
            return self._quoted(pattern, quote) if text else [self._group(_NUMBER)]
        if not self._note(identifier, value):
            self._literal("null" if value is None else f"{quote}{value}{quote}")
        elif text and value.isdigit() and len(value) < SHORTEST:
            self._quoted(_SHORT, quote)
        elif text:
            self._quoted(_VALUE, quote)
            if identifier.name not in NOT_SOUGHT:
                self._values.append(self._groups - 1)
        elif type(value) is int:
            self._group(_SHORT_NUMBER)
        else:
            raise OddEventError
        return GONE

    def _value(self, value: Any, quote: str, depth: int) -> Any:
        """The pattern of decoded JSON, and what stays of it; `GONE` when nothing does."""
        if depth > _DEEPEST:
            raise OddEventError
        if type(value) is dict:
            return self._object(value, quote, depth)
        if type(value) is str:
            pieces = self._quoted(_TEXT, quote)
            self._texts.append(self._groups - 1)
            return pieces
        if type(value) is not list:
            return [self._group(_SCALAR)]
        kept: list[_Pieces] = []
        self._literal("[")
        for place, item in enumerate(value):
            self._pattern.append("," if place else "")
            pieces = self._value(item, quote, depth + 1)
            if pieces is not GONE:
                kept.append(pieces)
        self._literal("]")
        self._emptied = self._emptied or (depth == 2 and not kept)
        return _listed("[", kept, "]")

    def _object(self, value: dict[str, Any], quote: str, depth: int) -> Any:
        shape, inside, schema = entity_of(value)
        if shape.whole is not None:
            raise OddEventError
        self._words.append(shape.words)
        if inside is value:
            pieces = self._members(value, shape, schema, quote, depth)
        else:
            kept: list[_Pieces] = []
            self._literal("{")
            for place, (key, item) in enumerate(value.items()):
                name = self._literal(f"{',' if place else ''}{quote}{key}{quote}:")
                start = [f"{quote}{key}{quote}:"] if place else name
                if key == "data":
                    kept.append([*start, *self._members(inside, shape, None, quote, depth)])
                else:
                    kept.append([*start, *self._literal(f"{quote}{item}{quote}")])
            self._literal("}")
            pieces = _listed("{", kept, "}")
        if shape.session and not self._keep:
            self.names.add("domain_sessionid")
            return GONE
        return pieces

    def _members(
        self, value: dict[str, Any], shape: Shape, schema: str | None, quote: str, depth: int
    ) -> Any:
        held = {found.key: found for found in shape.held}
        kept: list[_Pieces] = []
        self._literal("{")
        for place, (key, item) in enumerate(value.items()):
            start = f"{quote}{key}{quote}:"
            self._literal(f"{',' if place else ''}{start}")
            if key in held:
                pieces = self._held(held[key], item, quote)
            elif key == "schema" and schema is not None:
                pieces = self._literal(f"{quote}{item}{quote}")
            elif type(item) is str and key in dict(shape.urls):
                pieces = self._url(quote, campaign=dict(shape.urls)[key])
            else:
                pieces = self._value(item, quote, depth + 1)
                if type(item) is str and key in shape.agents:
                    self._agents.append(self._texts.pop())
                elif pieces is GONE and key == "data" and schema is not None:
                    raise OddEventError
            if pieces is not GONE:
                kept.append([start, *pieces])
        self._literal("}")
        return _listed("{", kept, "}")

    def _held(self, held: Any, item: Any, quote: str) -> Any:
        if held.named and type(item) is bool:
            return [self._group("true|false")]
        pieces = self._identifier(held.identifier, item, quote)
        if pieces is not GONE or held.replacement is GONE:
            return pieces
        return ["null"] if held.replacement is None else [f"{quote}{held.replacement}{quote}"]


def _listed(opening: str, items: list[_Pieces], closing: str) -> _Pieces:
    joined: _Pieces = [opening]
    for place, item in enumerate(items):
        joined += [",", *item] if place else item
    return [*joined, closing]


def _folded(pieces: _Pieces) -> tuple[tuple[str, ...], list[int]]:
    """Text and groups in turns: the texts with room for the groups, and the groups."""
    texts = [""]
    places: list[int] = []
    for piece in pieces:
        if isinstance(piece, int):
            places.append(piece)
            texts += ["", ""]
        else:
            texts[-1] += piece
    return tuple(texts), places


def _taken(indexes: list[int]) -> Callable[[Any], tuple[str, ...]]:
    if len(indexes) > 1:
        return itemgetter(*indexes)
    return lambda groups: tuple(groups[index] for index in indexes)

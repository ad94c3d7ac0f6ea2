"""Which identifier a name stands for, however it is spelled (F-P4, F-P10; contract 11).

Names from strangers come as `userId`, `user_id`, `User-ID` or `user.id`, and behind words of their
own: `currentUserId`. Entities are found by vendor and name in any case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from unicodedata import normalize

from whiteout.privacy.identifiers import IDENTIFIERS, SESSION_ENTITIES, EntityField, Identifier

Kind = tuple[str, str]
"""Vendor and name of an entity, in the spelling in which they are compared."""

_MARKS = re.compile(r"[\W_]+")
_IGLU_URI = re.compile(r"\s*iglu:([^/\s]{1,200})/([^/\s]{1,200})/", re.IGNORECASE)
_LONGEST = 100
_LONGEST_URI = 500
_TOO_COMMON = frozenset({"via"})


def spelling(name: str) -> str:
    """A name without case, separators and the digits behind it, as names are compared."""
    plain = name if name.isascii() else normalize("NFKC", name)
    return _MARKS.sub("", plain).lower().rstrip("0123456789")


def _kind(vendor: str, name: str) -> Kind:
    return spelling(vendor), spelling(name)


def _places(row: Identifier) -> Iterable[str]:
    yield from (*row.json_keys, *row.json_endings, *row.parameters, *row.columns, *row.headers)
    yield from (place.field for place in row.entity_fields)


_EXACT: dict[str, Identifier] = {
    name: row for row in reversed(IDENTIFIERS) for name in (*row.cookies, *row.url_parameters)
}
_SPELLED: dict[str, Identifier] = {
    spelling(name): row
    for row in reversed(IDENTIFIERS)
    for name in _places(row)
    if name not in _TOO_COMMON
}
_ENDINGS: tuple[tuple[str, Identifier], ...] = tuple(
    (ending, row) for row in IDENTIFIERS for ending in row.json_endings
)
_ANY_ENDING: tuple[str, ...] = tuple(ending for ending, _ in _ENDINGS)
_ENTITIES: dict[Kind, Identifier] = {
    _kind(*entity): row for row in IDENTIFIERS for entity in row.entities
}
_SESSIONS: frozenset[Kind] = frozenset(_kind(*entity) for entity in SESSION_ENTITIES)
_FIELDS: dict[tuple[Kind, str], tuple[Identifier, EntityField]] = {
    (_kind(place.vendor, place.name), spelling(place.field)): (row, place)
    for row in IDENTIFIERS
    for place in row.entity_fields
}


def identifier_of(name: str) -> Identifier | None:
    """The identifier that a member, a header, a cookie or a URL parameter of this name holds."""
    return _identifier_of(name) if len(name) <= _LONGEST else _look_up(name)


def _look_up(name: str) -> Identifier | None:
    exact = name.strip().lower()
    found = _EXACT.get(exact) or _EXACT.get(exact.partition(".")[0])
    if found is not None:
        return found
    spelled = spelling(name)
    found = _SPELLED.get(spelled)
    if found is None and spelled.endswith(_ANY_ENDING):
        return next(row for ending, row in _ENDINGS if spelled.endswith(ending))
    return found


_identifier_of = lru_cache(maxsize=4096)(_look_up)


def kind_of(schema: object) -> Kind | None:
    """What kind of entity an Iglu URI names, even one that is not quite right; else None."""
    return _kind_of(schema[:_LONGEST_URI]) if isinstance(schema, str) else None


@lru_cache(maxsize=1024)
def _kind_of(schema: str) -> Kind | None:
    match = _IGLU_URI.match(schema)
    return None if match is None else _kind(match[1], match[2])


def entity_identifier(kind: Kind) -> Identifier | None:
    """The identifier that an entity of this kind is, as a whole."""
    return _ENTITIES.get(kind)


def is_session(kind: Kind) -> bool:
    """Whether an entity of this kind is nothing but a session."""
    return kind in _SESSIONS


def entity_field(kind: Kind, spelled: str) -> tuple[Identifier, EntityField] | None:
    """The identifier in a member, by its `spelling`, of a known entity, and what replaces it."""
    return _FIELDS.get((kind, spelled))

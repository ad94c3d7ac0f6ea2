"""What is to be done with a JSON object, by the names of its members: read once, then remembered.

Only names that are ordinary words and schemas that are Iglu URIs are remembered, never a value, and
so few sets of names that memory stays bounded whatever strangers make up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from whiteout.privacy.findings import Findings
from whiteout.privacy.identifiers import Identifier
from whiteout.privacy.keys import Kind, entity_field, entity_identifier, is_session, kind_of
from whiteout.privacy.members import Name, name_of
from whiteout.privacy.nested import GONE, REPLACEMENTS
from whiteout.privacy.prose import scrub_text

_NAME = re.compile(r"[A-Za-z_]{1,40}[0-9]{0,2}[A-Za-z_]{0,20}")
_SCHEMA = re.compile(
    r"iglu:[\w.\-]{1,80}/[\w\-]{1,80}/jsonschema/[0-9]{1,3}(?:-[0-9]{1,3}){2}", re.ASCII
)
_MOST_NAMES = 64
_MOST_KNOWN = 512


@dataclass(frozen=True, slots=True)
class Held:
    """A member that holds an identifier, and what is to stand there instead.

    Where `named`, the member is found by its name alone, and whether there is one may be told.
    """

    key: str
    identifier: Identifier
    replacement: Any
    named: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """What is known of an object before its values are.

    `held` are its identifiers, `urls` its URLs with whether they keep their campaign, `agents` its
    user agents, `versions` the texts that may look like an address. `plain` are all members that
    are looked at as they are, None when there are no others. `words` is all text of the shape
    itself, in lower case. An object that is `whole` is nothing but that identifier; a `session` is
    nothing but a session.
    """

    held: tuple[Held, ...]
    urls: tuple[tuple[str, bool], ...]
    agents: tuple[str, ...]
    versions: frozenset[str]
    plain: tuple[str, ...] | None
    words: str
    whole: Identifier | None
    session: bool


_Key = tuple[str | None, str | None, tuple[str, ...]]
_known: dict[_Key, Shape | None] = {}


def shape_of(entity: str | None, schema: str | None, names: tuple[str, ...]) -> Shape | None:
    """The shape of an object; None for one that must be looked at member by member.

    Either the object is the data of an entity with the schema `entity`, and the shape is that of
    both, or it has a `schema` of its own, or there is none.
    """
    key = (entity, schema, names)
    shape = _known.get(key)
    if shape is None and key not in _known:
        uris = [uri for uri in (entity, schema) if uri is not None]
        ordinary = len(names) <= _MOST_NAMES and all(map(_NAME.fullmatch, names))
        if ordinary and all(map(_SCHEMA.fullmatch, uris)):
            if len(_known) >= _MOST_KNOWN:
                _known.clear()
            _known[key] = shape = _read(uris, schema, names)
    return shape


def _read(uris: list[str], schema: str | None, keys: tuple[str, ...]) -> Shape | None:
    kind = kind_of(uris[0]) if uris else None
    names = {key: name_of(key) for key in keys}
    if not all(name.clean and not name.is_value for name in names.values()):
        return None
    if any(scrub_text(uri, Findings()) != uri for uri in uris):
        return None
    held = tuple(found for key in keys if (found := _held(key, names[key], kind)) is not None)
    others = {key: names[key] for key in keys if key not in {found.key for found in held}}
    urls = tuple((key, not name.is_referrer) for key, name in others.items() if name.is_url)
    agents = tuple(key for key, name in others.items() if name.is_user_agent and not name.is_url)
    settled = {*(found.key for found in held), *(key for key, _ in urls), *agents}
    if schema is not None:
        settled.add("schema")
    return Shape(
        held=held,
        urls=urls,
        agents=agents,
        versions=frozenset(key for key, name in others.items() if name.is_version),
        plain=tuple(key for key in keys if key not in settled) if settled else None,
        words="\n".join((*uris, *keys)).lower(),
        whole=None if kind is None else entity_identifier(kind),
        session=kind is not None and is_session(kind),
    )


def _held(key: str, name: Name, kind: Kind | None) -> Held | None:
    found = None if kind is None else entity_field(kind, name.spelled)
    if found is not None:
        identifier, place = found
        return Held(key, identifier, REPLACEMENTS[place.replacement], named=False)
    if name.identifier is not None:
        return Held(key, name.identifier, GONE, named=True)
    return None

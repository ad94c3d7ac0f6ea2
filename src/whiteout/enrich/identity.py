"""Which identifiers an identified request's event carries, to see its mode (contract 9).

The names are those of the table of identifiers. Anonymous requests were looked through by the
collector, which removed what it found.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from whiteout.privacy import IDENTIFIERS, ZERO_UUID, Identifier, IdentifierClass, identifier_of
from whiteout.privacy.keys import entity_identifier, kind_of

_NOBODY = ("", ZERO_UUID)


class Carried(NamedTuple):
    """Whether there is a user or network identifier, and whether there is a session."""

    user: bool
    session: bool


class Places(NamedTuple):
    """The members of a kind of entity that hold a user or network identifier, and a session."""

    user: tuple[str, ...]
    session: tuple[str, ...]


NO_PLACES = Places((), ())
"""Of an entity in which no identifier can be."""


def _is_session(identifier: Identifier | None) -> bool | None:
    """True for the session, False for a user or network identifier, None for anything else."""
    if identifier is None:
        return None
    if identifier.with_session:
        return True
    return None if identifier.kind is IdentifierClass.SESSION else False


def places_of(vendor: str, name: str) -> Places:
    """The members that hold an identifier in an entity that the table of identifiers knows."""
    found = [
        (place.field, _is_session(row))
        for row in IDENTIFIERS
        for place in row.entity_fields
        if (place.vendor, place.name) == (vendor, name)
    ]
    return Places(
        tuple(field for field, is_session in found if is_session is False),
        tuple(field for field, is_session in found if is_session is True),
    )


def is_identifier(uri: str) -> bool:
    """Whether an entity is a user or network identifier as a whole."""
    kind = kind_of(uri)
    return kind is not None and _is_session(entity_identifier(kind)) is False


def _identifies(value: Any) -> bool:
    """Whether a value says who or which; that there is one (`true`) does not."""
    return not (value is None or value is True or value is False or value in _NOBODY)


def holds(data: dict[str, Any], names: tuple[str, ...]) -> bool:
    """Whether one of these members has a value that identifies."""
    for name in names:  # noqa: SIM110 (a generator takes twice the time, for nearly every event)
        if _identifies(data.get(name)):
            return True
    return False


def look_through(data: Any) -> Carried:
    """What is carried by members named like an identifier, anywhere in JSON."""
    user = session = False
    pending = [data]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            for name, value in item.items():
                is_session = _is_session(identifier_of(name))
                if is_session is not None and _identifies(value):
                    session |= is_session
                    user |= not is_session
            pending += item.values()
        elif isinstance(item, list):
            pending += item
    return Carried(user, session)

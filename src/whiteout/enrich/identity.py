"""Which identifiers an identified request's event carries, to see its mode (contract 9).

The names are those of the table of identifiers. Anonymous requests were looked through by the
collector, which removed what it found.
"""

from __future__ import annotations

from typing import Any

from whiteout.privacy import IDENTIFIERS, ZERO_UUID, Identifier, IdentifierClass, identifier_of
from whiteout.privacy.keys import entity_identifier, kind_of

_NOTHING = (None, "", ZERO_UUID, True, False)

Places = tuple[tuple[str, bool], ...]
"""Members of a kind of entity that hold an identifier, each with whether it is the session."""


def _is_session(identifier: Identifier) -> bool | None:
    """True for the session, False for a user or network identifier, None for anything else."""
    if identifier.with_session:
        return True
    return None if identifier.kind is IdentifierClass.SESSION else False


def places_of(vendor: str, name: str) -> Places:
    """The members that hold an identifier in an entity that the table of identifiers knows."""
    return tuple(
        (place.field, is_session)
        for row in IDENTIFIERS
        if (is_session := _is_session(row)) is not None
        for place in row.entity_fields
        if (place.vendor, place.name) == (vendor, name)
    )


def is_identifier(uri: str) -> bool:
    """Whether an entity is a user or network identifier as a whole."""
    kind = kind_of(uri)
    identifier = None if kind is None else entity_identifier(kind)
    return identifier is not None and _is_session(identifier) is False


class Carried:
    """Whether a user or network identifier, and whether a session was seen."""

    __slots__ = ("session", "user")

    def __init__(self) -> None:
        self.user = False
        self.session = False

    def look_at(self, data: dict[str, Any], places: Places) -> None:
        """Look at the members that can hold an identifier."""
        for name, is_session in places:
            self._value(data.get(name), is_session=is_session)

    def look_through(self, data: Any) -> None:
        """Look through everything, for members named like an identifier."""
        pending = [data]
        while pending:
            item = pending.pop()
            if isinstance(item, dict):
                for name, value in item.items():
                    identifier = identifier_of(name)
                    is_session = None if identifier is None else _is_session(identifier)
                    if is_session is not None:
                        self._value(value, is_session=is_session)
                pending += item.values()
            elif isinstance(item, list):
                pending += item

    def _value(self, value: Any, *, is_session: bool) -> None:
        if value not in _NOTHING:
            if is_session:
                self.session = True
            else:
                self.user = True

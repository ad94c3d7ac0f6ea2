"""Whom a request is about: one identifier, and every place that may hold it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from whiteout.privacy import BY_NAME, ZERO_UUID, Identifier, IdentifierClass, identifier_of

_LONGEST = 1_000
_NOBODY = frozenset({ZERO_UUID, "unknown", "null", "undefined", "none"})
_LONG = 16


class SelectorError(ValueError):
    """Nobody can be found by this; the text says why, and does not repeat a value."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of identifier that people are found by.

    `columns` and `parameters` hold it; `classes` are those of identifiers that may be the same one
    under another name, in JSON of any form. `reference` is the member of an entity by which other
    events point at it, which is taken out of them instead of the events themselves.
    """

    name: str
    columns: tuple[str, ...]
    parameters: tuple[str, ...]
    classes: frozenset[IdentifierClass] = frozenset()
    reference: str | None = None

    def names(self, member: str) -> bool:
        """Whether a member of JSON is called as if it held this kind of identifier."""
        if member in self.parameters:
            return True
        identifier = identifier_of(member)
        if identifier is None or identifier.name == self.reference:
            return False
        return identifier.kind in self.classes


_SOMEBODY = frozenset({IdentifierClass.USER, IdentifierClass.NETWORK})


def _kind(row: Identifier, name: str, reference: str | None = None) -> Kind:
    classes = frozenset({row.kind}) if row.kind is IdentifierClass.SESSION else _SOMEBODY
    columns = tuple(column for column in row.columns if not column.endswith("_tstamp"))
    return Kind(name, columns, row.parameters, classes, reference)


KINDS: tuple[Kind, ...] = (
    *(_kind(BY_NAME[name], name) for name in ("user_id", "domain_userid", "network_userid")),
    _kind(BY_NAME["domain_sessionid"], "session", "previous_sessionid"),
    Kind("event", ("event_id",), ("eid",), reference="first_event_id"),
)
"""Every kind of identifier that people are found by."""

_BY_NAME = {kind.name: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Selector:
    """One identifier and its kind.

    `unmistakable` tells that the value is nobody else's wherever it stands: a UUID, an e-mail
    address, or a long text of letters and digits. Any other value counts only where an identifier
    belongs, since `elizabeth` may also be the title of a page.
    """

    kind: Kind
    value: str

    @classmethod
    def of(cls, name: str, value: str) -> Selector:
        """The selector of a kind by name. Raises SelectorError for what stands for nobody."""
        kind = _BY_NAME[name]
        text = value.strip()
        if not text:
            raise SelectorError(f"{name} is empty: name whom it is about")
        if len(text) > _LONGEST:
            raise SelectorError(f"{name} has more than {_LONGEST} characters, which nothing has")
        if text.lower() in _NOBODY:
            raise SelectorError(f"this {name} stands for nobody, so it finds nobody")
        if name == "event" and not _is_uuid(text):
            raise SelectorError("an event is named by its event_id, which is a UUID")
        return cls(kind, text.lower() if name == "event" else text)

    @property
    def is_uuid(self) -> bool:
        """Whether the value is a UUID, which is the same in either case."""
        return _is_uuid(self.value)

    @property
    def unmistakable(self) -> bool:
        """Whether the value is nobody else's, wherever it stands."""
        value = self.value
        if self.is_uuid:
            return True
        name, at, host = value.partition("@")
        if at and name and "." in host:
            return True
        mixed = any(c.isalpha() for c in value) and any(c.isdigit() for c in value)
        return len(value) >= _LONG and mixed

    def same(self, value: object) -> bool:
        """Whether a value is this very identifier."""
        if not isinstance(value, str):
            return False
        return value == self.value or (self.is_uuid and value.lower() == self.value.lower())


def _is_uuid(text: str) -> bool:
    if len(text) != len(ZERO_UUID):
        return False
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False

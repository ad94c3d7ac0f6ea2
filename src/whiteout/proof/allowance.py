"""What a stored event may hold, by the mode that it declares and by the header (contract 9)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from whiteout.privacy import BY_COLUMN, BY_NAME, Mode, permission


@dataclass(frozen=True, slots=True)
class Allowance:
    """What events of one kind must not hold.

    `columns` must be empty; `content` are names of identifiers that must stand in no text, URL or
    JSON; `session` tells whether a session may stand in JSON; `strict` whether the collector had
    to remove the rest of URLs too.
    """

    columns: frozenset[str]
    content: frozenset[str]
    session: bool
    strict: bool


def declared_mode(text: str | None) -> Mode | None:
    """The mode that an event declares; None for no mode at all."""
    try:
        return None if text is None else Mode(text)
    except ValueError:
        return None


@lru_cache(maxsize=64)
def allowance(declared: str | None, *, server: bool) -> Allowance | None:
    """What an event of this declared mode must not hold; None when that is nothing.

    Mode and header both count, and neither weakens the other (contract 7). An event that declares
    nothing is bound by the header alone.
    """
    mode = declared_mode(declared)
    if not server and mode in (None, Mode.IDENTIFIED):
        return None
    asked = permission(Mode.IDENTIFIED if mode is None else mode)
    header = permission(Mode.SERVER_ANONYMOUS_SESSION if server else Mode.IDENTIFIED)
    kept = asked.kept & header.kept
    sent = asked.sent & header.sent
    return Allowance(
        columns=frozenset(column for column, row in BY_COLUMN.items() if row.name not in kept),
        content=frozenset(BY_NAME) - sent,
        session="domain_sessionid" in sent,
        strict=server,
    )

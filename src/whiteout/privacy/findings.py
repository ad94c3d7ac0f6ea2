"""What is found in one event while it is scrubbed (contracts 7 and 9)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from whiteout.privacy.identifiers import ZERO_UUID, Identifier, IdentifierClass

SHORTEST = 6
LONGEST = 512
"""Lengths of a value that is looked for elsewhere; a shorter one would stand in ordinary text."""

MOST = 32
"""Most values that are looked for."""

NOT_SOUGHT = frozenset({"first_event_id"})
"""Identifiers whose values are not looked for: an event's own id stands in `eid`, and may."""

EMPTY = (None, "", ZERO_UUID)
"""Where one of these stands, there is no identifier (contract 10)."""

_SESSION = IdentifierClass.SESSION


class Findings:
    """Names and values of the identifiers that were found, and whether they name somebody.

    `user` tells whether one of them is a user or network identifier that the event carries. A value
    of an identifier is one wherever it stands: `without_values` removes it from any other text.
    What was found before may be given, values in lower case.
    """

    def __init__(
        self, names: Iterable[str] = (), values: Iterable[str] = (), *, user: bool = False
    ) -> None:
        self.names = set(names)
        self.user = user
        self._values = set(values)

    @property
    def values(self) -> frozenset[str]:
        """The values that were found, in lower case."""
        return frozenset(self._values)

    @property
    def known(self) -> tuple[bool, int]:
        """Something that is another as soon as the event is found to carry anything further."""
        return self.user, len(self._values)

    def note(self, name: str) -> None:
        """An identifier was found where it does not say who sent the event: in a link, a title."""
        self.names.add(name)

    def carries(self, identifier: Identifier, value: object) -> bool:
        """The event carries an identifier; False when the value is empty and there is none."""
        if value in EMPTY:
            return False
        self.names.add(identifier.name)
        if identifier.kind is not _SESSION:
            self.user = True
        if isinstance(value, (str, int)) and identifier.name not in NOT_SOUGHT:
            text = str(value).strip().lower()
            if SHORTEST <= len(text) <= LONGEST and len(self._values) < MOST:
                self._values.add(text)
        return True

    def without_values(self, text: str) -> str:
        """Text without the values that were found, where they stand as words of their own."""
        if not self._values:
            return text
        folded = text.lower()
        for value in self._values:
            if value in folded:
                word = rf"(?<![^\W_]){re.escape(value)}(?![^\W_])"
                text = re.sub(word, "", text, flags=re.IGNORECASE)
        return text

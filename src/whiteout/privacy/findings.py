"""What is found in one event while it is scrubbed (contracts 7 and 9)."""

from __future__ import annotations

import re

from whiteout.privacy.identifiers import ZERO_UUID, Identifier, IdentifierClass

_SHORTEST = 6
_LONGEST = 512
_MOST = 32
_NOT_SOUGHT = frozenset({"first_event_id"})  # an event's own id stands in `eid`, and may


class Findings:
    """Names and values of the identifiers that were found, and whether they name somebody.

    `user` tells whether one of them is a user or network identifier that the event carries. A value
    of an identifier is one wherever it stands: `without_values` removes it from any other text.
    """

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.user = False
        self._values: set[str] = set()

    @property
    def values(self) -> frozenset[str]:
        """The values that were found, in lower case."""
        return frozenset(self._values)

    def note(self, name: str) -> None:
        """An identifier was found where it does not say who sent the event: in a link, a title."""
        self.names.add(name)

    def carries(self, identifier: Identifier, value: object) -> bool:
        """The event carries an identifier; False when the value is empty and there is none."""
        if value in (None, "", ZERO_UUID):
            return False
        self.names.add(identifier.name)
        self.user |= identifier.kind is not IdentifierClass.SESSION
        sought = isinstance(value, (str, int)) and identifier.name not in _NOT_SOUGHT
        text = str(value).strip().lower() if sought else ""
        if _SHORTEST <= len(text) <= _LONGEST and len(self._values) < _MOST:
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

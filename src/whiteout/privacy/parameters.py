"""URLs without parameters that a site names (B-68, F-P4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_plus

_SEPARATOR = re.compile("([&;])")
_NOTHING: frozenset[str] = frozenset()

MASK = "***"
"""What stands for a value that was masked."""


@dataclass(frozen=True, slots=True)
class UrlRules:
    """Names of parameters, in lower case, that are removed from URLs, and whose values are masked.

    They are looked for in the query and in the fragment, however they are written there.
    """

    removed: frozenset[str] = _NOTHING
    masked: frozenset[str] = _NOTHING

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.removed or self.masked)

    def clean(self, url: str) -> str:
        """A URL without them; all else of it stays as it is written."""
        bare, mark, fragment = url.partition("#")
        head, question, query = bare.partition("?")
        if question:
            kept = self._pairs(query)
            bare = head if query and not kept else f"{head}?{kept}"
        if "=" in fragment:
            front, question, rest = fragment.rpartition("?")
            fragment = front + question + self._pairs(rest)
            if not fragment:
                mark = ""
        return f"{bare}{mark}{fragment}"

    def _pairs(self, text: str) -> str:
        kept = [
            (separator, changed)
            for separator, pair in _split(text)
            if (changed := self._pair(pair)) is not None
        ]
        return "".join(part for pair in kept for part in pair)[len(kept[0][0]) if kept else 0 :]

    def _pair(self, pair: str) -> str | None:
        name, equals, _ = pair.partition("=")
        key = unquote_plus(name).strip().lower()
        if key in self.removed:
            return None
        return f"{name}={MASK}" if equals and key in self.masked else pair


def _split(text: str) -> Iterator[tuple[str, str]]:
    """Each pair of a query with the separator before it."""
    first, *rest = _SEPARATOR.split(text)
    yield "", first
    yield from zip(rest[::2], rest[1::2], strict=True)

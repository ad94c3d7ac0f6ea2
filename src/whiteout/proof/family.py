"""Which of many secrets that begin alike it is, where the beginning of one was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from whiteout.proof.forms import SHORTEST, Pattern, kind_of, patterns
from whiteout.proof.matcher import Hit

WIDEST = 512
"""Bytes of the longest pattern of a family."""


class Family:
    """Secrets that begin alike, by the name of each.

    The forms of one kind are made when the first beginning of that kind is found, since nearly
    all finds are of a few kinds.
    """

    def __init__(self, secrets: Callable[[], Mapping[str, str]]) -> None:
        self._all = secrets
        self._tables: dict[str, _Table] = {}

    @cached_property
    def _secrets(self) -> Mapping[str, str]:
        return self._all()

    def member(self, data: bytes, beginning: Hit) -> tuple[str, str] | None:
        """Name and form of the secret that stands where a beginning was found, if one does."""
        kind = kind_of(beginning.form)
        table = self._tables.get(kind)
        if table is None:
            table = self._tables[kind] = _Table(self._patterns(kind))
        return table.at(data, beginning.offset)

    def _patterns(self, kind: str) -> Iterator[tuple[str, Pattern]]:
        for secret, name in self._secrets.items():
            for pattern in patterns(secret, hashed=False, kind=kind):
                yield name, pattern


class _Table:
    """Whole patterns, told apart by a look at one offset."""

    def __init__(self, needles: Iterator[tuple[str, Pattern]]) -> None:
        self._folded: dict[bytes, tuple[str, str]] = {}
        self._exact: dict[bytes, tuple[str, str]] = {}
        sizes: dict[bytes, set[int]] = {}
        for name, pattern in needles:
            table = self._folded if pattern.folded else self._exact
            table.setdefault(pattern.raw, (name, pattern.form))
            sizes.setdefault(pattern.raw[:SHORTEST].lower(), set()).add(len(pattern.raw))
        self._sizes = {start: sorted(each, reverse=True) for start, each in sizes.items()}

    def at(self, data: bytes, offset: int) -> tuple[str, str] | None:
        """Name and form of the longest pattern at an offset."""
        for size in self._sizes.get(data[offset : offset + SHORTEST].lower(), ()):
            text = data[offset : offset + size]
            owner = self._folded.get(text.lower()) or self._exact.get(text)
            if owner is not None:
                return owner
        return None

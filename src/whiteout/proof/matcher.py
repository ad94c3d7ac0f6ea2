"""Many patterns in one pass over bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, Implementation

from whiteout.proof.forms import Pattern

_PREFIX = 8
_TABLE_OF_STATES = 2_000
"""Up to so many beginnings the automaton may be a table: three times as fast, but large."""


class Hit(NamedTuple):
    """A pattern that was found: whose it is, in which form, and at which offset."""

    name: str
    form: str
    offset: int


class Matcher:
    """Finds the patterns of named needles in bytes.

    An automaton over their first bytes, folded to lower case, proposes; two tables of whole
    patterns decide. So the price of a pass hardly depends on how many patterns there are.
    """

    def __init__(self, needles: Iterable[tuple[str, Pattern]]) -> None:
        self._folded: dict[bytes, list[tuple[str, str]]] = {}
        self._exact: dict[bytes, list[tuple[str, str]]] = {}
        lengths: dict[bytes, set[int]] = {}
        for name, pattern in needles:
            table = self._folded if pattern.folded else self._exact
            owners = table.setdefault(pattern.raw, [])
            if (name, pattern.form) not in owners:
                owners.append((name, pattern.form))
            prefix = pattern.raw[:_PREFIX].lower()
            lengths.setdefault(prefix, set()).add(len(pattern.raw))
        self.longest = max((size for sizes in lengths.values() for size in sizes), default=0)
        self._lengths = {
            prefix: tuple(sorted(sizes, reverse=True)) for prefix, sizes in lengths.items()
        }

    @cached_property
    def _automaton(self) -> tuple[BytesAhoCorasick, list[tuple[int, ...]]]:
        small = len(self._lengths) <= _TABLE_OF_STATES
        kind = Implementation.DFA if small else None
        automaton = BytesAhoCorasick(list(self._lengths), implementation=kind)
        return automaton, list(self._lengths.values())

    def find(self, data: bytes, settled: int) -> Iterator[Hit]:
        """Every pattern at every offset below `settled`, the longest first where several begin."""
        if not self._lengths:
            return
        folded = data.lower()
        automaton, lengths = self._automaton
        for index, offset, _ in automaton.find_matches_as_indexes(folded, overlapping=True):
            if offset >= settled:
                continue
            for size in lengths[index]:
                end = offset + size
                for name, form in self._folded.get(folded[offset:end], ()):
                    yield Hit(name, form, offset)
                for name, form in self._exact.get(data[offset:end], ()):
                    yield Hit(name, form, offset)

"""What an audit has counted, and what it remembers from one time to the next."""

from __future__ import annotations

import hashlib
import heapq
import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from whiteout.privacy import IDENTIFIERS

STATE_FILE = "audit.json"
FIRST_ROWS = 20
_FORMAT = 1


class Kind(NamedTuple):
    """Of which kind events are: where they stand, their day, and what they are allowed."""

    table: str
    day: str
    declared: str | None
    inferred: str | None
    server: bool
    signal: str | None


class Breach(NamedTuple):
    """A rule that stored events break: where, on which day, under which mode."""

    table: str
    day: str
    mode: str
    column: str
    rule: str


class Offender(NamedTuple):
    """A row that breaks a rule: when it was received, its id, and the rule; never the value."""

    received: str
    table: str
    id: str
    column: str
    rule: str


@dataclass(slots=True)
class Counts:
    """How many events of each kind there are, how many break which rule, and the first of them."""

    kinds: Counter[Kind] = field(default_factory=Counter)
    breaches: Counter[Breach] = field(default_factory=Counter)
    first: list[Offender] = field(default_factory=list)

    def add(self, other: Counts) -> None:
        """Take in what another part of the lake counted."""
        self.kinds.update(other.kinds)
        self.breaches.update(other.breaches)
        self.first = heapq.nsmallest(FIRST_ROWS, {*self.first, *other.first})

    def offend(self, offender: Offender) -> None:
        """Remember a row, if it is one of the first."""
        if len(self.first) < 4 * FIRST_ROWS:
            self.first.append(offender)
        else:
            self.first = heapq.nsmallest(FIRST_ROWS, {*self.first, offender})


class Memory:
    """Which files were read and found clean, with what they count; in a file of the data folder.

    It holds names of files and numbers, no identifier, and no row that breaks a rule: a file with
    one of those is read again each time. Once the rules are others it counts for
    nothing, and with `full` as well.
    """

    def __init__(self, folder: Path, *, full: bool = False) -> None:
        self._path = folder / STATE_FILE
        self._known: dict[str, list[list[Any]]] = {} if full else self._read()
        self._kept: dict[str, list[list[Any]]] = {}

    def recall(self, file: str) -> Counts | None:
        """What a file counted; None when it has to be read."""
        known = self._known.get(file)
        if known is None:
            return None
        self._kept[file] = known
        return Counts(Counter({Kind(*kind): count for *kind, count in known}))

    def remember(self, file: str, counts: Counts) -> None:
        """Keep what a file counted, if nothing in it breaks a rule."""
        if not counts.breaches:
            self._kept[file] = [[*kind, count] for kind, count in counts.kinds.items()]

    def save(self) -> None:
        """Write down what is known of the files that were seen, at once or not. Raises OSError."""
        content = {"format": _FORMAT, "rules": _rules(), "files": self._kept}
        draft = self._path.with_suffix(".tmp")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file)
        draft.replace(self._path)

    def _read(self) -> dict[str, list[list[Any]]]:
        try:
            content = json.loads(self._path.read_bytes())
            if content["format"] == _FORMAT and content["rules"] == _rules():
                files: Mapping[str, list[list[Any]]] = content["files"]
                return dict(files)
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return {}


def _rules() -> str:
    """A digest of the rules, so that what was clean by others is looked at again."""
    sources = sorted(Path(__file__).parents[1].glob("privacy/*.py")) + [
        Path(__file__).with_name(f"{name}.py")
        for name in ("allowance", "audit", "checks", "suspects")
    ]
    digest = hashlib.sha256(repr(IDENTIFIERS).encode())
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()

"""What comes of a record, and what all its events have in common (B-28; contract 9)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, NamedTuple

from whiteout.enrich import places as at
from whiteout.enrich.derived import day_of
from whiteout.enrich.setters import Row
from whiteout.enrich.settings import EnrichSettings


class Enriched(NamedTuple):
    """The rows that came of one record, as `EVENT_COLUMNS` and `FAILED_COLUMNS` say."""

    events: list[tuple[Any, ...]]
    failed: list[tuple[Any, ...]]


Numbered = tuple[int, tuple[Any, ...]]
"""A row, and the number of its record in the spool."""


@dataclass(slots=True)
class Columns:
    """Event rows of several records, a column each.

    `numbers` are the records' numbers in the spool, a row each, ascending. `values` has one column
    for each of `EVENT_COLUMNS`; None stands for one without any value.
    """

    numbers: list[int] = field(default_factory=list)
    values: list[Sequence[Any] | None] = field(default_factory=lambda: [None] * at.WIDTH)

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.numbers)

    def row(self, place: int) -> tuple[Any, ...]:
        """One row."""
        return tuple(None if column is None else column[place] for column in self.values)

    @classmethod
    def joined(cls, parts: Sequence[Columns]) -> Columns:
        """The rows of several, one after the other."""
        if len(parts) == 1:
            return parts[0]
        return cls(
            [number for part in parts for number in part.numbers],
            [_joined(parts, place) for place in range(at.WIDTH)],
        )

    def without(self, numbers: Collection[int]) -> Columns:
        """The rows of all other records."""
        kept = [place for place, number in enumerate(self.numbers) if number not in numbers]
        return Columns(
            [self.numbers[place] for place in kept],
            [column and [column[place] for place in kept] for column in self.values],
        )

    def merged(self, rows: Sequence[Numbered]) -> Columns:
        """These rows and others, in the order of their records."""
        if not rows:
            return self
        numbers = [*self.numbers, *(number for number, _ in rows)]
        others = list(zip(*(row for _, row in rows), strict=True))
        count = len(self.numbers)
        order = sorted(range(len(numbers)), key=numbers.__getitem__)
        values: list[Sequence[Any] | None] = []
        for own, other in zip(self.values, others, strict=True):
            if own is None and other.count(None) == len(rows):
                values.append(None)
                continue
            column = (*((None,) * count if own is None else own), *other)
            values.append([column[place] for place in order])
        return Columns([numbers[place] for place in order], values)


def _joined(parts: Sequence[Columns], place: int) -> Sequence[Any] | None:
    if all(part.values[place] is None for part in parts):
        return None
    together: list[Any] = []
    for part in parts:
        column = part.values[place]
        together.extend(repeat(None, len(part)) if column is None else column)
    return together


@dataclass(slots=True)
class Batch:
    """What came of several records."""

    events: Columns
    failed: list[Numbered]


def base_row(settings: EnrichSettings, received: int, now: int) -> Row:
    """An event row with what is the same for every event of a request."""
    row: Row = [None] * at.WIDTH
    row[at.ETL_TSTAMP] = now
    row[at.COLLECTOR_TSTAMP] = received
    row[at.V_COLLECTOR] = settings.v_collector
    row[at.V_ETL] = settings.v_etl
    row[at.COLLECTOR_DATE] = day_of(received)
    return row

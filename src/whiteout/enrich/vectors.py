"""The table of parameters, compiled for many events at once: a column of texts becomes values.

What most texts of a column are is seen of all of them together; one that is anything else is read
by the setter that a single event would use. So both ways give the same values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from whiteout.enrich.setters import LIMITS, REPEATED, SETTERS
from whiteout.enrich.values import SURELY_A_TIME, BadValueError, read_network_id, read_uuid
from whiteout.protocol.columns import EVENT_COLUMNS, EVENT_INDEX
from whiteout.protocol.parameters import PARAMETERS, Parameter

Texts = Sequence[str | None]
Odd = set[int]
"""Places in a column of what is not usual, and is looked at alone by others."""

Vector = Callable[[Texts, Odd], Sequence[Any]]
"""Values for texts, None for None. Of a text that is faulty only the place is told, in `Odd`."""

Places = tuple[int, ...]
"""The columns that a parameter fills."""

ODD: Final = object()
"""Stands for the value of an odd text."""

_LONGEST_KNOWN = 64
_MOST_KNOWN = 1_024
_UUID_LENGTH = 36
_UUID_DASHES = (8, 13, 18, 23)
_HEXADECIMAL = b"0123456789abcdef"


class Memo(dict[Any, Any]):
    """The values of texts, computed once; bounded in number and in the length of texts.

    `read` gives a value, `ODD`, or for several columns a tuple.
    """

    def __init__(
        self, read: Callable[[Any], Any], most: int, longest: int, columns: int = 1
    ) -> None:
        super().__init__()
        self._read = read
        self._most = most
        self._longest = longest
        self._odd: Any = ODD if columns == 1 else (ODD,) * columns
        self._met_odd = False

    def __missing__(self, text: Any) -> Any:
        value = self._read(text)
        if value is ODD:
            self._met_odd = True
            return self._odd
        if text is None or len(text) <= self._longest:
            if len(self) >= self._most:
                self.clear()
            self[text] = value
        return value

    def all(self, texts: Texts, odd: Odd) -> list[Any]:
        """The values of a column."""
        values = list(map(self.__getitem__, texts))
        if self._met_odd:
            self._met_odd = False
            odd.update(place for place, value in enumerate(values) if value is self._odd)
        return values


def _alone(name: str, places: Places) -> Callable[[str | None], Any]:
    """Reads one text as the setter of its parameter does."""
    put = SETTERS[name]

    def read(text: str | None) -> Any:
        row: list[Any] = [None] * len(EVENT_COLUMNS)
        faults: list[Any] = []
        if text is not None:
            put(row, text, faults)
        if faults:
            return ODD
        values = tuple(row[place] for place in places)
        return values if len(places) > 1 else values[0]

    return read


def _each(read: Callable[[str | None], Any], texts: Texts, odd: Odd) -> list[Any]:
    values = list(map(read, texts))
    odd.update(place for place, value in enumerate(values) if value is ODD)
    return values


def _present(texts: Texts) -> Sequence[str]:
    return [text for text in texts if text is not None]


def _plain(limit: int, read: Callable[[str | None], Any]) -> Vector:
    """Text, which mostly is printable and far shorter than it may be."""
    fits = limit // 2

    def texts_of(texts: Texts, odd: Odd) -> Sequence[Any]:
        present = _present(texts)
        lengths = set(map(len, present))
        if 0 not in lengths and max(lengths, default=0) <= fits and "".join(present).isprintable():
            return texts
        return _each(read, texts, odd)

    return texts_of


def _times(read: Callable[[str | None], Any]) -> Vector:
    """Times in milliseconds, which mostly have 13 digits."""

    def times_of(texts: Texts, odd: Odd) -> Sequence[Any]:
        present = _present(texts)
        lengths = set(map(len, present))
        digits = "".join(present)
        if (
            0 not in lengths
            and max(lengths, default=0) < SURELY_A_TIME
            and digits.isascii()
            and digits.isdigit()
        ):
            if len(present) == len(texts):
                return list(map(int, present))
            return [None if text is None else int(text) for text in texts]
        return _each(read, texts, odd)

    return times_of


def _uuids(read: Callable[[str | None], Any]) -> Vector:
    """UUIDs, which mostly are in lower case already."""

    def uuids_of(texts: Texts, odd: Odd) -> Sequence[Any]:
        return texts if are_uuids(_present(texts)) else _each(read, texts, odd)

    return uuids_of


def are_uuids(texts: Sequence[str]) -> bool:
    """Whether every text is a UUID in its usual form, in lower case."""
    if not texts:
        return True
    if set(map(len, texts)) != {_UUID_LENGTH}:
        return False
    joined = "".join(texts)
    dashes = "-" * len(texts)
    rest = joined.encode("utf-8", "replace").translate(None, _HEXADECIMAL)
    return rest == dashes.encode() * len(_UUID_DASHES) and all(
        joined[place::_UUID_LENGTH] == dashes for place in _UUID_DASHES
    )


def _reader(read: Callable[[str], Any]) -> Callable[[str | None], Any]:
    def read_or_odd(text: str | None) -> Any:
        try:
            return None if text is None else read(text)
        except BadValueError:
            return ODD

    return read_or_odd


EVENT_IDS: Vector = _uuids(_reader(read_uuid))
"""Ids of events (B-39)."""

NETWORK_IDS: Vector = _uuids(_reader(read_network_id))
"""Network user ids of requests (B-8)."""


def _vector(row: Parameter) -> tuple[Places, Vector]:
    places = tuple(EVENT_INDEX[column] for column in row.columns)
    read = _alone(row.name, places)
    if row.name not in REPEATED:
        if row.converter == "text":
            return places, _plain(LIMITS[places[0]] or 0, read)
        if row.converter == "ts":
            return places, _times(read)
        if row.converter == "uuid":
            return places, _uuids(read)
    return places, Memo(read, _MOST_KNOWN, _LONGEST_KNOWN, len(places)).all


_SENT = [row for row in PARAMETERS if row.since is not None and row.name in SETTERS]
VECTORS: dict[str, tuple[Places, Vector]] = {
    row.name: _vector(row) for row in _SENT if sum(r.columns == row.columns for r in _SENT) == 1
}
"""Columns and vector of each parameter of a POST that stands for itself and shares no column."""

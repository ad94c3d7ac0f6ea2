"""The table of parameters, compiled: each puts its value into its columns (B-28 to B-42, B-48).

What needs more than its own text (URLs, JSON, addresses, network user ids) is not among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from whiteout.enrich.faults import Fault, quoted
from whiteout.enrich.text import is_longer, tsv_safe
from whiteout.enrich.values import (
    BadValueError,
    read_bool,
    read_decimal,
    read_dimensions,
    read_event,
    read_int,
    read_platform,
    read_timestamp,
    read_uuid,
)
from whiteout.protocol.columns import EVENT_COLUMNS, EVENT_INDEX
from whiteout.protocol.parameters import PARAMETERS, Parameter

Row = list[Any]
Faults = list[Fault]
Setter = Callable[[Row, str, Faults], None]
"""Puts a parameter's text into a row, or adds to the faults."""

LIMITS: tuple[int | None, ...] = tuple(column.max_length for column in EVENT_COLUMNS)
"""Greatest length of each column in UTF-16 code units (B-48)."""

REPEATED = frozenset(
    {
        *("e", "p", "tv", "tna", "aid", "cv", "vid", "lang", "cookie", "cd", "tz", "cs"),
        *("res", "vp", "ds", "f_pdf", "f_fla", "f_java", "f_dir", "f_qt", "f_realp", "f_wma"),
        *("f_gears", "f_ag", "tr_cu", "ti_cu"),
    }
)
"""Parameters whose texts often come again in other events."""

_LONGEST_KNOWN = 64
_MOST_KNOWN = 1_024
_BY_OTHERS = frozenset({"url", "refr", "nuid", "tnuid", "eid"})
_YIELDING = frozenset(
    row.name
    for index, row in enumerate(PARAMETERS)
    if any(row.columns == later.columns and row.columns for later in PARAMETERS[index + 1 :])
)

_READERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "int": (read_int, "is not a whole number of 32 bits"),
    "decimal": (read_decimal, "is not a decimal number"),
    "bool": (read_bool, "is neither 0 nor 1"),
    "uuid": (read_uuid, "is not a UUID"),
    "ts": (read_timestamp, "is not a time in milliseconds since 1970"),
    "event": (read_event, "is not the code of an event"),
    "platform": (read_platform, "is not the code of a platform"),
}


def too_long(index: int, value: str) -> Fault:
    """The fault of a value that is longer than its column allows (B-48)."""
    return Fault(
        EVENT_COLUMNS[index].name,
        "maxLength",
        f"is longer than {LIMITS[index]} characters",
        quote=quoted(value),
        after=True,
    )


def put_text(row: Row, index: int, text: str, faults: Faults) -> None:
    """Put text into a column (B-34, B-48)."""
    value = tsv_safe(text)
    limit = LIMITS[index]
    if value is not None and limit is not None and is_longer(value, limit):
        faults.append(too_long(index, value))
    row[index] = value


def _text_setter(index: int, *, yields: bool) -> Setter:
    limit = LIMITS[index] or 0
    surely_fits = limit // 2

    def put(row: Row, text: str, faults: Faults) -> None:
        if yields and row[index] is not None:
            return
        if not text.isprintable():
            text = tsv_safe(text) or ""
        if len(text) > surely_fits and is_longer(text, limit):
            faults.append(too_long(index, text))
        row[index] = text or None

    return put


def _value_setter(name: str, index: int, converter: str, *, yields: bool) -> Setter:
    read, what = _READERS[converter]

    def put(row: Row, text: str, faults: Faults) -> None:
        try:
            value = read(text)
        except BadValueError:
            faults.append(Fault(name, converter, what, quote=quoted(text)))
            return
        if not (yields and row[index] is not None):
            row[index] = value

    return put


def _dimensions_setter(name: str, width: int, height: int) -> Setter:
    what = "is not a width and a height in whole numbers joined by x"

    def put(row: Row, text: str, faults: Faults) -> None:
        try:
            row[width], row[height] = read_dimensions(text)
        except BadValueError:
            faults.append(Fault(name, "dims", what, quote=quoted(text)))

    return put


def _setter(row: Parameter) -> Setter:
    index, *second = (EVENT_INDEX[column] for column in row.columns)
    if row.converter == "dims":
        return _dimensions_setter(row.name, index, *second)
    yields = row.name in _YIELDING
    if row.converter == "text":
        return _text_setter(index, yields=yields)
    return _value_setter(row.name, index, row.converter, yields=yields)


SETTERS: dict[str, Setter] = {
    row.name: _setter(row)
    for row in PARAMETERS
    if row.converter not in {"ip", "json", "none"} and row.name not in _BY_OTHERS
}
"""The setter of each parameter that stands for itself."""


Slot = tuple[Any, dict[str, Any] | None, int, Setter]
"""How a parameter is put into a row: its place, the values that its texts were found to have, a
length at which printable text fits, and its setter.

The place is an index or, for two columns, a slice. Of parameters whose texts seldom come twice no
values are known; of those that are no plain text the length is negative.
"""


def _slot(row: Parameter) -> Slot:
    first = EVENT_INDEX[row.columns[0]]
    place = first if len(row.columns) == 1 else slice(first, first + len(row.columns))
    put = SETTERS[row.name]
    plain = row.converter == "text" and row.name not in _YIELDING
    fits = (LIMITS[first] or 0) // 2 if plain else -1
    if row.name not in REPEATED:
        return place, None, fits, put
    known: dict[str, Any] = {}
    return place, known, fits, _remembering(put, place, known)


def _remembering(put: Setter, place: Any, known: dict[str, Any]) -> Setter:
    def put_and_remember(row: Row, text: str, faults: Faults) -> None:
        count = len(faults)
        put(row, text, faults)
        if len(faults) == count and len(text) <= _LONGEST_KNOWN:
            if len(known) >= _MOST_KNOWN:
                known.clear()
            known[text] = row[place]

    return put_and_remember


SLOTS: dict[str, Slot | None] = {
    row.name: _slot(row) if row.name in SETTERS else None for row in PARAMETERS
}
"""The slot of each parameter that stands for itself, None for any other."""


def put_all(row: Row, parameters: Mapping[str, str], faults: Faults) -> None:
    """Put all parameters that stand for themselves into a row. Most cost no call of their own.

    Raises KeyError for a name that is no parameter.
    """
    for name, text in parameters.items():
        slot = SLOTS[name]
        if slot is None:
            continue
        place, known, fits, put = slot
        if known is not None:
            if text in known:
                row[place] = known[text]
                continue
        elif len(text) <= fits and text.isprintable():
            row[place] = text or None
            continue
        put(row, text, faults)


def check_lengths(row: Row, indexes: Iterable[int], faults: Faults) -> None:
    """Add a fault for each of these columns that is longer than it may be (B-48)."""
    for index in indexes:
        value, limit = row[index], LIMITS[index]
        if value is not None and limit is not None and is_longer(value, limit):
            faults.append(too_long(index, value))

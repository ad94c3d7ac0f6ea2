"""Rows to Arrow, fast: columns, or tuples in column order, become record batches.

Built with arro3, which `deltalake` brings along, and not with pyarrow: both need some 5 µs for a
row of 138 columns, but pyarrow adds 28 MB to the idle process and, after a few batches, twice the
growth. Batches are short because all of this is fast only while the rows fit the cache.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from arro3.core import Array, DataType, Field, RecordBatch, RecordBatchReader, Schema, list_array

from whiteout.lake.errors import LakeValueError
from whiteout.protocol.columns import Column

Row = tuple[Any, ...]

BATCH_ROWS = 2048

_STRING = DataType.string()
_INT32 = DataType.int32()
_INT64 = DataType.int64()
_BOOL = DataType.bool()
_DATE = DataType.date32()
_STRINGS = DataType.list(Field("element", _STRING))
_MILLISECONDS = DataType.timestamp("ms", tz="UTC")
_MICROSECONDS = DataType.timestamp("us", tz="UTC")

ARROW_TYPES: dict[str, DataType] = {
    "string": _STRING,
    "uuid": _STRING,
    "json": _STRING,
    "int": _INT32,
    "double": DataType.float64(),
    "bool": _BOOL,
    "ts": _MICROSECONDS,
    "strings": _STRINGS,
    "date": _DATE,
}
"""How each column type is stored."""

_EPOCH = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=64)
def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - _EPOCH


def _texts(values: Sequence[str | None]) -> Array:
    try:
        return Array(values, type=_STRING)
    except UnicodeEncodeError:
        # JSON escapes can spell half a surrogate pair, which UTF-8 cannot hold.
        return Array(
            [v and v.encode("utf-8", "replace").decode("utf-8") for v in values], type=_STRING
        )


def _timestamps(values: Sequence[int | None]) -> Array:
    return Array(values, type=_INT64).cast(_MILLISECONDS).cast(_MICROSECONDS)


def _days(values: Sequence[str | None]) -> Array:
    return Array([None if v is None else _day(v) for v in values], type=_INT32).cast(_DATE)


def _lists(values: Sequence[Sequence[str] | None]) -> Array:
    flat: list[str] = []
    offsets = [0]
    for value in values:
        flat.extend(value or ())
        offsets.append(len(flat))
    return list_array(
        Array(offsets, type=_INT32),
        _texts(flat),
        type=_STRINGS,
        mask=Array([value is None for value in values], type=_BOOL),
    )


def _plain(kind: DataType) -> Callable[[Sequence[Any]], Array]:
    return lambda values: Array(values, type=kind)


_BUILDERS: dict[str, Callable[[Sequence[Any]], Array]] = {
    "string": _texts,
    "uuid": _texts,
    "json": _texts,
    "int": _plain(_INT32),
    "double": _plain(ARROW_TYPES["double"]),
    "bool": _plain(_BOOL),
    "ts": _timestamps,
    "strings": _lists,
    "date": _days,
}


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one table in Arrow, with the number of the record that each came from, ascending."""

    numbers: Sequence[int]
    batch: RecordBatch

    def after(self, covered: int) -> Block | None:
        """The rows of records beyond `covered`; None when there are none."""
        if self.numbers[0] > covered:
            return self
        start = bisect_right(self.numbers, covered)
        if start == len(self.numbers):
            return None
        return Block(self.numbers[start:], self.batch.slice(start))


class _Absent:
    """The nulls of one type. Most columns of a batch are nothing else: slices of one array."""

    __slots__ = ("_array", "_build", "_length")

    def __init__(self, build: Callable[[Sequence[Any]], Array]) -> None:
        self._build = build
        self._length = BATCH_ROWS
        self._array = build((None,) * BATCH_ROWS)

    def array(self, count: int) -> Array:
        """So many nulls."""
        if count > self._length:
            self._length = count
            self._array = self._build((None,) * count)
        return self._array.slice(0, count)


class _Kept:
    """One column, and the array in which all rows of it were the same."""

    __slots__ = ("_absent", "_build", "_same", "_value")

    def __init__(self, build: Callable[[Sequence[Any]], Array], absent: _Absent) -> None:
        self._build = build
        self._absent = absent
        self._value: Any = None
        self._same = absent.array(0)

    def array(self, count: int, values: Sequence[Any] | None) -> Array:
        """The values as an array of `count`; None stands for no values."""
        if values is None:
            return self._absent.array(count)
        value = values[0]
        if value is not values[-1] or values.count(value) != count:
            return self._build(values)
        if value is None:
            return self._absent.array(count)
        if count > BATCH_ROWS:
            return self._build(values)
        # Where rows repeat it is mostly the very same object, batch after batch.
        if value is not self._value:
            self._same = self._build([value] * BATCH_ROWS)
            self._value = value
        return self._same.slice(0, count)


class ArrowEncoder:
    """Rows of one table to Arrow.

    Every field may be null in the store: what must not be absent is the pipeline's business, and
    a row that breaks such a rule must not stop the rows behind it.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = tuple(columns)
        self.schema = Schema(
            [Field(c.name, ARROW_TYPES[c.type], nullable=True) for c in self.columns]
        )
        absent = {c.type: _Absent(_BUILDERS[c.type]) for c in self.columns}
        self._plan = [_Kept(_BUILDERS[c.type], absent[c.type]) for c in self.columns]

    def batch(self, rows: Sequence[Row]) -> RecordBatch:
        """At most `BATCH_ROWS` rows as one record batch. Raises as `columnar` does."""
        return self.columnar(len(rows), zip(*rows, strict=True))

    def columnar(self, count: int, columns: Iterable[Sequence[Any] | None]) -> RecordBatch:
        """Rows that are given a column each, None for a column without any value.

        Raises `LakeValueError`, naming the column, where a value has the wrong type, is out of
        its range, or a row has the wrong length. Half surrogate pairs in text become `?`.
        """
        arrays = []
        try:
            for kept, values in zip(self._plan, columns, strict=True):
                arrays.append(kept.array(count, values))
        except (TypeError, ValueError, OverflowError) as error:
            at = len(arrays)
            name = self.columns[at].name if at < len(self.columns) else "(none)"
            # Without the cause: it quotes the value.
            raise LakeValueError(
                f"a row does not fit the columns, near {name}: {type(error).__name__}"
            ) from None
        return RecordBatch.from_arrays(arrays, schema=self.schema)

    def takes(self, row: Row) -> bool:
        """Whether a row fits the columns."""
        try:
            self.batch([row])
        except LakeValueError:
            return False
        return True

    def blocks(self, rows: Sequence[tuple[int, Row]], most: int = BATCH_ROWS) -> Iterator[Block]:
        """Numbered rows, their numbers ascending, in blocks of some `most` rows.

        A record stays in one block. Raises as `columnar` does.
        """
        most = min(most, BATCH_ROWS)
        start = 0
        while start < len(rows):
            end = min(start + most, len(rows))
            while end < len(rows) and rows[end][0] == rows[end - 1][0]:
                end += 1
            numbers, values = zip(*rows[start:end], strict=True)
            yield Block(numbers, self.batch(values))
            start = end

    def reader(self, rows: Sequence[Row]) -> RecordBatchReader:
        """All rows as a stream of batches, converted at once so that errors show here."""
        return self.stream(
            [self.batch(rows[i : i + BATCH_ROWS]) for i in range(0, len(rows), BATCH_ROWS)]
        )

    def stream(self, batches: Sequence[RecordBatch]) -> RecordBatchReader:
        """Batches as a stream."""
        return RecordBatchReader.from_batches(self.schema, batches)

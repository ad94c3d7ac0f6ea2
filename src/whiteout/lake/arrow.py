"""Rows to Arrow, fast: tuples in column order become record batches.

Built with arro3, which `deltalake` brings along, and not with pyarrow: both need some 5 µs for a
row of 138 columns, but pyarrow adds 28 MB to the idle process and, after a few batches, twice the
growth. Batches are short because transposing rows is fast only while they fit the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from arro3.core import Array, DataType, Field, RecordBatch, RecordBatchReader, Schema, list_array

from whiteout.lake.errors import LakeValueError
from whiteout.protocol.columns import Column

Row = tuple[Any, ...]

BATCH_ROWS = 1024

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
        # Most columns of a batch hold nothing at all; their arrays are slices of one.
        absent = {c.type: _BUILDERS[c.type]((None,) * BATCH_ROWS) for c in self.columns}
        self._plan = [(_BUILDERS[c.type], absent[c.type]) for c in self.columns]

    def batch(self, rows: Sequence[Row]) -> RecordBatch:
        """At most `BATCH_ROWS` rows as one record batch.

        Raises `LakeValueError`, naming the column, where a value has the wrong type, is out of
        its range, or a row has the wrong length. Half surrogate pairs in text become `?`.
        """
        count = len(rows)
        arrays = []
        try:
            for (build, absent), values in zip(self._plan, zip(*rows, strict=True), strict=True):
                if values[0] is None and values.count(None) == count:
                    arrays.append(absent.slice(0, count))
                else:
                    arrays.append(build(values))
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

    def reader(self, rows: Sequence[Row]) -> RecordBatchReader:
        """All rows as a stream of batches, converted at once so that errors show here."""
        return RecordBatchReader.from_batches(
            self.schema,
            [self.batch(rows[i : i + BATCH_ROWS]) for i in range(0, len(rows), BATCH_ROWS)],
        )

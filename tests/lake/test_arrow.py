"""Rows to Arrow: types, absence, and values that do not fit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lake.small import COLUMNS, column
from whiteout.lake import LakeValueError
from whiteout.lake.arrow import ARROW_TYPES, BATCH_ROWS, ArrowEncoder
from whiteout.protocol.columns import EVENT_COLUMNS, FAILED_COLUMNS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(max_size=10),
    "uuid": st.uuids().map(str),
    "json": st.text(max_size=10),
    "int": st.integers(-(2**31), 2**31 - 1),
    "double": st.floats(allow_nan=False),
    "bool": st.booleans(),
    # Up to the year 9999, beyond which Python has no dates to compare with.
    "ts": st.integers(-62_135_596_800_000, 253_402_300_799_999),
    "strings": st.lists(st.text(max_size=5), max_size=3),
    "date": st.dates().map(date.isoformat),
}

ALL_TYPES = tuple(column(kind, kind) for kind in VALUES)


def as_stored(kind: str, value: Any) -> Any:
    """A value as Arrow gives it back."""
    if value is None:
        return None
    if kind == "ts":
        return EPOCH + timedelta(milliseconds=value)
    if kind == "date":
        return date.fromisoformat(value)
    return value


@given(st.lists(st.tuples(*(st.none() | values for values in VALUES.values())), max_size=6))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_value_comes_back_as_it_was(rows: list[tuple[Any, ...]]) -> None:
    """Every type keeps its values, and None is null (contract 10)."""
    table = ArrowEncoder(ALL_TYPES).reader(rows).read_all()
    assert table.num_rows == len(rows)
    for position, kind in enumerate(VALUES):
        want = [as_stored(kind, row[position]) for row in rows]
        assert table.column(kind).to_pylist() == want


def test_columns_of_the_tables_have_a_stored_type() -> None:
    """Every column of both tables can be stored, under its name and in its place."""
    for columns in (EVENT_COLUMNS, FAILED_COLUMNS):
        encoder = ArrowEncoder(columns)
        assert encoder.schema.names == [c.name for c in columns]
        assert encoder.schema.types == [ARROW_TYPES[c.type] for c in columns]


def test_many_rows_become_several_batches() -> None:
    """Rows beyond one batch keep their order, in columns that rarely hold something too."""
    encoder = ArrowEncoder((column("n", "int"), column("rare", "string")))
    rows = [(n, "x" if n == 1500 else None) for n in range(2 * BATCH_ROWS + 5)]
    table = encoder.reader(rows).read_all()
    assert table.column("n").to_pylist() == [n for n, _ in rows]
    assert table.column("rare").to_pylist() == [rare for _, rare in rows]


def test_half_a_surrogate_pair_is_replaced() -> None:
    """Text that UTF-8 cannot hold loses just that character, and takes no other row with it."""
    encoder = ArrowEncoder((column("text", "string"), column("list", "strings")))
    table = encoder.reader([("a\ud800b", ["\udfff"]), (None, None), ("ß\0", [])]).read_all()
    assert table.column("text").to_pylist() == ["a?b", None, "ß\0"]
    assert table.column("list").to_pylist() == [["?"], None, []]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", 2**31),
        ("int", "secret"),
        ("int", 1.5),
        ("string", 7),
        ("bool", 1),
        ("double", "secret"),
        ("ts", "secret"),
        ("ts", 2**63),
        ("date", "secret"),
        ("date", "2026-13-01"),
        ("strings", [1]),
        ("strings", 1),
    ],
)
def test_a_value_that_does_not_fit_names_its_column_only(kind: str, value: object) -> None:
    """A value of the wrong type or size is an error that names the column and never the value."""
    encoder = ArrowEncoder((column("first", "int"), column("odd", kind)))
    with pytest.raises(LakeValueError) as caught:
        encoder.reader([(1, value), (2, None)])
    assert "odd" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_row_of_the_wrong_length_is_an_error() -> None:
    """Rows shorter or longer than the columns are refused."""
    encoder = ArrowEncoder(COLUMNS)
    short: tuple[Any, ...] = (1, "id", 1)
    right = (*short, [], "2026-11-24")
    for rows in ([short], [short, right], [(*right, 1)]):
        with pytest.raises(LakeValueError):
            encoder.reader(rows)

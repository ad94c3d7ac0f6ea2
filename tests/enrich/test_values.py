"""Readers of values at their edges (B-8, B-35 to B-42)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whiteout.enrich import values

GOOD: list[tuple[Callable[[str], object], str, object]] = [
    (values.read_int, "0", 0),
    (values.read_int, "+7", 7),
    (values.read_int, "-0", 0),
    (values.read_int, "0000000000000012", 12),
    (values.read_int, "2147483647", 2**31 - 1),
    (values.read_int, "-2147483648", -(2**31)),
    (values.read_int, "Null", None),
    (values.read_int, "0" * 100_000 + "5", 5),
    (values.read_decimal, "10.00", 10.0),
    (values.read_decimal, ".5", 0.5),
    (values.read_decimal, "5.", 5.0),
    (values.read_decimal, "-0", -0.0),
    (values.read_decimal, "1e3", 1000.0),
    (values.read_decimal, "1E-7", 1e-7),
    (values.read_decimal, "1e-9999", 0.0),
    (values.read_decimal, "NULL", None),
    (values.read_bool, "0", False),
    (values.read_bool, "1", True),
    (values.read_dimensions, "0x0", (0, 0)),
    (values.read_dimensions, "01280x720", (1280, 720)),
    (values.read_dimensions, "2147483647x1", (2**31 - 1, 1)),
    (values.read_timestamp, "0", 0),
    (values.read_timestamp, "-1", -1),
    (values.read_timestamp, "+12", 12),
    (values.read_timestamp, "-62167219200000", -62_167_219_200_000),
    (values.read_timestamp, "253402300799999", 253_402_300_799_999),
    (values.read_network_id, "1-2-3-4-5", "00000001-0002-0003-0004-000000000005"),
    (
        values.read_network_id,
        "ABCDEF01-2345-6789-ABCD-EF0123456789",
        "abcdef01-2345-6789-abcd-ef0123456789",
    ),
    (values.read_network_id, "123456789-1-1-1-1", "23456789-0001-0001-0001-000000000001"),
    (values.read_event, "ad", "ad_impression"),
    (values.read_platform, "headset", "headset"),
]

BAD: list[tuple[Callable[[str], object], str]] = [
    *(
        (values.read_int, text)
        for text in ("", " 1", "1 ", "1_0", "1.0", "1e1", "٣", "2147483648", "-2147483649", "nul")
    ),
    *(
        (values.read_decimal, text)
        for text in ("", ".", "1,5", "NaN", "Infinity", "-", "1e", "0x1", " 1", "1e999", "1" * 2000)
    ),
    *((values.read_bool, text) for text in ("", "true", "01", "2")),
    *(
        (values.read_dimensions, text)
        for text in ("", "x", "1x", "1X2", "-1x2", "1x2x3", "2147483648x1", "1x99999999999", "٣x٣")
    ),
    *(
        (values.read_uuid, text)
        for text in ("", "0" * 32, "1-2-3-4-5", "1f1b8a1e-0b1a-4c0e-9d6a-0f4a3c1f0c1g")
    ),
    *(
        (values.read_network_id, text)
        for text in ("", "abc", "1-2-3-4", "1-2-3-4-5-6", "--1-1-1", "g-1-1-1-1", "1" * 40)
    ),
    *(
        (values.read_timestamp, text)
        for text in ("", "1.5", "1e3", "null", "253402300800000", "-62167219200001", "9" * 19, "٣")
    ),
    (values.read_event, "PV"),
    (values.read_platform, "WEB"),
]


@pytest.mark.parametrize(("read", "text", "value"), GOOD)
def test_b_35_to_b_42_good_values(read: Callable[[str], object], text: str, value: object) -> None:
    """Each reader takes what its rule takes, at the edges too (B-8, B-35 to B-42)."""
    assert read(text) == value


@pytest.mark.parametrize(("read", "text"), BAD)
def test_b_35_to_b_42_bad_values(read: Callable[[str], object], text: str) -> None:
    """Each reader refuses everything else (B-8, B-35 to B-42)."""
    with pytest.raises(values.BadValueError):
        read(text)


@given(st.integers(-(2**31), 2**31 - 1))
def test_b_35_every_int_is_read(number: int) -> None:
    """Every number of 32 bits is read as itself (B-35)."""
    assert values.read_int(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_b_36_every_finite_double_is_read(number: float) -> None:
    """Every finite double is read as itself from its shortest form (B-36)."""
    assert values.read_decimal(repr(number)) == number


@given(st.uuids())
def test_b_39_every_uuid_is_read(value: UUID) -> None:
    """Every UUID is read in any case and kept in lower case (B-39)."""
    assert values.read_uuid(str(value).upper()) == str(value)
    assert values.read_network_id(str(value)) == str(value)


@given(st.text(max_size=40))
def test_readers_raise_nothing_else(text: str) -> None:
    """No text makes a reader raise anything else."""
    for read in {read for read, *_ in GOOD}:
        try:
            read(text)
        except values.BadValueError:
            continue

"""Small readings of untrusted text (B-44, R121, R171; contract 11)."""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.privacy.strategies import json_values
from whiteout.privacy import (
    NotBase64Error,
    decode_base64url,
    dump_json,
    encode_base64url,
    error_position,
    load_json,
)


def test_vector() -> None:
    """R171: a text beyond ASCII, without padding."""
    text = '{"schema":"iglu:a/b/jsonschema/1-0-0","data":{"k":"\u00e9\u2713?>"}}'
    encoded = b"eyJzY2hlbWEiOiJpZ2x1OmEvYi9qc29uc2NoZW1hLzEtMC0wIiwiZGF0YSI6eyJrIjoiw6ninJM_PiJ9fQ"
    assert encode_base64url(text.encode()) == encoded
    assert decode_base64url(encoded).decode() == text


@given(st.binary())
def test_base64_in_every_form(raw: bytes) -> None:
    """B-44: with padding or without, in both alphabets."""
    assert decode_base64url(encode_base64url(raw)) == raw
    assert decode_base64url(base64.urlsafe_b64encode(raw)) == raw
    assert decode_base64url(base64.b64encode(raw) + b"\n") == raw


@pytest.mark.parametrize(
    "text", [b"a", b"abcde", b"a b", b"a%3D", b"===", b"=a", "\u00e9".encode()]
)
def test_what_is_no_base64(text: bytes) -> None:
    """B-44: other bytes, or a length that no bytes have."""
    with pytest.raises(NotBase64Error) as caught:
        decode_base64url(text)
    assert str(caught.value) == ""


@given(st.binary(max_size=40))
def test_base64_never_fails_otherwise(text: bytes) -> None:
    """B-44: nothing but `NotBase64Error` is raised."""
    with suppress(NotBase64Error):
        assert len(decode_base64url(text)) <= len(text)


@pytest.mark.parametrize("loads", [load_json, msgspec.json.decode])
@pytest.mark.parametrize(
    ("raw", "position"), [(b'{"a":x}', 5), (b"[1,]", 3), (b"\xff", 0), (b'"a', None)]
)
def test_positions(loads: Any, raw: bytes, position: int | None) -> None:
    """Contract 11: where a fault is, in the words of either reader, and nothing else."""
    with pytest.raises(ValueError, match=r".") as caught:
        loads(raw)
    found = error_position(caught.value)
    assert found == position or position is None


def test_an_error_without_a_position() -> None:
    """Contract 11: other words of an error are not read."""
    assert error_position(ValueError("bob@mail.example is no number")) is None


@given(json_values)
def test_json_round_trip(value: Any) -> None:
    """What is written is read again, compact and in UTF-8."""
    assert load_json(dump_json(value)) == value


@pytest.mark.parametrize("raw", [b"NaN", b"[Infinity]", b"-Infinity", b"\xef\xbb\xbf{}", b'"\xff"'])
def test_strict_json(raw: bytes) -> None:
    """Only UTF-8 without a mark in front is read, and only numbers that JSON has."""
    with pytest.raises(ValueError, match=r"."):
        load_json(raw)


def test_json_in_another_encoding() -> None:
    """JSON in UTF-16 is not JSON here."""
    with pytest.raises(ValueError, match=r"."):
        load_json('{"a":1}'.encode("utf-16"))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_no_json_can_hold(value: object) -> None:
    """What another reader would refuse is not written."""
    with pytest.raises(ValueError, match=r"."):
        dump_json(value)

"""Pseudonyms (C-16, C-23, F-P13)."""

from __future__ import annotations

import hashlib
import hmac
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whiteout.privacy import COMPATIBLE_HASHES, compatible_pseudonyms, pseudonyms

KEY = b"k" * 32


def test_a_pseudonym_is_an_hmac_with_the_key_of_the_site() -> None:
    """C-23: HMAC-SHA-256, by a key that is derived for the site."""
    own = hmac.new(KEY, b"shop", hashlib.sha256).digest()
    expected = hmac.new(own, b"user-42", hashlib.sha256).hexdigest()
    assert pseudonyms(KEY, "shop")("user-42") == expected


@given(st.text(), st.text())
def test_equal_values_have_equal_pseudonyms_and_others_have_not(one: str, other: str) -> None:
    """C-23: with one key and in one site, and nowhere else."""
    name = pseudonyms(KEY, "shop")
    assert (name(one) == name(other)) == (one == other)
    assert name(one) != pseudonyms(b"another", "shop")(one)
    assert name(one) != pseudonyms(KEY, "blog")(one)


@given(st.uuids())
def test_the_pseudonym_of_a_uuid_is_a_uuid(value: uuid.UUID) -> None:
    """C-20: a pseudonym fits where a schema demands a UUID, and is of the version for own use."""
    found = pseudonyms(KEY)(str(value))
    assert uuid.UUID(found).version == 8
    assert found == str(uuid.UUID(found))
    assert found != pseudonyms(KEY)(str(uuid.UUID(int=value.int ^ 1)))


@pytest.mark.parametrize(
    ("name", "pseudonym"),
    [
        ("SHA-256", "0ee032473079a9f226a09de9f0fff4f0de6ad487956601d86e4fc62df9d2277a"),
        ("SHA-1", "ed2b316b68d45b6e95bec085dd4e203e8b9579e0"),
        ("MD5", "92f673833315382003de832c7a57f4e7"),
    ],
)
def test_hashes_of_older_systems(name: str, pseudonym: str) -> None:
    """C-16: the hash of value and salt, in lower-case hexadecimal."""
    assert compatible_pseudonyms(name, "pepper123")("user-42") == pseudonym


def test_a_hash_that_nothing_can_compute_is_not_offered() -> None:
    """C-23: MD2 is not there even for compatibility."""
    assert set(COMPATIBLE_HASHES) == {"MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"}

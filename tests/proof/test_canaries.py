"""Canaries are told apart in every form, cut or whole, or a finding would name the wrong place."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whiteout.proof import layers
from whiteout.proof.canaries import Canaries, channels
from whiteout.proof.search import UNKNOWN

KINDS = ("text", "uuid", "ipv4", "ipv6", "number")


@pytest.fixture
def canaries() -> Canaries:
    """Some canaries, more than the ones that a test plants."""
    made = Canaries()
    for other in ("a", "b", "c"):
        for kind in KINDS:
            getattr(made, kind)(other)
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_found_and_told_apart(canaries: Canaries, kind: str) -> None:
    """A secret is found by its own channel, and not by the others of its kind."""
    secret: str = getattr(canaries, kind)("planted")
    for written in (
        secret,
        secret.upper(),
        secret.encode().hex(),
        base64.b64encode(b"?" + secret.encode()).decode(),
    ):
        data = os.urandom(30) + written.encode() + os.urandom(30)
        assert channels(canaries.search(data, "here")) == {"planted"}


@given(
    before=st.binary(max_size=9),
    after=st.binary(max_size=9),
    kind=st.sampled_from(["text", "uuid"]),
)
def test_base64_is_found_wherever_a_secret_stands_in_it(
    before: bytes, after: bytes, kind: str
) -> None:
    """The neighbours of a secret in encoded bytes do not hide it."""
    canaries = Canaries(seed=1)
    secret: str = getattr(canaries, kind)("planted")
    raw = before + secret.encode() + after
    for encoded in (base64.b64encode(raw), base64.urlsafe_b64encode(raw)):
        assert channels(canaries.search(encoded, "here")) == {"planted"}


def test_bytes_without_a_canary_have_no_finding(canaries: Canaries) -> None:
    """The search does not cry wolf, not even for another run's canaries."""
    other = Canaries()
    noise = bytes(range(256)) * 4_000
    assert canaries.search(noise + other.text("planted").encode(), "here") == []


def test_a_canary_cut_short_is_found(canaries: Canaries) -> None:
    """A secret of which only the beginning was kept is a leak of an unknown canary."""
    data = canaries.text("planted")[:-2].encode()
    assert channels(canaries.search(data, "here")) == {UNKNOWN}


@pytest.mark.parametrize("piece", [1, 7, 64])
def test_a_canary_on_a_border_is_no_unknown_one(
    canaries: Canaries, tmp_path: Path, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a file is cut while it is read, a whole canary is still known as one."""
    monkeypatch.setattr(layers, "PIECE", piece)
    (tmp_path / "file").write_text(f"{'x' * 50}{canaries.text('planted')} {canaries.uuid('two')}")
    assert channels(canaries.search_tree(tmp_path)) == {"planted", "two"}


def test_a_channel_has_one_canary_of_a_kind(canaries: Canaries) -> None:
    """The same channel gets the same secret, every other channel another one."""
    made = [canaries.text(f"channel {number}") for number in range(1_000)]
    assert len(set(made)) == 1_000
    assert made == [canaries.text(f"channel {number}") for number in range(1_000)]
    addresses = {canaries.ipv4(f"channel {number}") for number in range(500)}
    assert len(addresses) == 500

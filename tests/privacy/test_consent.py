"""What counts as a decision about consent (contract 6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whiteout.privacy.consent import Consent


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, Consent.UNKNOWN),
        (True, Consent.GRANTED),
        (False, Consent.DENIED),
        ("unknown", Consent.UNKNOWN),
        ("denied", Consent.DENIED),
        ("granted", Consent.GRANTED),
        (Consent.GRANTED, Consent.GRANTED),
    ],
)
def test_decisions_are_read(value: object, expected: Consent) -> None:
    """Contract 6: a decision has a name, or is True, False or None."""
    assert Consent.read(value) is expected


@given(st.one_of(st.integers(), st.text(), st.floats(), st.lists(st.booleans()), st.binary()))
def test_nothing_else_is_a_consent(value: object) -> None:
    """Contract 6: what is merely true is no consent."""
    if value in ("unknown", "denied", "granted"):
        return
    with pytest.raises(ValueError, match="granted, denied or unknown"):
        Consent.read(value)

"""The access token and sessions (contract 15)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from whiteout.live.credentials import SESSION_SECONDS, Credentials

CREDENTIALS = Credentials("a-long-random-token")


@given(st.binary())
def test_only_the_token_is_the_token(candidate: bytes) -> None:
    """No other bytes pass for the token."""
    assert CREDENTIALS.is_token(candidate) is (candidate == b"a-long-random-token")


@given(st.text())
def test_made_up_sessions_are_none(value: str) -> None:
    """Whatever a stranger writes into the cookie, it is no session and no error."""
    assert not CREDENTIALS.is_session(value)


@given(st.floats(min_value=0, max_value=SESSION_SECONDS - 1), st.integers(0, 2**33))
def test_a_session_is_good_for_its_time(age: float, now: int) -> None:
    """A session is good until it expires, and not a second longer."""
    session = CREDENTIALS.new_session(now)
    assert CREDENTIALS.is_session(session, now + age)
    assert not CREDENTIALS.is_session(session, now + SESSION_SECONDS)


def test_two_sessions_differ() -> None:
    """Two sign-ins at one moment cannot be told to be the same browser."""
    assert CREDENTIALS.new_session(1) != CREDENTIALS.new_session(1)


def test_a_session_holds_no_token() -> None:
    """Neither the token nor its plain hash stands in a session."""
    session = CREDENTIALS.new_session()
    assert "a-long-random-token" not in session
    assert "a-long-random-token" not in repr(CREDENTIALS)

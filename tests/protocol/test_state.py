"""The cookies `_sp_id` and `_sp_ses` (R18, R22, R23, R44-R50, R173; contract 5)."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whiteout.protocol.state import (
    DEFAULT_PREFIX,
    SESSION_VALUE,
    VisitorState,
    cookie_hash,
    cookie_name,
    decode_cookie,
    encode_cookie,
    parse_state,
)

NOW = 1_795_487_371
FULL = "abc.1600000000.3.1600000001.1599999999.sess.prev.first.1600000000123.4"
states = st.builds(
    VisitorState,
    domain_userid=st.uuids().map(str) | st.just(""),
    created_at=st.integers(0, 2**33),
    visit_count=st.integers(-5, 2**31),
    now=st.integers(0, 2**33),
    last_visit=st.none() | st.integers(0, 2**33),
    session_id=st.uuids().map(str),
    previous_session_id=st.uuids().map(str) | st.just(""),
    first_event_id=st.uuids().map(str) | st.just(""),
    first_event_at=st.none() | st.integers(0, 2**43),
    event_index=st.integers(-1, 2**31),
    found=st.just(True),
)


def parse(text: str) -> VisitorState:
    """Read a value at a fixed time, with a fixed new session and memorised count."""
    return parse_state(text, now=NOW, new_session_id="new", visit_count=1)


@pytest.mark.parametrize(
    ("text", "user", "visits", "session", "index"),
    [
        ("abc", "abc", 1, "new", 0),
        ("abc.1600000000.3.1600000001.1599999999", "abc", 3, "new", 0),
        ("abc.1600000000.3.1600000001.1599999999.sess", "abc", 3, "sess", 0),
        ("abc.x.y.z.q.sess", "abc", 1, "sess", 0),
        (
            "abc.1600000000.3.1600000001.undefined.undefined.undefined.undefined.undefined.undefined",
            *("abc", 3, "new", 0),
        ),
        (".....", "", 1, "new", 0),
        (FULL, "abc", 3, "sess", 4),
        (f"{FULL}.more.fields", "abc", 3, "sess", 4),
        ("abc.1.3.1.1.sess.prev.first.1.-1", "abc", 3, "sess", -1),
        ("<script>.1.-3.1.1.sess", "<script>", -3, "sess", 0),
    ],
)
def test_stored_values(text: str, user: str, visits: int, session: str, index: int) -> None:
    """R47, R48: what each stored value says; missing and broken fields fall back."""
    state = parse(text)
    assert state.domain_userid == user
    assert state.visit_count == visits
    assert state.session_id == session
    assert state.event_index == index
    assert state.found


def test_every_field() -> None:
    """R44: ten fields, times in seconds but for that of the first event."""
    assert parse(FULL) == VisitorState(
        domain_userid="abc",
        created_at=1_600_000_000,
        visit_count=3,
        now=1_600_000_001,
        last_visit=1_599_999_999,
        session_id="sess",
        previous_session_id="prev",
        first_event_id="first",
        first_event_at=1_600_000_000_123,
        event_index=4,
        found=True,
    )


def test_missing_fields_fall_back() -> None:
    """R47: times to now, the count to the memorised one, the rest to nothing."""
    state = parse_state("abc", now=NOW, new_session_id="new", visit_count=7)
    assert state == VisitorState("abc", NOW, 7, NOW, None, "new", found=True)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(
            ("3e2", 3),
            ("12abc", 12),
            ("-5", -5),
            ("+5", 5),
            (" 7", 7),
            ("0x1f", 0),
            ("1" * 30, None),
        ),
        *(("", None), ("abc", None), ("NaN", None), ("\u0663", None), ("--1", None)),
    ],
)
def test_numbers_are_read_leniently(text: str, number: int | None) -> None:
    """R47: the digits in front count, whatever follows them; no number is none."""
    last = parse(f"abc.1.1.1.{text}").last_visit
    assert last == (int("1" * 18) if text == "1" * 30 else number)


def test_fresh_value() -> None:
    """R44: the value right after a first visit began."""
    fresh = VisitorState("user", NOW, 1, NOW, None, "sess")
    assert fresh.serialise() == f"user.{NOW}.1.{NOW}..sess....0"
    assert not fresh.found


def test_anonymous_value() -> None:
    """R46, R173: without user and previous session, all else as it was."""
    text = "def.1653632272.10.1653632282.1653632262.ses.previous.fid.1653632252.9"
    anonymous = ".1653632272.10.1653632282.1653632262.ses..fid.1653632252.9"
    assert parse(text).serialise() == text
    assert parse(text).serialise(anonymous=True) == anonymous


@given(states, st.booleans())
def test_round_trip(state: VisitorState, anonymous: bool) -> None:
    """R44, R46: what is written is read again, but for what anonymity blanks."""
    text = state.serialise(anonymous=anonymous)
    assert text.count(".") == 9
    again = parse(text)
    assert again.serialise(anonymous=anonymous) == text
    if anonymous:
        assert (again.domain_userid, again.previous_session_id) == ("", "")
        assert not state.domain_userid or state.domain_userid not in text
    else:
        assert again == state


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    """R48: no stored text makes reading fail, and what was read can be written and read again."""
    state = parse(text)
    assert parse(state.serialise()) == state
    assert state.session_id


@pytest.mark.parametrize(
    ("host", "path", "digits"),
    [
        ("localhost", "/", "1fff"),
        ("example.com", "/", "8809"),
        (".example.com", "/", "62df"),
        ("www.shop.example.com", "/", "6d07"),
        ("snowplow-js-tracker.local", "/", "7f01"),
        (".example.com", "/foo", "53da"),
        ("127.0.0.1", "/", "dc78"),
        ("example.com.", "/", "8809"),
        ("*.example.com", "/", "62df"),
        ("example.com", "", "8809"),
    ],
)
def test_cookie_hash(host: str, path: str, digits: str) -> None:
    """R22: the four digits behind a cookie's name."""
    assert cookie_hash(host, path) == digits


def test_cookie_names() -> None:
    """R23, R50, contract 5: identified, session, and anonymous session cookies."""
    assert cookie_name("id", "example.com") == "_sp_id.8809"
    assert cookie_name("ses", "example.com") == "_sp_ses.8809"
    assert cookie_name("as", ".example.com", "/foo") == "_sp_as.53da"
    assert cookie_name("id", "localhost", prefix="my_") == "my_id.1fff"
    assert DEFAULT_PREFIX == "_sp_"
    assert SESSION_VALUE == "*"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("abc.1", "abc.1"),
        ("a%20b%3B", "a b;"),
        ("%C3%A9", "\u00e9"),
        ("a+b", "a+b"),
        ("%E0%A4%A", None),
        ("%E0%A4", None),
        ("%", None),
        ("%zz", None),
        ("100%", None),
    ],
)
def test_written_cookies(written: str, text: str | None) -> None:
    """R49: what cannot be decoded is no value, rather than an error."""
    assert decode_cookie(written) == text


@given(st.text())
def test_cookie_text_round_trip(text: str) -> None:
    """R18: what a page writes percent-encoded is read again, and cannot end the cookie."""
    written = encode_cookie(text)
    assert decode_cookie(written) == text
    assert not set(written) & set(' ;,"\\\r\n\t=')
    assert written == quote(text, safe="!'()*")

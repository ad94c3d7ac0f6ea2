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
)

NOW = 1_795_487_371
USER = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
VISIT = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
BEFORE = "cccccccc-cccc-4ccc-8ccc-cccccccccccc"
FIRST = "dddddddd-dddd-4ddd-8ddd-dddddddddddd"
FULL = f"{USER}.1600000000.3.1600000001.1599999999.{VISIT}.{BEFORE}.{FIRST}.1600000000123.4"
ids = st.uuids().map(str)
states = st.builds(
    VisitorState,
    user=ids | st.just("") | st.from_regex(r"[0-9a-f]{16}", fullmatch=True),
    created_at=st.integers(0, 2**33),
    count=st.integers(1, 2**31),
    now=st.integers(0, 2**33),
    last_visit=st.none() | st.integers(0, 2**33),
    session=ids,
    previous=ids | st.just(""),
    first_event=ids,
    first_event_at=st.none() | st.integers(0, 2**43),
    index=st.integers(0, 2**31),
    found=st.just(True),
    server=st.booleans(),
)


def parse(text: str) -> VisitorState:
    """Read a value at a fixed time."""
    return VisitorState.parse(text, NOW)


@pytest.mark.parametrize(
    ("text", "user", "count", "session", "index"),
    [
        (USER, USER, 1, "", 0),
        (f"{USER}.1600000000.3.1600000001.1599999999", USER, 3, "", 0),
        (f"{USER}.1600000000.3.1600000001.1599999999.{VISIT}", USER, 3, VISIT, 0),
        (f"{USER}.x.y.z.q.{VISIT}", USER, 1, VISIT, 0),
        (f"{USER}.1600000000.3.1600000001{'.undefined' * 6}", USER, 3, "", 0),
        (".....", "", 1, "", 0),
        ("", "", 1, "", 0),
        (FULL, USER, 3, VISIT, 4),
        (f"{FULL}.more.fields", USER, 3, VISIT, 4),
        (f"{USER}.1.3.1.1.{VISIT}.{BEFORE}.{FIRST}.1.-1", USER, 3, VISIT, 0),
        (f"0123456789abcdef.1.3.1.1.{VISIT}", "0123456789abcdef", 3, VISIT, 0),
        ("<script>.1.-3.1.1.sess", "", 1, "", 0),
        (f"{USER.upper()}.1.0.1.1.{VISIT}x", "", 1, "", 0),
    ],
)
def test_stored_values(text: str, user: str, count: int, session: str, index: int) -> None:
    """R47, R48, W26: what each stored value says; a field that cannot be right is missing."""
    state = parse(text)
    assert (state.user, state.count, state.session) == (user, count, session)
    assert state.index == index
    assert state.found


def test_every_field() -> None:
    """R44: ten fields, times in seconds but for that of the first event."""
    assert parse(FULL) == VisitorState(
        user=USER,
        created_at=1_600_000_000,
        count=3,
        now=1_600_000_001,
        last_visit=1_599_999_999,
        session=VISIT,
        previous=BEFORE,
        first_event=FIRST,
        first_event_at=1_600_000_000_123,
        index=4,
        found=True,
    )


def test_missing_fields_fall_back() -> None:
    """R47: times to now, the count to 1, the rest to nothing."""
    assert parse(USER) == VisitorState(USER, NOW, 1, NOW, None, "", found=True)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("0", 0), ("007", 7), ("9" * 15, 10**15 - 1)),
        *(("", None), ("abc", None), ("NaN", None), ("\u0663", None), ("-5", None), ("+5", None)),
        *((" 7", None), ("3e2", None), ("12abc", None), ("0x1f", None), ("1" * 16, None)),
    ],
)
def test_numbers(text: str, number: int | None) -> None:
    """W26: digits and nothing else are a number."""
    assert parse(f"{USER}.1.1.1.{text}").last_visit == number


@pytest.mark.parametrize("text", ["253402300800000", "9" * 15, "x", "-1"])
def test_a_first_event_beyond_all_time(text: str) -> None:
    """W26: a time that no calendar has is missing, so that nothing fails when it is told."""
    assert parse(f"{USER}.1.1.1.1.{VISIT}.{BEFORE}.{FIRST}.{text}.1").first_event_at is None


def test_fresh_value() -> None:
    """R44: the value right after a first visit began."""
    fresh = VisitorState(USER, NOW, 1, NOW, None, VISIT)
    assert fresh.serialise() == f"{USER}.{NOW}.1.{NOW}..{VISIT}....0"
    assert not fresh.found


def test_anonymous_value() -> None:
    """R46, R173: without user and previous session, all else as it was."""
    anonymous = f".1600000000.3.1600000001.1599999999.{VISIT}..{FIRST}.1600000000123.4"
    assert parse(FULL).serialise() == FULL
    assert parse(FULL).serialise(anonymous=True) == anonymous


@given(states, st.booleans())
def test_round_trip(state: VisitorState, anonymous: bool) -> None:
    """R44, R46: what is written is read again, but for what anonymity blanks."""
    text = state.serialise(anonymous=anonymous)
    assert text.count(".") == 9 + state.server
    again = parse(text)
    assert again.serialise(anonymous=anonymous) == text
    if anonymous:
        assert (again.user, again.previous) == ("", "")
        assert not state.user or state.user not in text
    else:
        assert again == state


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    """R48: no stored text makes reading fail, and what was read can be written and read again."""
    state = parse(text)
    assert parse(state.serialise()) == state


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

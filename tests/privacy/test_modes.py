"""Anonymity modes (R9-R12, table 2.1; contracts 1, 2, 7 and 9)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whiteout.privacy import (
    BY_COLUMN,
    BY_NAME,
    Anonymity,
    Mode,
    StorageStrategy,
    effective,
    forbidden_columns,
    infer,
    permission,
    resolve,
)

SESSION = {"domain_sessionid", "domain_sessionidx"}
NETWORK = {"network_userid", "user_ipaddress"}
I, A, AS, AV, ASV = (  # noqa: E741  # the names of table 2.1
    Mode.IDENTIFIED,
    Mode.ANONYMOUS,
    Mode.ANONYMOUS_SESSION,
    Mode.SERVER_ANONYMOUS,
    Mode.SERVER_ANONYMOUS_SESSION,
)


@pytest.mark.parametrize(
    ("value", "mode"),
    [
        (False, I),
        (None, I),
        (0, I),
        (0.0, I),
        (float("nan"), I),
        ("", I),
        (True, A),
        (1, A),
        ("true", A),
        ("false", A),
        ([], A),
        (object(), A),
        ({}, A),
        ({"withSessionTracking": False}, A),
        ({"withSessionTracking": "true"}, A),
        ({"withSessionTracking": 1}, A),
        ({"withServerAnonymisation": "true"}, A),
        ({"withServerAnonymization": True}, A),
        ({"withSessionTracking": True}, AS),
        ({"with_session_tracking": True}, AS),
        ({"withServerAnonymisation": True}, AV),
        ({"with_server_anonymisation": True}, AV),
        ({"withSessionTracking": "yes", "withServerAnonymisation": True}, AV),
        ({"withSessionTracking": True, "withServerAnonymisation": True}, ASV),
        ({"with_session_tracking": True, "withServerAnonymisation": True}, ASV),
    ],
)
def test_resolution_of_anonymous_tracking(value: object, mode: Mode) -> None:
    """R9 to R12: truth makes anonymous, the two members count only when exactly true."""
    assert resolve(value).mode is mode


@given(
    st.none() | st.booleans() | st.integers() | st.text() | st.dictionaries(st.text(), st.none())
)
def test_any_value_resolves(value: object) -> None:
    """R9, R12: session and server exist only while anonymous, whatever is configured."""
    flags = resolve(value)
    assert flags.anonymous or not (flags.session or flags.server)


def test_flags_and_modes_name_each_other() -> None:
    """Five modes, and no identified mode with server anonymity (R12)."""
    assert [Anonymity.of(mode).mode for mode in Mode] == list(Mode)
    assert Anonymity.of(ASV) == Anonymity(anonymous=True, session=True, server=True)
    for flags in ({"session": True}, {"server": True}):
        with pytest.raises(ValueError, match="R12"):
            Anonymity(anonymous=False, **flags)


@pytest.mark.parametrize(
    ("mode", "strategy", "expected"),
    [
        (AS, StorageStrategy.NONE, A),
        (AS, None, A),
        (ASV, StorageStrategy.NONE, AV),
        (ASV, None, AV),
        (I, StorageStrategy.NONE, I),
        (AV, StorageStrategy.NONE, AV),
        (AS, StorageStrategy.COOKIE, AS),
        (AS, StorageStrategy.LOCAL_STORAGE, AS),
        (ASV, StorageStrategy.COOKIE_AND_LOCAL_STORAGE, ASV),
    ],
)
def test_session_needs_a_place(
    mode: Mode, strategy: StorageStrategy | None, expected: Mode
) -> None:
    """Contract 1: without usable storage there is no session, and server anonymity stays."""
    assert effective(Anonymity.of(mode), strategy).mode is expected


def test_storage_strategies() -> None:
    """R24: the four strategies by their names in the API."""
    assert [str(strategy) for strategy in StorageStrategy] == [
        *("cookieAndLocalStorage", "cookie", "localStorage", "none")
    ]


TABLE = """
mode  duid sid vid uid nuid ip  tab previous first
I     x    x   x   x   x    x   x   x        x
A     -    -   -   -   -    -   -   -        -
AS    -    x   x   -   -    -   -   -        -
AV    -    -   -   -   -    -   -   -        -
ASV   -    x   x   -   -    -   -   -        -
"""
"""What a tracker may send (table 2.1, with contract 2 for `nuid` and `ip` and W8 for `first`)."""

NAMES = {
    "duid": "domain_userid",
    "sid": "domain_sessionid",
    "vid": "domain_sessionidx",
    "uid": "user_id",
    "nuid": "network_userid",
    "ip": "user_ipaddress",
    "tab": "tab_id",
    "previous": "previous_sessionid",
    "first": "first_event_id",
}
MODES = {"I": I, "A": A, "AS": AS, "AV": AV, "ASV": ASV}


def test_what_may_be_sent() -> None:
    """Table 2.1, contract 2: the identifiers that a payload may hold in each mode."""
    head, *rows = (line.split() for line in TABLE.strip().splitlines())
    for mode, *marks in rows:
        sent = permission(MODES[mode]).sent
        shown = ["x" if NAMES[column] in sent else "-" for column in head[1:]]
        assert (mode, shown) == (mode, marks)


@pytest.mark.parametrize(
    ("mode", "sent", "kept"),
    [
        (A, set(), NETWORK),
        (AS, SESSION, SESSION | NETWORK),
        (AV, set(), set()),
        (ASV, SESSION, SESSION),
    ],
)
def test_anonymous_permissions(mode: Mode, sent: set[str], kept: set[str]) -> None:
    """Table 2.1, contract 7: without server anonymity the collector may keep cookie and address."""
    allowed = permission(mode)
    assert allowed.sent == sent
    assert allowed.kept == kept
    assert allowed.stored == sent


def test_identified_permissions() -> None:
    """A-62: an identified event may hold every identifier; credentials are kept in no mode."""
    allowed = permission(I)
    assert allowed.sent == set(BY_NAME)
    assert allowed.kept == allowed.stored == set(BY_NAME) - {"credentials"}


@pytest.mark.parametrize(
    ("mode", "filled"),
    [
        (I, set(BY_COLUMN)),
        (A, NETWORK),
        (AS, SESSION | NETWORK),
        (AV, set()),
        (ASV, SESSION),
    ],
)
def test_columns_that_a_mode_leaves_empty(mode: Mode, filled: set[str]) -> None:
    """Contract 9, F.2: the columns in which an event of this mode may hold something."""
    assert set(BY_COLUMN) - forbidden_columns(mode) == filled


@pytest.mark.parametrize(
    ("user", "session", "server", "mode"),
    [
        (False, False, False, A),
        (False, True, False, AS),
        (True, False, False, I),
        (True, True, False, I),
        (False, False, True, AV),
        (False, True, True, ASV),
        (True, False, True, AV),
        (True, True, True, AV),
    ],
)
def test_inference(user: bool, session: bool, server: bool, mode: Mode) -> None:
    """Contracts 7 and 9: the mode that a request shows; a user costs the session on the server."""
    assert infer(user=user, session=session, server=server) is mode


@given(st.booleans(), st.booleans(), st.booleans())
def test_inferred_mode_allows_what_was_seen(user: bool, session: bool, server: bool) -> None:
    """Contract 9: no inferred mode forbids what the event is known to have kept."""
    kept = permission(infer(user=user, session=session, server=server)).kept
    if not server:
        assert not user or "user_id" in kept
        assert not session or "domain_sessionid" in kept
    assert not server or not kept & NETWORK

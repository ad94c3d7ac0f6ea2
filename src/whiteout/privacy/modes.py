"""Anonymity modes and what each of them permits (R9-R12; contracts 1, 2 and 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from whiteout.privacy.identifiers import BY_NAME, IDENTIFIERS, IdentifierClass


class Mode(StrEnum):
    """The five modes in which an event can be tracked (I, A, AS, AV and ASV of the protocol)."""

    IDENTIFIED = "identified"
    ANONYMOUS = "anonymous"
    ANONYMOUS_SESSION = "anonymous_session"
    SERVER_ANONYMOUS = "server_anonymous"
    SERVER_ANONYMOUS_SESSION = "server_anonymous_session"


class StorageStrategy(StrEnum):
    """Where a tracker may keep its state (R24)."""

    COOKIE_AND_LOCAL_STORAGE = "cookieAndLocalStorage"
    COOKIE = "cookie"
    LOCAL_STORAGE = "localStorage"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Anonymity:
    """The three flags of an `anonymousTracking` value; `session` and `server` imply `anonymous`."""

    anonymous: bool
    session: bool = False
    server: bool = False

    def __post_init__(self) -> None:
        if (self.session or self.server) and not self.anonymous:
            message = "session and server anonymity exist only while anonymous (R12)"
            raise ValueError(message)

    @property
    def mode(self) -> Mode:
        """The mode that the flags name."""
        return _MODES[(self.anonymous, self.session, self.server)]

    @classmethod
    def of(cls, mode: Mode) -> Anonymity:
        """The flags of a mode."""
        return _FLAGS[mode]


_MODES: dict[tuple[bool, bool, bool], Mode] = {
    (False, False, False): Mode.IDENTIFIED,
    (True, False, False): Mode.ANONYMOUS,
    (True, True, False): Mode.ANONYMOUS_SESSION,
    (True, False, True): Mode.SERVER_ANONYMOUS,
    (True, True, True): Mode.SERVER_ANONYMOUS_SESSION,
}
_FLAGS: dict[Mode, Anonymity] = {mode: Anonymity(*flags) for flags, mode in _MODES.items()}


def resolve(anonymous_tracking: object) -> Anonymity:
    """Read an `anonymousTracking` value (R9-R12).

    A boolean turns anonymity off or on. A mapping turns it on, even when it is empty; its members
    `withSessionTracking` and `withServerAnonymisation` count only when they are exactly true, and
    their snake_case spellings count alike. Of other values, those turn it off that are false in a
    tag's language: None, zero, not-a-number and empty text.
    """
    if not isinstance(anonymous_tracking, Mapping):
        return Anonymity(anonymous=_is_truthy(anonymous_tracking))
    return Anonymity(
        anonymous=True,
        session=_is_true(anonymous_tracking, "withSessionTracking", "with_session_tracking"),
        server=_is_true(anonymous_tracking, "withServerAnonymisation", "with_server_anonymisation"),
    )


def _is_truthy(value: object) -> bool:
    if isinstance(value, (str, int, float)):
        return bool(value) and value == value  # noqa: PLR0124  # not-a-number differs from itself
    return value is not None


def _is_true(options: Mapping[object, object], *names: str) -> bool:
    return any(options.get(name) is True for name in names)


def effective(anonymity: Anonymity, strategy: StorageStrategy | None) -> Anonymity:
    """The flags that hold under a storage strategy (contract 1).

    Session tracking needs a place to keep the session: with strategy `none`, or None for an unknown
    or unusable one, it is full anonymity. Server anonymity stays as it is.
    """
    if strategy is None or strategy is StorageStrategy.NONE:
        return Anonymity(anonymity.anonymous, session=False, server=anonymity.server)
    return anonymity


@dataclass(frozen=True, slots=True)
class Permission:
    """Names of the identifiers that a mode lets through.

    `sent`: what a tracker may put into a payload. `kept`: what a collector may keep of a request,
    its own cookie and the address of its peer included. `stored`: what a tracker may store on the
    device, where the storage strategy allows storing at all. Credentials are kept and stored in no
    mode (A-62).
    """

    sent: frozenset[str]
    kept: frozenset[str]
    stored: frozenset[str]


def permission(mode: Mode) -> Permission:
    """What may be sent, kept and stored in a mode."""
    return _PERMISSIONS[mode]


def forbidden_columns(mode: Mode) -> frozenset[str]:
    """Stored columns that must be empty in an event of this mode."""
    kept = _PERMISSIONS[mode].kept
    return frozenset(c for row in IDENTIFIERS if row.name not in kept for c in row.columns)


def _permission(mode: Mode) -> Permission:
    everything = frozenset(BY_NAME)
    if mode is Mode.IDENTIFIED:
        kept = everything - {"credentials"}
        return Permission(sent=everything, kept=kept, stored=kept)
    flags = Anonymity.of(mode)
    session = frozenset(row.name for row in IDENTIFIERS if row.with_session and flags.session)
    network = frozenset(
        row.name for row in IDENTIFIERS if row.kind is IdentifierClass.NETWORK and not flags.server
    )
    return Permission(sent=session, kept=session | network, stored=session)


_PERMISSIONS: dict[Mode, Permission] = {mode: _permission(mode) for mode in Mode}


def infer(*, user: bool, session: bool, server: bool) -> Mode:
    """The mode that a request shows (contract 9).

    `user` and `session` tell whether the event carries an identifier of that class; `server`
    whether the server had to anonymise it. A server-anonymous event that carries a user identifier
    loses its session as well (contract 7), so it counts as one without.
    """
    if server:
        return Anonymity(anonymous=True, session=session and not user, server=True).mode
    if user:
        return Mode.IDENTIFIED
    return Anonymity(anonymous=True, session=session).mode

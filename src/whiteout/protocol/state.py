"""The cookies `_sp_id` and `_sp_ses` of a tracker (R44-R50)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from hashlib import sha1
from urllib.parse import quote, unquote

SESSION_VALUE = "*"
"""Content of `_sp_ses`; only its existence matters (R50)."""

DEFAULT_PREFIX = "_sp_"
"""Default of the option `cookieName`."""

_LENIENT_INT = re.compile(r"\s*([+-]?[0-9]{1,18})")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_FIELDS = 10


@dataclass(frozen=True, slots=True)
class VisitorState:
    """The ten fields of `_sp_id` (R44), and whether they were found in storage (R45).

    Times are epoch seconds, except `first_event_at`, which is epoch milliseconds. Empty fields are
    empty text or None.
    """

    domain_userid: str
    created_at: int
    visit_count: int
    now: int
    last_visit: int | None
    session_id: str
    previous_session_id: str = ""
    first_event_id: str = ""
    first_event_at: int | None = None
    event_index: int = 0
    found: bool = False

    def serialise(self, *, anonymous: bool = False) -> str:
        """The cookie's text; without user and previous session when anonymous (R46)."""
        state = replace(self, domain_userid="", previous_session_id="") if anonymous else self
        fields = (
            state.domain_userid,
            state.created_at,
            state.visit_count,
            state.now,
            state.last_visit,
            state.session_id,
            state.previous_session_id,
            state.first_event_id,
            state.first_event_at,
            state.event_index,
        )
        return ".".join("" if field is None else str(field) for field in fields)


def parse_state(text: str, *, now: int, new_session_id: str, visit_count: int = 1) -> VisitorState:
    """Read an `_sp_id` value that is not empty (R47, R48).

    Missing or broken fields fall back as the protocol says: times to `now` (epoch seconds), the
    count to `visit_count`, an empty session id to `new_session_id`. Fields beyond the tenth are
    ignored.
    """
    parts = [*text.split("."), *[""] * _FIELDS][:_FIELDS]
    session = _text(parts[5]) or new_session_id
    return VisitorState(
        domain_userid=parts[0],
        created_at=_int(parts[1], now),
        visit_count=_int(parts[2], visit_count),
        now=_int(parts[3], now),
        last_visit=_optional_int(parts[4]),
        session_id=session,
        previous_session_id=_text(parts[6]),
        first_event_id=_text(parts[7]),
        first_event_at=_optional_int(parts[8]),
        event_index=_int(parts[9], 0),
        found=True,
    )


def encode_cookie(text: str) -> str:
    """A cookie's text as it is written: percent-encoded as a web page does (R18)."""
    return quote(text, safe="!'()*", errors="replace")


def decode_cookie(value: str) -> str | None:
    """A cookie's text from what is written; None when it is not decodable (R49)."""
    if _LONE_PERCENT.search(value):
        return None
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError:
        return None


def cookie_hash(host: str, path: str = "/") -> str:
    """First four hex digits of SHA-1 over cookie domain (or page host) and path (R22)."""
    fixed = host.removesuffix(".")
    fixed = fixed[1:] if fixed.startswith("*.") else fixed
    return sha1(f"{fixed}{path or '/'}".encode(), usedforsecurity=False).hexdigest()[:4]


def cookie_name(base: str, host: str, path: str = "/", prefix: str = DEFAULT_PREFIX) -> str:
    """Full name of a state cookie, for `base` `id` or `ses` (R23)."""
    return f"{prefix}{base}.{cookie_hash(host, path)}"


def _text(part: str) -> str:
    return "" if part == "undefined" else part


def _int(part: str, fallback: int) -> int:
    value = _optional_int(part)
    return fallback if value is None else value


def _optional_int(part: str) -> int | None:
    match = _LENIENT_INT.match(part)
    return None if match is None else int(match[1])

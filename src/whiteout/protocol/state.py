"""The cookies `_sp_id` and `_sp_ses` of a tracker (R44-R50)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha1
from typing import Self
from urllib.parse import quote, unquote

from whiteout.protocol.ids import uuid_or_empty, visitor_or_empty

SESSION_VALUE = "*"
"""Content of `_sp_ses`; only its existence matters (R50)."""

DEFAULT_PREFIX = "_sp_"
"""Default of the option `cookieName`."""

_INT = re.compile(r"[0-9]{1,15}")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_FIELDS = 11
_SERVER = ".s"
LAST_MILLISECOND = 253_402_300_799_999
"""The end of the last year of four digits, in epoch milliseconds."""


@dataclass(slots=True)
class VisitorState:
    """The ten fields of `_sp_id` (R44), and whether they were found in storage (R45).

    Times are epoch seconds, except `first_event_at`, which is epoch milliseconds. Empty fields are
    empty text or None. An anonymous session has an eleventh field where the server anonymises all
    of it, so that a later page knows whether it may go on under that protection (contract 3).
    """

    user: str
    created_at: int
    count: int
    now: int
    last_visit: int | None
    session: str
    previous: str = ""
    first_event: str = ""
    first_event_at: int | None = None
    index: int = 0
    found: bool = False
    server: bool = False

    @classmethod
    def parse(cls, text: str, now: int) -> Self:
        """Read a stored value; a field that cannot be what it should be is missing (R47, W26).

        Missing times are `now`, a missing count is 1, other missing fields are empty, and so is the
        session id. Fields beyond the eleventh are ignored.
        """
        part = [*text.split("."), *[""] * _FIELDS][:_FIELDS]
        first = uuid_or_empty(part[7])
        created, seen = _int(part[1]), _int(part[3])
        return cls(
            user=visitor_or_empty(part[0]),
            created_at=now if created is None else created,
            count=_int(part[2]) or 1,
            now=now if seen is None else seen,
            last_visit=_int(part[4]),
            session=uuid_or_empty(part[5]),
            previous=uuid_or_empty(part[6]),
            first_event=first,
            first_event_at=_moment(part[8]) if first else None,
            index=_int(part[9]) or 0,
            found=True,
            server=part[10] == _SERVER[1:],
        )

    def serialise(self, *, anonymous: bool = False) -> str:
        """The stored text; without user and previous session when anonymous (R46)."""
        fields = (
            "" if anonymous else self.user,
            self.created_at,
            self.count,
            self.now,
            self.last_visit,
            self.session,
            "" if anonymous else self.previous,
            self.first_event,
            self.first_event_at,
            self.index,
        )
        text = ".".join("" if field is None else str(field) for field in fields)
        return text + _SERVER if self.server else text


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


def _int(text: str) -> int | None:
    return int(text) if _INT.fullmatch(text) else None


def _moment(text: str) -> int | None:
    """Epoch milliseconds of a year that has four digits."""
    value = _int(text)
    return value if value is not None and value <= LAST_MILLISECOND else None

"""Which origins' pages may read an answer (A-20 to A-23)."""

from __future__ import annotations

import re
from functools import lru_cache

Header = tuple[bytes, bytes]

_VARY: Header = (b"vary", b"Origin")
_CREDENTIALS: Header = (b"access-control-allow-credentials", b"true")
_ALLOW = b"access-control-allow-origin"

_ORIGIN = re.compile(rb"[A-Za-z][A-Za-z0-9+.\-]{0,31}://[A-Za-z0-9.\-_\[\]:]{1,255}")
_LONGEST_ORIGIN = 2_000


class Cors:
    """The headers of an answer that say who may read it.

    One object stands for one origin, so an answer can be remembered by it.
    """

    __slots__ = ("headers",)

    def __init__(self, *allowed: Header) -> None:
        self.headers: tuple[Header, ...] = (*allowed, _VARY)


class Origins:
    """Finds the headers for a request's `Origin`; `allowed` are the only ones, none for any."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        self._allowed = frozenset(origin.lower().encode() for origin in allowed)
        any_origin = Cors((_ALLOW, b"*"), _CREDENTIALS)
        self._unnamed = Cors() if allowed else any_origin
        self._remembered = lru_cache(maxsize=1024)(self._cors)

    def cors(self, origin: bytes | None) -> Cors:
        """The headers for the value of a request's `Origin`, None when it has none (A-20)."""
        if origin is None or len(origin) > _LONGEST_ORIGIN:
            return self._unnamed
        return self._remembered(origin)

    def lists(self, origin: bytes) -> bool:
        """Whether an origin is one of those that were named."""
        return origin.lower() in self._allowed

    def _cors(self, origin: bytes) -> Cors:
        for part in origin.split(b" "):
            if _ORIGIN.fullmatch(part):
                if self._allowed and part.lower() not in self._allowed:
                    break
                return Cors((_ALLOW, part), _CREDENTIALS)
        return self._unnamed

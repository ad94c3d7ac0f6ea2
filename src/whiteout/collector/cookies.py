"""The collector's cookies: read, chosen, written (A-30 to A-39, A-45)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from email.utils import formatdate
from urllib.parse import urlsplit

from whiteout.collector.request import Request
from whiteout.collector.settings import CookieSettings
from whiteout.protocol.ids import as_uuid

YEARS = 400 * 24 * 3600
"""How long a browser remembers that it opted out, in seconds: as long as browsers allow (S9)."""

# Asking the system for randomness costs more than all else that is done for an id, so it is asked
# for many at once. A forked child must not give out what its parent does.
_DRAW = 64
_drawn: list[str] = []
os.register_at_fork(after_in_child=_drawn.clear)

_LONG_AGO = "Thu, 01 Jan 1970 00:00:00 GMT"
_UUID = re.compile("-".join(f"[0-9A-Fa-f]{{1,{digits}}}" for digits in (8, 4, 4, 4, 12)))


def cookie_value(headers: Iterable[tuple[bytes, bytes]], name: str) -> str | None:
    """The value of a request cookie; the first pair with exactly this name wins (A-37)."""
    wanted = name.encode()
    for header, text in headers:
        if header != b"cookie" or wanted not in text:
            continue
        for pair in text.split(b";"):
            key, mark, value = pair.partition(b"=")
            if mark and key.strip() == wanted:
                return value.strip().decode("latin-1")
    return None


def has_cookie(request: Request, wanted: tuple[str, re.Pattern[str]]) -> bool:
    """Whether a request has a cookie of this name, whose whole value is of this pattern (A-45)."""
    if b"cookie" not in request.headers:
        return False
    value = cookie_value(request.raw, wanted[0])
    return value is not None and wanted[1].fullmatch(value) is not None


def usable_id(value: str | None) -> str | None:
    """A network user id that a client names, if it is a UUID (B-8); else None (A-31, A-38).

    Any other text would make every later event of this browser a failed one, so that a picture on
    a stranger's page could end the tracking of a visitor. Nor can a UUID end a cookie or a header.
    """
    return value if value and _UUID.fullmatch(value) else None


def new_id() -> str:
    """A random UUID (version 4), as text."""
    while True:
        try:
            return _drawn.pop()
        except IndexError:
            digits = os.urandom(16 * _DRAW).hex()
            _drawn.extend(as_uuid(digits[at : at + 32]) for at in range(0, len(digits), 32))


class CookieWriter:
    """Writes `Set-Cookie` headers: the id of identified requests, and an opt-out (A-30 to A-36)."""

    def __init__(self, settings: CookieSettings) -> None:
        self._settings = settings
        same_site = settings.same_site.capitalize()
        secure = settings.secure or same_site == "None"
        self._open = f"; Path=/; SameSite={same_site}{'; Secure' if secure else ''}"
        self._tail = f"{self._open}{'; HttpOnly' if settings.http_only else ''}"
        self._second = -1
        self._expires = ""

    def header(self, value: str, origin: str | None, now: int) -> bytes:
        """The header's value; `now` is in epoch seconds."""
        if now != self._second:
            self._second = now
            self._expires = formatdate(now + self._settings.expiration, usegmt=True)
        place = self._place(origin)
        name = self._settings.name
        return f"{name}={value}; Expires={self._expires}{place}{self._tail}".encode("latin-1")

    def ended(self, origin: str | None) -> bytes:
        """The header that removes the cookie where `header` would set it (A-35)."""
        name, place = self._settings.name, self._place(origin)
        return f"{name}=; Expires={_LONG_AGO}{place}{self._tail}".encode("latin-1")

    def opt_out(self, name: str, value: str, origin: str | None, now: int) -> bytes:
        """The header that makes a browser remember an opt-out; scripts can read it (contract 6)."""
        expires = formatdate(now + YEARS, usegmt=True)
        lives = f"Max-Age={YEARS}; Expires={expires}"
        return f"{name}={value}; {lives}{self._place(origin)}{self._open}".encode("latin-1")

    def expired(self, name: str | None = None) -> list[bytes]:
        """Headers that remove a cookie, wherever it may have been set (W17).

        That of the network user id, unless another is named.
        """
        domains = {None, *self._settings.domains, self._settings.fallback_domain}
        places = ["" if domain is None else f"; Domain={domain}" for domain in domains]
        tail = self._tail if name is None else self._open
        name = name or self._settings.name
        return [
            f"{name}=; Max-Age=0; Expires={_LONG_AGO}{place}{tail}".encode("latin-1")
            for place in sorted(places)
        ]

    def _place(self, origin: str | None) -> str:
        domain = self._domain(origin)
        return "" if domain is None else f"; Domain={domain}"

    def _domain(self, origin: str | None) -> str | None:
        """The first configured domain that an origin belongs to, else the fallback (A-33)."""
        settings = self._settings
        if not settings.domains:
            return settings.fallback_domain
        hosts = [host for text in (origin or "").split(" ") if (host := _host(text))]
        for domain in settings.domains:
            if any(host == domain or host.endswith(f".{domain}") for host in hosts):
                return domain
        return settings.fallback_domain


def _host(origin: str) -> str | None:
    try:
        return urlsplit(origin).hostname
    except ValueError:
        return None

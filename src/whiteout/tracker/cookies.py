"""Cookies as a browser keeps them: their domains, and what is written to change one (R18-R23)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from ipaddress import ip_address

from whiteout.protocol.state import cookie_hash, decode_cookie, encode_cookie
from whiteout.tracker.options import Options

_HOST = re.compile(r"[A-Za-z0-9.\-]{1,253}")
_PORT = re.compile(r":[0-9]{0,5}\Z")
_KEYS = ("id", "ses", "as")


@dataclass(frozen=True, slots=True)
class Domain:
    """The domain of the state cookies.

    `hashed` is what their names depend on, `attribute` what `Domain` says, None for no attribute.
    """

    hashed: str
    attribute: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A cookie to be set, or removed when `value` is None; `expires` is epoch seconds."""

    name: str
    value: str | None
    expires: int | None
    path: str
    domain: str | None
    same_site: str
    secure: bool

    @property
    def expiry(self) -> str | None:
        """The date for `Expires`."""
        if self.value is None:
            return "Thu, 01 Jan 1970 00:00:00 GMT"
        if self.expires is None:
            return None
        return format_datetime(datetime.fromtimestamp(self.expires, UTC), usegmt=True)

    def header(self) -> str:
        """The value of a `Set-Cookie` header, and of `document.cookie` (R18)."""
        parts = [f"{self.name}={self.value or ''}"]
        if self.expiry is not None:
            parts.append(f"Expires={self.expiry}")
        parts.append(f"Path={self.path}")
        if self.domain is not None:
            parts.append(f"Domain={self.domain}")
        parts.append(f"SameSite={self.same_site}")
        if self.secure:
            parts.append("Secure")
        return "; ".join(parts)


class Wording:
    """How a tracker writes its cookies on a host. `domain` is where they are."""

    def __init__(self, options: Options, host: str, domain: Domain) -> None:
        self._options = options
        self._host = host
        self.domain = domain

    def setting(self, name: str, value: str, max_age: int) -> Change:
        """A cookie for so many seconds, 0 for as long as the browser runs."""
        expires = round(self._options.clock()) + max_age if max_age > 0 else None
        return self._change(name, encode_cookie(value), expires, self.domain)

    def removing(self, name: str) -> list[Change]:
        """A cookie goes, under every domain under which it may have been set (W21)."""
        path = self._options.cookie_path
        known = [self.domain, *candidates(self._host)]
        right = [one for one in known if name.endswith(cookie_hash(one.hashed, path))]
        unique = {one.attribute: one for one in (right or known)}
        places = [Domain(self._host, None), *(one for key, one in unique.items() if key)]
        return [self._change(name, None, None, one) for one in places]

    def _change(self, name: str, value: str | None, expires: int | None, domain: Domain) -> Change:
        options = self._options
        return Change(
            name,
            value,
            expires,
            options.cookie_path,
            domain.attribute,
            options.cookie_same_site,
            options.cookie_secure,
        )


def plain_host(host: str) -> str:
    """A host without port and trailing dot; empty when it is none."""
    name = _PORT.sub("", host.strip()).rstrip(".").lower()
    return name if _HOST.fullmatch(name) else ""


def candidates(host: str) -> list[Domain]:
    """Domains that a cookie of a host can have, the widest first, as a page tries them (R19)."""
    if not host or "." not in host or _is_address(host):
        return [Domain(host, None)]
    labels = host.split(".")
    names = [".".join(labels[-count:]) for count in range(2, len(labels) + 1)]
    return [Domain(name, name) for name in names]


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def known_domain(names: Collection[str], host: str, options: Options) -> Domain | None:
    """The configured domain, else that of the cookies which are there, else None (contract 5).

    `names` are those of the cookies; the hash in a name tells its domain.
    """
    path = options.cookie_path
    if options.cookie_domain:
        return Domain(options.cookie_domain, options.cookie_domain)
    for one in candidates(host):
        ending = cookie_hash(one.hashed, path)
        if any(f"{options.cookie_name}{key}.{ending}" in names for key in _KEYS):
            return one
    return None


def read_cookies(headers: Iterable[str]) -> dict[str, str]:
    """The cookies of `Cookie` headers, or of `document.cookie`, as they stand there.

    Of equal names the first counts.
    """
    found: dict[str, str] = {}
    for header in headers:
        for pair in header.split(";"):
            name, mark, value = pair.strip().partition("=")
            if mark and name:
                found.setdefault(name, value.strip().strip('"'))
    return found


def cookie_text(value: str) -> str:
    """What a cookie's value says, decoded if it can be (R49)."""
    decoded = decode_cookie(value)
    return value if decoded is None else decoded

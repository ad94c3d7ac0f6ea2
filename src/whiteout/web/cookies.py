"""Cookies of a request in, cookies of its response out (R18-R23, R177; contract 5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from ipaddress import ip_address

from whiteout.protocol.state import cookie_hash, decode_cookie, encode_cookie
from whiteout.tracker import Options

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
        """The value of a `Set-Cookie` header (R18)."""
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


class CookieStorage:
    """Reads the cookies of a request, and remembers what its response shall change."""

    background = False

    def __init__(
        self, cookies: Mapping[str, str], options: Options, host: str, domain: Domain
    ) -> None:
        self._cookies = cookies
        self._options = options
        self._host = host
        self._domain = domain
        self._changes: dict[str, tuple[str, int] | None] = {}

    def get(self, key: str) -> str | None:
        """The value of a cookie, decoded if it can be (R49)."""
        if key in self._changes:
            change = self._changes[key]
            return None if change is None else change[0]
        value = self._cookies.get(key)
        if value is None:
            return None
        decoded = decode_cookie(value)
        return value if decoded is None else decoded

    def set(self, key: str, value: str, max_age: int) -> bool:
        """Set a cookie with the response."""
        self._changes[key] = (value, max_age)
        return True

    def delete(self, key: str) -> None:
        """Remove a cookie with the response."""
        if key in self._cookies:
            self._changes[key] = None
        else:
            self._changes.pop(key, None)

    def keys(self) -> list[str]:
        """Names of the cookies that the visitor has, or will have."""
        names = {*self._cookies, *self._changes}
        return sorted(name for name in names if self._changes.get(name, ("", 0)) is not None)

    def changes(self) -> list[Change]:
        """What the response has to change."""
        found: list[Change] = []
        for name, change in self._changes.items():
            if change is not None:
                value, max_age = change
                expires = round(self._options.clock()) + max_age if max_age > 0 else None
                found.append(self._change(name, encode_cookie(value), expires, self._domain))
            else:
                found += [self._change(name, None, None, one) for one in self._places(name)]
        return found

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

    def _places(self, name: str) -> list[Domain]:
        """Every domain under which a cookie of this name may have been set (W21)."""
        path = self._options.cookie_path
        known = [self._domain, *candidates(self._host)]
        right = [one for one in known if name.endswith(cookie_hash(one.hashed, path))]
        unique = {one.attribute: one for one in (right or known)}
        return [Domain(self._host, None), *(one for key, one in unique.items() if key)]


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


def domain_of(cookies: Mapping[str, str], host: str, options: Options) -> Domain:
    """The domain of the state cookies (contract 5).

    The configured one, else that of the cookies which are there, recognised by the hash in their
    names, else the host alone: which wider domain would be right, a server cannot know.
    """
    path = options.cookie_path
    if options.cookie_domain:
        return Domain(options.cookie_domain, options.cookie_domain)
    possible = candidates(host)
    for one in possible:
        ending = cookie_hash(one.hashed, path)
        if any(f"{options.cookie_name}{key}.{ending}" in cookies for key in _KEYS):
            return one
    return possible[-1]

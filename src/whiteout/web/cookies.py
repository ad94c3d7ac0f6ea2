"""Cookies of a request in, cookies of its response out (R18-R23, R177; contract 5)."""

from __future__ import annotations

from collections.abc import Mapping

from whiteout.tracker import Options
from whiteout.tracker.cookies import (
    Change,
    Domain,
    Wording,
    candidates,
    cookie_text,
    known_domain,
)


class CookieStorage:
    """Reads the cookies of a request, and remembers what its response shall change."""

    background = False

    def __init__(
        self, cookies: Mapping[str, str], options: Options, host: str, domain: Domain
    ) -> None:
        self._cookies = cookies
        self._wording = Wording(options, host, domain)
        self._changes: dict[str, tuple[str, int] | None] = {}

    def get(self, key: str) -> str | None:
        """The value of a cookie, decoded if it can be (R49)."""
        if key in self._changes:
            change = self._changes[key]
            return None if change is None else change[0]
        value = self._cookies.get(key)
        return None if value is None else cookie_text(value)

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
                found.append(self._wording.setting(name, *change))
            else:
                found += self._wording.removing(name)
        return found


def domain_of(cookies: Mapping[str, str], host: str, options: Options) -> Domain:
    """The domain of the state cookies (contract 5).

    Where none is known, the host alone: which wider domain would be right, a server cannot know.
    """
    return known_domain(cookies, host, options) or candidates(host)[-1]

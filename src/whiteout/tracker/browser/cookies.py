"""Cookies of the page, shared with the tag (R18-R24; W1, W21; contract 5)."""

from __future__ import annotations

import time

from whiteout.tracker import browser
from whiteout.tracker.cookies import (
    Domain,
    Wording,
    candidates,
    cookie_text,
    known_domain,
    plain_host,
    read_cookies,
)
from whiteout.tracker.options import Options
from whiteout.tracker.storage import Storage


def jar() -> dict[str, str]:
    """The cookies of the page, none where there are none to be had."""
    try:
        return read_cookies([str(browser.js().document.cookie)])
    except Exception:  # noqa: BLE001  # a browser forbids it in ways of its own
        return {}


def cookie_value(name: str) -> str | None:
    """The value of a cookie, decoded if it can be; None without one."""
    value = jar().get(name)
    return None if value is None else cookie_text(value)


class PageCookies:
    """Keeps texts in `document.cookie`."""

    background = False

    def __init__(self, options: Options) -> None:
        self._options = options
        self._host = plain_host(str(browser.js().location.hostname))
        self._found: Domain | None = None
        self._wording = Wording(options, self._host, self._domain)

    @property
    def _domain(self) -> Domain:
        return self._found or Domain(self._host, None)

    def domain(self, area: Storage, writing: bool) -> str:  # noqa: FBT001  # as `Domains` calls it
        """The domain of the keys in a storage.

        It is recognised by the keys that are there. Only where a cookie is about to be written, and
        none is there, a test cookie finds the widest domain that a cookie may have (R19, W1).
        """
        found = self._found or known_domain(area.keys(), self._host, self._options)
        if found is None and writing and area is self:
            found = next((one for one in candidates(self._host) if self._sticks(one)), None)
        if area is self or self._options.cookie_domain:
            self._found = found
            self._wording.domain = self._domain
        return (found or self._domain).hashed

    def _sticks(self, domain: Domain) -> bool:
        name = f"_sp_root_domain_test_{round(time.time() * 1000)}"
        wording = Wording(self._options, self._host, domain)
        self._write(wording.setting(name, "1", 0).header())
        stuck = name in jar()
        if stuck:
            for change in wording.removing(name):
                self._write(change.header())
        return stuck

    def _write(self, text: str) -> None:
        try:
            browser.js().document.cookie = text
        except Exception:  # noqa: BLE001  # as above
            return

    def get(self, key: str) -> str | None:
        """The value of a cookie."""
        return cookie_value(key)

    def set(self, key: str, value: str, max_age: int) -> bool:
        """Set a cookie; whether the browser took it."""
        self._write(self._wording.setting(key, value, max_age).header())
        return cookie_value(key) == value

    def delete(self, key: str) -> None:
        """Remove a cookie wherever this page could have put it."""
        if key in jar():
            for change in self._wording.removing(key):
                self._write(change.header())

    def keys(self) -> list[str]:
        """Names of all cookies."""
        return sorted(jar())

"""Applications under test, and what a browser would do with their cookies."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any, Unpack

from whiteout.testing import MemoryCollector
from whiteout.tracker import TrackerOptions
from whiteout.web import Tracking
from whiteout.web.tracking import ConsentOf

HOST = "www.shop.example.test"
AGENT = "Mozilla/5.0 (secret-agent)"
ADDRESS = "203.0.113.9"


def tracking(
    collector: MemoryCollector,
    consent: ConsentOf | None = None,
    *,
    page_views: bool = False,
    **options: Unpack[TrackerOptions],
) -> Tracking:
    """Tracking that sends to a collector in memory, with the session entity."""
    usual: TrackerOptions = {"contexts": {"session": True}}
    merged: TrackerOptions = {**collector.options, **usual, **options}
    return Tracking(
        "sp", "https://collector.invalid", consent=consent, page_views=page_views, **merged
    )


@dataclass
class Browser:
    """Keeps cookies, as far as the tests need it: by name, removed when they have expired."""

    cookies: dict[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    def take(self, headers: list[str]) -> None:
        """Read `Set-Cookie` headers."""
        self.seen += headers
        for header in headers:
            name, _, value = header.partition(";")[0].partition("=")
            if "01 Jan 1970" in header or not value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value

    @property
    def header(self) -> str:
        """The `Cookie` header."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def names(self) -> set[str]:
        """Names of the cookies, without the hash."""
        return {re.sub(r"\..*", "", name) for name in self.cookies}


def attributes(header: str) -> dict[str, Any]:
    """The attributes of a `Set-Cookie` header."""
    (morsel,) = SimpleCookie(header).values()
    return {name: value for name, value in morsel.items() if value}

"""Visits to a page with the unmodified official browser tracker, in a real browser."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from playwright.async_api import Browser, BrowserContext, Page, Response

from tests.support.browser import profile
from tests.support.site import HTML, SCRIPT, Site
from tests.support.web import BUNDLE, prepare

PAGE = b"""<!doctype html>
<html lang="en">
<title>Shop</title>
<link rel="icon" href="data:,">
<script src="/tracker.js"></script>
<h1>Shop</h1>
</html>
"""

STRATEGIES = ("cookieAndLocalStorage", "cookie", "localStorage", "none")
MODES: dict[str, object] = {
    "identified": False,
    "anonymous": True,
    "anonymous_session": {"withSessionTracking": True},
    "server_anonymous": {"withServerAnonymisation": True},
    "server_anonymous_session": {"withSessionTracking": True, "withServerAnonymisation": True},
}
"""Each mode by the name that whiteout stores, and the tracker's option that asks for it."""


def shop() -> Site:
    """A site whose every page has the official tracker as the global `tracker`."""
    prepare()
    return Site({"/": (HTML, PAGE), "/tracker.js": (SCRIPT, BUNDLE.read_bytes())})


@dataclass(slots=True)
class Sent:
    """One event as it left the browser, and the collector's answer to its request."""

    payload: dict[str, str]
    request: dict[str, str]
    response: dict[str, str]
    status: int

    @property
    def entities(self) -> dict[str, dict[str, Any]]:
        """The data of the attached entities by the name of their schema."""
        items = json.loads(self.payload["co"])["data"] if "co" in self.payload else []
        return {item["schema"].split("/")[1]: item["data"] for item in items}


@dataclass(slots=True)
class Visit:
    """A fresh browser profile on a page with the tracker `sp`."""

    context: BrowserContext
    page: Page
    collector: str
    sent: list[Sent] = field(default_factory=list)

    async def start(self, app_id: str, **options: object) -> Self:
        """Make the tracker. Options are those of `newTracker`."""
        await self.page.evaluate(
            "([url, options]) => { tracker.newTracker('sp', url, options) }",
            [self.collector, {"appId": app_id, **options}],
        )
        return self

    async def call(self, name: str, *arguments: object) -> None:
        """Call a function of the tracker's API."""
        await self.page.evaluate(
            "([name, args]) => { tracker[name](...args) }", [name, list(arguments)]
        )

    async def track(self, title: str = "Shop", **event: object) -> Sent:
        """Track a page view and wait until the collector has answered."""
        async with self.page.expect_response(_is_event) as waiting:
            await self.call("trackPageView", {"title": title, **event})
        sent = await _sent(await waiting.value)
        self.sent.append(sent)
        return sent

    async def cookies(self) -> dict[str, str]:
        """Name and value of every cookie of this profile."""
        return {cookie["name"]: cookie["value"] for cookie in await self.context.cookies()}

    async def storage(self, area: str) -> dict[str, str]:
        """What `localStorage` or `sessionStorage` holds."""
        stored: dict[str, str] = await self.page.evaluate(f"() => ({{...window.{area}}})")
        return stored

    async def tracker_state(self) -> tuple[str, list[str]] | None:
        """Where the tracker keeps its `_sp_id`, `cookie` or `localStorage`, and its ten fields."""
        for place, values in (
            ("cookie", await self.cookies()),
            ("localStorage", await self.storage("localStorage")),
        ):
            for name, value in values.items():
                if name.startswith("_sp_id.") and not name.endswith(".expires"):
                    return place, value.split(".")
        return None


@asynccontextmanager
async def visit(
    browser: Browser, address: str, collector: str, **context: Any
) -> AsyncIterator[Visit]:
    """A fresh browser profile that has opened a page of the shop, and had no trouble with it."""
    async with profile(browser, **context) as fresh:
        yield Visit(fresh.context, await fresh.page(address), collector)


def _is_event(response: Response) -> bool:
    return response.request.method == "POST" and response.url.endswith("/tp2")


async def _sent(response: Response) -> Sent:
    (payload,) = json.loads(response.request.post_data or "")["data"]
    return Sent(
        payload,
        await response.request.all_headers(),
        await response.all_headers(),
        response.status,
    )

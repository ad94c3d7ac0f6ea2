"""Real Chromium for tests: one browser per run, a fresh profile per test, and nothing overlooked.

Tests that use it are asynchronous and run on the loop of the session:
`pytestmark = pytest.mark.asyncio(loop_scope="session")`.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

HOST_RULES = "--host-resolver-rules=MAP *.example.test 127.0.0.1"
"""The option under which every name below `example.test` is this machine."""

_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
_WATCH = """
document.addEventListener('securitypolicyviolation', (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, launched once per run."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=[*_FLAGS.split(), HOST_RULES]
        )
        yield chromium
        await chromium.close()


@dataclass(slots=True)
class Profile:
    """A fresh profile. `troubles` fills with what should not happen on a page.

    That is: console errors, breaches of the content security policy, uncaught exceptions, dialogs.
    """

    context: BrowserContext
    troubles: list[str] = field(default_factory=list)

    async def page(self, url: str) -> Page:
        """A new tab at an address."""
        page = await self.context.new_page()
        await page.goto(url)
        return page


@asynccontextmanager
async def profile(browser: Browser, **options: Any) -> AsyncIterator[Profile]:
    """A profile whose pages have had no trouble when the block ends.

    `options` go to `Browser.new_context`. A test that expects trouble empties `troubles` itself.
    Animations are off unless the options say otherwise: they cost time and prove nothing.
    """
    context = await browser.new_context(**{"reduced_motion": "reduce", **options})
    context.set_default_timeout(5_000)
    found = Profile(context)
    context.on(
        "console",
        lambda message: found.troubles.append(message.text) if message.type == "error" else None,
    )
    context.on("weberror", lambda error: found.troubles.append(str(error.error)))

    async def refuse(dialog: Any) -> None:
        found.troubles.append(f"dialog: {dialog.message}")
        await dialog.dismiss()

    context.on("dialog", refuse)
    await context.add_init_script(_WATCH)
    try:
        yield found
        assert found.troubles == []
    finally:
        await context.close()

"""Looking at a page as a person does."""

from __future__ import annotations

from playwright.async_api import Locator, Page


async def opened(page: Page, count: int) -> Locator:
    """The rows in sight on the live page, once its list has so many events."""
    rows = "document.querySelector('#events').dataset.count"
    await page.wait_for_function(f"count => {rows} === String(count)", arg=count)
    return page.locator(".row")

"""Looking at a page as a person does."""

from __future__ import annotations

from playwright.async_api import Locator, Page


async def opened(page: Page, count: int) -> Locator:
    """The rows of the live page, once there are so many."""
    rows = "document.querySelectorAll('.row').length"
    await page.wait_for_function(f"count => {rows} === count", arg=count)
    return page.locator(".row")

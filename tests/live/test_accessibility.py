"""Every page is checked for what keeps people from using it, by rules that axe knows (WCAG 2.2)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.live.conftest import Site
from tests.live.entries import IDENTIFIERS, event, failed
from tests.live.looking import opened
from tests.live.tools import faults
from tests.support.browser import profile

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCREENS = {"wide": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
async def test_every_page_can_be_used(
    browser: Browser, site: Site, screen: str, scheme: str
) -> None:
    """On each page, in use, axe has no serious finding."""
    options: dict[str, Any] = {"viewport": SCREENS[screen], "color_scheme": scheme}
    async with profile(browser, **options) as visitor:
        page = await visitor.page(f"{site.url}/")
        await expect(page.locator("#welcome")).to_be_visible()
        assert await faults(page) == []
        site.publish(event(identifiers=IDENTIFIERS), event("server_anonymous"), failed())
        await opened(page, 3)
        assert await faults(page) == []
        await page.locator(".row").first.click()
        assert await faults(page) == []
        await page.goto(f"{site.url}/try")
        await page.locator("[data-kind=server_anonymous_session]").click()
        await page.wait_for_selector(".comparison.fresh")
        assert await faults(page) == []
        await page.goto(f"{site.url}/visitor")
        await expect(page.locator(".holding")).to_have_count(1)
        assert await faults(page) == []
        await page.goto(f"{site.url}/overview")
        await expect(page.locator("#tiles b").first).to_have_text("0")
        assert await faults(page) == []
        await page.goto(f"{site.url}/desk")
        await expect(page.locator("#closed")).to_be_visible()
        assert await faults(page) == []
        await page.goto(f"{site.url}/demo")
        await expect(page.locator("#banner")).to_be_visible()
        await page.wait_for_selector(".docked")
        assert await faults(page) == []
        await page.locator("#choose-accept").click()
        await page.get_by_text("Notebook").click()
        await page.get_by_role("button", name="Put into the cart").click()
        assert await faults(page) == []

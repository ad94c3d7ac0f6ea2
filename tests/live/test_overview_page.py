"""The overview in a real browser."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.live.conftest import Site
from tests.live.lakes import consent, fill
from tests.support.browser import profile

pytestmark = pytest.mark.asyncio(loop_scope="session")

_SAYS = re.compile("at most .*table below")
EVIL = "<img src=x onerror=alert(1)>\u202e"


@pytest.fixture
def busy(serve: Callable[..., Site], tmp_path: Path) -> Site:
    """A server over a lake in which something happened."""
    now = time.time()
    events = [
        (now - 30, {"domain_sessionid": "a"}),
        (now - 40, {"mode_inferred": "server_anonymous", "page_urlpath": "/shoes"}),
        (now - 50, {"mode_inferred": "server_anonymous", "page_urlhost": EVIL}),
        (now - 60, consent("deny_all")),
        (now - 3 * 3_600, {"refr_urlhost": "search.example"}),
    ]
    fill(tmp_path / "lake", events, failed=[now - 20])
    return serve()


async def test_numbers_of_a_range(browser: Browser, busy: Site) -> None:
    """Tiles, charts and lists hold what happened within the range, which the address keeps."""
    async with profile(browser) as visitor:
        page = await visitor.page(f"{busy.url}/overview?range=15m")
        tiles = page.locator("#tiles b")
        await expect(tiles).to_have_text(["4", "3", "1", "50 %", "20 %"])
        await expect(page.locator(".top-list").first).to_contain_text("shop.example/shoes")
        await expect(page.locator(".top-list").nth(1)).to_contain_text("None in this range.")
        await expect(page.locator(".top-list").nth(2)).to_contain_text("rejected everything")
        await page.get_by_role("button", name="6 hours").click()
        await expect(tiles.first).to_have_text("5")
        await expect(page.locator(".top-list").nth(1)).to_contain_text("search.example")
        await expect(page).to_have_url(f"{busy.url}/overview?range=6h")
        await page.reload()
        await expect(page.get_by_role("button", name="6 hours")).to_have_attribute(
            "aria-pressed", "true"
        )
        await expect(tiles.first).to_have_text("5")


async def test_every_chart_has_a_table_and_a_file(browser: Browser, busy: Site) -> None:
    """The same numbers can be read as text, and downloaded as CSV."""
    async with profile(browser, accept_downloads=True) as visitor:
        page = await visitor.page(f"{busy.url}/overview?range=15m")
        charts = page.locator(".chart")
        await expect(charts).to_have_count(3)
        for chart in await charts.all():
            await expect(chart.locator("svg[role=img]")).to_have_attribute("aria-label", _SAYS)
            await chart.locator("summary").click()
            await expect(chart.locator("tbody tr")).to_have_count(30)
        for box in [*await charts.all(), *await page.locator(".top-list").all()]:
            async with page.expect_download() as waiting:
                await box.get_by_role("link", name="Download as CSV").click()
            download = await waiting.value
            text = (await download.path()).read_text()
            assert download.suggested_filename.startswith("whiteout-")
            assert "," in text or "referrers" in download.suggested_filename
        await charts.first.locator(".canvas").hover(position={"x": 300, "y": 60})
        await expect(charts.first.locator(".readout")).not_to_be_empty()


async def test_it_fits_and_is_harmless(browser: Browser, busy: Site) -> None:
    """No width makes the page scroll sideways, and what strangers sent is text."""
    sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    async with profile(browser) as visitor:
        page = await visitor.page(f"{busy.url}/overview?range=1h")
        await expect(page.locator(".top-list").first).to_contain_text("<img src=x")
        assert "\u202e" not in await page.locator("body").inner_text()
        assert await page.locator("img, script:not([src])").count() == 0
        for width in (320, 390, 768, 1100, 1440, 2200):
            await page.set_viewport_size({"width": width, "height": 800})
            assert await page.evaluate(sideways) <= 0, width


async def test_an_empty_lake_is_shown_as_such(browser: Browser, site: Site) -> None:
    """Before the first event there are zeros, and no trouble."""
    async with profile(browser) as visitor:
        page = await visitor.page(f"{site.url}/overview")
        await expect(page.locator("#tiles b")).to_have_text(["0", "0", "0", "0 %", "0 %"])
        await expect(page.locator("#note")).to_be_hidden()

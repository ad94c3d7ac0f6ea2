"""Using the live page in a real browser: filters, keys, pauses, absences, screens."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.async_api import Browser, expect

from tests.live.conftest import Site
from tests.live.entries import IDENTIFIERS as IDS
from tests.live.entries import event, failed
from tests.live.looking import opened
from tests.support.browser import profile

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_filters_are_kept_in_the_address(browser: Browser, site: Site) -> None:
    """Text and mode narrow the list, hold for new events, and come back with the address."""
    site.publish(
        event(url="https://shop.example/one"),
        event("anonymous", url="https://shop.example/two"),
        event("anonymous", url="https://shop.example/two-more", app="journal"),
        failed(app="two"),
    )
    async with profile(browser) as visitor:
        page = await visitor.page(site.url)
        await opened(page, 4)
        await page.locator("#filter-q").fill("TWO  shop.example")
        await opened(page, 2)
        await page.locator("#more summary").click()
        await page.locator("#filter-kind").select_option("failed")
        await opened(page, 0)
        await expect(page.locator("#nothing")).to_be_visible()
        await page.locator("#filter-q").fill("")
        await opened(page, 1)
        await page.locator("#filter-kind").select_option("good")
        await opened(page, 3)
        await page.locator("#filter-page").fill("EXAMPLE/two")
        await opened(page, 2)
        await page.locator("#filter-app").select_option("shop")
        await opened(page, 1)
        await expect(page).to_have_url(f"{site.url}/?kind=good&app=shop&page=EXAMPLE%2Ftwo")
        await page.reload()
        await opened(page, 1)
        await page.locator("#filter-event").select_option("page_view")
        await opened(page, 1)
        for name in ("kind", "app", "event"):
            await page.locator(f"#filter-{name}").select_option("")
        await page.locator("#filter-page").fill("")
        await page.locator("#filter-mode").select_option("anonymous")
        await page.locator("#filter-q").fill("journal")
        await opened(page, 1)
        await expect(page).to_have_url(f"{site.url}/?q=journal&mode=anonymous")
        await page.reload()
        await opened(page, 1)
        await expect(page.locator("#filter-q")).to_have_value("journal")
        site.publish(event(), event("anonymous", app="journal"))
        await opened(page, 2)
        await page.locator("#filter-q").fill("nowhere")
        await page.get_by_role("button", name="Clear the filter").click()
        await opened(page, 6)
        await expect(page).to_have_url(f"{site.url}/")


async def test_keyboard(browser: Browser, site: Site) -> None:
    """The keys j and k move, Enter opens, Escape closes, space pauses, / filters."""
    site.publish(event(name="first"), event(name="second"), event(name="third"))
    async with profile(browser) as visitor:
        page = await visitor.page(site.url)
        await opened(page, 3)
        current = page.locator(".row[aria-current] .name")
        detail = page.locator("#detail h2")
        await page.keyboard.press("j")
        await expect(current).to_have_text("third")
        await page.keyboard.press("j")
        await expect(page.locator(".row").nth(1)).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(detail).to_have_text("second")
        await page.keyboard.press("j")
        await expect(detail).to_have_text("first")
        await page.keyboard.press("j")
        await page.keyboard.press("k")
        await expect(detail).to_have_text("second")
        await page.keyboard.press("Escape")
        await expect(page.locator("#detail")).to_be_hidden()
        await expect(page.locator(".row").nth(1)).to_be_focused()
        await page.keyboard.press("Space")
        await expect(page.locator("#status")).to_have_text("paused")
        await page.keyboard.press("Space")
        await expect(page.locator("#status")).to_have_text("live")
        await page.keyboard.press("/")
        await page.keyboard.type("j k /")
        await expect(page.locator("#filter-q")).to_have_value("j k /")
        await page.keyboard.press("Escape")
        await page.locator("#pause").focus()
        await page.keyboard.press("Space")
        await expect(page.locator("#status")).to_have_text("paused")


async def test_pause_holds_events_back(browser: Browser, site: Site) -> None:
    """Paused, the list stands still and says how many wait; nothing is lost."""
    site.publish(event())
    async with profile(browser) as visitor:
        page = await visitor.page(site.url)
        await opened(page, 1)
        await page.locator("#pause").click()
        site.publish(event(), event())
        await expect(page.locator("#pause")).to_have_text("Resume · 2 new")
        assert await page.title() == "(2) paused · whiteout"
        await opened(page, 1)
        await page.locator("#pause").click()
        await opened(page, 3)
        await expect(page.locator("#pause")).to_have_attribute("aria-pressed", "false")


async def test_a_restart_loses_and_doubles_nothing(
    browser: Browser, serve: Callable[..., Site]
) -> None:
    """The page says that it reconnects, and goes on where it was."""
    site = serve()
    async with profile(browser) as visitor:
        page = await visitor.page(site.url)
        site.publish(event(name="before"))
        await opened(page, 1)
        site.stop()
        await expect(page.locator("#status")).to_have_text("reconnecting")
        site.restart()
        site.publish(event(name="after"))
        rows = await opened(page, 2)
        await expect(page.locator("#status")).to_have_text("live")
        assert await rows.locator(".name").all_inner_texts() == ["after", "before"]
        visitor.troubles.clear()  # the refused connection


async def test_missed_events_are_said(browser: Browser, site: Site) -> None:
    """After a long absence the page shows where events are missing."""
    async with profile(browser) as visitor:
        page = await visitor.page(site.url)
        site.publish(event())
        await opened(page, 1)
        await visitor.context.set_offline(True)
        await page.evaluate(
            "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )
        site.publish(*(event() for _ in range(700)))
        await visitor.context.set_offline(False)
        await page.evaluate(
            "Object.defineProperty(document, 'hidden', {value: false});"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )
        await opened(page, 501)
        await page.evaluate("scrollTo({top: 1e9, behavior: 'instant'})")
        await expect(page.locator(".note")).to_have_text(
            "200 events came too fast to be shown here."
        )
        visitor.troubles.clear()  # offline is an error to the console


async def test_a_long_list_has_few_rows(browser: Browser, site: Site) -> None:
    """However many events there are, only those in sight are rows, and all can be scrolled to."""
    async with profile(browser) as visitor:
        page = await visitor.page(site.url)
        await expect(page.locator("#status")).to_have_text("live")
        site.publish(event(name="the_first"))
        await opened(page, 1)
        for _ in range(6):
            site.publish(*(event("anonymous") for _ in range(200)))
        site.publish(event(name="the_last"))
        await opened(page, 1_202)
        await expect(page.locator(".row").first).to_contain_text("the_last")
        assert await page.locator("#events > *").count() < 60
        await page.evaluate("scrollTo({top: 1e9, behavior: 'instant'})")
        await expect(page.locator(".row").last).to_contain_text("the_first")
        assert await page.locator("#events > *").count() < 60


async def test_what_is_read_stays_in_place(browser: Browser, site: Site) -> None:
    """New events do not move the rows that somebody reads further down."""
    site.publish(*(event(name=f"event_{number}") for number in range(100)))
    async with profile(browser) as visitor:
        page = await visitor.page(site.url)
        await opened(page, 100)
        await page.evaluate("scrollTo({top: 2000, behavior: 'instant'})")
        row = page.locator(".row").filter(has=page.get_by_text("event_60", exact=True))
        before = await row.bounding_box()
        site.publish(*(event() for _ in range(30)))
        await opened(page, 130)
        assert await row.bounding_box() == before


async def test_it_can_be_used_without_seeing_it(browser: Browser, site: Site) -> None:
    """Landmarks, a feed of named articles, one tab stop, and a polite summary."""
    site.publish(event(), event(name="add_to_cart"))
    async with profile(browser) as visitor:
        page = await visitor.page(site.url)
        await opened(page, 2)
        for role in ("banner", "main", "contentinfo", "navigation", "search"):
            await expect(page.get_by_role(role).first).to_be_visible()
        feed = page.get_by_role("feed", name="Events, newest first")
        await expect(feed.get_by_role("article", name="add_to_cart shop")).to_be_visible()
        assert await page.locator(".row[tabindex='0']").count() == 1
        site.publish(event(), failed())
        await expect(page.locator("#summary")).to_have_text("2 new events, 1 failed")
        assert await page.locator("html").get_attribute("lang") == "en"
        for field in await page.locator("input, select, button").all():
            name = await field.get_attribute("aria-label") or await field.inner_text()
            assert name.strip() != ""


async def test_it_fits_every_screen(browser: Browser, site: Site) -> None:
    """No page scrolls sideways, with the panel open or not."""
    path = "/a-very-long-path" * 20
    site.publish(
        event(identifiers=IDS, url=f"https://shop.example{path}", app="application" * 12),
        failed("A long reason that has a word-" + "without-end" * 20),
        event("server_anonymous", name="n" * 200),
    )
    sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    async with profile(browser) as visitor:
        page = await visitor.page(site.url)
        await opened(page, 3)
        for number in range(3):
            for width in (320, 390, 768, 1100, 1440, 2200):
                await page.set_viewport_size({"width": width, "height": 800})
                assert await page.evaluate(sideways) <= 0, width
            if number == 0:
                await page.locator("#legend summary").click()
                await page.locator(".row").nth(1).click()
                await expect(page.locator("#detail")).to_be_visible()
            else:
                await page.goto(f"{site.url}/try")


async def test_first_paint_is_fast(browser: Browser, site: Site) -> None:
    """The page is painted within a second, and needs three files besides its HTML."""
    site.publish(*(event(identifiers=IDS) for _ in range(200)))
    async with profile(browser) as visitor:
        page = await visitor.page(site.url)
        await opened(page, 200)
        paint = await page.evaluate(
            "performance.getEntriesByName('first-contentful-paint')[0].startTime"
        )
        assert paint < 1_000
        files = await page.evaluate(
            "performance.getEntriesByType('resource').map(entry => new URL(entry.name).pathname)"
        )
        assert {name for name in files if name.startswith("/assets/")} <= {
            "/assets/live.js",
            "/assets/live.css",
            "/assets/icon.svg",
        }


async def test_times_are_in_the_zone_of_the_reader(browser: Browser, site: Site) -> None:
    """Clock and zone are those of the person who looks."""
    site.publish(event(time=datetime(2026, 11, 24, 6, 20, tzinfo=UTC)))
    async with profile(browser, timezone_id="Asia/Tokyo") as visitor:
        page = await visitor.page(site.url)
        await expect((await opened(page, 1)).locator("time")).to_have_text("15:20:00")
        await expect(page.locator("footer")).to_contain_text("Asia/Tokyo")


async def test_signing_in(browser: Browser, serve: Callable[..., Site]) -> None:
    """With a token a person signs in once and sees events; without it nothing (contract 15)."""
    site = serve("a-long-random-token")
    async with profile(browser) as visitor:
        page = await visitor.page(f"{site.url}/?mode=anonymous")
        await expect(page).to_have_url(re.compile("/signin"))
        await page.get_by_label("Access token").fill("wrong")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("That is not the token.")
        visitor.troubles.clear()  # the console reports the 403
        await page.get_by_label("Access token").fill("a-long-random-token")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page).to_have_url(f"{site.url}/?mode=anonymous")
        site.publish(event("anonymous"))
        await opened(page, 1)
        cookies = await visitor.context.cookies()
        assert [(cookie["httpOnly"], cookie["sameSite"]) for cookie in cookies] == [
            (True, "Strict")
        ]
        assert "a-long-random-token" not in cookies[0]["value"]
        await visitor.context.clear_cookies()
        site.restart()
        await expect(page.locator("#status")).to_have_text("signed out")
        visitor.troubles.clear()  # the refused stream

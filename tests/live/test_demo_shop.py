"""The demo shop in a real browser: what each answer to its banner lets it keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.live.conftest import Site
from tests.live.entries import event, failed
from tests.support.browser import Profile, profile
from tests.support.web import SCRIPT, prepare

pytestmark = pytest.mark.asyncio(loop_scope="session")

USER = {"duid", "uid"}
SESSION = {"sid", "vid"}
IDENTIFIERS = USER | SESSION


async def heard(page: Page) -> list[dict[str, Any]]:
    """Every event that arrived, in order."""
    answer = await page.context.request.get("/".join([*page.url.split("/")[:3], "test/heard"]))
    return [event for request in await answer.json() for event in request["body"]["data"]]


async def arrived(page: Page, count: int) -> list[dict[str, Any]]:
    """All events, once there are so many."""
    for _ in range(60):
        events = await heard(page)
        if len(events) >= count:
            break
        await page.wait_for_timeout(50)
    assert len(events) == count, [event["e"] for event in events]
    return events


async def cookies(context: BrowserContext) -> set[str]:
    """Names of the cookies, without their hash."""
    return {cookie["name"].partition(".")[0] for cookie in await context.cookies()}


async def enter(visitor: Profile, site: Site, path: str = "/demo") -> Page:
    """The shop as a new visitor sees it, once its first two events have arrived."""
    page = await visitor.page(f"{site.url}{path}")
    await expect(page.locator("#banner")).to_be_visible()
    await arrived(page, 2)
    return page


async def test_until_somebody_chooses_nothing_is_known(browser: Browser, site: Site) -> None:
    """Before an answer events name nobody, and nothing is stored."""
    async with profile(browser) as visitor:
        page = await enter(visitor, site)
        events = await heard(page)
        assert not any(IDENTIFIERS & set(one) for one in events)
        assert await visitor.context.cookies() == []
        assert await page.evaluate("localStorage.length + sessionStorage.length") == 0
        docked = page.locator(".docked")
        await expect(docked).to_have_count(2)
        await expect(docked.first.locator(".tape")).to_have_count(5)


@pytest.mark.parametrize(
    ("choice", "stored", "sent", "named"),
    [
        ("reject", set(), set(), "rejected"),
        ("session", {"_sp_as"}, SESSION, "this visit only"),
        ("accept", {"_sp_id", "_sp_ses"}, SESSION | {"duid"}, "accepted"),
    ],
)
async def test_each_answer_is_kept_to(
    browser: Browser, site: Site, choice: str, stored: set[str], sent: set[str], named: str
) -> None:
    """An answer holds on every page that follows, and no more is sent or stored than it allows."""
    async with profile(browser) as visitor:
        page = await enter(visitor, site)
        await page.locator(f"#choose-{choice}").click()
        await expect(page.locator("#banner")).to_be_hidden()
        await expect(page.locator("#privacy")).to_contain_text(named)
        event = (await arrived(page, 3))[-1]
        assert IDENTIFIERS & set(event) == sent
        assert await cookies(visitor.context) == stored | {"demo-choice"}
        await page.get_by_text("Notebook").click()
        await expect(page.get_by_role("heading", name="Notebook")).to_be_visible()
        event = (await arrived(page, 4))[-1]
        assert IDENTIFIERS & set(event) == sent
        await expect(page.locator("#banner")).to_be_hidden()
        assert await cookies(visitor.context) == stored | {"demo-choice"}


async def test_a_whole_visit(browser: Browser, site: Site) -> None:
    """Accept, sign in, search, put into the cart, order, get lost, break something."""
    async with profile(browser) as visitor:
        page = await enter(visitor, site)
        await page.locator("#choose-accept").click()
        await page.locator("#user").click()
        await page.locator("#search").fill("ink")
        await page.keyboard.press("Enter")
        await page.get_by_text("Blue ink").click()
        await page.get_by_role("button", name="Put into the cart").click()
        await expect(page.locator("#cart")).to_have_text("Cart (1)")
        await page.locator("#cart").click()
        await page.get_by_role("button", name="Order").click()
        await expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
        await page.get_by_text("A dead link").click()
        await expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
        await page.locator("#break").click()
        names = page.locator(".docked .line b")
        # The plugin that reports errors is loaded on demand, and the machine may be busy.
        await expect(names.first).to_have_text("application_error", timeout=20_000)
        found = await names.all_inner_texts()
        expected = {"cmp_visible", "consent_preferences", "site_search", "add_to_cart", "event"}
        assert expected | {"page_view"} <= set(found)
        views = [event["eid"] for event in await heard(page) if event["e"] == "pv"]
        # What was on its way when its page was left is sent again by the next one.
        assert len(set(views)) == 6
        assert found.count("page_view") == len(views)
        users = {event.get("uid") for event in (await heard(page))[3:]}
        assert users == {"ada@shop.example"}
        visits = {event["duid"] for event in (await heard(page))[2:]}
        assert len(visits) == 1
        visitor.troubles.clear()  # the dead link, and what was broken


async def test_withdrawing_forgets(browser: Browser, site: Site) -> None:
    """Who takes consent back leaves no id behind, and is not known again when accepting anew."""
    async with profile(browser) as visitor:
        page = await enter(visitor, site)
        await page.locator("#choose-accept").click()
        first = (await arrived(page, 3))[-1]["duid"]
        await page.locator("#privacy").click()
        await arrived(page, 4)  # what still waits when consent is taken back is dropped
        await page.locator("#choose-reject").click()
        withdrawn = (await arrived(page, 5))[-1]
        assert "withdrawn" in withdrawn["ue_pr"]
        assert not IDENTIFIERS & set(withdrawn)
        assert await cookies(visitor.context) == {"demo-choice"}
        await page.locator("#privacy").click()
        await page.locator("#choose-accept").click()
        assert (await arrived(page, 7))[-1]["duid"] != first


async def test_less_is_less(browser: Browser, site: Site) -> None:
    """From being known to this visit only: the visitor's id goes, and the visit gets a new one."""
    async with profile(browser) as visitor:
        page = await enter(visitor, site)
        await page.locator("#choose-accept").click()
        before = (await arrived(page, 3))[-1]
        await page.locator("#privacy").click()
        await arrived(page, 4)
        await page.locator("#choose-session").click()
        after = (await arrived(page, 5))[-1]
        assert IDENTIFIERS & set(after) == SESSION
        assert after["sid"] != before["sid"]
        assert await cookies(visitor.context) == {"_sp_as", "demo-choice"}


@pytest.mark.parametrize(("choice", "carries"), [("accept", True), ("session", False)])
async def test_the_sister_shop_learns_what_was_allowed(
    browser: Browser, site: Site, choice: str, carries: bool
) -> None:
    """A link to another host carries the visitor's id only where that was accepted (W7)."""
    async with profile(browser) as visitor:
        page = await enter(visitor, site)
        await page.locator(f"#choose-{choice}").click()
        event = (await arrived(page, 3))[-1]
        await page.locator("#partner").click()
        await expect(page.get_by_role("heading", name="The sister shop")).to_be_visible()
        assert "localhost" in page.url
        assert ("_sp=" in page.url) is carries
        if carries:
            assert event["duid"] in page.url
        await expect(page.locator("#banner")).to_be_visible()


async def test_the_official_tracker_in_the_shop(
    browser: Browser, serve: Callable[..., Site]
) -> None:
    """Where its file is, the shop can be visited with it, on every page."""
    prepare()
    site = serve(official=SCRIPT)
    async with profile(browser) as visitor:
        page = await visitor.page(f"{site.url}/demo?tracker=official")
        await page.locator("#choose-accept").click()
        await page.get_by_text("Envelopes").click()
        await expect(page).to_have_url(f"{site.url}/demo/p/envelopes?tracker=official")
        event = (await arrived(page, 2))[-1]
        assert event["tv"].startswith("js-")
        assert "duid" in event


async def test_strangers_send_text_to_the_shop(browser: Browser, site: Site) -> None:
    """Whoever sends under the shop's name, and whatever stands in an address, it is text."""
    evil = "<img src=x onerror=alert(1)>\u202e" * 20
    async with profile(browser, viewport={"width": 390, "height": 844}) as visitor:
        page = await visitor.page(f"{site.url}/demo/search?q={quote(evil)}")
        await expect(page.locator("#shop")).to_contain_text("<img src=x")
        identifiers = dict.fromkeys(("user_id", "domain_userid"), evil)
        site.publish(
            event(name=evil, app="demo-shop", identifiers=identifiers),
            failed(evil, app="demo-shop", failure=evil),
        )
        await expect(page.locator("#docked")).to_contain_text("<img src=x")
        await page.goto(f"{site.url}/demo/partner?_sp={quote(evil)}")
        await expect(page.locator("#shop code")).to_contain_text("<img src=x")
        assert "\u202e" not in await page.locator("body").inner_text()
        assert await page.locator("img, script:not([src]), [onerror]").count() == 0
        sideways = "document.documentElement.scrollWidth - innerWidth"
        assert await page.evaluate(sideways) <= 0


async def test_the_shop_fits_every_screen(browser: Browser, site: Site) -> None:
    """No width makes a page of the shop scroll sideways, with the banner open."""
    sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    async with profile(browser) as visitor:
        for path in ("", "/p/ink", "/cart", "/search?q=" + "x" * 80, "/partner"):
            page = await visitor.page(f"{site.url}/demo{path}")
            for width in (320, 390, 768, 1100, 1440, 2200):
                await page.set_viewport_size({"width": width, "height": 800})
                assert await page.evaluate(sideways) <= 0, (path, width)
            await page.close()

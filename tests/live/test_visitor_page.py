"""The visitor's eye in a real browser: what a browser holds, tells, and would send."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import Browser, Page, expect

from tests.live.asgi import MemoryFeed, ask
from tests.live.conftest import Site
from tests.live.test_application import live
from tests.support.browser import profile

SESSION_LOOP = pytest.mark.asyncio(loop_scope="session")
COLUMNS = (
    "user_id",
    "domain_userid",
    "domain_sessionid",
    "domain_sessionidx",
    "network_userid",
    "user_ipaddress",
)


async def visit(page: Page, site: Site, *modes: str) -> None:
    """Track an event in each of some modes, and go to the page."""
    await page.goto(f"{site.url}/try")
    for mode in modes:
        await page.locator(f"[data-kind={mode}]").click()
        await page.wait_for_selector(".comparison.fresh")
    await page.goto(f"{site.url}/visitor")
    await expect(page.locator("#told")).to_contain_text("127.0.0.1")


async def carried(page: Page, mode: str) -> list[str]:
    """What the page says that the next event carries in a mode; of a white-out, its word."""
    row = page.locator(f".carries tr:has(.badge.{mode})")
    words: list[str] = await row.evaluate(
        "row => [...row.querySelectorAll('td')].map((cell) =>"
        " (cell.querySelector('.tape > [aria-hidden]') ?? cell).innerText)"
    )
    assert len(words) == len(COLUMNS)
    return words


async def test_values_of_cookies_stay_closed() -> None:
    """The server tells the names of cookies, never their values, and no header but those named."""
    headers = {
        "Host": "localhost",
        "Cookie": "sp=secret; whiteout_session=canary",
        "User-Agent": "Test",
        "Sec-GPC": "1",
        "Authorization": "Basic canary",
    }
    answer = await ask(live(MemoryFeed()), "/api/visitor", headers)
    assert json.loads(answer.text) == {
        "address": "127.0.0.1",
        "cookies": ["sp", "whiteout_session"],
        "headers": {"user-agent": "Test", "sec-gpc": "1"},
    }
    assert answer.headers["cache-control"] == "no-store"


@SESSION_LOOP
async def test_what_is_held_is_read_out(browser: Browser, site: Site) -> None:
    """Every cookie and key stands there with what it says, those closed to scripts by name."""
    async with profile(browser) as visitor:
        page = await visitor.page(f"{site.url}/visitor")
        await expect(page.locator("#held")).to_contain_text("This browser holds nothing")
        assert await visitor.context.cookies() == []
        await visit(page, site, "identified", "anonymous_session")
        cookies = {c["name"].split(".")[0]: c["value"] for c in await visitor.context.cookies()}
        user = cookies["_sp_id"].split(".")[0]
        held = page.locator("#held")
        await expect(held).to_contain_text(user)
        await expect(held.locator(".holding")).to_have_count(3)
        assert (await carried(page, "identified"))[1] == user
        visit_id = cookies["_sp_as"].split(".")[5]
        assert (await carried(page, "server_anonymous_session"))[2] == visit_id
        closed = {"name": "sp", "value": "canary", "url": site.url, "httpOnly": True}
        await visitor.context.add_cookies([closed])  # type: ignore[list-item]
        await page.reload()
        await expect(held).to_contain_text("only the server can read")
        await expect(page.locator("body")).not_to_contain_text("canary")


@SESSION_LOOP
async def test_what_each_mode_would_carry(browser: Browser, site: Site) -> None:
    """The table follows the modes, and what the collector takes out under GPC (contract 7)."""
    async with profile(browser) as visitor:
        page = await visitor.page(f"{site.url}/visitor")
        no, kept = "not sent", "not kept"
        assert (await carried(page, "anonymous"))[:4] == [no] * 4
        assert await carried(page, "server_anonymous") == [no, no, no, no, kept, kept]
        await page.locator("#gpc").check()
        assert await carried(page, "identified") == ["taken out"] * 4 + [kept, kept]
        session = await carried(page, "anonymous_session")
        assert session[:2] == [no, no]
        assert session[2] == "a new random id"
        assert session[4:] == [kept, kept]


@SESSION_LOOP
async def test_opting_out_and_clearing(browser: Browser, site: Site) -> None:
    """After the opt-out the pages track nothing, and clearing leaves only the opt-out behind."""
    async with profile(browser) as visitor:
        page = await visitor.context.new_page()
        await visit(page, site, "identified")
        await page.locator("#clear").click()
        await expect(page.locator("#receipt")).to_contain_text("_sp_id")
        await expect(page.locator("#held")).to_contain_text("This browser holds nothing")
        await page.locator("#out").click()
        await expect(page.locator("#choice")).to_have_text("Tracking is off on these pages.")
        await page.goto(f"{site.url}/try")
        await page.locator("[data-kind=identified]").click()
        await expect(page.locator(".story")).to_contain_text("The tag sent nothing")
        await expect(page.locator("#state")).to_contain_text("opt-out cookie")
        assert [c["name"] for c in await visitor.context.cookies()] == ["whiteout-opt-out"]
        await page.goto(f"{site.url}/visitor")
        await page.locator("#out").click()
        await expect(page.locator("#choice")).to_have_text("Tracking is allowed on these pages.")
        assert await visitor.context.cookies() == []

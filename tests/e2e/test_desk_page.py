"""The privacy desk in a real browser, over real processes: begun, watched, confirmed, stopped."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.live.tools import faults
from tests.support.browser import profile
from tests.support.process import Whiteout
from whiteout.protocol.folders import first_day

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]

TOKEN = "a-long-random-token"
SECRET = "ada.lovelace@analytical.example"
PHONE = {"width": 390, "height": 844}
SOON = 20_000
"""Milliseconds for what a child process does."""


@pytest.fixture(scope="module")
def whiteout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whiteout]:
    """A server with two web workers and a token."""
    folder = Path(tmp_path_factory.mktemp("desk"))
    with Whiteout(folder, "--workers", "2", "--access-log", "true", "--token", TOKEN) as server:
        yield server


def track(whiteout: Whiteout, user: str) -> None:
    """Send an event of somebody, and wait until it is stored."""
    query = {"e": "pv", "p": "web", "tv": "t", "uid": user, "page": "Hello"}
    assert httpx.post(
        f"{whiteout.url}/com.snowplowanalytics.snowplow/tp2",
        json={
            "schema": "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4",
            "data": [query],
        },
    ).is_success
    whiteout.wait_for_rows(f"SELECT 1 FROM events WHERE user_id = '{user}'")


def users(whiteout: Whiteout) -> set[str]:
    """Whose events are stored."""
    return {row["user_id"] for row in whiteout.rows("SELECT user_id FROM events")}


@asynccontextmanager
async def desk(browser: Browser, whiteout: Whiteout, **options: Any) -> AsyncIterator[Page]:
    """The desk as somebody sees it who signs in."""
    async with profile(browser, **options) as visitor:
        page = await visitor.page(f"{whiteout.url}/desk")
        await page.get_by_label("Access token").fill(TOKEN)
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{whiteout.url}/desk")
        await expect(page.locator(".requirements").first).to_be_visible()
        yield page


async def done(page: Page, kind: str) -> None:
    """Wait until a job is over, and clean."""
    await expect(page.locator(f"#job-{kind} .verdict")).to_have_text("clean", timeout=SOON)


async def test_somebody_is_forgotten_by_keyboard(browser: Browser, whiteout: Whiteout) -> None:
    """Typed twice, or nothing happens; afterwards the identifier is nowhere, not in the browser."""
    track(whiteout, SECRET)
    track(whiteout, "bob")
    async with desk(browser, whiteout) as page:
        await page.locator("#forget-by").focus()
        await page.keyboard.press("Tab")
        await page.keyboard.type(SECRET)
        await page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Forget for good?")
        await expect(dialog.get_by_label("Type the identifier again")).to_be_focused()
        await page.keyboard.type("ada")
        await page.keyboard.press("Enter")
        await expect(dialog.get_by_role("button", name="Forget for good")).to_be_disabled()
        assert await faults(page) == []
        await page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()
        assert SECRET in users(whiteout)

        await page.locator("#forget-value").focus()
        await page.keyboard.press("Enter")
        await page.keyboard.type(SECRET)
        await page.keyboard.press("Enter")
        await expect(dialog).to_be_hidden()
        await done(page, "forget")
        assert "bob" in users(whiteout)
        assert SECRET not in users(whiteout)
        await expect(page.locator("#forget-value")).to_have_value("")
        await page.locator("#job-forget a").press("Enter")
        await expect(page.locator(".slip[open]")).to_contain_text("searched afterwards")
        assert await faults(page) == []
        shown = await page.evaluate(
            "[document.body.innerHTML, location.href, JSON.stringify(history.state),"
            " ...[...document.querySelectorAll('input')].map((one) => one.value),"
            " ...performance.getEntriesByType('resource').map((one) => one.name),"
            " JSON.stringify({...localStorage, ...sessionStorage})].join()"
        )
        assert SECRET not in shown
    files = [path for path in whiteout.data.rglob("*") if path.is_file()]
    everything = whiteout.output() + b"".join(path.read_bytes() for path in files)
    assert SECRET.encode() not in everything
    assert b"POST /api/ " in whiteout.output()


async def test_old_days_go_from_a_phone(browser: Browser, whiteout: Whiteout) -> None:
    """The first day that stays is typed; the page fits, with all of it open."""
    async with desk(browser, whiteout, viewport=PHONE, color_scheme="dark") as page:
        await expect(page.get_by_role("link", name="Privacy desk")).to_be_in_viewport()
        await page.locator("#retain-days").fill("30")
        await expect(page.locator("#retain-first")).to_contain_text(first_day(30))
        await page.get_by_role("button", name="Remove older days").click()
        await page.locator("#confirm-again").fill(first_day(30))
        await page.get_by_role("button", name="Remove for good").click()
        await done(page, "retain")
        await page.locator(".slip > summary").first.click()
        await expect(page.locator(".slip").first).to_contain_text("Expiry, 30 days kept")
        await expect(page.locator(".slip[open] .facts")).to_be_visible()
        sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        for width in (320, 390, 768, 1100, 2200):
            await page.set_viewport_size({"width": width, "height": 800})
            assert await page.evaluate(sideways) <= 0, width
        assert await faults(page) == []


async def test_a_proof_is_watched_and_stopped(browser: Browser, whiteout: Whiteout) -> None:
    """It survives a reload, is seen by whoever else looks, and is one at a time."""
    async with desk(browser, whiteout) as page:
        await page.get_by_role("button", name="Prove it").click()
        job = page.locator("#job-prove")
        await expect(job.locator("progress")).to_be_visible()
        async with desk(browser, whiteout) as other:
            for _ in range(3):
                await expect(other.get_by_role("button", name="Prove it")).to_be_disabled()
                await other.reload()
            answer = await other.request.post(
                f"{whiteout.url}/api/desk/orders",
                data={"kind": "prove"},
                headers={"Sec-Fetch-Site": "same-origin"},
            )
            assert answer.status == 409
            await other.get_by_role("button", name="Stop").click()
            await expect(job).to_contain_text("Stopped", timeout=SOON)
        await expect(page.get_by_role("button", name="Prove it")).to_be_enabled()


async def test_an_audit_and_its_report(browser: Browser, whiteout: Whiteout) -> None:
    """The receipt opens to the whole report, and can be kept as JSON and as a page."""
    track(whiteout, "carol")
    async with desk(browser, whiteout, accept_downloads=True) as page:
        await page.get_by_role("button", name="Begin the audit").click()
        await done(page, "audit")
        await page.locator("#job-audit a").click()
        slip = page.locator(".slip[open]")
        await expect(slip).to_contain_text("No stored event holds what its mode forbids.")
        await slip.get_by_text(re.compile("^Modes")).click()
        await expect(slip.get_by_role("cell", name="identified").first).to_be_visible()
        for name, start in (("JSON", "{"), ("a page", "<!doctype html>")):
            async with page.expect_download() as waiting:
                await slip.get_by_role("link", name=f"Download as {name}").click()
            assert (await (await waiting.value).path()).read_text().startswith(start)
        await page.reload()
        await expect(page.locator(".slip").first).to_contain_text("Audit")


async def test_profiles_can_be_compared(browser: Browser, whiteout: Whiteout) -> None:
    """Each profile with what is met, what is not and what is left to people; then signing out."""
    async with desk(browser, whiteout) as page:
        await page.get_by_role("button", name="gpc-strict").click()
        await expect(page.locator("#profile")).to_contain_text("collector.dnt = ignore")
        await expect(page.locator(".requirements section")).to_have_count(3)
        await page.get_by_role("button", name="Sign out").click()
        await expect(page).to_have_url(re.compile("/signin$"))
        await page.goto(f"{whiteout.url}/desk")
        await expect(page).to_have_url(re.compile("/signin"))

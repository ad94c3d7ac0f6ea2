"""An event of the official tracker is seen within two seconds, in the live page and in SQL."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.support.browser import profile
from tests.support.process import Whiteout
from tests.support.site import Site
from tests.support.visit import MODES, Sent, visit

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]

SECONDS = 2.0
"""Within which an acknowledged event is to be seen."""

SHOWN = ("user_id", "domain_userid", "domain_sessionid", "network_userid", "user_ipaddress")
KEPT = {
    "identified": set(SHOWN),
    "anonymous": {"network_userid", "user_ipaddress"},
    "anonymous_session": {"domain_sessionid", "network_userid", "user_ipaddress"},
    "server_anonymous": set(),
    "server_anonymous_session": {"domain_sessionid"},
}
"""The identifiers that a mode leaves; all others are whited out in the page."""


@pytest.fixture(scope="module")
def whiteout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whiteout]:
    """A server with all defaults, which has not seen an event yet."""
    with Whiteout(Path(tmp_path_factory.mktemp("live"))) as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def live(browser: Browser, whiteout: Whiteout) -> AsyncIterator[Page]:
    """The live page, open since before the first event; it must have no trouble to the end."""
    async with profile(browser) as fresh:
        page = await fresh.page(whiteout.url)
        await page.get_by_text("Nothing has arrived yet").wait_for()
        assert await page.get_by_role("link", name="Send a first event").is_visible()
        yield page


async def _track(browser: Browser, site: Site, whiteout: Whiteout, app_id: str, mode: str) -> Sent:
    async with visit(browser, site.url("/a"), f"http://localhost:{whiteout.port}") as visitor:
        await visitor.start(app_id, anonymousTracking=MODES[mode])
        await visitor.call("setUserId", "bob-the-visitor")
        return await visitor.track()


async def _seen(live: Page, whiteout: Whiteout, app_id: str) -> None:
    """Both the live page and SQL show the event in time."""
    in_page = live.locator(".row", has_text=app_id).wait_for(timeout=SECONDS * 1_000)
    sql = f"SELECT event_id FROM events WHERE app_id = '{app_id}'"
    in_sql = asyncio.to_thread(whiteout.wait_for_rows, sql, 1, SECONDS)
    await asyncio.gather(in_page, in_sql)


@pytest.mark.parametrize("mode", MODES)
async def test_an_event_is_seen_within_two_seconds(
    browser: Browser, site: Site, whiteout: Whiteout, live: Page, mode: str
) -> None:
    """It appears with its mode, with what is kept to read and what its mode removed whited out."""
    app_id = f"seen-{mode}-here"
    sent = await _track(browser, site, whiteout, app_id, mode)
    await _seen(live, whiteout, app_id)
    row = live.locator(".row", has_text=app_id)
    assert await row.locator(f".badge.{mode}").count() == 1
    assert "page_view" in await row.locator(".event").inner_text()
    for name in SHOWN:
        kept = name in KEPT[mode]
        assert await row.locator(f".id.{name} .value").count() == kept, name
        assert await row.locator(f".id.{name} .tape").count() == (not kept), name
    shown = await row.inner_text()
    assert ("bob-the-visitor" in shown) == (mode == "identified")
    assert ("sid" in sent.payload) == ("domain_sessionid" in KEPT[mode])


async def test_the_newest_event_is_on_top(
    browser: Browser, site: Site, whiteout: Whiteout, live: Page
) -> None:
    """Events stand newest first."""
    for app_id in ("order-1", "order-2"):
        await _track(browser, site, whiteout, app_id, "anonymous")
        await _seen(live, whiteout, app_id)
    rows = await live.locator(".row .app").all_inner_texts()
    assert rows.index("order-2") < rows.index("order-1")


async def test_a_failed_event_is_seen_with_its_reason(
    browser: Browser, site: Site, whiteout: Whiteout, live: Page
) -> None:
    """What the tracker got wrong stands in the page as a failed event (W25)."""
    async with visit(browser, site.url(), f"http://localhost:{whiteout.port}") as visitor:
        await visitor.start(
            "broken", stateStorageStrategy="none", contexts={"webPage": True, "session": True}
        )
        await visitor.track()
    row = live.locator(".row.failed", has_text="client_session")
    await row.wait_for(timeout=SECONDS * 1_000)
    assert await row.locator(".badge.failed").count() == 1


@pytest.mark.parametrize("mode", MODES)
async def test_a_newcomer_sends_an_event_with_a_click(
    browser: Browser, whiteout: Whiteout, live: Page, mode: str
) -> None:
    """The try-it page sends an event in each mode, and the collector stores it in that mode."""
    sql = f"SELECT 1 FROM events WHERE mode_inferred = '{mode}'"
    before = len(whiteout.rows(sql))
    async with profile(browser) as fresh:
        page = await fresh.page(f"{whiteout.url}/try")
        await page.locator(f"#modes button:has(.badge.{mode})").click()
        await page.locator("#result").wait_for(timeout=5_000)
    whiteout.wait_for_rows(sql, before + 1)


async def test_the_command_shows_the_same_events(
    browser: Browser, site: Site, whiteout: Whiteout, live: Page, tmp_path: Path
) -> None:
    """`whiteout sql` in another process reads what the server writes, while it does."""
    await _track(browser, site, whiteout, "for-sql", "server_anonymous")
    whiteout.wait_for_rows("SELECT 1 FROM events WHERE app_id = 'for-sql'")
    query = "SELECT event, network_userid, user_ipaddress FROM events WHERE app_id = 'for-sql'"
    program = [sys.executable, "-m", "whiteout", "sql", query, "--format", "json"]
    done = subprocess.run(
        [*program, "--data", str(whiteout.data)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=30,
        check=True,
    )
    expected = {"event": "page_view", "network_userid": None, "user_ipaddress": None}
    assert [json.loads(line) for line in done.stdout.splitlines()] == [expected]


async def test_the_server_stops_while_a_live_page_is_open(browser: Browser, tmp_path: Path) -> None:
    """An open event stream does not hold up the end, and the page says that it lost touch."""
    async with profile(browser) as fresh:
        with Whiteout(tmp_path) as server:
            page = await fresh.page(server.url)
            await page.locator("#status.live").wait_for()
            server.stop(timeout=5)
        await page.locator("#status.reconnecting").wait_for()
        fresh.troubles.clear()

"""Page pings and cross-domain links (4.7, 6.4)."""

from __future__ import annotations

import base64

import pytest
from playwright.async_api import Browser

from tests.tag.pages import tab
from tests.tag.stub import Stub, entities
from tests.tag.tables import table

pytestmark = pytest.mark.asyncio(loop_scope="session")

LINKS = table("tag.md", "### Links to other sites")
LOADED = "() => import('/plugins/page.js').then(() => {})"
"""The file that follows a visitor on the page has come."""

LINK = f"() => {{ snowplow('crossDomainLinker', () => true); return ({LOADED})() }}"
"""Links are decorated from then on."""

OPTIONS = {
    "session": {"withSessionTracking": True},
    "server": {"withServerAnonymisation": True},
}


async def test_pings_tell_how_far_and_how_much(browser: Browser, url: str, stub: Stub) -> None:
    """A ping is sent after activity, with offsets, zeros included, and metrics (R125-R130, W36)."""
    async with tab(browser, f"{url}tall", stub) as page:
        await page.start()
        await page.call(
            "enableActivityTracking",
            {"minimumVisitLength": 1, "heartbeatDelay": 1, "activityMetrics": True},
        )
        entity = {"schema": "iglu:com.acme/thing/jsonschema/1-0-0", "data": {"a": 1}}
        view = await page.track(context=[entity])
        await page.page.evaluate(LOADED)
        await page.page.mouse.move(10, 10)
        await page.page.mouse.move(13, 14)
        await page.page.mouse.wheel(0, 300)
        await page.page.keyboard.press("a")
        ping = await page.event(2)
        assert ping["e"] == "pp"
        assert [ping[name] for name in ("pp_mix", "pp_max", "pp_miy")] == ["0", "0", "0"]
        found = entities(ping)
        assert found["web_page"] == entities(view)["web_page"]
        assert found["thing"] == {"a": 1}
        assert found["activity_metrics"]["keyPresses"] == 1
        assert found["activity_metrics"]["mouseDistance"] >= 5
        await page.quiet(1.4)
        assert len(stub.events) == 2
        await page.page.evaluate("() => dispatchEvent(new Event('focus'))")
        await page.event(3)
        await page.call("disableActivityTracking")
        await page.call("updatePageActivity")
        await page.quiet(1.2)
        assert len(stub.events) == 3


async def test_pings_of_one_kind_do_not_reset_the_other(
    browser: Browser, url: str, stub: Stub
) -> None:
    """The callback gets its own counters and sends nothing (R129, W36)."""
    async with tab(browser, f"{url}tall", stub) as page:
        await page.start()
        await page.page.evaluate("""() => {
          window.told = [];
          snowplow('enableActivityTracking', {minimumVisitLength: 2, heartbeatDelay: 5});
          snowplow('enableActivityTrackingCallback', {minimumVisitLength: 3, heartbeatDelay: 5,
            callback: (data) => told.push(data)});
        }""")
        view = await page.track()
        await page.page.evaluate(LOADED)
        await page.page.evaluate("() => scrollTo(0, 500)")
        ping = await page.event(2)
        assert ping["pp_may"] == "500"
        await page.page.mouse.move(5, 5)
        await page.page.wait_for_function("told.length === 1")
        told = await page.page.evaluate("told[0]")
        assert (told["minYOffset"], told["maxYOffset"]) == (0, 500)
        assert told["pageViewId"] == entities(view)["web_page"]["id"]
        assert len(stub.events) == 2


@pytest.mark.parametrize("row", LINKS, ids=lambda row: row["state"])
async def test_links(browser: Browser, url: str, stub: Stub, row: dict[str, str]) -> None:
    """A link takes along what the table says, and nothing while anonymous (W7, W9)."""
    async with tab(browser, url, stub) as page:
        for extended in (False, True):
            await page.again()
            made, _, then = row["state"].partition(", then ")
            strategy = "none" if "none" in made else "cookieAndLocalStorage"
            anonymous = "anonymous" in made and (
                OPTIONS["session"] if "session" in made else OPTIONS["server"]
            )
            await page.start(
                appId="app",
                anonymousTracking=anonymous,
                stateStorageStrategy=strategy,
                useExtendedCrossDomainLinker={"userId": True} if extended else False,
            )
            await page.call("setUserId", "böb ✓")
            event = await page.track()
            await page.page.evaluate(LINK)
            if then:
                await page.page.click("#link")
                await page.call("enableAnonymousTracking")
            await page.page.click("#link")
            href = await page.page.get_attribute("#link", "href") or ""
            expected = row["extended" if extended else "short"].strip("`")
            if not expected:
                assert href == "https://other.example.test/p?a=1#h"
                continue
            value = href.removeprefix("https://other.example.test/p?_sp=")
            assert value.endswith("&a=1#h")
            parts = value.removesuffix("&a=1#h").split(".")
            user = base64.urlsafe_b64encode("böb ✓".encode()).decode().rstrip("=")
            words = {"duid": event["duid"], "sid": event["sid"], "uid": user, "aid": "YXBw"}
            assert parts == [
                part if (part := words.get(name)) else parts[1] for name in expected.split(".")
            ]
            assert parts[1].isdigit()


async def test_every_tracker_can_decorate(browser: Browser, url: str, stub: Stub) -> None:
    """A link belongs to no tracker, and the last one to write is read (W41)."""
    async with tab(browser, url, stub) as page:
        await page.start(anonymousTracking=True)
        await page.call("newTracker", "two", stub.url, {})
        await page.page.evaluate(LINK)
        await page.page.click("#link")
        href = await page.page.get_attribute("#link", "href") or ""
        assert "_sp=" in href
        await page.page.click("#link")
        assert (await page.page.get_attribute("#link", "href") or "").count("_sp=") == 1

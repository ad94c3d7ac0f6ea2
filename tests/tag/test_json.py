"""JSON from outside in anonymous events: it waits for the file that cleans it (W5, W19)."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Browser, Route

from tests.tag.pages import tab
from tests.tag.stub import Stub, entities, self_describing

pytestmark = pytest.mark.asyncio(loop_scope="session")

THING = {
    "event": {
        "schema": "iglu:com.acme/thing/jsonschema/1-0-0",
        "data": {"email": "a@b.example", "kind": "shoe"},
    }
}
CONTEXT = [{"schema": "iglu:com.acme/mine/jsonschema/1-0-0", "data": {"userId": "u", "a": 1}}]
FILE = "**/plugins/anonymous.js"


async def test_an_event_of_our_own_making_needs_no_file(
    browser: Browser, url: str, stub: Stub
) -> None:
    """A page view, a structured event and their entities are clean as they are built."""
    async with tab(browser, url, stub) as page:
        requests: list[str] = []
        page.page.on("request", lambda request: requests.append(request.url))
        await page.start(anonymousTracking={"withSessionTracking": True}, whiteoutCollector=True)
        view = await page.track()
        assert entities(view).keys() == {"web_page", "client_session", "privacy_state"}
        assert "firstEventId" not in entities(view)["client_session"]
        await page.call("trackStructEvent", {"category": "c", "action": "a"})
        await page.event(2)
        assert [one for one in requests if "/plugins/" in one] == []


async def test_json_of_others_waits_for_the_file(browser: Browser, url: str, stub: Stub) -> None:
    """Until the file is there, the event is neither sent nor stored; others go on."""
    async with tab(browser, url, stub) as page:
        arrive = asyncio.Event()

        async def hold(route: Route) -> None:
            await arrive.wait()
            await route.continue_()

        await page.context.route(FILE, hold)
        await page.start(anonymousTracking=True)
        await page.call("trackSelfDescribingEvent", THING)
        await page.call("trackPageView", {"context": CONTEXT})
        await page.call("trackStructEvent", {"category": "c", "action": "a"})
        assert (await page.event())["e"] == "se"
        await page.quiet(0.3)
        assert len(stub.events) == 1
        assert await page.stored() == {}
        arrive.set()
        thing, view = await page.event(2), await page.event(3)
        assert self_describing(thing) == ("thing", {"kind": "shoe"})
        assert entities(view)["mine"] == {"a": 1}


async def test_where_the_file_does_not_load_less_is_sent(
    browser: Browser, url: str, stub: Stub
) -> None:
    """Anonymous events go without JSON, and not if they are nothing else; others go whole."""
    async with tab(browser, url, stub) as page:
        await page.context.route(FILE, lambda route: route.abort())
        await page.start(anonymousTracking=True)
        await page.call("trackSelfDescribingEvent", THING)
        view = await page.track(context=CONTEXT)
        assert view["e"] == "pv"
        assert entities(view) == {}
        await page.call("disableAnonymousTracking")
        await page.call("trackSelfDescribingEvent", THING)
        assert self_describing(await page.event(2)) == ("thing", THING["event"]["data"])
        page.troubles[:] = [t for t in page.troubles if "ERR_FAILED" not in t]


async def test_what_waits_when_the_page_goes_leaves_without_its_json(
    browser: Browser, url: str, stub: Stub
) -> None:
    """A page that is left does not wait for the file."""
    async with tab(browser, url, stub) as page:
        await page.context.route(FILE, lambda _: None)
        await page.start(
            anonymousTracking={"withServerAnonymisation": True}, whiteoutCollector=True
        )
        await page.call("trackPageView", {"context": CONTEXT})
        await page.quiet()
        assert stub.events == []
        await page.page.goto(url + "empty")
        event = await page.event()
        assert "co" not in event
        assert stub.requests[0].path.startswith("/anonymous/")

"""Delivery: batches, retries, the end of a page, several tabs, a predecessor's queue."""

from __future__ import annotations

import asyncio
import json

import pytest
from playwright.async_api import Browser

from tests.support.site import HTML, SCRIPT, Site
from tests.tag.pages import SCRIPT as TAG
from tests.tag.pages import html, tab
from tests.tag.stub import Stub, entities

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]

KEY = "snowplowOutQueue_snowplow_sp"
SERVER = {"options": {"withServerAnonymisation": True}}


async def test_batches_stay_below_the_limit(browser: Browser, url: str, stub: Stub) -> None:
    """A body never exceeds `maxPostBytes`, and everything arrives in order (W30, R141)."""
    async with tab(browser, url, stub) as page:
        await page.start(bufferSize=10, maxPostBytes=4000, contexts={"webPage": False})
        for number in range(10):
            await page.call(
                "trackStructEvent", {"category": "c" * 700, "action": f"{number}", "value": 0}
            )
        await page.until(lambda: len(stub.events) == 10)
        assert [event["se_ac"] for event in stub.events] == [str(n) for n in range(10)]
        assert max(request.size for request in stub.requests) <= 4000
        assert len(stub.requests) < 10
        assert stub.events[0]["se_va"] == "0"


async def test_what_follows_soon_shares_a_request(browser: Browser, stub: Stub) -> None:
    """The first event leaves at once, those of the next moments together, none is lost."""
    pages = {"/": (HTML, html()), "/whiteout.js": (SCRIPT, TAG.read_bytes())}
    with Site(pages) as site:
        async with tab(browser, site.url(), stub) as page:
            await page.start()
            await page.track()
            await page.page.evaluate("""async () => {
              for (let i = 0; i < 8; i++) {
                snowplow('trackStructEvent', {category: 'c', action: `${i}`});
                await new Promise((done) => setTimeout(done, 5));
              }
            }""")
            await page.until(lambda: len(stub.events) == 9)
            assert [event.get("se_ac") for event in stub.events[1:]] == [str(n) for n in range(8)]
            assert len(stub.requests) <= 4
            await page.call("trackPageView")
            await page.page.goto("about:blank")
            await page.event(10)


async def test_get_and_what_is_too_long_for_it(browser: Browser, url: str, stub: Stub) -> None:
    """GET sends one event a request, and what is too long goes by POST (R131, W32)."""
    async with tab(browser, url, stub) as page:
        await page.start(eventMethod="get", maxGetBytes=2500)
        event = await page.track()
        assert (stub.requests[0].method, stub.requests[0].path) == ("GET", "/i")
        assert entities(event)["web_page"]
        await page.call("trackStructEvent", {"category": "c" * 3000, "action": "a"})
        await page.event(2)
        assert stub.requests[1].method == "POST"


async def test_methods_are_spelled_in_any_case(browser: Browser, url: str, stub: Stub) -> None:
    """`POST` is post, also for the encoding, and `beacon` is post that outlives the page (W29)."""
    async with tab(browser, url, stub) as page:
        await page.start(eventMethod="POST")
        assert "co" in await page.track()
        await page.call("newTracker", "b", stub.url, {"eventMethod": "beacon"})
        await page.call("trackPageView:b")
        assert "co" in await page.event(2)
        assert stub.requests[1].method == "POST"


async def test_a_failure_is_retried_with_back_off(browser: Browser, url: str, stub: Stub) -> None:
    """A failure is told, waits, and goes again; new events do not hammer (R143)."""
    async with tab(browser, url, stub, before="Math.random = () => 1") as page:
        stub.answer.status = 503
        await page.page.evaluate(
            "(url) => { window.failed = [];"
            " snowplow('newTracker', 'sp', url, {onRequestFailure: (f) => failed.push(f)}) }",
            stub.url,
        )
        await page.call("trackPageView")
        await page.event()
        await page.call("trackPageView")
        await page.quiet(0.2)
        assert len(stub.requests) == 1
        failed = await page.page.evaluate("failed")
        assert [(f["status"], f["willRetry"], len(f["events"])) for f in failed] == [(503, True, 1)]
        stub.answer.status = 200
        await page.until(lambda: len(stub.events) == 3)
        assert stub.events[0]["eid"] == stub.events[1]["eid"] != stub.events[2]["eid"]


@pytest.mark.parametrize(("status", "options"), [(410, {}), (503, {"retryFailedRequests": False})])
async def test_what_is_not_retried_is_dropped_and_the_rest_goes_on(
    browser: Browser, url: str, stub: Stub, status: int, options: dict[str, object]
) -> None:
    """A refused event goes for good, and the next one is sent at once (R145, W37)."""
    async with tab(browser, url, stub) as page:
        stub.answer.status = status
        await page.start(**options)
        await page.call("trackPageView")
        await page.event()
        stub.answer.status = 200
        await page.call("trackPageView")
        await page.event(2)
        await page.page.wait_for_function("(key) => !(key in localStorage)", arg=KEY)
        assert len({event["eid"] for event in stub.events}) == 2


async def test_network_errors_are_dropped_if_nothing_is_retried(
    browser: Browser, url: str, stub: Stub
) -> None:
    """`retryFailedRequests: false` covers a network that is not there (W31)."""
    async with tab(browser, url, stub) as page:
        await page.call("newTracker", "sp", "http://localhost:9", {"retryFailedRequests": False})
        await page.call("trackPageView")
        await page.quiet(0.4)
        assert (await page.get("sp.getPrivacyState()"))["queued"] == 0


async def test_too_large_is_split_not_repeated(browser: Browser, url: str, stub: Stub) -> None:
    """A batch that is too large is halved; one event that is too large is dropped (W30)."""
    async with tab(browser, url, stub) as page:
        stub.answer.status = 413
        await page.start(bufferSize=4)
        for _ in range(4):
            await page.call("trackPageView")
        await page.until(lambda: len(stub.requests) >= 5)
        assert [len(r.events) for r in stub.requests[:3]] == [4, 2, 1]
        await page.quiet(0.2)
        assert (await page.get("sp.getPrivacyState()"))["queued"] == 0


async def test_a_collector_that_refuses_the_header_blocks_only_anonymous_events(
    browser: Browser, url: str, stub: Stub
) -> None:
    """Anonymous events stay queued, the failure says why, identified ones pass (contract 8)."""
    async with tab(browser, url, stub) as page:
        stub.answer.allows = "Content-Type"
        await page.page.evaluate(
            "(url) => { window.failed = []; snowplow('newTracker', 'sp', url,"
            " {anonymousTracking: {withServerAnonymisation: true},"
            " onRequestFailure: (f) => failed.push(f)}) }",
            stub.url,
        )
        await page.call("trackPageView")
        await page.page.wait_for_function("failed.length > 0")
        assert stub.requests == []
        failed = await page.page.evaluate("failed")
        assert failed[0]["willRetry"]
        assert "fetch" in failed[0]["message"]
        await page.call("disableAnonymousTracking")
        assert "duid" in await page.track()
        assert len(stub.events) == 1
        while (await page.get("sp.getPrivacyState()"))["queued"] != 1:
            await page.quiet(0.05)


async def test_the_end_of_a_page_delivers_in_chunks(browser: Browser, url: str, stub: Stub) -> None:
    """What waits at the end of a page leaves with it, below 60 KB, still anonymous (contract 8)."""
    async with tab(browser, url, stub, watched=True) as page:
        await page.page.evaluate("() => { document.cookie = 'sp=net' }")
        await page.start(
            bufferSize=1000,
            maxPostBytes=100_000,
            anonymousTracking={"withServerAnonymisation": True},
        )
        for number in range(40):
            await page.call("trackStructEvent", {"category": "c" * 2000, "action": f"{number}"})
        assert stub.requests == []
        await page.page.goto(f"{url}shop/")
        await page.until(lambda: len(stub.requests) >= 1)
        await page.quiet(0.3)
        assert all(r.size <= 60_000 for r in stub.requests)
        assert all("cookie" not in r.headers for r in stub.requests)
        assert all(r.headers["sp-anonymous"] == "*" for r in stub.requests)
        assert not [use for use in await page.seen() if use[0] == "beacon"]
        # The next page of the site delivers what the browser would not take along.
        await page.start(anonymousTracking={"withServerAnonymisation": True})
        await page.until(lambda: len(stub.events) >= 40)
        await page.quiet(0.3)
        actions = [event["se_ac"] for event in stub.events]
        assert sorted(actions, key=int) == [str(n) for n in range(40)]


async def test_two_tabs_neither_lose_nor_repeat(browser: Browser, url: str, stub: Stub) -> None:
    """Two tabs with one queue deliver every event once (W38)."""
    async with tab(browser, url, stub) as page:
        other = await page.context.new_page()
        await other.goto(f"{url}shop/")
        stub.answer.status = 503
        await page.start()
        await page.call("trackPageView", {"title": "one"})
        await page.event()
        await page.quiet(0.2)
        await other.evaluate(
            "(url) => { snowplow('newTracker', 'sp', url);"
            " snowplow('trackPageView', {title: 'two'}) }",
            stub.url,
        )
        await page.event(2)
        await page.quiet(0.3)
        stored = json.loads((await page.stored())[KEY])
        assert sorted(item["payload"]["page"] for item in stored) == ["one", "two"]
        stub.answer.status = 200
        stub.requests = []
        await page.until(lambda: len(stub.events) >= 2)
        await page.quiet(0.6)
        assert sorted(event["page"] for event in stub.events) == ["one", "two"]
        assert await page.stored() == {}


async def test_unsent_events_outlive_their_tab(browser: Browser, url: str, stub: Stub) -> None:
    """What a closed tab could not send, the next page sends; once."""
    async with tab(browser, url, stub) as page:
        stub.answer.status = 503
        await page.start()
        await page.call("trackPageView", {"title": "one"})
        await page.event()
        await page.quiet(0.2)
        await page.page.goto(f"{url}shop/")
        await page.quiet(0.1)
        stub.answer.status = 200
        stub.requests = []
        await page.start()
        assert (await page.event())["page"] == "one"
        await page.quiet(0.3)
        assert len(stub.events) == 1


async def test_the_official_trackers_state_is_taken_over(
    browser: Browser, url: str, stub: Stub
) -> None:
    """Ids and unsent events of versions 3 and 4 survive the switch, each sent once (W42)."""
    user = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
    visit = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
    old = {
        KEY: json.dumps([{"payload": {"e": "pv", "eid": "4", "duid": user}, "svrAnon": False}]),
        f"{KEY}_post2": json.dumps([{"evt": {"e": "pv", "eid": "3", "duid": user}, "bytes": 9}]),
        f"{KEY}_post2.expires": "9",
        f"{KEY}_get": json.dumps([f"?e=pv&eid=2&duid={user}"]),
    }
    async with tab(browser, url, stub) as page:
        await page.page.evaluate(
            "([old, id]) => { Object.assign(localStorage, old);"
            " document.cookie = `_sp_id.1fff=${id}`; document.cookie = '_sp_ses.1fff=*' }",
            [old, f"{user}.1600000000.3.1600000001..{visit}....4"],
        )
        await page.start()
        await page.until(lambda: len(stub.events) == 3)
        assert sorted(event["eid"] for event in stub.events) == ["2", "3", "4"]
        event = await page.track()
        assert [event["duid"], event["sid"], event["vid"]] == [user, visit, "3"]
        await page.quiet(0.2)
        assert await page.stored() == {}


async def test_an_anonymous_tracker_scrubs_what_it_takes_over(
    browser: Browser, url: str, stub: Stub
) -> None:
    """Identified events of a predecessor lose their ids before an anonymous tracker sends them."""
    old = json.dumps([{"payload": {"e": "pv", "eid": "4", "duid": "x", "uid": "bob", "vid": "3"}}])
    async with tab(browser, url, stub) as page:
        await page.page.evaluate("([k, v]) => { localStorage[k] = v }", [KEY, old])
        await page.start(anonymousTracking={"withServerAnonymisation": True})
        event = await page.event()
        assert set(event) == {"e", "eid", "stm"}
        assert stub.requests[0].headers["sp-anonymous"] == "*"


async def test_a_full_queue_drops_the_oldest(browser: Browser, url: str, stub: Stub) -> None:
    """Bounds hold, and what is on its way is not counted out (W33)."""
    async with tab(browser, url, stub) as page:
        stub.answer.open.clear()
        await page.start(maxLocalStorageQueueSize=3)
        for title in "abcdef":
            await page.call("trackPageView", {"title": title})
            if title == "a":
                await page.event()
        stub.answer.open.set()
        await page.until(lambda: len(stub.events) >= 3)
        await asyncio.sleep(0.2)
        assert [event["page"] for event in stub.events] == ["a", "e", "f"]


async def test_the_id_service_is_called_only_while_identified(
    browser: Browser, url: str, stub: Stub
) -> None:
    """An anonymous visitor gets no cookie from a service (W18)."""
    async with tab(browser, url, stub) as page:
        await page.start(cookieExtensionService=f"{stub.url}/ids", anonymousTracking=True)
        await page.track()
        assert not [r for r in stub.requests if r.path == "/ids"]
        await page.call("disableAnonymousTracking")
        await page.track()
        await page.until(lambda: any(r.path == "/ids" for r in stub.requests))


async def test_a_queue_of_the_sites_own(browser: Browser, url: str, stub: Stub) -> None:
    """A custom event store holds what waits, and gets it back out (R148)."""
    async with tab(browser, url, stub) as page:
        await page.page.evaluate(
            "(url) => { window.kept = [{payload: {e: 'pv', eid: 'old'}}];"
            " const eventStore = { count: async () => kept.length,"
            " add: async (item) => kept.push(item),"
            " removeHead: async (n) => { kept.splice(0, n) }, getAll: async () => [...kept] };"
            " snowplow(() => snowplow('newTracker', 'sp', url, {eventStore})) }",
            stub.url,
        )
        assert (await page.event())["eid"] == "old"
        stub.answer.status = 503
        await page.call("trackPageView")
        await page.event(2)
        await page.quiet(0.3)
        kept = await page.page.evaluate("kept.map((item) => item.payload.e)")
        assert kept == ["pv"]
        assert await page.stored() == {}

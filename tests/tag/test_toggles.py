"""Changes of the level of privacy, and what stays of the time before (2.3; contracts 3 and 4)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.tag.pages import Tab, tab
from tests.tag.stub import Stub, entities

pytestmark = pytest.mark.asyncio(loop_scope="session")

SESSION = {"options": {"withSessionTracking": True}}
SERVER = {"options": {"withServerAnonymisation": True}}
SESSIONS = [
    {"withSessionTracking": True},
    {"withSessionTracking": True, "withServerAnonymisation": True},
]


def ids_of(event: dict[str, str]) -> set[str]:
    """Every id that could tie an event to another one."""
    found = entities(event)
    session = found.get("client_session", {})
    everything = {
        *(event.get(name) for name in ("duid", "sid", "uid")),
        found["web_page"]["id"],
        *(session.get(name) for name in ("userId", "sessionId", "previousSessionId")),
        session.get("firstEventId"),
    }
    return {
        value for value in everything if value and value != "00000000-0000-0000-0000-000000000000"
    }


async def stored_id(page: Tab) -> str:
    """The value of `_sp_id`, wherever it is."""
    everything = {**await page.cookies(), **await page.stored()}
    return next(
        value
        for name, value in everything.items()
        if name.startswith("_sp_id") and not name.endswith(".expires")
    )


@pytest.mark.parametrize("strategy", ["cookieAndLocalStorage", "cookie", "localStorage"])
@pytest.mark.parametrize("options", [{}, SESSION, SERVER])
async def test_enabling_shares_no_id_with_the_time_before(
    browser: Browser, url: str, stub: Stub, options: dict[str, Any], strategy: str
) -> None:
    """After enabling, no id of before is sent, stored anew or told (W6, W7, W8; contract 3)."""
    async with tab(browser, url, stub) as page:
        await page.start(stateStorageStrategy=strategy)
        await page.call("setUserId", "bob")
        await page.call("preservePageViewId")
        before = await page.track()
        await page.quiet(0.05)
        kept = await stored_id(page)
        await page.call("enableAnonymousTracking", options)
        after = await page.track()
        await page.track()
        assert ids_of(before).isdisjoint(ids_of(after))
        assert await stored_id(page) == kept
        told = await page.get(
            "[sp.getDomainUserId(), sp.getUserId(), sp.getDomainSessionId(), sp.getTabId(),"
            " sp.getPageViewId(), ...sp.getDomainUserInfo()]"
        )
        assert ids_of(before).isdisjoint(map(str, told))
        await page.call("disableAnonymousTracking")
        again = await page.track()
        assert again["duid"] == before["duid"]
        assert again["sid"] == before["sid"]
        assert again["uid"] == "bob"
        pages = [entities(event)["web_page"]["id"] for event in (before, after, again)]
        assert len(set(pages)) == 3


async def test_an_anonymous_session_continues_when_identified(
    browser: Browser, url: str, stub: Stub
) -> None:
    """A session tracked anonymously goes on after disabling, unless a new one is wanted."""
    async with tab(browser, url, stub) as page:
        await page.start(anonymousTracking={"withSessionTracking": True})
        anonymous = await page.track()
        await page.call("disableAnonymousTracking")
        identified = await page.track()
        assert identified["sid"] == anonymous["sid"]
        assert identified["duid"]
        assert entities(identified)["client_session"]["eventIndex"] == 2
        assert not any(name.startswith("_sp_as") for name in await page.cookies())
        await page.call("enableAnonymousTracking", SESSION)
        await page.call("disableAnonymousTracking", {"newSession": True})
        assert (await page.track())["sid"] not in {identified["sid"], anonymous["sid"]}


async def test_a_change_of_strategy_keeps_the_session(
    browser: Browser, url: str, stub: Stub
) -> None:
    """Session, index and first event survive a move, and stale state is not resurrected (W16)."""
    async with tab(browser, url, stub) as page:
        await page.start(
            anonymousTracking={"withSessionTracking": True}, stateStorageStrategy="localStorage"
        )
        stale = "11111111-1111-4111-8111-111111111111"
        await page.page.evaluate(
            "(id) => { document.cookie = `_sp_id.1fff=${id}.1.7.1.1.${id}..${id}.1000.9` }", stale
        )
        first = await page.track()
        second = await page.track()
        await page.call(
            "disableAnonymousTracking", {"stateStorageStrategy": "cookieAndLocalStorage"}
        )
        third = await page.track()
        assert third["sid"] == first["sid"] == second["sid"]
        session = entities(third)["client_session"]
        assert session["eventIndex"] == 3
        assert session["firstEventId"] == first["eid"]
        assert third["duid"] == stale
        assert not any(name.startswith("_sp_as") for name in await page.stored())


@pytest.mark.parametrize("strategy", ["cookie", "localStorage"])
async def test_a_stored_session_goes_on_under_no_stronger_protection(
    browser: Browser, url: str, stub: Stub, strategy: str
) -> None:
    """A session with a trace of the visitor at the collector is not taken up later (contract 3)."""
    seen = []
    async with tab(browser, url, stub) as page:
        for level in (0, 0, 1, 1, 0):
            await page.page.reload()
            await page.start(anonymousTracking=SESSIONS[level], stateStorageStrategy=strategy)
            seen.append((await page.track())["sid"])
    assert [seen.index(sid) for sid in seen] == [0, 0, 2, 2, 2]


async def test_options_that_are_left_out_keep_their_value(
    browser: Browser, url: str, stub: Stub
) -> None:
    """Enabling never weakens what was not named, and `false` is refused (W14, W15)."""
    async with tab(browser, url, stub) as page:
        await page.start(anonymousTracking={"withServerAnonymisation": True})
        mode = "sp.getPrivacyState().mode"
        await page.call("enableAnonymousTracking")
        assert await page.get(mode) == "server_anonymous"
        await page.call("enableAnonymousTracking", SESSION)
        assert await page.get(mode) == "server_anonymous_session"
        await page.call("enableAnonymousTracking", {"options": False})
        assert await page.get(mode) == "server_anonymous_session"
        await page.call("enableAnonymousTracking", {"options": {"withServerAnonymisation": False}})
        assert await page.get(mode) == "anonymous_session"
        assert await page.get("sp.getPrivacyState().sent") == [
            "domain_sessionid",
            "domain_sessionidx",
        ]


async def test_waiting_events_lose_their_ids(browser: Browser, url: str, stub: Stub) -> None:
    """What was tracked while identified and not sent yet goes anonymously (W23)."""
    async with tab(browser, url, stub) as page:
        stub.answer.status = 500
        await page.start()
        await page.call("setUserId", "bob")
        await page.call("trackPageView")
        refused = await page.event()
        stub.answer.status = 200
        await page.call("enableAnonymousTracking", SERVER)
        await page.call("flushBuffer")
        sent = await page.event(2)
        assert sent["eid"] == refused["eid"]
        assert {"duid", "sid", "vid", "uid", "res"}.isdisjoint(sent)
        assert entities(sent).keys() == {"web_page"}
        assert entities(sent)["web_page"] != entities(refused)["web_page"]
        assert stub.requests[-1].headers["sp-anonymous"] == "*"


async def test_the_queue_leaves_the_device_with_the_strategy(
    browser: Browser, url: str, stub: Stub
) -> None:
    """Switching to `none` removes the stored queue (W4), also if the option asks to keep it."""
    async with tab(browser, url, stub) as page:
        stub.answer.status = 500
        await page.start(useLocalStorage=True)
        await page.call("trackPageView")
        await page.event()
        await page.quiet(0.3)
        assert "snowplowOutQueue_snowplow_sp" in await page.stored()
        await page.call("enableAnonymousTracking", {"stateStorageStrategy": "none"})
        await page.call("trackPageView")
        await page.quiet(0.3)
        assert await page.stored() == {}


async def test_plugins_are_told_the_level(browser: Browser, url: str, stub: Stub) -> None:
    """A plugin hears the level when it comes and at each change (W19)."""
    async with tab(browser, url, stub) as page:
        await page.start()
        await page.page.evaluate(
            "() => { window.heard = [];"
            " const plugin = {privacyChanged: (s) => heard.push(s.mode)};"
            " snowplow('addPlugin', {P: () => plugin}, 'P') }"
        )
        await page.call("enableAnonymousTracking", SERVER)
        await page.call("disableAnonymousTracking")
        heard = await page.page.evaluate("heard")
        assert heard == ["identified", "server_anonymous", "identified"]


async def test_trackers_of_two_levels_share_no_page_view(
    browser: Browser, url: str, stub: Stub
) -> None:
    """Trackers share the page view id only with those of their own level (W6)."""
    async with tab(browser, url, stub) as page:
        await page.start()
        await page.call("newTracker", "two", stub.url, {})
        await page.call("newTracker", "anon", stub.url, {"anonymousTracking": True})
        await page.call("trackPageView")
        await page.event(3)
        views = {e["tna"]: entities(e)["web_page"]["id"] for e in stub.events}
        assert views["sp"] == views["two"] != views["anon"]


async def test_clearing_removes_everything_and_says_what(
    browser: Browser, url: str, stub: Stub
) -> None:
    """Ids, queue, tab id and page view id go, and the receipt names them (W17)."""
    async with tab(browser, url, stub) as page:
        stub.answer.status = 500
        await page.start(whiteoutCollector=True)
        await page.call("setUserId", "bob")
        await page.call("trackPageView")
        before = await page.event()
        await page.quiet(0.3)
        await page.page.evaluate(
            "() => localStorage.setItem('snowplowOutQueue_snowplow_sp_post2', '[]')"
        )
        receipt = await page.get("sp.clearUserData()")
        assert sorted(receipt["cookies"]) == ["_sp_id.1fff", "_sp_ses.1fff"]
        assert sorted(receipt["localStorage"]) == [
            "snowplowOutQueue_snowplow_sp",
            "snowplowOutQueue_snowplow_sp_post2",
        ]
        assert receipt["sessionStorage"] == ["_sp_tab_id"]
        assert receipt["events"] == 1
        assert receipt["collector"] == "asked"
        assert set(receipt["memory"]) == {
            *("domain_userid", "domain_sessionid", "domain_sessionidx", "user_id"),
        }
        assert await page.cookies() == {}
        assert await page.stored() == {}
        assert await page.stored("sessionStorage") == {}
        await page.until(lambda: stub.requests[-1].path == "/privacy/clear")
        stub.answer.status = 200
        after = await page.track()
        assert ids_of(before).isdisjoint(ids_of(after))
        assert (after["vid"], "uid" in after) == ("1", False)


@pytest.mark.parametrize("status", [200, 404])
async def test_the_collectors_answer_is_told(
    browser: Browser, url: str, stub: Stub, status: int
) -> None:
    """The receipt says that the collector was asked; what it answered is told later (W17)."""
    async with tab(browser, url, stub) as page:
        await page.start(whiteoutCollector=True)
        await page.track()
        stub.answer.status = status
        told = "{onCollectorAnswer: (expired) => { window.expired = expired }}"
        assert await page.get(f"sp.clearUserData({told}).collector") == "asked"
        await page.page.wait_for_function("() => 'expired' in window")
        assert await page.page.evaluate("expired") is (status == 200)
        assert await page.get("sp.clearUserData({preserveUser: true}).collector") is False


async def test_clearing_can_preserve(browser: Browser, url: str, stub: Stub) -> None:
    """What the caller asks to preserve is sent on (R81)."""
    async with tab(browser, url, stub) as page:
        await page.start()
        await page.call("setUserId", "bob")
        before = await page.track()
        await page.call("clearUserData", {"preserveUser": True, "preserveSession": True})
        after = await page.track()
        names = ("duid", "sid", "vid", "uid")
        assert [before[name] for name in names] == [after[name] for name in names]
        await page.call("clearUserData", {"preserveUser": True, "preserveSession": False})
        last = await page.track()
        assert last["duid"] == before["duid"]
        assert last["sid"] != before["sid"]


async def test_upstream_compat_keeps_the_old_wire(browser: Browser, url: str, stub: Stub) -> None:
    """With `upstreamCompat`, readers of the old wire find session, page view id and URL."""
    async with tab(browser, f"{url}?q=1", stub) as page:
        await page.start(upstreamCompat=True)
        before = await page.track()
        await page.call("enableAnonymousTracking", SESSION)
        await page.call("trackStructEvent", {"category": "c", "action": "a"})
        after = await page.event(2)
        assert after["sid"] == before["sid"]
        assert after["url"] == before["url"]
        assert after["res"] == before["res"]
        assert entities(after)["web_page"] == entities(before)["web_page"]
        assert entities(after)["client_session"]["firstEventId"] == before["eid"]
        assert json.dumps(after).count(before["duid"]) == 0

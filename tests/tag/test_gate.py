"""Opt-out, Do Not Track and Global Privacy Control win from the first moment (contract 6)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser

from tests.tag.pages import Tab, tab
from tests.tag.stub import Stub

pytestmark = pytest.mark.asyncio(loop_scope="session")

DNT = "Object.defineProperty(Navigator.prototype, 'doNotTrack', {get: () => %s})"
GPC = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => %s})"
OUT = "document.cookie = 'optout=%s'"
LOADED = "performance.getEntriesByType('resource').map((e) => e.name).filter((n) => /plug/.test(n))"


async def everything(page: Tab) -> None:
    """Call whatever could read, write or send."""
    await page.call("setUserId", "bob")
    await page.page.evaluate(
        "() => { window.asked = [];"
        " snowplow('addPlugin', {P: () => ({contexts: () => { asked.push('contexts'); return [] },"
        " filter: () => { asked.push('filter'); return true },"
        " beforeTrack: () => asked.push('before'), afterTrack: () => asked.push('after')})}, 'P');"
        " snowplow('addGlobalContexts', [() => { asked.push('global') }]);"
        " snowplow('enableActivityTracking', {minimumVisitLength: 1, heartbeatDelay: 1});"
        " snowplow('crossDomainLinker', () => true) }"
    )
    await page.call("trackPageView")
    await page.call("newSession")
    await page.call("disableAnonymousTracking")
    await page.call("flushBuffer")
    await page.call("trackStructEvent", {"category": "c", "action": "a"})
    await page.get("[sp.getTabId(), sp.getDomainUserId(), sp.getDomainUserInfo()]")
    await page.page.click("#link")


@pytest.mark.parametrize(
    ("before", "options"),
    [
        (DNT % "'1'", {"respectDoNotTrack": True}),
        (DNT % "'yes'", {"respectDoNotTrack": "drop"}),
        (DNT % "1", {"respectDoNotTrack": True}),
        (OUT % "1", {"optOutCookie": "optout"}),
        (OUT % "%E0%A4%A", {"optOutCookie": "optout"}),
    ],
)
async def test_nothing_is_sent_and_nothing_is_stored(
    browser: Browser, url: str, stub: Stub, before: str, options: dict[str, Any]
) -> None:
    """No request, no storage, no plugin asked, whatever is called (W2, W3, W9, W13)."""
    async with tab(browser, url, stub, before=before, watched=True) as page:
        await page.start(**options)
        await everything(page)
        await page.quiet(0.2)
        assert stub.requests == []
        assert await page.page.evaluate(LOADED) == []
        assert await page.page.evaluate("asked") == []
        assert set(await page.cookies()) <= {"optout"}
        assert await page.stored() == await page.stored("sessionStorage") == {}
        wrote = [u for u in await page.seen() if u[1] in {"write", "setItem"}]
        assert [u for u in wrote if not str(u[2]).startswith("optout")] == []
        href = await page.page.get_attribute("#link", "href")
        assert href == "https://other.example.test/p?a=1#h"


async def test_gpc_drops_if_asked_to(browser: Browser, url: str, stub: Stub) -> None:
    """With `drop`, Global Privacy Control means no request and no storage at all."""
    async with tab(browser, url, stub, before=GPC % "true", watched=True) as page:
        await page.start(respectGlobalPrivacyControl="drop")
        await page.call("trackPageView")
        await page.quiet(0.2)
        assert stub.requests == []
        assert [u for u in await page.seen() if u[1] in {"write", "setItem"}] == []


async def test_gpc_anonymises_below_an_explicit_call(
    browser: Browser, url: str, stub: Stub
) -> None:
    """By default the signal means full anonymity, until the site itself decides (W20)."""
    async with tab(browser, url, stub, before=GPC % "true", watched=True) as page:
        await page.start(whiteoutCollector=True, anonymousTracking=False)
        event = await page.track()
        assert {"duid", "sid", "vid"}.isdisjoint(event)
        assert stub.requests[0].path.startswith("/anonymous/")
        assert '"signal":"gpc"' in event["co"]
        assert [u for u in await page.seen() if u[0] == "cookie"] == []
        await page.call("disableAnonymousTracking")
        assert "duid" in await page.track()


@pytest.mark.parametrize(
    ("before", "options"),
    [
        (GPC % "true", {"respectGlobalPrivacyControl": "ignore"}),
        (GPC % "true", {"respectGlobalPrivacyControl": False}),
        (GPC % "'1'", {}),
        (DNT % "'1'", {}),
        (DNT % "'unspecified'", {"respectDoNotTrack": True}),
        (OUT % "", {"optOutCookie": "optout"}),
    ],
)
async def test_what_is_no_signal_changes_nothing(
    browser: Browser, url: str, stub: Stub, before: str, options: dict[str, Any]
) -> None:
    """An ignored signal, another value, or a cookie without a value is no opt-out (R28, R29)."""
    async with tab(browser, url, stub, before=before) as page:
        await page.start(**options)
        assert "duid" in await page.track()


async def test_dnt_can_anonymise(browser: Browser, url: str, stub: Stub) -> None:
    """With `anonymise`, Do Not Track holds even against an explicit call (contract 6)."""
    async with tab(browser, url, stub, before=DNT % "'1'") as page:
        await page.start(respectDoNotTrack="anonymise")
        await page.call("disableAnonymousTracking")
        assert "duid" not in await page.track()
        assert stub.requests[0].headers["sp-anonymous"] == "*"


async def test_opting_out_later_forgets_everything(browser: Browser, url: str, stub: Stub) -> None:
    """An opt-out removes ids and unsent events; afterwards nothing ties to before (W23, R85)."""
    async with tab(browser, url, stub) as page:
        stub.answer.status = 500
        await page.start(optOutCookie="optout")
        await page.call("setUserId", "bob")
        await page.call("trackPageView")
        before = await page.event()
        await page.quiet(0.2)
        await page.page.evaluate("() => { document.cookie = 'optout=1' }")
        await page.call("trackPageView")
        state = await page.get("sp.getPrivacyState()")
        assert (state["blocked"], state["signal"], state["memory"]) == (True, "opt-out", [])
        assert state["queued"] == 0
        assert set(await page.cookies()) == {"optout"}
        assert await page.stored() == await page.stored("sessionStorage") == {}
        stub.answer.status = 200
        heard = len(stub.events)
        await page.call("flushBuffer")
        await page.quiet(0.2)
        assert len(stub.events) == heard
        await page.page.evaluate("() => { document.cookie = 'optout=; max-age=0' }")
        after = await page.track()
        assert (after["vid"], "uid" in after) == ("1", False)
        assert {after["duid"], after["sid"]}.isdisjoint({before["duid"], before["sid"]})

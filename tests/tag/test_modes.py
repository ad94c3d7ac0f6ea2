"""What each mode sends and stores, row by row of the table in `docs/tag.md` (2.1)."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser

from tests.tag.pages import Tab, tab
from tests.tag.stub import Request, Stub, entities
from tests.tag.tables import table

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]

MODES: dict[str, object] = {
    "identified": False,
    "anonymous": True,
    "anonymous, `{}`": {},
    "anonymous session": {"withSessionTracking": True},
    "server-anonymous": {"withServerAnonymisation": True},
    "server-anonymous session": {"withSessionTracking": True, "withServerAnonymisation": True},
}
ROWS = table("tag.md", "### Modes and storage")
TRAITS = {"res", "vp", "ds", "cd", "tz", "cookie", "ip", "ua", "nuid", "tnuid"}
ZERO = "00000000-0000-0000-0000-000000000000"


async def test_the_table_has_every_mode_and_strategy() -> None:
    """The table has a row for each of six option values under each of four strategies."""
    pairs = {(row["mode"], row["strategy"]) for row in ROWS}
    strategies = {"cookieAndLocalStorage", "cookie", "localStorage", "none"}
    assert pairs == {(mode, strategy) for mode in MODES for strategy in strategies}


@pytest.mark.parametrize("mode", MODES)
async def test_rows(browser: Browser, url: str, stub: Stub, mode: str) -> None:
    """A tracker made in the mode sends and stores what its rows say, and nothing else."""
    async with tab(browser, url, stub, watched=True) as page:
        for row in (row for row in ROWS if row["mode"] == mode):
            await page.again()
            stub.answer.open.clear()
            await page.start(anonymousTracking=MODES[mode], stateStorageStrategy=row["strategy"])
            await page.call("setUserId", "bob")
            await page.call("trackPageView")
            event = await page.event()
            await page.quiet(0.25)
            observed = await _observed(page, event, stub.requests[0])
            assert observed == {name: row[name] for name in observed}, row["strategy"]
            if "anonymous" in mode:
                assert TRAITS.isdisjoint(event)
            if row["strategy"] in {"none", "cookie"}:
                assert not await page.stored()


async def _observed(page: Tab, event: dict[str, str], request: Request) -> dict[str, str]:
    found = entities(event)
    session = found.get("client_session")
    browser_entity = found.get("browser_context")
    cookies = await page.cookies()
    local = await page.stored()
    kinds = {re.sub(r"\..*", "", name) for name in cookies}
    stored = {re.sub(r"\..*", "", name) for name in local if name.startswith("_sp_")}
    assert kinds.isdisjoint(stored)
    return {
        **{name: "yes" if name in event else "" for name in ("duid", "sid", "vid", "uid")},
        "header": "yes" if request.headers.get("sp-anonymous") == "*" else "",
        "client_session": ""
        if session is None
        else "zero UUID"
        if session["userId"] == ZERO
        else "duid",
        "tabId": "" if not (browser_entity and browser_entity["tabId"]) else "yes",
        "ids": ", ".join(sorted(kinds or stored)),
        "queue": "yes" if "snowplowOutQueue_snowplow_sp" in local else "",
        "tab key": "yes" if "_sp_tab_id" in await page.stored("sessionStorage") else "",
    }


@pytest.mark.parametrize("strategy", ["cookieAndLocalStorage", "cookie", "localStorage", "none"])
@pytest.mark.parametrize("session", [False, True])
async def test_anonymous_modes_use_no_more_than_they_need(
    browser: Browser, url: str, stub: Stub, strategy: str, session: bool
) -> None:
    """Without a session, no cookie is read or tried, and only a queue is touched (W1, W22)."""
    option = {"withServerAnonymisation": True, "withSessionTracking": session}
    async with tab(browser, url, stub, watched=True) as page:
        await page.start(anonymousTracking=option, stateStorageStrategy=strategy)
        for number in range(1, 4):
            await page.call("trackPageView")
            await page.event(number)
        await page.call("newSession")
        await page.quiet()
        uses = await page.seen()
        if strategy == "none":
            assert uses == []
            return
        if not session or strategy == "localStorage":
            assert [use for use in uses if use[0] == "cookie"] == []
        if strategy == "cookie":
            assert [use for use in uses if use[0] != "cookie"] == []
        assert [use for use in uses if use[0] in {"sessionStorage", "indexedDB", "caches"}] == []
        keys = {use[2] for use in uses if use[0] == "storage" and use[1] == "setItem"}
        assert {re.sub(r"\.[0-9a-f]{4}", "", key) for key in keys} <= (
            {"_sp_as", "_sp_as.expires"} if session else set()
        ) | {"snowplowOutQueue_snowplow_sp"}


async def test_identifiers_set_by_hand_are_not_sent_while_anonymous(
    browser: Browser, url: str, stub: Stub
) -> None:
    """Nothing set through `core` passes the scrub, and all of it while identified (W5)."""
    pairs = {"duid": "d", "nuid": "n", "tnuid": "t", "uid": "u", "ip": "192.0.2.1", "ua": "x"}
    async with tab(browser, url, stub) as page:
        await page.start(anonymousTracking=True)
        for name, value in pairs.items():
            await page.page.evaluate(
                "([k, v]) => snowplow(({ sp }) => sp.core.addPayloadPair(k, v))", [name, value]
            )
        assert pairs.keys().isdisjoint(await page.track())
        await page.call("disableAnonymousTracking")
        event = await page.track()
        assert pairs.keys() <= event.keys()


async def test_urls_lose_what_identifies_while_anonymous(
    browser: Browser, url: str, stub: Stub
) -> None:
    """Of a URL only host, path and campaign stay, also in entities (W11, contract 13)."""
    address = (
        f"{url}shop/a@b.example;jsessionid=7/x?_sp=1.2&utm_source=news&gclid=9&q=shoes#u@x.example"
    )
    async with tab(browser, address, stub) as page:
        await page.start(anonymousTracking=True, anonymousUrlParameters=["q"])
        await page.call("setReferrerUrl", "https://u:p@from.example.test/r?token=1#x")
        entity = {
            "schema": "iglu:com.acme/thing/jsonschema/1-0-0",
            "data": {
                "link": "https://u:p@x.example.test/p?id=1",
                "email": "a@b.example",
                "user_id": 7,
                "kind": "shoe",
            },
        }
        visitor = {
            "schema": "iglu:com.google.analytics/cookies/jsonschema/1-0-0",
            "data": {"_ga": "GA1.1.1.1"},
        }
        event = await page.track(context=[entity, visitor])
        assert event["url"] == f"{url}shop//x?utm_source=news&q=shoes"
        assert event["refr"] == "https://from.example.test/r"
        assert entities(event)["thing"] == {"link": "https://x.example.test/p", "kind": "shoe"}
        assert "cookies" not in entities(event)
        await page.call("disableAnonymousTracking")
        event = await page.track(context=[entity, visitor])
        assert event["url"] == address
        assert event["refr"] == "https://from.example.test/r?token=1#x"
        assert entities(event)["thing"] == entity["data"]


async def test_server_anonymous_requests_carry_no_cookie(
    browser: Browser, url: str, stub: Stub
) -> None:
    """Cookies, referrer and headers of the site's own stay at home (W10)."""
    async with tab(browser, url, stub) as page:
        await page.page.evaluate("() => { document.cookie = 'sp=net' }")
        await page.start(customHeaders={"X-Site": "me"}, keepalive=True)
        await page.track()
        assert "sp=net" in stub.requests[-1].headers["cookie"]
        assert stub.requests[-1].headers["x-site"] == "me"
        await page.call("enableAnonymousTracking", {"options": {"withServerAnonymisation": True}})
        await page.track()
        headers = stub.requests[-1].headers
        assert headers["sp-anonymous"] == "*"
        assert headers.keys().isdisjoint({"cookie", "referer", "x-site"})


async def test_our_collector_is_told_by_path_and_entity(
    browser: Browser, url: str, stub: Stub
) -> None:
    """With `whiteoutCollector`, anonymity goes by path, without a preflight (contract 8)."""
    stub.answer.allows = ""
    async with tab(browser, url, stub) as page:
        await page.start(
            whiteoutCollector=True, anonymousTracking={"withServerAnonymisation": True}
        )
        event = await page.track()
        assert stub.requests[0].path == "/anonymous/com.snowplowanalytics.snowplow/tp2"
        assert stub.requests[0].headers["content-type"] == "text/plain"
        assert entities(event)["privacy_state"] == {"mode": "server_anonymous", "signal": None}


async def test_a_session_without_storage_is_full_anonymity(
    browser: Browser, url: str, stub: Stub
) -> None:
    """Where a cookie does not stay, nothing tells one visit from the next (contract 1)."""
    refuse = "Object.defineProperty(Document.prototype, 'cookie', {get: () => '', set() {}})"
    async with tab(browser, url, stub, before=refuse) as page:
        await page.start(anonymousTracking={"withSessionTracking": True})
        event = await page.track()
        assert {"sid", "vid", "duid"}.isdisjoint(event)
        assert "client_session" not in entities(event)
        assert (await page.get("sp.getPrivacyState()"))["mode"] == "anonymous"


@pytest.mark.parametrize(
    "name", ["firstName", "EMAIL", "user_id", "userId", "Date-Of-Birth", "apiKey"]
)
async def test_w5_members_are_known_however_they_are_written(
    browser: Browser, url: str, stub: Stub, name: str
) -> None:
    """W5: a member that names somebody is removed from an anonymous event in every spelling."""
    async with tab(browser, url, stub) as page:
        await page.start(anonymousTracking=True)
        data = {name: "canary-4711", "kept": "yes"}
        context = [{"schema": "iglu:com.acme/visitor_facts/jsonschema/1-0-0", "data": data}]
        await page.call("trackPageView", {"context": context})
        event = await page.event()
        assert entities(event)["visitor_facts"] == {"kept": "yes"}
        assert "canary-4711" not in repr(event)

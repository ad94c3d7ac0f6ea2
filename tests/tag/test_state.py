"""The stored state: vectors, malformed values, sessions, hashes (chapter 3)."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser

from tests.support.site import Site
from tests.tag.pages import tab
from tests.tag.stub import Stub, entities
from tests.tag.tables import table
from whiteout.protocol.state import cookie_name

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]

USER = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
VISIT = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
FIRST = "cccccccc-cccc-4ccc-8ccc-cccccccccccc"
NAMES = {"USER": USER, "VISIT": VISIT, "FIRST": FIRST}
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
VECTORS = table("tag.md", "### Values that are not what they should be")


@pytest.mark.parametrize("strategy", ["cookie", "localStorage"])
async def test_malformed_values(browser: Browser, url: str, stub: Stub, strategy: str) -> None:
    """A stored field that cannot be right counts as missing, and nothing throws (R48, R49, W26)."""
    put = "document.cookie = '{}={}';" if strategy == "cookie" else "localStorage['{}'] = '{}';"
    async with tab(browser, url, stub) as page:
        for row in VECTORS:
            value = row["stored"].strip("`")
            for name, id_ in NAMES.items():
                value = value.replace(name, id_)
            alive = row["session alive"] == "yes"
            await page.again(
                put.format("_sp_id.1fff", value) + put.format("_sp_ses.1fff", "*") * alive
            )
            await page.start(stateStorageStrategy=strategy)
            event = await page.track()
            index = entities(event)["client_session"]["eventIndex"]
            observed = {
                "duid": "kept" if event["duid"] == USER else "new",
                "vid": event["vid"],
                "sid": "kept" if event["sid"] == VISIT else "new",
                "event index": str(index),
            }
            assert observed == {name: row[name] for name in observed}, value
            assert UUID.fullmatch(event["duid"])
            assert UUID.fullmatch(event["sid"])


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("www.shop.example.test", "example.test"),
    ],
)
async def test_names_and_domains(
    browser: Browser, site: Site, stub: Stub, host: str, domain: str
) -> None:
    """Names carry the hash of the widest domain that takes a cookie (R19, R22)."""
    async with tab(browser, site.url(host=host), stub) as page:
        await page.start(cookieSecure=False)
        await page.page.evaluate("() => snowplow('trackPageView')")
        await page.quiet(0.2)
        found = {c["name"]: c for c in await page.context.cookies()}
        assert set(found) == {cookie_name(base, domain) for base in ("id", "ses")}
        if host.startswith("www"):
            assert {c["domain"] for c in found.values()} == {f".{domain}"}


async def test_a_returning_visitor_keeps_ids_without_a_probe(
    browser: Browser, url: str, stub: Stub
) -> None:
    """The next page goes on in the same session, and no test cookie is written (W1)."""
    async with tab(browser, url, stub, watched=True) as page:
        await page.start()
        first = await page.track()
        # What is not confirmed when a page is left is sent again by the next one.
        while (await page.get("sp.getPrivacyState()"))["queued"]:
            await page.quiet(0.05)
        await page.page.goto(f"{url}shop/")
        await page.start()
        second = await page.track()
        assert [first[n] for n in ("duid", "sid", "vid")] == [
            second[n] for n in ("duid", "sid", "vid")
        ]
        assert entities(second)["client_session"]["eventIndex"] == 2
        assert entities(second)["client_session"]["firstEventId"] == first["eid"]
        assert not [use for use in await page.seen() if "root_domain" in str(use[-1])]


async def test_sessions_end_by_time_and_by_hand(browser: Browser, url: str, stub: Stub) -> None:
    """A new session counts up, tells its predecessor, and calls back once (R55-R70, W27)."""
    async with tab(browser, url, stub) as page:
        await page.page.evaluate(
            "(url) => { window.told = [];"
            " snowplow('newTracker', 'sp', url, {contexts: {session: true},"
            " sessionCookieTimeout: 3, onSessionUpdateCallback: (s) => told.push(s)}) }",
            stub.url,
        )
        first = await page.track()
        await page.call("newSession")
        second = await page.track()
        await page.quiet(3.3)
        third = await page.track()
        assert [e["vid"] for e in (first, second, third)] == ["1", "2", "3"]
        session = entities(third)["client_session"]
        assert session["previousSessionId"] == second["sid"]
        assert session["eventIndex"] == 1
        told = await page.page.evaluate("told.map((s) => s.sessionId)")
        assert told == [first["sid"], second["sid"], third["sid"]]


async def test_without_storage_ids_live_in_memory(browser: Browser, url: str, stub: Stub) -> None:
    """With strategy `none`, a session counts on in memory only (R61, W25)."""
    async with tab(browser, url, stub, watched=True) as page:
        await page.start(stateStorageStrategy="none")
        first = await page.track()
        second = await page.track()
        assert first["sid"] == second["sid"]
        await page.call("newSession")
        third = await page.track()
        assert (third["vid"], third["sid"] != first["sid"]) == ("2", True)
        assert await page.seen() == []


async def test_the_cookie_path_leaves_nothing_behind(
    browser: Browser, url: str, stub: Stub
) -> None:
    """Cookies of an earlier path are found by `clearUserData` (W21)."""
    async with tab(browser, f"{url}shop/x", stub) as page:
        await page.start()
        await page.track()
        await page.call("setCookiePath", "/shop")
        await page.track()
        await page.quiet(0.05)
        assert len(await page.cookies()) == 4
        receipt = await page.get("sp.clearUserData()")
        assert len(receipt["cookies"]) == 4
        assert await page.cookies() == {}

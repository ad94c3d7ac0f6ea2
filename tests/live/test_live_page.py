"""The live page in a real browser."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.live.conftest import Site
from tests.live.entries import COLUMNS, event, failed
from tests.live.entries import IDENTIFIERS as IDS
from tests.live.looking import opened
from tests.support.browser import profile
from whiteout.commands.snippet import Snippet

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHOWN = tuple(column for column in COLUMNS if column != "domain_sessionidx")
SERVER = ("network_userid", "user_ipaddress")


def some(*names: str) -> dict[str, object]:
    """Some of the identifiers."""
    return {name: IDS[name] for name in names}


async def test_an_empty_page_invites_to_a_first_event(browser: Browser, site: Site) -> None:
    """Before the first event one can be sent, and the lines of `whiteout tag` copied."""
    async with profile(browser, permissions=["clipboard-read", "clipboard-write"]) as visitor:
        page = await visitor.page(site.url)
        await expect(page.get_by_role("heading", name="Nothing has arrived yet.")).to_be_visible()
        await expect(page.locator("#status")).to_have_text("live")
        await expect(page.get_by_role("link", name="Send a first event")).to_have_attribute(
            "href", "/try"
        )
        codes = await page.locator(".code code").all_inner_texts()
        assert codes[0].strip() == Snippet(site.url).html().strip()
        assert codes[1].startswith("curl ")
        assert site.url in codes[1]
        await page.get_by_role("button", name="Copy").first.click()
        await expect(page.get_by_role("button", name="Copied")).to_be_visible()
        copied = await page.evaluate("navigator.clipboard.readText()")
        assert copied == Snippet(site.url).html()
        await expect(page.locator("#modes li")).to_have_count(5)
        assert await page.title() == "whiteout · live"


async def test_an_event_appears_at_once(browser: Browser, site: Site) -> None:
    """An event is seen well within two seconds, and the invitation makes room for it."""
    async with profile(browser) as visitor:
        page = await visitor.page(site.url)
        await expect(page.locator("#status")).to_have_text("live")
        began = time.monotonic()
        site.publish(event(identifiers=IDS))
        rows = await opened(page, 1)
        assert time.monotonic() - began < 2
        await expect(page.locator("#welcome")).to_be_hidden()
        site.publish(event(name="add_to_cart", app="journal"))
        await opened(page, 2)
        assert await rows.locator(".name").all_inner_texts() == ["add_to_cart", "page_view"]
        assert await rows.nth(0).locator(".app").inner_text() == "journal"
        assert await rows.nth(1).locator(".host").inner_text() == "shop.example"
        assert await rows.nth(1).locator(".path").inner_text() == "/shoes/red"
        assert await page.title() == "2 events · whiteout"


async def test_identifiers_are_shown_or_whited_out(browser: Browser, site: Site) -> None:
    """Each identifier is a value, a white-out that says why, or a dash (contract 9)."""
    session = some("domain_sessionid", "domain_sessionidx")
    network = some(*SERVER)
    site.publish(
        event(identifiers=IDS),
        event(identifiers={"domain_userid": IDS["domain_userid"]}),
        event("anonymous", identifiers=network),
        event("anonymous_session", identifiers=session | network),
        event("server_anonymous", redacted=SERVER, signal="sp-anonymous+gpc"),
        event("server_anonymous", redacted=("user_id", *SERVER), signal="path"),
        event("server_anonymous_session", identifiers=session, redacted=("user_ipaddress",)),
        event("identified", declared="anonymous", identifiers=IDS),
    )
    no = "not set"
    ada, browser_id, visit, cookie, address = (
        "ada",
        "1f0c9a52…",
        "8b6ff0a1… #3",
        "c1b7d0f4…",
        "203.0.113.0",
    )
    by = "removed: in {} mode the {}"
    taken = "removed: the collector took it out before anything was written"
    header = "the page asked for it (SP-Anonymous header)"
    unread = "removed: the collector neither reads nor keeps it"
    gpc = f"{unread}, because {header}; the browser sends Global Privacy Control"
    by_path = "because the page asked for it (path /anonymous/)"
    path = f"{unread}, {by_path}"
    plain = by.format("anonymous", "page does not send it")
    in_session = by.format("anonymous + session", "page does not send it")
    server = by.format("server anonymous", "page does not send it")
    last = by.format("server anonymous + session", "page does not send it")
    kept = by.format("server anonymous + session", "collector does not keep it")
    leak = " should not be here: the event is anonymous"
    # user_id | domain_userid | domain_sessionid | network_userid | user_ipaddress
    expected = [
        [ada + leak, browser_id + leak, "8b6ff0a1…" + leak, cookie, address],
        [last, last, visit, kept, unread],
        [f"{taken}, {by_path}", server, server, path, path],
        [server, server, server, gpc, gpc],
        [in_session, in_session, visit, cookie, address],
        [plain, plain, plain, cookie, address],
        [no, browser_id, no, no, no],
        [ada, browser_id, visit, cookie, address],
    ]
    async with profile(browser) as visitor:
        page = await visitor.page(site.url)
        rows = await opened(page, len(expected))
        for number, line in enumerate(expected):
            found = rows.nth(number).locator("dd")
            spoken = [
                await found.nth(column).evaluate(
                    "cell => [...cell.querySelectorAll('[aria-hidden]')].reduce("
                    "(text, hidden) => text.replace(hidden.textContent, ''), cell.textContent)"
                )
                for column in range(len(SHOWN))
            ]
            assert spoken == line, number
        assert await rows.nth(1).locator(".tape").count() == 4
        assert await rows.nth(1).locator(".mode").inner_text() == "server anonymous + session"
        await expect(page.locator("#count-whited")).to_have_text("19")


async def test_failed_events_stand_in_the_same_list(browser: Browser, site: Site) -> None:
    """A failed event says what is wrong and where, and what was taken out of it."""
    site.publish(event(), failed(payload={"e": "pv", "url": "https://shop.example/x"}))
    async with profile(browser) as visitor:
        page = await visitor.page(site.url)
        row = (await opened(page, 2)).first
        await expect(row.locator(".badge")).to_have_text("failed")
        await expect(row.locator(".reason")).to_have_text("The body is not JSON.")
        await expect(row.locator(".where")).to_have_text("at body")
        await expect(row.locator(".tape")).to_have_attribute("title", re.compile("SP-Anonymous"))
        await row.click()
        panel = page.locator("#detail")
        await expect(panel.locator(".problems")).to_contain_text("not JSON at position 17")
        await expect(panel.locator(".json")).to_contain_text('"url": "https://shop.example/x"')
        await expect(panel.locator(".more")).to_contain_text("user_ipaddress")
        await expect(page.locator("#count-failed")).to_have_text("1")


async def test_the_panel_shows_everything_that_is_kept(browser: Browser, site: Site) -> None:
    """Canonical fields, entities and the self-describing event, each as what it is."""
    schema = "iglu:com.snowplowanalytics.snowplow"
    site.publish(
        event(
            "server_anonymous",
            name="link_click",
            signal="sp-anonymous",
            redacted=("user_ipaddress", "user_fingerprint"),
            dvce_created_tstamp=1_795_501_200_123,
            useragent="Firefox on Linux",
            unstruct_event={
                "schema": f"{schema}/unstruct_event/jsonschema/1-0-0",
                "data": {
                    "schema": f"{schema}/link_click/jsonschema/1-0-1",
                    "data": {"targetUrl": "https://shop.example/basket"},
                },
            },
            contexts=(
                f'{{"schema":"{schema}/contexts/jsonschema/1-0-0","data":['
                f'{{"schema":"{schema}/web_page/jsonschema/1-0-0","data":{{"id":"abc"}}}}]}}'
            ),
        )
    )
    async with profile(browser) as visitor:
        page = await visitor.page(site.url)
        await (await opened(page, 1)).first.click()
        panel = page.locator("#detail")
        await expect(panel.get_by_role("heading", name="link_click", exact=True)).to_be_focused()
        await expect(panel.locator(".about-mode")).to_contain_text("SP-Anonymous header")
        await expect(panel.locator(".more")).to_contain_text("user_fingerprint")
        entities = panel.locator(".entity")
        await expect(entities).to_have_count(2)
        await expect(entities.nth(0)).to_contain_text("link_click 1-0-1")
        await expect(entities.nth(0)).to_contain_text('"targetUrl": "https://shop.example/basket"')
        await expect(entities.nth(1)).to_contain_text('"id": "abc"')
        fields = dict(
            zip(
                await panel.locator(".fields dt").all_inner_texts(),
                await panel.locator(".fields dd").all_inner_texts(),
                strict=True,
            )
        )
        assert fields["dvce_created_tstamp"] == "2026-11-24T06:20:00.123Z"
        assert fields["useragent"] == "Firefox on Linux"
        assert fields["app_id"] == "shop"
        await panel.get_by_role("button", name="Close").click()
        await expect(panel).to_be_hidden()
        await expect(page.locator(".row").first).to_be_focused()


MARKUP = "<img src=x onerror=alert(1)>\"'`</script></textarea><script>alert(2)</script>"
EVIL = f"{MARKUP}\u202e\u0000\u0007\u200b😀{{{{7*7}}}}"


@pytest.mark.parametrize(
    "filling",
    [EVIL, "javascript:alert(3)//", "x" * 200_000, "\n" * 5_000],
    ids=["markup", "address", "endless", "lines"],
)
async def test_hostile_events_are_text(browser: Browser, site: Site, filling: str) -> None:
    """Whatever stands in an event: it is text, it breaks no line and no policy."""
    more: Any = {filling: filling}
    nested = {filling: [filling, {filling: filling}], "schema": filling, "data": filling}
    site.publish(
        event(
            name=filling,
            app=filling,
            url=f"https://{filling}/{filling}?{filling}#{filling}",
            identifiers=dict.fromkeys(COLUMNS, filling),
            redacted=(filling,),
            signal=f"{filling}+{filling}",
            contexts={"schema": filling, "data": [nested, filling]},
            unstruct_event=nested,
            derived_contexts=f"{{{filling}",
            page_title=filling,
            **more,
        ),
        failed(
            filling,
            failure=filling,
            errors=((filling, filling), (filling, filling)),
            redacted=(filling,),
            signal=filling,
            app=filling,
            payload=nested,
        ),
    )
    async with profile(browser, viewport={"width": 390, "height": 844}) as visitor:
        page = await visitor.page(site.url)
        rows = await opened(page, 2)
        for number in range(2):
            await rows.nth(number).click()
            await expect(page.locator("#detail")).to_be_visible()
            if filling == EVIL:
                await expect(page.locator("#detail")).to_contain_text("<img src=x onerror=")
                assert "\u202e" not in await page.locator("body").inner_text()
            assert await page.locator("img, script:not([src]), iframe, [onerror]").count() == 0
            assert await page.locator("main a, aside a[href]").count() <= 1
            width = "document.documentElement.scrollWidth - innerWidth"
            assert await page.evaluate(width) <= 0
            await page.keyboard.press("Escape")
        await page.locator("#filter-q").fill(filling[:50])


async def test_ten_megabytes_are_shown_in_part(browser: Browser, site: Site) -> None:
    """An event as large as nobody should send opens, is filtered, and stops nothing."""
    huge = "<b>\u202e" * 2_000_000
    site.publish(
        event(page_title=huge[:100_000], unstruct_event={"data": {"deep": [huge]}}), event()
    )
    async with profile(browser) as visitor:
        page = await visitor.page(site.url)
        rows = await opened(page, 2)
        await rows.last.click()
        await expect(page.locator("#detail")).to_contain_text("more characters")
        assert len(await page.locator("#detail").inner_text()) < 500_000
        assert await page.locator("#detail b").count() == 0
        await page.keyboard.press("Escape")
        await page.locator("#filter-q").fill("page_view")
        await opened(page, 2)


ODD = (
    b"null",
    b"[]",
    b'"text"',
    b"7",
    b"{}",
    b'{"kind":"event"}',
    b'{"kind":"failed","errors":{},"redacted":1,"payload":[]}',
    b'{"kind":"event","identifiers":[],"event":"x","collector_tstamp":"never","mode_inferred":1}',
    b'{"kind":"failed","errors":[null,1,{"where":{}}],"signal":[],"app_id":{}}',
)


async def test_odd_entries_do_no_harm(browser: Browser, site: Site) -> None:
    """An entry of another form than expected stops nothing."""
    async with profile(browser) as visitor:
        page = await visitor.page(site.url)
        await expect(page.locator("#status")).to_have_text("live")
        site.publish(*ODD, event())
        rows = await opened(page, 6)
        await expect(rows.first).to_contain_text("page_view")
        for row in await rows.all():
            await row.click()
            await page.keyboard.press("Escape")
        await page.reload()
        await opened(page, 6)

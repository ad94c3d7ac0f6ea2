"""The try-it page in a real browser."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Request, expect

from tests.live.conftest import Site
from tests.live.entries import event
from tests.support.browser import profile

pytestmark = pytest.mark.asyncio(loop_scope="session")

TP2 = "/com.snowplowanalytics.snowplow/tp2"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
SESSION = {"sid", "vid"}
EVERYTHING = {"uid", "duid", "nuid", "ip", *SESSION}


async def press(page: Page, button: str) -> tuple[Request, dict[str, Any]]:
    """Press a button; the request that it makes, and the event in it."""
    async with page.expect_request(lambda request: request.method == "POST") as waiting:
        await page.locator(button).click()
    request = await waiting.value
    return request, json.loads(request.post_data or "")["data"][0]


async def kept(page: Page) -> dict[str, str]:
    """What the comparison says was kept, by column; of a white-out, its word."""
    await page.wait_for_selector(".comparison.fresh")
    found: dict[str, str] = await page.evaluate(
        """() => Object.fromEntries(
          [...document.querySelectorAll('.comparison tbody tr')].map((row) => {
            const only = row.querySelector('.kept > .tape > [aria-hidden]');
            const cell = only ?? row.querySelector('.kept');
            return [row.querySelector('th code').innerText, cell.innerText];
          }))"""
    )
    return found


IDENTIFIERS = (
    "user_id",
    "domain_userid",
    "domain_sessionid",
    "domain_sessionidx",
    "network_userid",
    "user_ipaddress",
)


@pytest.mark.parametrize(
    ("mode", "sent", "whited_out"),
    [
        ("identified", {"uid", "duid", *SESSION}, {}),
        (
            "anonymous",
            set(),
            dict.fromkeys(IDENTIFIERS[:4], "not sent"),
        ),
        ("anonymous_session", SESSION, dict.fromkeys(IDENTIFIERS[:2], "not sent")),
        (
            "server_anonymous",
            set(),
            dict.fromkeys(IDENTIFIERS[:4], "not sent")
            | {"network_userid": "not kept", "user_ipaddress": "not kept"},
        ),
        (
            "server_anonymous_session",
            SESSION,
            dict.fromkeys(IDENTIFIERS[:2], "not sent")
            | {"network_userid": "not kept", "user_ipaddress": "not kept"},
        ),
    ],
)
async def test_every_mode(
    browser: Browser, site: Site, mode: str, sent: set[str], whited_out: dict[str, str]
) -> None:
    """One press sends a well-formed event (R132) and shows within two seconds what was kept."""
    async with profile(browser) as visitor:
        page = await visitor.page(f"{site.url}/try")
        await expect(page.locator("#status")).to_have_text("live")
        request, payload = await press(page, f"[data-kind={mode}]")
        found = await kept(page)
        story = await page.locator(".story").inner_text()
        seen = re.fullmatch(r"Answered 200 after \d+ ms, kept and shown after (\d+) ms\.", story)
        assert seen is not None
        assert int(seen[1]) < 2_000
        server = mode.startswith("server")
        headers = await request.all_headers()
        assert request.url == site.url + TP2
        assert headers["content-type"] == "application/json; charset=UTF-8"
        assert headers.get("sp-anonymous") == ("*" if server else None)
        schema = json.loads(request.post_data or "")["schema"]
        assert schema == "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4"
        assert all(isinstance(value, str) for value in payload.values())
        assert {"e", "p", "tv", "eid", "dtm", "stm", "url", "page", "aid", "tna"} <= set(payload)
        assert UUID.fullmatch(payload["eid"])
        assert set(payload) & EVERYTHING == sent
        assert {name: text for name, text in found.items() if text in WORDS} == whited_out
        await expect(page.locator(".result h2")).to_contain_text(
            mode.replace("_session", "").replace("_", " ")
        )
        if mode == "identified":
            assert found["user_id"] == "demo-visitor"
            assert found["page_url"].endswith("#reviews")
        else:
            assert "ada" not in found["page_url"]
            assert found["page_url"].startswith(
                "https://shop.example/shoes/red?utm_campaign=spring"
            )


WORDS = {"not sent", "not kept", "taken out"}


async def test_identifiers_sent_anyway_are_taken_out(browser: Browser, site: Site) -> None:
    """The page sends every identifier under SP-Anonymous, and shows that none was kept."""
    async with profile(browser) as visitor:
        page = await visitor.page(f"{site.url}/try")
        await expect(page.locator("#status")).to_have_text("live")
        request, payload = await press(page, "#try-smuggled")
        assert (await request.all_headers())["sp-anonymous"] == "*"
        assert set(payload) & EVERYTHING == EVERYTHING
        found = await kept(page)
        assert {found[name] for name in IDENTIFIERS} == {"taken out"}
        await expect(page.locator(".comparison")).to_contain_text(payload["duid"])
        assert payload["duid"] not in await page.locator("td.kept").first.inner_text()


async def test_a_broken_event_is_shown_as_failed(browser: Browser, site: Site) -> None:
    """The failed event says what is wrong and where."""
    async with profile(browser) as visitor:
        page = await visitor.page(f"{site.url}/try")
        await expect(page.locator("#status")).to_have_text("live")
        _, payload = await press(page, "#try-broken")
        with pytest.raises(ValueError, match="Expecting"):
            json.loads(payload["ue_pr"])
        await expect(page.locator(".result .reason").first).to_contain_text("failed event")
        await expect(page.locator(".problems")).to_contain_text("ue_pr")


async def test_only_its_own_event_is_shown(browser: Browser, site: Site) -> None:
    """Other events in the stream are not taken for the answer."""
    async with profile(browser) as visitor:
        page = await visitor.page(f"{site.url}/try")
        await expect(page.locator("#status")).to_have_text("live")
        await page.route(f"**{TP2}", lambda route: route.fulfill(status=200, body="ok"))
        await press(page, "[data-kind=anonymous]")
        site.publish(event("identified", app="try-it"))
        await expect(page.locator(".story")).to_contain_text("waiting for it")
        assert await page.locator(".comparison .pending").count() > 0


async def test_no_answer_is_said(browser: Browser, site: Site) -> None:
    """Where no collector answers, the page says so."""
    async with profile(browser) as visitor:
        page = await visitor.page(f"{site.url}/try")
        await page.route(f"**{TP2}", lambda route: route.abort())
        await page.locator("[data-kind=anonymous]").click()
        await expect(page.locator(".story")).to_contain_text("No answer")
        visitor.troubles.clear()  # the refused connection


async def test_the_page_stores_nothing(browser: Browser, site: Site) -> None:
    """Whatever is pressed, the page leaves nothing in the browser, and each visitor is new."""
    async with profile(browser) as visitor:
        users = set()
        for _ in range(2):
            page = await visitor.page(f"{site.url}/try")
            await expect(page.locator("#status")).to_have_text("live")
            _, payload = await press(page, "[data-kind=identified]")
            await kept(page)
            users.add(payload["duid"])
            assert await page.evaluate("localStorage.length + sessionStorage.length") == 0
            assert await page.evaluate("document.cookie") == ""
        assert len(users) == 2
        assert await visitor.context.cookies() == []


async def test_it_says_that_it_sends_by_fetch(browser: Browser, site: Site) -> None:
    """The page does not pretend that a tag sent the events."""
    async with profile(browser) as visitor:
        page = await visitor.page(f"{site.url}/try")
        await expect(page.locator(".intro")).to_contain_text("plain fetch()")

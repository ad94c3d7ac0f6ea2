"""The try-it page in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Request, expect

from tests.live.conftest import Site
from tests.live.entries import event
from tests.support.browser import profile
from tests.support.web import SCRIPT, prepare

pytestmark = pytest.mark.asyncio(loop_scope="session")

TP2 = "/com.snowplowanalytics.snowplow/tp2"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
SESSION = {"sid", "vid"}
EVERYTHING = {"uid", "duid", "nuid", "ip", *SESSION}


async def heard(page: Page) -> list[dict[str, Any]]:
    """Every request that the collector got: headers and body."""
    answer = await page.context.request.get("/".join([*page.url.split("/")[:3], "test/heard"]))
    found: list[dict[str, Any]] = await answer.json()
    return found


async def press(page: Page, button: str) -> tuple[Request, dict[str, Any]]:
    """Press a button; the request that it makes, and the event in it as it arrived."""
    before = len(await heard(page))
    async with page.expect_request(lambda request: request.method == "POST") as waiting:
        await page.locator(button).click()
    request = await waiting.value
    await request.response()
    event: dict[str, Any] = (await heard(page))[before]["body"]["data"][0]
    return request, event


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
    """One press tracks a well-formed event (R132) and shows within two seconds what was kept."""
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
        assert request.url == site.url + ("/anonymous" if server else "") + TP2
        assert headers["content-type"].startswith("text/plain" if server else "application/json")
        assert ("cookie" in headers) <= (not server)
        schema = (await heard(page))[-1]["body"]["schema"]
        assert schema == "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4"
        assert all(isinstance(value, str) for value in payload.values())
        assert {"e", "p", "tv", "eid", "dtm", "stm", "url", "page", "aid", "tna"} <= set(payload)
        assert payload["tv"].startswith("whiteout-")
        assert json.loads(payload["co"])["data"][-1]["data"]["mode"] == mode or "duid" in payload
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
        await page.locator("[data-kind=anonymous]").click()
        site.publish(event("identified", app="try-it"))
        await expect(page.locator(".story")).to_contain_text("waiting for it")
        assert await page.locator(".comparison .pending").count() > 0


async def test_no_answer_is_said(browser: Browser, site: Site) -> None:
    """Where no collector answers, the page says so, and how many events wait."""
    async with profile(browser) as visitor:
        page = await visitor.page(f"{site.url}/try")
        await page.route(f"**{TP2}", lambda route: route.abort())
        await page.locator("[data-kind=anonymous]").click()
        await expect(page.locator(".story")).to_contain_text("No answer")
        await expect(page.locator("#state")).to_contain_text("1 event waits to be sent.")
        visitor.troubles.clear()  # the refused connection


STORED: dict[str, dict[str, set[str]]] = {
    "cookieAndLocalStorage": {"cookie": {"_sp_id", "_sp_ses"}},
    "localStorage": {"local storage": {"_sp_id", "_sp_ses"}},
    "cookie": {"cookie": {"_sp_id", "_sp_ses"}},
    "none": {},
}


async def shown_state(page: Page) -> dict[str, set[str]]:
    """What the page says that the browser holds: names without their hash, by place."""
    pairs: list[list[str]] = await page.evaluate(
        """() => [...document.querySelectorAll('#state .stored')].map((row) =>
          [row.querySelector('.place').innerText, row.querySelector('code').innerText])"""
    )
    found: dict[str, set[str]] = {}
    for place, name in pairs:
        if not name.endswith(".expires"):
            found.setdefault(place, set()).add(name.partition(".")[0])
    return found


@pytest.mark.parametrize("strategy", STORED)
async def test_the_state_of_the_browser_is_shown(
    browser: Browser, site: Site, strategy: str
) -> None:
    """The page tells what the tag stores under a strategy, and it is what the browser holds."""
    async with profile(browser) as visitor:
        page = await visitor.page(f"{site.url}/try")
        await expect(page.locator("#state")).to_contain_text("nothing")
        assert await visitor.context.cookies() == []
        await page.locator(f"input[value={strategy}]").check()
        await press(page, "[data-kind=identified]")
        await kept(page)
        await expect(page.locator("#state .now .badge")).to_have_text("identified")
        await expect(page.locator("#state .now")).to_contain_text(strategy)
        await expect(page.locator("#state")).not_to_contain_text("to be sent")
        assert await shown_state(page) == STORED[strategy]
        held = {cookie["name"].partition(".")[0] for cookie in await visitor.context.cookies()}
        assert held == STORED[strategy].get("cookie", set())
        await press(page, "[data-kind=server_anonymous]")
        await expect(page.locator("#state .now .badge")).to_have_text("server anonymous")
        await expect(page.locator("#state .carried .tape")).to_have_count(4)


async def test_clearing_gives_a_receipt(browser: Browser, site: Site) -> None:
    """One press removes every trace of the visitor, and says what it removed (W17)."""
    async with profile(browser) as visitor:
        page = await visitor.page(f"{site.url}/try")
        users = set()
        for _ in range(2):
            _, payload = await press(page, "[data-kind=identified]")
            await kept(page)
            users.add(payload["duid"])
            await page.locator("#clear").click()
            receipt = page.locator("#receipt")
            await expect(receipt).to_contain_text("_sp_id")
            await expect(receipt).to_contain_text("user_id")
            await expect(receipt).to_contain_text("The collector expired its cookie")
            assert await page.evaluate("localStorage.length + sessionStorage.length") == 0
            assert await visitor.context.cookies() == []
            await expect(page.locator("#state")).not_to_contain_text("_sp_id")
        assert len(users) == 2


async def test_the_page_alone_stores_nothing(browser: Browser, site: Site) -> None:
    """Until a mode is pressed, and in anonymous modes without storage, nothing is left behind."""
    async with profile(browser) as visitor:
        page = await visitor.page(f"{site.url}/try")
        await expect(page.locator("#status")).to_have_text("live")
        await page.locator("input[value=none]").check()
        for mode in ("anonymous", "server_anonymous", "server_anonymous_session"):
            await press(page, f"[data-kind={mode}]")
        await page.locator("#try-smuggled").click()
        await kept(page)
        assert await page.evaluate("localStorage.length + sessionStorage.length") == 0
        assert await visitor.context.cookies() == []


async def test_it_says_who_sends(browser: Browser, site: Site) -> None:
    """The tag sends what a tag can send; the two mischievous requests are a plain fetch."""
    async with profile(browser) as visitor:
        page = await visitor.page(f"{site.url}/try")
        await expect(page.locator("#who")).to_contain_text("own tag, as any page")
        await expect(page.locator(".mischief")).to_contain_text("plain fetch()")
        await expect(page.locator("#trackers")).to_be_hidden()
        await press(page, "[data-kind=anonymous]")
        await expect(page.locator("#result")).to_contain_text("As the tag handed it")
        await press(page, "#try-broken")
        await expect(page.locator("#result")).to_contain_text("with a plain fetch()")


async def test_the_official_tracker_can_be_chosen(
    browser: Browser, serve: Callable[..., Site]
) -> None:
    """Where its file is, the page offers it and sends by it; the page tells what it can see."""
    prepare()
    site = serve(official=SCRIPT)
    async with profile(browser) as visitor:
        page = await visitor.page(f"{site.url}/try")
        await expect(page.locator("#by-tag")).to_have_attribute("aria-current", "true")
        await page.locator("#by-official").click()
        await expect(page.locator("#who")).to_contain_text("official tracker")
        request, payload = await press(page, "[data-kind=server_anonymous]")
        assert (await request.all_headers())["sp-anonymous"] == "*"
        assert payload["tv"].startswith("js-")
        assert (await kept(page))["user_id"] == "not sent"
        _, payload = await press(page, "[data-kind=identified]")
        await kept(page)
        assert payload["uid"] == "demo-visitor"
        await expect(page.locator("#state")).to_contain_text("_sp_id")
        await page.locator("#clear").click()
        await expect(page.locator("#receipt")).to_contain_text("no receipt")
        await expect(page.locator("#state")).not_to_contain_text("_sp_id")

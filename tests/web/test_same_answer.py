"""The same calls, the same answer: the browser tag in Chromium and the Python tracker agree.

Ids are random, so each is replaced by the order in which it was first seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.support.browser import browser as browser  # noqa: PLC0414  # a fixture
from tests.tag.conftest import site as site  # noqa: PLC0414  # a fixture
from tests.tag.conftest import stub as stub  # noqa: PLC0414  # a fixture
from tests.tag.conftest import url as url  # noqa: PLC0414  # a fixture
from tests.tag.pages import Tab, tab
from tests.tag.stub import Stub
from tests.tracker.support import Bench
from whiteout.testing import SentEvent

pytestmark = pytest.mark.asyncio(loop_scope="session")

SESSION = {"withSessionTracking": True}
SERVER = {"withServerAnonymisation": True}
CL, COOKIE, LOCAL, NONE = "cookieAndLocalStorage", "cookie", "localStorage", "none"

Step = tuple[str, dict[str, Any]]
VIEW: Step = ("trackPageView", {})
SEQUENCES: dict[str, tuple[dict[str, Any], list[Step]]] = {
    "there and back": (
        {},
        [VIEW, ("enableAnonymousTracking", {}), VIEW, ("disableAnonymousTracking", {}), VIEW],
    ),
    "session": (
        {},
        [
            VIEW,
            ("enableAnonymousTracking", {"options": SESSION}),
            VIEW,
            VIEW,
            ("enableAnonymousTracking", {"options": SERVER}),
            VIEW,
            ("disableAnonymousTracking", {}),
            VIEW,
        ],
    ),
    "anonymous session becomes a visitor": (
        {"anonymousTracking": SESSION},
        [VIEW, VIEW, ("disableAnonymousTracking", {}), VIEW, ("newSession", {}), VIEW],
    ),
    "strategies": (
        {"anonymousTracking": SESSION, "stateStorageStrategy": LOCAL},
        [
            VIEW,
            ("disableAnonymousTracking", {"stateStorageStrategy": COOKIE}),
            VIEW,
            ("enableAnonymousTracking", {"stateStorageStrategy": NONE}),
            VIEW,
            ("disableAnonymousTracking", {}),
            VIEW,
            ("disableAnonymousTracking", {"stateStorageStrategy": CL}),
            VIEW,
        ],
    ),
    "clearing": (
        {},
        [
            VIEW,
            ("clearUserData", {}),
            VIEW,
            ("clearUserData", {"preserveUser": True}),
            VIEW,
            ("clearUserData", {"preserveUser": True, "preserveSession": True}),
            VIEW,
        ],
    ),
    "new session": (
        {"anonymousTracking": SERVER},
        [VIEW, ("disableAnonymousTracking", {"newSession": True}), VIEW],
    ),
    "nothing stored": (
        {"stateStorageStrategy": NONE},
        [VIEW, ("newSession", {}), VIEW, ("enableAnonymousTracking", {"options": SESSION}), VIEW],
    ),
}


def snake(name: str) -> str:
    """A name in snake_case."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def shape(events: Iterable[SentEvent]) -> list[dict[str, Any]]:
    """What events say about a visitor, with ids by the order in which they appear."""
    known: dict[str, str] = {}

    def named(value: Any) -> Any:
        if not isinstance(value, str) or len(value) != 36 or value.startswith("00000000"):
            return value
        return known.setdefault(value, f"id {len(known)}")

    found = []
    for event in events:
        session = event.entity("client_session") or {}
        found.append(
            {
                "eid": named(event["eid"]),
                **{name: named(event.get(name)) for name in ("duid", "sid", "vid", "uid")},
                "server": event.server_anonymous,
                "view": named((event.entity("web_page") or {}).get("id")),
                **{
                    name: named(session.get(name))
                    for name in (
                        *("userId", "sessionId", "sessionIndex", "eventIndex"),
                        *("previousSessionId", "storageMechanism", "firstEventId"),
                    )
                },
            }
        )
    return found


async def by_the_tag(page: Tab, options: dict[str, Any], steps: list[Step]) -> list[SentEvent]:
    """What the tag sends."""
    contexts = {"webPage": True, "session": True}
    await page.call(
        "newTracker",
        "sp",
        page.stub.url,
        {"contexts": contexts, "synchronousCookieWrite": True, **options},
    )
    await page.call("setUserId", "bob")
    count = 0
    for name, argument in steps:
        await page.call(name, *([argument] if argument else []))
        if name == "trackPageView":
            count += 1
            await page.event(count)
        if name == "clearUserData":
            await page.call("setUserId", "bob")
    found = []
    for request in page.stub.requests:
        for event in request.events:
            sent = SentEvent(event)
            sent.server_anonymous = "sp-anonymous" in request.headers
            found.append(sent)
    return found


def by_the_tracker(options: dict[str, Any], steps: list[Step]) -> list[SentEvent]:
    """What the Python tracker sends."""
    bench = Bench()
    tracker: Any = bench.tracker(**{snake(name): value for name, value in options.items()})
    tracker.set_user_id("bob")
    for name, argument in steps:
        call = getattr(tracker, snake(name))
        arguments = {snake(key): value for key, value in argument.items()}
        if name == "enableAnonymousTracking":
            call(arguments.pop("options", None), **arguments)
        else:
            call(**arguments)
        if name == "clearUserData":
            tracker.set_user_id("bob")
        bench.clock.now += 1
    return bench.collector.events


@pytest.mark.parametrize("name", SEQUENCES)
async def test_the_same_answer(browser: Browser, url: str, stub: Stub, name: str) -> None:
    """Each sequence gives the same ids, sessions, counts and headers in both."""
    options, steps = SEQUENCES[name]
    async with tab(browser, url, stub) as page:
        theirs = shape(await by_the_tag(page, options, steps))
    ours = shape(by_the_tracker(options, steps))
    assert json.dumps(ours, indent=1) == json.dumps(theirs, indent=1)

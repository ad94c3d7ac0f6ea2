"""The tracker in a web page: the bare wheel under Pyodide, in Chromium, without threads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.support.browser import browser as browser  # noqa: PLC0414  # a fixture
from tests.tag.stub import Stub
from tests.tag.tables import table
from tests.test_dist import wheel as wheel  # noqa: PLC0414  # a fixture
from tests.web.page import PythonPage, python_page, site
from whiteout.privacy import ZERO_UUID

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]

MODES = {
    "identified": "False",
    "anonymous": "True",
    "anonymous, `{}`": "{}",
    "anonymous session": "{'with_session_tracking': True}",
    "server-anonymous": "{'with_server_anonymisation': True}",
    "server-anonymous session": (
        "{'with_session_tracking': True, 'with_server_anonymisation': True}"
    ),
}
ROWS = table("tag.md", "### Modes and storage")
QUEUE = "whiteout_queue."


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def loaded(browser: Browser, wheel: Path) -> AsyncIterator[PythonPage]:
    """One page for all tests: Python takes seconds to load."""
    with Stub() as stub, site(wheel, stub.url) as served:
        async with python_page(browser, served, stub) as found:
            yield found


@pytest_asyncio.fixture(loop_scope="session")
async def page(loaded: PythonPage) -> PythonPage:
    """The page, and a visitor who is new to it."""
    await loaded.anew()
    return loaded


async def settled(page: PythonPage) -> None:
    """What both trackers store a moment later is stored: the page itself waits, however slow.

    Storing takes several timers, one after the other, and so does waiting: a page that was held up
    finds all of them due at once.
    """
    await page.page.evaluate(
        "async () => { for (const ms of [12, 12, 12, 12, 12])"
        " await new Promise((done) => setTimeout(done, ms)) }"
    )
    await page.run("import asyncio\nfor _ in range(5):\n    await asyncio.sleep(0.01)")


async def test_there_are_no_threads(page: PythonPage) -> None:
    """What the other tests show, they show without a thread."""
    told = await page.run(
        "import sys, threading\n"
        "try:\n"
        "    threading.Thread(target=print).start()\n"
        "except RuntimeError as error:\n"
        "    found = [sys.platform, str(error)]\n"
        "str(found)"
    )
    assert told == """['emscripten', "can't start new thread"]"""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['mode']} {row['strategy']}")
async def test_rows(page: PythonPage, row: dict[str, str]) -> None:
    """The page sends and stores what the row of the tag's table says, and nothing else."""
    await page.run(
        f"make(anonymous_tracking={MODES[row['mode']]}, state_storage_strategy={row['strategy']!r})"
        "\ntracker.set_user_id('bob')\ntracker.track_page_view()"
    )
    (event,) = await page.events(1)
    await settled(page)
    session = event.entity("client_session")
    observed = {name: "yes" if name in event else "" for name in ("duid", "sid", "vid", "uid")}
    observed["header"] = "yes" if event.server_anonymous else ""
    observed["client_session"] = (
        "" if session is None else "zero UUID" if session["userId"] == ZERO_UUID else "duid"
    )
    cookies = {name.partition(".")[0] for name in await page.cookies()}
    local = {name.partition(".")[0] for name in await page.stored()}
    assert not (cookies and local)
    observed["ids"] = ", ".join(sorted(cookies | local))
    page.stub.answer.status = 500
    await page.run("tracker.track_struct_event('c', 'waits')\nawait tracker.aflush()")
    waits = any(name.startswith(QUEUE) for name in await page.stored())
    observed["queue"] = "yes" if waits else ""
    assert observed == {name: row[name] for name in observed}


async def test_events_tell_the_page(page: PythonPage) -> None:
    """Address, title and platform are the page's; an anonymous address keeps the campaign only."""
    await page.run("make()\ntracker.track_page_view()")
    await page.events(1)
    await page.run("tracker.enable_anonymous_tracking()\ntracker.track_page_view()")
    await page.run("tracker.track_page_view('https://a.test/', 'A')")
    first, second, third = await page.events(3)
    assert (first["url"], first["page"], first["p"]) == (page.url, "Shop", "web")
    assert second["url"] == page.url.replace("q=shoes&", "")
    assert (third["url"], third["page"]) == ("https://a.test/", "A")


@pytest.mark.parametrize("strategy", ["cookieAndLocalStorage", "localStorage"])
@pytest.mark.parametrize("first", ["python", "tag"])
async def test_the_tag_has_the_same_visitor(page: PythonPage, strategy: str, first: str) -> None:
    """Python and the tag on one page go on with each other's ids, whoever was first (R24, R44)."""
    options = f"{{ stateStorageStrategy: '{strategy}', cookieSecure: false }}"
    start = {
        "python": f"make(state_storage_strategy={strategy!r})\ntracker.track_page_view()",
        "tag": f"snowplow('newTracker', '{first}-{strategy}', '{page.stub.url}', {options});"
        f"snowplow('trackPageView:{first}-{strategy}')",
    }

    async def track(which: str) -> None:
        if which == "python":
            await page.run(start[which])
        else:
            await page.page.evaluate(start[which])
        await settled(page)

    await track(first)
    await page.events(1)
    await track("tag" if first == "python" else "python")
    one, two = await page.events(2)
    assert {one["tv"][:9], two["tv"][:9]} == {"whiteout-"}
    assert one["tv"] != two["tv"]
    assert (one["duid"], one["sid"], one["vid"]) == (two["duid"], two["sid"], two["vid"])


async def test_server_anonymous_requests_say_nothing(page: PythonPage) -> None:
    """They have no cookie of the collector and no referrer; identified ones have both (W10)."""
    await page.page.context.add_cookies(
        [{"name": "sp", "value": "network-id", "url": page.stub.url, "sameSite": "Lax"}]
    )
    await page.run("make()\ntracker.track_page_view()")
    await page.events(1)
    await page.run(
        "tracker.enable_anonymous_tracking({'with_server_anonymisation': True})\n"
        "tracker.track_page_view()"
    )
    await page.events(2)
    identified, anonymous = page.stub.requests
    assert "referer" in identified.headers
    assert not anonymous.headers.keys() & {"cookie", "referer"}
    assert anonymous.headers["sp-anonymous"] == "*"


async def test_calls_in_one_go_share_a_request(page: PythonPage) -> None:
    """Nothing is sent before the program gives the event loop back; then batches go."""
    await page.run("make()\nfor _ in range(20): tracker.track_page_view()")
    await page.events(20)
    assert len(page.stub.requests) == 1


async def test_enabling_takes_ids_out_of_what_waits(page: PythonPage) -> None:
    """Neither local storage nor a request has an id after anonymity began (W23)."""
    page.stub.answer.status = 500
    await page.run("make()\ntracker.set_user_id('bob')\ntracker.track_page_view()")
    await page.run("await tracker.aflush()")
    kept = [text for name, text in (await page.stored()).items() if name.startswith(QUEUE)]
    assert len(kept) == 1
    assert "bob" in kept[0]
    await page.run("tracker.enable_anonymous_tracking({'with_server_anonymisation': True})")
    kept = [text for name, text in (await page.stored()).items() if name.startswith(QUEUE)]
    assert "bob" not in str(kept)
    page.stub.answer.status = 200
    assert await page.run("await tracker.aflush()")
    (event,) = await page.events(1)
    assert event.server_anonymous
    assert not event.identifiers()
    assert not [name for name in await page.stored() if name.startswith(QUEUE)]


async def test_clearing_leaves_nothing(page: PythonPage) -> None:
    """Cookies, keys and waiting events go, and the receipt says what it was (W17, W21)."""
    page.stub.answer.status = 500
    await page.run("make()\ntracker.track_page_view()\nawait tracker.aflush()")
    names = sorted(await page.cookies())
    assert [name.partition(".")[0] for name in names] == ["_sp_id", "_sp_ses"]
    told = await page.run(
        "receipt = tracker.clear_user_data()\nstr([sorted(receipt.cookies), receipt.events])"
    )
    assert told == str([names, 1])
    assert await page.cookies() == {}
    assert await page.stored() == {}


@pytest.mark.parametrize(
    ("options", "before"),
    [
        ("opt_out_cookie='out'", "document.cookie = 'out=1'"),
        ("respect_do_not_track=True", "navigator.doNotTrack = '1'"),
        ("respect_global_privacy_control='drop'", "navigator.globalPrivacyControl = true"),
    ],
)
async def test_opting_out(page: PythonPage, options: str, before: str) -> None:
    """Opt-out cookie, Do Not Track and GPC hold from before the first read or write (R28-R30)."""
    name, _, value = before.partition(" = ")
    owner, _, member = name.partition(".")
    put = f"Object.defineProperty(navigator, '{member}', {{ value: {value}, configurable: true }})"
    await page.page.evaluate(before if owner == "document" else put)
    await page.run(f"make({options})\ntracker.track_page_view()\nawait tracker.aflush()")
    assert await page.events(0) == []
    assert not page.stub.requests
    assert not [one for one in await page.cookies() if one.startswith("_sp_")]
    assert await page.stored() == {}
    await page.page.evaluate(f"() => {{ delete navigator.{member} }}")


async def test_leaving_the_page(page: PythonPage) -> None:
    """What is tracked last outlives the page; what could not be sent, the next page sends once.

    The last event of a page leaves by a request that outlives it (`keepalive`), even where there is
    no time for the event loop any more.
    """
    waiting = f"waiting = Tracker('waiting', {page.stub.url!r})"
    page.stub.answer.status = 500
    await page.run(f"{waiting}\nfor n in range(3): waiting.track_struct_event('c', str(n))")
    await page.run("await waiting.aflush()")
    # The next try is not made while the page is being left: it would have a lease.
    await page.run("for lane in waiting._visitor.emitter._lanes: lane.not_before += 300")
    with Stub() as other:
        await page.page.evaluate(
            "(code) => { python.runPython(code); location.href = '/empty' }",
            f"last = Tracker('last', {other.url!r}, state_storage_strategy='cookie')\n"
            "last.track_struct_event('page', 'left')",
        )
        await page.page.wait_for_url("**/empty")
        page.stub.reset()
        for _ in range(500):
            await asyncio.sleep(0 if other.events else 0.01)
        assert [event["se_ac"] for event in other.events] == ["left"]
    await page.load()
    await page.run(f"{waiting}\nawait waiting.aflush()")
    assert [event["se_ac"] for event in await page.events(3)] == ["0", "1", "2"]
    assert not [name for name in await page.stored() if name.startswith(QUEUE)]

"""A real browser whose page has the tag, and a server that tracks the same visitor (contract 5)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from playwright.async_api import Browser

from tests.support.browser import browser as browser  # noqa: PLC0414  # a fixture
from tests.support.browser import profile
from tests.tag.pages import SCRIPT
from tests.tag.stub import Stub, entities
from whiteout.tracker import TrackerOptions
from whiteout.web import Tracking, WsgiMiddleware, current_tracker, request_tracker
from whiteout.web.current import CURRENT

pytestmark = pytest.mark.asyncio(loop_scope="session")

SESSION = {"with_session_tracking": True}
HEAD = b'<!doctype html><title>Shop</title><link rel="icon" href="data:,">'


class Quiet(WSGIRequestHandler):
    """No access log."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keep test output free of it."""


class Server(ThreadingMixIn, WSGIServer):
    """A thread for each request."""

    daemon_threads = True


@contextmanager
def shop(tracking: Tracking) -> Iterator[int]:
    """A site: `/` tracks on the server and has the tag, `/page` has the tag alone."""

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/whiteout.js":
            start_response("200 OK", [("Content-Type", "text/javascript")])
            return [SCRIPT.read_bytes()]
        if path == "/":
            request_tracker().track_struct_event("server", "visited")
        if path == "/withdraw":
            request_tracker().clear_user_data()
        snippet = tracking.snippet(CURRENT.get(), script="/whiteout.js", nonce="n1")
        policy = "script-src 'nonce-n1' 'self'; connect-src http://localhost:*"
        start_response(
            "200 OK", [("Content-Type", "text/html"), ("Content-Security-Policy", policy)]
        )
        return [HEAD, snippet.encode()]

    server = make_server(
        "127.0.0.1", 0, WsgiMiddleware(app, tracking=tracking), Server, handler_class=Quiet
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        tracking.close()


def make(stub: Stub, folder: Path, **options: Any) -> Tracking:
    """Tracking for the shop, whose cookie `consent` decides."""
    usual: TrackerOptions = {
        "contexts": {"session": True},
        "cookie_secure": False,
        "data_folder": folder,
    }
    return Tracking(
        "sp",
        stub.url,
        consent=lambda environ: "consent=yes" in environ.get("HTTP_COOKIE", ""),
        **{**usual, **options},
    )


async def until(stub: Stub, count: int) -> list[dict[str, str]]:
    """The events of the collector, once there are so many.

    A page that is left before it heard the answer may send an event again; it counts once.
    """
    events: dict[str, dict[str, str]] = {}
    for _ in range(1500):
        events = {event["eid"]: event for event in stub.events}
        if len(events) >= count:
            break
        await asyncio.sleep(0.01)
    assert len(events) == count
    return list(events.values())


def by(events: list[dict[str, str]]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Events of the server, and of the page."""
    server = [event for event in events if event["tv"].startswith("whiteout-py")]
    return server, [event for event in events if event not in server]


async def test_sessions_go_on_between_page_and_server(browser: Browser, tmp_path: Path) -> None:
    """The tag chooses `example.test`; the server adopts its pair, and both count one session."""
    with Stub() as stub, shop(make(stub, tmp_path)) as port:
        url = f"http://www.shop.example.test:{port}"
        async with profile(browser) as found:
            await found.context.add_cookies([{"name": "consent", "value": "yes", "url": url}])
            page = await found.page(f"{url}/page")
            await until(stub, 1)
            await page.wait_for_timeout(100)
            await page.goto(url)
            await until(stub, 3)
            await page.wait_for_timeout(100)
            await page.goto(url)
            server, tag = by(await until(stub, 5))
            cookies = {c["name"]: c for c in await found.context.cookies()}
    ids = {(event["duid"], event["sid"], event["vid"]) for event in (*server, *tag)}
    assert len(ids) == 1
    assert len(cookies) == 3
    assert {c["domain"] for name, c in cookies.items() if name != "consent"} == {".example.test"}
    indexes = [entities(event)["client_session"]["eventIndex"] for event in server]
    assert indexes == [2, 4]


async def test_the_server_may_come_first(browser: Browser, tmp_path: Path) -> None:
    """Where the server sets the first cookies, the tag goes on with them."""
    with Stub() as stub, shop(make(stub, tmp_path)) as port:
        url = f"http://www.shop.example.test:{port}"
        async with profile(browser) as found:
            await found.context.add_cookies([{"name": "consent", "value": "yes", "url": url}])
            page = await found.page(url)
            await until(stub, 2)
            await page.wait_for_timeout(100)
            await page.goto(f"{url}/page")
            server, tag = by(await until(stub, 3))
            names = [c["name"] for c in await found.context.cookies()]
    assert len({(event["duid"], event["sid"]) for event in (*server, *tag)}) == 1
    assert len(names) == len(set(names)) == 3


async def test_without_consent_neither_says_who(browser: Browser, tmp_path: Path) -> None:
    """Turning consent off takes the identifiers out of both, and clearing out of the browser."""
    with Stub() as stub, shop(make(stub, tmp_path)) as port:
        url = f"http://www.shop.example.test:{port}"
        async with profile(browser) as found:
            await found.context.add_cookies([{"name": "consent", "value": "yes", "url": url}])
            page = await found.page(url)
            await until(stub, 2)
            await found.context.add_cookies([{"name": "consent", "value": "no", "url": url}])
            await page.goto(url)
            events = await until(stub, 4)
            assert not [e for e in events[2:] if e.keys() & {"duid", "sid", "vid", "uid", "ip"}]
            assert all(r.headers.get("sp-anonymous") == "*" for r in stub.requests[-2:])
            await page.goto(f"{url}/withdraw")
            await until(stub, 5)
            assert {c["name"] for c in await found.context.cookies()} == {"consent"}
    assert current_tracker() is None


async def test_an_anonymous_session_is_one(browser: Browser, tmp_path: Path) -> None:
    """With session tracking, page and server share an anonymous session under its own key."""
    with Stub() as stub, shop(make(stub, tmp_path, anonymous_tracking=SESSION)) as port:
        url = f"http://www.shop.example.test:{port}"
        async with profile(browser) as found:
            page = await found.page(f"{url}/page")
            await until(stub, 1)
            await page.wait_for_timeout(100)
            await page.goto(url)
            events = await until(stub, 3)
            names = {c["name"].partition(".")[0] for c in await found.context.cookies()}
    assert len({event["sid"] for event in events}) == 1
    assert not [event for event in events if "duid" in event]
    assert names == {"_sp_as"}

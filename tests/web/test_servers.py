"""The examples, and a shop that a browser visits, under real servers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser

from tests.support.browser import browser as browser  # noqa: PLC0414  # a fixture
from tests.support.browser import profile
from tests.support.process import Whiteout, free_port, wait_until
from tests.tag.stub import Stub, entities
from tests.tracker.http import Listener
from tests.web.test_browser import by, until

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
UVICORN = ("-m", "uvicorn", "--log-level", "error", "--port")
GUNICORN = ("-m", "gunicorn", "--log-level", "error", "-w", "2", "--preload", "-b")
DJANGO = ("-m", "django", "runserver", "--noreload", "--settings", "tests.web.shops")
SHOPS = {
    "uvicorn": ("tests.web.shops:asgi", UVICORN),
    "gunicorn": ("tests.web.shops:wsgi", GUNICORN),
    "django": ("", DJANGO),
}
SERVERS = [
    ("examples.asgi:app", UVICORN),
    ("examples.fastapi_app:app", UVICORN),
    ("examples.starlette_app:app", UVICORN),
    ("examples.wsgi:app", GUNICORN),
    ("examples.flask_app:app", GUNICORN),
    ("examples.django_app:app", GUNICORN),
]


@contextmanager
def serving(app: str, server: tuple[str, ...], collector: str, folder: Path) -> Iterator[str]:
    """An example under a server, until the block ends; it must end cleanly."""
    port = free_port()
    where = str(port) if server is UVICORN else f"127.0.0.1:{port}"
    environment = {
        **os.environ,
        "COLLECTOR": collector,
        "XDG_DATA_HOME": str(folder),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, *server, where, *([app] if app else [])]
    with (
        (folder / "server.log").open("w") as log,
        subprocess.Popen(
            command, env=environment, cwd=folder, start_new_session=True, stdout=log, stderr=log
        ) as process,
    ):
        url = f"http://127.0.0.1:{port}"
        try:
            wait_until(lambda: _answers(url))
            yield url
        finally:
            process.terminate()
            assert process.wait(20) in {0, -15}


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/missing", timeout=1).status_code < 500
    except httpx.HTTPError:
        return False


@pytest.mark.parametrize("name", SHOPS)
@pytest.mark.asyncio(loop_scope="session")
async def test_a_browser_visits_a_real_server(browser: Browser, tmp_path: Path, name: str) -> None:
    """Page and server track one session of one visitor, and neither says who once consent is gone.

    The tag of `www.shop.example.test` chooses the domain `example.test`, which the server adopts.
    """
    app, command = SHOPS[name]
    with Stub() as stub, serving(app, command, stub.url, tmp_path) as local:
        url = local.replace("127.0.0.1", "www.shop.example.test")
        async with profile(browser) as found:
            await found.context.add_cookies([{"name": "consent", "value": "yes", "url": url}])
            page = await found.page(f"{url}/page")
            await until(stub, 1)
            for count in (3, 5):
                await page.wait_for_timeout(100)
                await page.goto(url)
                server, tag = by(await until(stub, count))
            domains = {c["domain"] for c in await found.context.cookies() if c["name"] != "consent"}
            await found.context.add_cookies([{"name": "consent", "value": "no", "url": url}])
            before = len(stub.requests)
            await page.goto(url)
            await until(stub, 7)
            after = stub.requests[before:]
    assert (len(server), len(tag)) == (2, 3)
    assert len({(event["duid"], event["sid"], event["vid"]) for event in (*server, *tag)}) == 1
    assert [entities(event)["client_session"]["eventIndex"] for event in server] == [2, 4]
    assert domains == {".example.test"}
    assert len(after) == 2
    for request in after:
        assert request.headers["sp-anonymous"] == "*"
        assert "cookie" not in request.headers
        for event in request.events:
            assert not event.keys() & {"duid", "sid", "vid", "uid", "ip", "ua"}
            assert "client_session" not in entities(event)


def is_greeting(event: dict[str, str]) -> bool:
    """Whether an event is one of those that an example tracks for its first page."""
    return event.get("se_ac") == "greeted" and not event["url"].endswith("/missing")


@pytest.mark.parametrize(("app", "server"), SERVERS, ids=[app for app, _ in SERVERS])
def test_examples_under_real_servers(app: str, server: tuple[str, ...], tmp_path: Path) -> None:
    """Each example keeps a visitor who agreed, and nobody else, over requests and workers."""
    with Listener() as listener:
        with serving(app, server, listener.url, tmp_path) as url:
            with httpx.Client(headers={"User-Agent": "secret-agent"}) as client:
                client.get(url)
                assert not client.cookies
            with httpx.Client(headers={"Cookie": "consent=yes"}) as client:
                jar: dict[str, str] = {}
                for _ in range(3):
                    cookies = "; ".join(["consent=yes", *(f"{k}={v}" for k, v in jar.items())])
                    answer = client.get(url, headers={"Cookie": cookies})
                    jar |= {
                        name: value.partition(";")[0]
                        for name, _, value in (
                            header.partition("=")
                            for header in answer.headers.get_list("set-cookie")
                        )
                    }
        events = [event for event in listener.events if is_greeting(event)]
    assert len(events) == 4
    identified = [event for event in events if "duid" in event]
    assert len(identified) == 3
    assert len({(event["duid"], event["sid"]) for event in identified}) == 1
    (other,) = [event for event in events if event not in identified]
    assert not other.keys() & {"duid", "sid", "vid", "uid", "ip", "ua"}
    for _, _, headers, body in listener.requests:
        assert ("sp-anonymous" in headers) == (b'"duid"' not in body)
        assert "cookie" not in headers


def test_the_plain_example_and_the_collector(tmp_path: Path) -> None:
    """A program's events reach the lake of a real collector, anonymous until its user agrees."""
    with Whiteout(tmp_path / "server") as whiteout:
        subprocess.run(
            [sys.executable, str(ROOT / "examples/plain.py"), whiteout.url, "--agree"],
            check=True,
            capture_output=True,
            env={**os.environ, "XDG_DATA_HOME": str(tmp_path / "share"), "PYTHONPATH": str(ROOT)},
            timeout=60,
        )
        rows: list[dict[str, Any]] = whiteout.wait_for_rows(
            "SELECT event_name, domain_userid, domain_sessionid, network_userid, user_ipaddress,"
            " server_anonymous, mode_inferred FROM events WHERE app_id = 'example'"
            " ORDER BY dvce_created_tstamp",
            2,
        )
    screen, work = rows
    assert (screen["event_name"], screen["mode_inferred"]) == ("screen_view", "server_anonymous")
    assert screen["server_anonymous"]
    assert [screen[name] for name in screen if name.startswith(("domain", "net", "user"))] == [
        *[None] * 4
    ]
    assert work["domain_userid"]
    assert work["mode_inferred"] == "identified"
    (file,) = (tmp_path / "share" / "whiteout-tracker").iterdir()
    assert work["domain_userid"].encode() in file.read_bytes()

"""What `docs/python.md` and `docs/web.md` show, run as it stands there."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from tests.tracker.http import Listener
from whiteout.web import Tracking

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def run(page: str, listener: Listener, folder: Path) -> dict[str, Any]:
    """Everything that the examples of a page define; their collector is the listener."""
    text = (DOCS / page).read_text().replace("https://collector.example.com", listener.url)
    found: dict[str, Any] = {"__name__": "example"}
    for block in BLOCK.findall(text):
        exec(compile(block, page, "exec"), found)  # our own documentation
        if "tracker" in found:
            found["tracker"].flush()
    tests: list[Callable[[], None]] = [one for name, one in found.items() if name[:5] == "test_"]
    assert tests
    for test in tests:
        test()
    return found


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def test_the_page_on_the_tracker(tmp_path: Path) -> None:
    """Each example of the page runs, and sends what it says."""
    with Listener() as listener:
        found = run("python.md", listener, tmp_path)
        found["tracker"].close()
        events = listener.events
    by = {event["se_ac"]: str(event) for event in events if event["e"] == "se"}
    assert by.keys() == {"open", "save"}
    assert "com.acme/document" in by["save"]
    assert len([event for event in events if "screen_view" in event.get("ue_pr", "")]) >= 1
    assert found["receipt"].events >= 0
    assert found["state"].mode == "identified"


async def visit(application: Any) -> list[httpx.Response]:
    """What an ASGI application answers to a stranger, and to somebody who agreed."""
    transport = httpx.ASGITransport(app=application)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        return [
            await client.get("/"),
            await client.get("/", headers={"Cookie": "consent=yes"}),
        ]


def test_the_page_on_web_applications(tmp_path: Path) -> None:
    """Each framework's example serves, tracks, and identifies only who agreed."""
    with Listener() as listener:
        found = run("web.md", listener, tmp_path)
        for application in (found["app"], found["api"]):
            stranger, known = asyncio.run(visit(application))
            assert stranger.status_code == 200
            assert "set-cookie" not in stranger.headers
            assert "_sp_id" in known.headers["set-cookie"]
        for application in (found["shop"], found["wsgi"]):
            transport = httpx.WSGITransport(app=application)
            with httpx.Client(transport=transport, base_url="http://shop.test") as client:
                text = client.get("/", headers={"Cookie": "consent=yes"}).text
            assert "/static/whiteout.js" in text
            assert 'nonce="n1"' in text
        assert found["WHITEOUT"]["consent"](SimpleNamespace(COOKIES={"consent": "yes"}))
        django = Tracking(**found["WHITEOUT"])
        for tracking in (
            found["app"].tracking,
            found["tracking"].tracking,
            found["shared"],
            django,
        ):
            tracking.close()
        requests = listener.requests
    assert requests
    for _, _, headers, body in requests:
        assert ("sp-anonymous" in headers) == (b'"duid"' not in body)

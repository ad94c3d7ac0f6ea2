"""A page in which CPython runs, with the bare wheel, and a collector that listens."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

from tests.support import npm
from tests.support.browser import profile
from tests.support.site import HTML, SCRIPT, Site
from tests.tag.pages import SCRIPT as TAG
from tests.tag.pages import STUB
from tests.tag.stub import Stub
from tests.tag.tables import DOCS
from whiteout.testing import SentEvent

WEB = Path(__file__).parent / "pyodide"
FILES = {
    "pyodide.mjs": SCRIPT,
    "pyodide.asm.mjs": SCRIPT,
    "pyodide.asm.wasm": "application/wasm",
    "python_stdlib.zip": "application/zip",
    "pyodide-lock.json": "application/json",
}
HEAD = b'<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,">'
EXAMPLE = re.compile(r"^```js\n(.*?)^```", re.DOTALL | re.MULTILINE)
START = """
<script type="module">
  import {{ loadPyodide }} from "/pyodide.mjs";
  {example}
  window.python = python;
</script>
"""
SETUP = """
from whiteout import Tracker

def make(**options):
    global tracker
    usual = {"contexts": {"session": True}, "cookie_secure": False}
    tracker = Tracker("sp", collector, **{**usual, **options})
    return tracker
"""


def site(wheel: Path, collector: str) -> Site:
    """`/` has Python, the wheel and the tag, and does what the documentation shows."""
    (example,) = EXAMPLE.findall((DOCS / "python.md").read_text())
    start = START.format(example=example.replace("https://collector.example.com", collector))
    with npm.installed(WEB):
        folder = WEB / "node_modules" / "pyodide"
        pages = {f"/{name}": (kind, (folder / name).read_bytes()) for name, kind in FILES.items()}
    return Site(
        {
            **pages,
            "/": (HTML, HEAD + f"<script>{STUB}</script>{start}".encode()),
            "/empty": (HTML, HEAD),
            "/whiteout.js": (SCRIPT, TAG.read_bytes()),
            "/whiteout.whl": ("application/zip", wheel.read_bytes()),
        }
    )


@dataclass(slots=True)
class PythonPage:
    """A page with Python; `stub` is the collector of the trackers that `make` makes there."""

    page: Page
    stub: Stub
    url: str
    troubles: list[str]

    async def load(self) -> None:
        """Load the page, and Python in it."""
        await self.page.goto(self.url)
        await self.page.wait_for_function("() => window.python", timeout=120_000)
        (event,) = await self.events(1)
        assert (event["tna"], event["e"], event["page"]) == ("shop", "pv", "Shop")
        self.stub.reset()
        await self.run(f"collector = {self.stub.url!r}\n{SETUP}")

    async def run(self, code: str) -> Any:
        """The value of the last expression of some Python; it may await."""
        return await self.page.evaluate("(code) => python.runPythonAsync(code)", code)

    async def anew(self) -> None:
        """A visitor who is new to the site, and a collector that has heard nothing."""
        await self.run("if 'tracker' in globals(): tracker.clear_user_data()")
        await self.page.context.clear_cookies()
        await self.page.evaluate("() => { localStorage.clear(); sessionStorage.clear() }")
        self.stub.reset()

    async def events(self, count: int) -> list[SentEvent]:
        """The events of the collector, once there are so many."""
        for _ in range(500):
            if len(self.stub.events) >= count:
                break
            await asyncio.sleep(0.01)
        found = []
        for request in self.stub.requests:
            for event in request.events if request.status == 200 else []:
                sent = SentEvent(event)
                sent.server_anonymous = "sp-anonymous" in request.headers
                found.append(sent)
        assert len(found) == count, [(one["tv"], one.get("se_ac"), one.get("url")) for one in found]
        return found

    async def stored(self) -> dict[str, str]:
        """What local storage holds."""
        items: dict[str, str] = await self.page.evaluate("() => ({ ...localStorage })")
        return items

    async def cookies(self) -> dict[str, dict[str, Any]]:
        """The cookies of the site, by name."""
        found = await self.page.context.cookies([self.url])
        return {str(one.get("name")): dict(one) for one in found}


@asynccontextmanager
async def python_page(browser: Browser, served: Site, stub: Stub) -> AsyncIterator[PythonPage]:
    """A fresh profile with a page in which Python runs."""
    async with profile(browser) as found:
        page = await found.context.new_page()
        url = served.url("/?q=shoes&utm_source=news", host="www.shop.example.test")
        made = PythonPage(page, stub, url, found.troubles)
        await made.load()
        yield made
        refused = "Failed to load resource"
        found.troubles[:] = [text for text in found.troubles if not text.startswith(refused)]

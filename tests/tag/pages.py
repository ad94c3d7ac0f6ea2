"""Pages with the tag, whose storage and network are watched."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

from tests.support.browser import profile
from tests.support.site import SCRIPT as JAVASCRIPT
from tests.tag.stub import Stub

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "src" / "whiteout" / "assets" / "whiteout.js"

STUB = """
;(function(p,l,o,w,i,n,g){if(!p[i]){p.GlobalSnowplowNamespace=p.GlobalSnowplowNamespace||[];
p.GlobalSnowplowNamespace.push(i);p[i]=function(){(p[i].q=p[i].q||[]).push(arguments)};
p[i].q=p[i].q||[];n=l.createElement(o);g=l.getElementsByTagName(o)[0];n.async=1;n.src=w;
g.parentNode.insertBefore(n,g)}}(window,document,'script','/whiteout.js','snowplow'));
"""

_REFUSED = re.compile(r"Failed to load resource|Access to fetch at")
WATCH = """
(() => {
  const seen = [];
  Object.defineProperty(window, 'seen', { value: seen, enumerable: false });
  const cookie = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie');
  Object.defineProperty(Document.prototype, 'cookie', {
    configurable: true, enumerable: true,
    get() { seen.push(['cookie', 'read']); return cookie.get.call(this); },
    set(value) { seen.push(['cookie', 'write', value]); cookie.set.call(this, value); },
  });
  for (const name of ['localStorage', 'sessionStorage']) {
    const original = Object.getOwnPropertyDescriptor(window, name);
    Object.defineProperty(window, name, {
      configurable: true, enumerable: true,
      get() { seen.push([name, 'touch']); return original.get.call(window); },
    });
  }
  for (const method of ['setItem', 'getItem', 'removeItem', 'key', 'clear']) {
    const original = Storage.prototype[method];
    Storage.prototype[method] = function (...args) {
      seen.push(['storage', method, ...args]);
      return original.apply(this, args);
    };
  }
  if (window.indexedDB) {
    const open = IDBFactory.prototype.open;
    IDBFactory.prototype.open = function (...args) {
      seen.push(['indexedDB', ...args]);
      return open.apply(this, args);
    };
  }
  if (window.caches) {
    const open = CacheStorage.prototype.open;
    CacheStorage.prototype.open = function (...args) {
      seen.push(['caches', ...args]);
      return open.apply(this, args);
    };
  }
  const beacon = Navigator.prototype.sendBeacon;
  Navigator.prototype.sendBeacon = function (...args) {
    seen.push(['beacon', ...args]);
    return beacon.apply(this, args);
  };
})();
"""


def prompt() -> bytes:
    """The script, without its pause between two requests: no test need wait for that."""
    code, found = re.subn(
        rb"Math\.min\(250,([\w$]+)\+250-", rb"Math.min(0,\1-", SCRIPT.read_bytes()
    )
    assert found == 1
    return code


def plugins() -> dict[str, tuple[str, bytes]]:
    """The files that the script loads when it first needs them, as pages of a site."""
    files = (SCRIPT.parent / "plugins").glob("*.js")
    return {f"/plugins/{path.name}": (JAVASCRIPT, path.read_bytes()) for path in files}


def html(head: str = "", body: str = "") -> bytes:
    """A page with the loader stub in its head."""
    return (
        f'<!doctype html><html lang="en"><head><title>Shop</title>'
        f'<link rel="icon" href="data:,"><script>{STUB}</script>{head}</head>'
        f"<body><h1>Shop</h1>{body}</body></html>"
    ).encode()


@dataclass(slots=True)
class Tab:
    """A page with the tag, and the collector that its tracker `sp` sends to."""

    page: Page
    stub: Stub
    context: BrowserContext
    troubles: list[str] = field(default_factory=list)

    async def call(self, name: str, *arguments: Any) -> None:
        """Call the page's function."""
        await self.page.evaluate("([n, a]) => { snowplow(n, ...a) }", [name, list(arguments)])

    async def start(self, **options: Any) -> None:
        """Make the tracker `sp`, with all entities on."""
        contexts = {"webPage": True, "session": True, "browser": True}
        await self.call("newTracker", "sp", self.stub.url, {"contexts": contexts, **options})

    async def get(self, script: str) -> Any:
        """The value of an expression in which `sp` is the tracker."""
        return await self.page.evaluate(
            "(script) => new Promise((done) =>"
            " snowplow(({ sp }) => done(new Function('sp', `return ${script}`)(sp))))",
            script,
        )

    async def until(self, condition: Callable[[], bool], seconds: float = 3) -> None:
        """Wait until a condition on what the collector heard holds."""
        for _ in range(int(seconds * 100)):
            if condition():
                return
            await asyncio.sleep(0.01)
        heard = [(r.method, r.path, len(r.events)) for r in self.stub.requests]
        raise AssertionError(f"in vain: {heard}")

    async def event(self, number: int = 1) -> dict[str, str]:
        """The event that arrived as the nth, counted from 1."""
        await self.until(lambda: len(self.stub.events) >= number)
        return self.stub.events[number - 1]

    async def track(self, **event: Any) -> dict[str, str]:
        """Track a page view and wait for it."""
        number = len(self.stub.events) + 1
        await self.call("trackPageView", *([event] if event else []))
        return await self.event(number)

    async def again(self, before: str = "") -> None:
        """Forget everything, and load the page as a new visitor; `before` runs on an empty page."""
        url = self.page.url
        self.stub.answer.open.set()
        await self.page.goto(url.split("/", 3)[0] + f"//{url.split('/', 3)[2]}/empty")
        await self.context.clear_cookies()
        await self.page.evaluate(
            "(before) => { localStorage.clear(); sessionStorage.clear(); new Function(before)() }",
            before,
        )
        self.stub.reset()
        await self.page.goto(url)
        await self.page.wait_for_function("() => !Array.isArray(snowplow.q)")

    async def quiet(self, seconds: float = 0.15) -> None:
        """Wait for what should not happen."""
        await asyncio.sleep(seconds)

    async def cookies(self) -> dict[str, str]:
        """Name and value of every cookie."""
        return {c["name"]: c["value"] for c in await self.context.cookies()}

    async def stored(self, area: str = "localStorage") -> dict[str, str]:
        """What a storage area holds."""
        items: dict[str, str] = await self.page.evaluate(f"() => ({{...window.{area}}})")
        return items

    async def seen(self) -> list[list[Any]]:
        """Every use of storage so far, of the tag and of nobody else."""
        uses: list[list[Any]] = await self.page.evaluate("() => [...seen]")
        return uses


@asynccontextmanager
async def tab(
    browser: Browser,
    url: str,
    stub: Stub,
    *,
    before: str = "",
    watched: bool = False,
    wait: bool = True,
    **options: Any,
) -> AsyncIterator[Tab]:
    """A fresh profile with one page. `before` is a script that runs before the page's own."""
    stub.reset()
    async with profile(browser, **options) as found:
        if watched:
            await found.context.add_init_script(WATCH)
        if before:
            await found.context.add_init_script(f"if (location.host) {{ {before} }}")
        page = await found.page(url)
        if wait:
            await page.wait_for_function("() => !Array.isArray(snowplow.q)")
        yield Tab(page, stub, found.context, found.troubles)
        # The browser itself reports requests that a collector refused.
        found.troubles[:] = [text for text in found.troubles if not _REFUSED.match(text)]

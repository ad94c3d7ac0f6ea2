"""Two browsers' worth of state: a page with the official tracker, and one with the tag."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, Route

from tests.support.site import HTML
from tests.tag.stub import Request, Stub

WATCH = """
(() => {
  const offset = +(sessionStorage.getItem('offset') ?? 0);
  const clock = Date.now.bind(Date);
  const Plain = Date;
  const used = { reads: 0, writes: [], flying: 0, told: 0 };
  const { fetch } = window;
  window.fetch = (...given) => {
    used.flying++;
    return fetch(...given).finally(() => { used.flying-- });
  };
  const cookie = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie');
  Object.defineProperties(window, {
    used: { value: used, enumerable: false },
    offset: { value: offset, writable: true, enumerable: false },
  });
  Object.defineProperty(Document.prototype, 'cookie', {
    configurable: true, enumerable: true,
    get() { used.reads++; return cookie.get.call(this); },
    set(value) {
      used.writes.push(value.split('=')[0]);
      // The browser's own clock does not move.
      const back = (when) => new Plain(Plain.parse(when) - window.offset).toUTCString();
      const mended = value.replace(/Expires=([^;]+)/, (_, when) => `Expires=${back(when)}`);
      cookie.set.call(this, mended);
    },
  });
  Date.now = () => clock() + window.offset;
  window.Date = class extends Plain {
    constructor(...given) { if (given.length) super(...given); else super(Plain.now()); }
  };
  Math.random = () => 1;
})();
"""

DRIVE = """
([name, argument]) => {
  const t = window.tracker;
  const put = (name, value) => { document.cookie = `${name}=${value}` };
  const say = (name, value) => Object.defineProperty(navigator, name, { value });
  const steps = {
    start({ signal, told, service, ...options }) {
      if (told) options.onSessionUpdateCallback = () => { used.told++ };
      if (service) options.cookieExtensionService = `${window.collector}/ids`;
      if (signal === 'dnt') say('doNotTrack', '1');
      if (signal === 'gpc') say('globalPrivacyControl', true);
      return t.newTracker('sp', window.collector, options);
    },
    view: (title) => t.trackPageView({ title }),
    struct: () => t.trackStructEvent({ category: 'c', action: 'a', value: 0 }),
    thing: (data) => t.trackSelfDescribingEvent({
      event: { schema: 'iglu:com.acme/thing/jsonschema/1-0-0', data } }),
    user: (id) => t.setUserId(id),
    pair: ([key, value]) => window.made.core.addPayloadPair(key, value),
    enable: (options) => t.enableAnonymousTracking(...(options ? [options] : [])),
    disable: (options) => t.disableAnonymousTracking(...(options ? [options] : [])),
    clear: (options) => t.clearUserData(...(options ? [options] : [])),
    session: () => t.newSession(),
    watch: () => t.setOptOutCookie('optout'),
    out: (value) => put('optout', value),
    put: ([name, value]) => put(name, value),
    flush: () => t.flushBuffer(),
    click: () => document.getElementById('link').click(),
    link: () => t.crossDomainLinker(() => true),
    time: (seconds) => {
      window.offset += seconds * 1000;
      sessionStorage.setItem('offset', window.offset);
    },
  };
  try { window.made = steps[name](argument) ?? window.made; return null }
  catch (error) { return 'throws' }
}
"""

STATE = """
async (queued) => {
  const waits = () => Object.entries(localStorage).some(
    ([key, text]) => key.startsWith('snowplowOutQueue') && text !== '[]');
  // An event that took its time is stored meanwhile, and goes a moment after it was delivered.
  const rest = () => new Promise((done) => setTimeout(done, 50));
  for (let i = 0; i < 40 && !queued && waits(); i++) await rest();
  const href = document.getElementById('link').getAttribute('href');
  const { reads, writes, told } = used;
  used.told = 0;
  used.writes = [];
  const jar = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie');
  const cookies = document.cookie;
  used.reads = 0;
  const session = { ...sessionStorage };
  delete session.offset;
  return { href, reads, writes, told, cookies, local: { ...localStorage }, session };
}
"""

REST = """
async ([least, queued]) => {
  const rest = (time) => new Promise((done) => setTimeout(done, time));
  // A tracker gets to its request by several timers. On a page that was held up they are due at
  // once, together with a single rest; so there are as many of those.
  do for (let i = 0; i < 5; i++) await rest(least / 5); while (used.flying);
  await rest(10);
  if (queued) await rest(160);
}
"""

EXPIRE = """
() => {
  for (const pair of document.cookie.split('; ')) {
    const name = pair.split('=')[0];
    if (/^_sp_(ses|as)/.test(name)) {
      for (const domain of ['', '; domain=example.test', '; domain=www.shop.example.test']) {
        document.cookie = `${name}=; path=/; max-age=0${domain}`;
      }
    }
  }
  used.reads = 0;
  used.writes = [];
}
"""

Step = tuple[str, Any]
"""A name of the driver, or `reload`, `offline`, `online`; and its argument."""

AT_ONCE = {"user", "pair", "link", "watch", "put", "offline", "online"}
"""Steps after which nothing happens by itself."""

CONFIGURATION = {
    "appId": "app",
    "cookieSecure": False,
    "contexts": {"webPage": True, "session": True, "browser": True},
}


PAGES = {
    "/empty": (HTML, b'<!doctype html><link rel="icon" href="data:,">'),
    "/": (
        HTML,
        b"""<!doctype html><title>Shop</title><link rel="icon" href="data:,">
<a id="link" href="https://other.example.test/p">other</a>
<script>addEventListener('click', (event) => event.preventDefault())</script>
<script src="/tracker.js"></script>""",
    ),
}
"""The site that both sides visit."""


@dataclass(slots=True)
class Seen:
    """What one step did: events that were accepted, and everything that is stored then."""

    requests: list[Request]
    state: dict[str, Any]
    threw: bool
    service: bool


@dataclass(slots=True)
class Side:
    """One of the two: its page, its collector, and the script that makes its global `tracker`."""

    page: Page
    context: BrowserContext
    stub: Stub
    site: str
    script: str
    _configured: dict[str, Any] = field(default_factory=dict)

    async def run(self, steps: list[Step]) -> list[Seen]:
        """Take the steps as a visitor who is new to the site."""
        self.stub.reset()
        # A page that is left may store something.
        await self.page.goto(f"{self.site}/empty")
        await self.context.clear_cookies()
        await self.page.evaluate("() => { localStorage.clear(); sessionStorage.clear() }")
        await self.page.goto(f"{self.site}/?q=shoes&utm_source=news#part")
        await self.page.evaluate("(url) => { window.collector = url }", self.stub.url)
        return [await self._take(step) for step in steps]

    async def _take(self, step: Step) -> Seen:
        name, argument = step
        heard = len(self.stub.requests)
        threw = False
        if name == "offline":
            self.stub.answer.status = 500
        elif name == "online":
            self.stub.answer.status = 200
        elif name == "reload":
            await self.page.reload()
            await self.page.evaluate("(url) => { window.collector = url }", self.stub.url)
            await self.page.evaluate(DRIVE, ["start", self._configured])
        else:
            if name == "start":
                argument = self._configured = {**CONFIGURATION, **(argument or {})}
            threw = await self.page.evaluate(DRIVE, [name, argument]) is not None
            if name == "time" and argument > 1800:
                await self.page.evaluate(EXPIRE)
        queued = self.stub.answer.status != 200
        if name not in AT_ONCE:
            await self.page.evaluate(REST, [25, queued])
        state = await self.page.evaluate(STATE, queued or name in AT_ONCE)
        requests = self.stub.requests[heard:]
        accepted = [request for request in requests if request.status == 200 and request.events]
        service = any(request.path == "/ids" for request in requests)
        return Seen(accepted, state, threw, service)


@asynccontextmanager
async def side(browser: Browser, site: str, script: str) -> AsyncIterator[Side]:
    """A browser profile in which every page of the site has a tracker's script."""
    with Stub() as stub:
        context = await browser.new_context()
        page = await context.new_page()
        found = Side(page, context, stub, site, script)

        async def answer(route: Route) -> None:
            await route.fulfill(body=found.script, content_type="text/javascript")

        await context.route("**/tracker.js", answer)
        await context.add_init_script(f"if (location.pathname !== '/empty') {{ {WATCH} }}")
        yield found
        await context.close()


def entities(text: str | None) -> list[tuple[str, dict[str, Any]]]:
    """Names and data of the entities of an event."""
    items = json.loads(text)["data"] if text else []
    return [(item["schema"].split("/")[1], item["data"]) for item in items]

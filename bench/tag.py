"""The browser tag beside the official tracker, in one Chromium run: size and main-thread time.

Time is that of all tasks of the page's main thread, so what a tracker puts off counts like what it
does at once.
"""

from __future__ import annotations

import asyncio
import gzip
import shutil
import statistics
from collections.abc import Callable
from typing import Any

from playwright.async_api import Browser, async_playwright

from bench.report import judge, note, show
from tests.support.site import HTML, SCRIPT, Site
from tests.support.web import BUNDLE, prepare
from tests.tag.stub import Stub
from whiteout import assets

_CONTEXTS = 30
_LARGEST = 9 * 1024
_HEAD = '<!doctype html><title>Shop</title><link rel=icon href="data:,"><h1>Shop</h1>'
_OURS = (
    "<script>window.GlobalSnowplowNamespace=['snowplow'];"
    "window.snowplow=function(){snowplow.q.push(arguments)};snowplow.q=[]</script>"
    "<script src=/whiteout.js></script>"
)
_CALLS = {
    "ours": ("snowplow('newTracker','sp',url,{appId:'shop'})", "snowplow('trackPageView')"),
    "official": ("tracker.newTracker('sp',url,{appId:'shop'})", "tracker.trackPageView()"),
    "nothing": ("void 0", "void 0"),
}
"""What each page calls; the last is what measuring itself costs, and is taken off the others."""

_LATER = 20
_FIRST = """
async (url) => {{
  window.frames_ = [];
  new PerformanceObserver((list) => frames_.push(...list.getEntries()))
    .observe({{ type: 'long-animation-frame', buffered: true }});
  {make};
  {track};
  await new Promise((done) => setTimeout(done, 250));
}}
"""
_AGAIN = """
async (times) => {{
  for (let i = 0; i < times; i++) {{
    await new Promise((done) => setTimeout(done, 10));
    {track};
  }}
  // What was put off comes within this time.
  await new Promise((done) => setTimeout(done, 700));
  const ofTracker = (script) => /whiteout\\.js|tracker\\.js/.test(script.sourceURL);
  const scripts = frames_.flatMap((frame) => frame.scripts ?? []).filter(ofTracker);
  return scripts.filter((script) => script.duration > 50).length;
}}
"""


def run() -> bool:
    """Measure both in turns, at full speed and slowed down four times, and judge the medians."""
    prepare()
    size = len(gzip.compress(assets.read("whiteout.js"), 9, mtime=0))
    official = len(gzip.compress(BUNDLE.read_bytes(), 9, mtime=0))
    show("The browser tag beside the official tracker")
    note(f"official module, bundled: {official:,} bytes gzip")
    results = [judge("whiteout.js", size, _LARGEST, at_least=False, unit=" bytes gzip")]
    for slower in (1, 4):
        found = asyncio.run(_measure(slower))
        speed = "full speed" if slower == 1 else f"{slower}x CPU throttling"
        first, later, long = ({k: v[i] for k, v in found.items()} for i in range(3))
        note(f"{speed}: first {_pair(first)}, later {_pair(later)}")
        results += [
            judge("first page view", first["ours"] / first["official"], 0.5, at_least=False),
            judge("later page view", later["ours"] / later["official"], 1 / 3, at_least=False),
            judge("long tasks of the tag", long["ours"], 0, at_least=False),
        ]
    return all(results)


def _pair(values: dict[str, float]) -> str:
    return f"{values['ours']:.2f} ms against {values['official']:.2f} ms"


async def _measure(slower: int) -> dict[str, tuple[float, float, float]]:
    samples: dict[str, list[list[float]]] = {name: [] for name in _CALLS}
    pages = {
        "/ours": (HTML, (_HEAD + _OURS).encode()),
        "/official": (HTML, (_HEAD + "<script src=/tracker.js></script>").encode()),
        "/nothing": (HTML, _HEAD.encode()),
        "/whiteout.js": (SCRIPT, assets.read("whiteout.js")),
        "/tracker.js": (SCRIPT, BUNDLE.read_bytes()),
    }
    with Stub() as stub, Site(pages) as site:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            for _ in range(_CONTEXTS):
                for name, rows in samples.items():
                    rows.append(await _visit(browser, name, site.url, stub.url, slower))
            await browser.close()
    idle = [statistics.median(row[i] for row in samples["nothing"]) for i in range(2)]
    return {
        name: (
            statistics.median(row[0] for row in rows) - idle[0],
            statistics.median(row[1] for row in rows) - idle[1],
            max(row[2] for row in rows),
        )
        for name, rows in samples.items()
    }


async def _visit(
    browser: Browser, name: str, url: Callable[[str], str], collector: str, slower: int
) -> list[float]:
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(url(f"/{name}"), wait_until="load")
    session = await context.new_cdp_session(page)
    await session.send("Performance.enable")
    await session.send("Emulation.setCPUThrottlingRate", {"rate": slower})

    async def busy() -> float:
        metrics = (await session.send("Performance.getMetrics"))["metrics"]
        return 1000 * float(next(m["value"] for m in metrics if m["name"] == "TaskDuration"))

    make, track = _CALLS[name]
    start = await busy()
    await page.evaluate(_FIRST.format(make=make, track=track), collector)
    middle = await busy()
    long: Any = await page.evaluate(_AGAIN.format(track=track), _LATER)
    end = await busy()
    await context.close()
    return [middle - start, (end - middle) / _LATER, float(long)]

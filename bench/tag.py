"""The browser tag beside the official tracker, in one Chromium run: size and main-thread time."""

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
}
_MEASURE = """
async (url) => {{
  const frames = [];
  new PerformanceObserver((list) => frames.push(...list.getEntries()))
    .observe({{ type: 'long-animation-frame', buffered: true }});
  const begin = performance.now();
  {make}; {track};
  const first = performance.now() - begin;
  const later = [];
  for (let i = 0; i < 21; i++) {{
    await new Promise((done) => setTimeout(done, 5));
    const start = performance.now();
    {track}; {track}; {track}; {track}; {track};  // the clock is coarse
    later.push((performance.now() - start) / 5);
  }}
  later.sort((a, b) => a - b);
  await new Promise((done) => setTimeout(done, 100));
  const ofTracker = (script) => /whiteout\\.js|tracker\\.js/.test(script.sourceURL);
  const scripts = frames.flatMap((frame) => frame.scripts ?? []).filter(ofTracker);
  return [first, later[10], scripts.filter((script) => script.duration > 50).length];
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
    return {
        name: (
            statistics.median(row[0] for row in rows),
            statistics.median(row[1] for row in rows),
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
    await session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    make, track = _CALLS[name]
    result: Any = await page.evaluate(_MEASURE.format(make=make, track=track), collector)
    await context.close()
    return [float(value) for value in result]

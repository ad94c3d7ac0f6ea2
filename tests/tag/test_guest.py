"""A good guest: what a page does not notice, and what a build promises."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.async_api import Browser

from scripts import tag_identifiers
from tests.support.site import HTML, SCRIPT, Site
from tests.tag.pages import ROOT, STUB, plugins, tab
from tests.tag.pages import SCRIPT as TAG
from tests.tag.stub import Stub

pytestmark = pytest.mark.asyncio(loop_scope="session")

LARGEST = 11_460
"""Most bytes of the script, compressed. After a change, `npm run names` chooses its names anew."""

LARGEST_WITHOUT_PARTS = 10_637
"""The same without activity tracking, links to other sites and global contexts."""

SURVEY = """
window.survey = () => {
  const found = {};
  for (const [name, type] of Object.entries({Array, String, Object, Function, Promise, Map, Set,
      Number, Date, RegExp, Element, Node, EventTarget, Document, Window, Storage, Navigator})) {
    found[name] = [...Reflect.ownKeys(type), ...Reflect.ownKeys(type.prototype)].map(String);
  }
  found.window = Reflect.ownKeys(window).map(String).sort();
  return found;
};
"""
THROWS = """
for (const name of ['localStorage', 'sessionStorage']) {
  Object.defineProperty(window, name, {get() { throw new DOMException('no', 'SecurityError') }});
}
Object.defineProperty(Document.prototype, 'cookie', {
  get() { throw new DOMException('no', 'SecurityError') },
  set() { throw new DOMException('no', 'SecurityError') },
});
"""


async def test_nothing_global_but_the_function(browser: Browser, url: str, stub: Stub) -> None:
    """No global but the function and the stub's list of names, no prototype touched."""
    async with tab(browser, url, stub, before=f"{SURVEY} window.survey.before = survey();") as page:
        await page.start()
        await page.track()
        before, after = await page.page.evaluate("() => [survey.before, survey()]")
        assert set(after.pop("window")) - set(before.pop("window")) <= {
            "snowplow",
            "GlobalSnowplowNamespace",
        }
        assert before == after
        assert await page.page.evaluate("() => GlobalSnowplowNamespace") == []


@pytest.mark.parametrize("mode", [False, True, {"withSessionTracking": True}])
async def test_storage_that_throws(browser: Browser, url: str, stub: Stub, mode: object) -> None:
    """Where every storage throws, events are sent and nothing reaches the page."""
    async with tab(browser, url, stub, before=THROWS) as page:
        await page.start(anonymousTracking=mode)
        await page.track()
        await page.call("newSession")
        await page.call("enableAnonymousTracking", {"stateStorageStrategy": "localStorage"})
        await page.call("disableAnonymousTracking")
        await page.track()
        await page.get("[sp.clearUserData(), sp.getPrivacyState(), sp.getTabId()]")


async def test_strict_content_security_policy(browser: Browser, stub: Stub) -> None:
    """A policy with a nonce, no eval and one collector is enough."""
    policy = f"default-src 'none'; script-src 'nonce-n'; connect-src {stub.url}; img-src data:"
    page = (
        f'<!doctype html><meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<link rel="icon" href="data:,"><script nonce="n" src="/stub.js"></script>'
        f'<script nonce="n" src="/whiteout.js"></script>'
    )
    stub_script = STUB.replace("g.parentNode.insertBefore(n,g)", "")
    pages = {
        "/": (HTML, page.encode()),
        "/stub.js": (SCRIPT, stub_script.encode()),
        "/whiteout.js": (SCRIPT, TAG.read_bytes()),
    }
    with Site(pages) as site:
        async with tab(browser, site.url(), stub) as found:
            await found.start()
            assert "duid" in await found.track()


def built(target: Path) -> dict[str, dict[str, int]]:
    """The sizes that a build into a folder tells."""
    node = shutil.which("node")
    assert node is not None
    command = [node, "build.mjs", str(target)]
    done = subprocess.run(command, cwd=ROOT / "tag", capture_output=True, text=True, check=True)
    sizes: dict[str, dict[str, int]] = json.loads(done.stdout)
    return sizes


async def test_the_committed_build_is_what_the_sources_give(tmp_path: Path) -> None:
    """Building again gives the same bytes, within the budget."""
    sizes = built(tmp_path)
    names = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.js")}
    assert names == {"whiteout.js", *(name.lstrip("/") for name in plugins())}
    for name in names:
        assert (tmp_path / name).read_bytes() == (TAG.parent / name).read_bytes(), name
    assert len(gzip.compress(TAG.read_bytes(), 9)) <= LARGEST
    assert sizes["without parts"]["gzip"] <= LARGEST_WITHOUT_PARTS


async def test_the_identifier_table_is_up_to_date() -> None:
    """The tag is built with the table as it is."""
    assert tag_identifiers.TARGET.read_text() == tag_identifiers.module()


async def test_source_files_are_short() -> None:
    """One concept a file: none is longer than 250 lines."""
    lengths = {
        path.name: len(path.read_text().splitlines())
        for path in (ROOT / "tag" / "src").rglob("*.ts")
    }
    assert {name: n for name, n in lengths.items() if n > 250} == {}

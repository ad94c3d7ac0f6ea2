"""The npm package: it packs, has types that hold, and works in a bundled application."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.support.site import HTML, SCRIPT, Site
from tests.tag.pages import ROOT, tab
from tests.tag.stub import Stub, entities

pytestmark = pytest.mark.asyncio(loop_scope="session")

TAG = ROOT / "tag"
APP = """
import {
  clearUserData, disableAnonymousTracking, enableAnonymousTracking, getPrivacyState, newTracker,
  trackPageView, trackStructEvent, version,
} from "whiteout-tag";
import type { BrowserPlugin, BrowserTracker, ClearedUserData, PrivacyState } from "whiteout-tag";

const plugin: BrowserPlugin = {
  contexts: () => [{ schema: "iglu:com.acme/app/jsonschema/1-0-0", data: { version } }],
};
const collector = new URLSearchParams(location.search).get("c") ?? "";
const tracker: BrowserTracker | null | undefined = newTracker("app", collector, {
  appId: "app",
  plugins: [plugin],
  anonymousTracking: { withServerAnonymisation: true },
});
trackPageView({ title: "One" });
disableAnonymousTracking();
trackStructEvent({ category: "c", action: "a", value: 1 }, ["app"]);
enableAnonymousTracking({ options: true });
const state: PrivacyState | undefined = getPrivacyState();
const cleared: ClearedUserData[] = clearUserData();
trackPageView({ title: "Two" });
document.title = [tracker?.namespace, state?.mode, cleared.length].join(" ");
"""


def run(program: str, *arguments: str, folder: Path) -> str:
    """What a program says; it must succeed."""
    path = shutil.which(program) or program
    done = subprocess.run(
        [path, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an application that has the packed module installed."""
    folder = tmp_path_factory.mktemp("application")
    name = run("npm", "pack", "--silent", "--pack-destination", str(folder), folder=TAG).split()[-1]
    with tarfile.open(folder / name) as archive:
        archive.extractall(folder / "node_modules", filter="data")
    (folder / "node_modules" / "package").rename(folder / "node_modules" / "whiteout-tag")
    (folder / "app.ts").write_text(APP)
    return folder


async def test_types_hold_in_a_strict_project(application: Path) -> None:
    """`tsc --strict` accepts an application that uses the types."""
    tsc = str(TAG / "node_modules" / ".bin" / "tsc")
    options = "--strict --noEmit --moduleResolution bundler --module esnext --target es2020 app.ts"
    run(tsc, *options.split(), folder=application)


async def test_the_module_loads_outside_a_browser(application: Path) -> None:
    """Where there is no window, importing works and calls do nothing (R3)."""
    code = (
        "import { newTracker, trackPageView, getPrivacyState } from 'whiteout-tag';"
        "trackPageView(); console.log(newTracker('a', 'b'), getPrivacyState());"
    )
    said = run("node", "--input-type=module", "-e", code, folder=application)
    assert said.split() == ["undefined", "undefined"]


async def test_a_bundled_application_tracks(
    browser: Browser, application: Path, stub: Stub
) -> None:
    """A bundle of the packed module sends what it is told to, and each toggle holds."""
    esbuild = str(TAG / "node_modules" / ".bin" / "esbuild")
    bundled = run(esbuild, "app.ts", "--bundle", "--minify", "--format=iife", folder=application)
    page = b'<!doctype html><link rel="icon" href="data:,"><script src="/app.js"></script>'
    with Site({"/": (HTML, page), "/app.js": (SCRIPT, bundled.encode())}) as site:
        async with tab(browser, site.url(f"/?c={stub.url}"), stub, wait=False) as found:
            assert await found.page.title() == "app anonymous 1"
            await found.until(lambda: any(e.get("page") == "Two" for e in stub.events))
            event = stub.events[-1]
            assert (event["page"], event["tna"], "duid" in event) == ("Two", "app", False)
            assert entities(event)["app"] == {"version": event["tv"]}

"""The lines that `whiteout tag` prints, in a page with a strict policy, in Chromium."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.support.browser import profile
from tests.support.process import Whiteout
from tests.support.site import HTML, Site

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]

NONCE = "cGVyLXJlcXVlc3Q"


@pytest.fixture(scope="module")
def whiteout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whiteout]:
    """A server with all defaults."""
    with Whiteout(Path(tmp_path_factory.mktemp("snippet"))) as server:
        yield server


def printed(whiteout: Whiteout, *arguments: str) -> str:
    """What the command prints."""
    command = (sys.executable, "-m", "whiteout", "tag", "--collector", whiteout.url, *arguments)
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def page_with(snippet: str, policy: str) -> dict[str, tuple[str, bytes]]:
    """A site of one page that has the snippet under a content security policy."""
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return {"/": (HTML, f'<!doctype html>{head}<link rel="icon" href="data:,">{snippet}'.encode())}


@pytest.mark.parametrize("pinned", [False, True])
async def test_the_printed_lines_track_under_a_strict_policy(
    browser: Browser, whiteout: Whiteout, *, pinned: bool
) -> None:
    """Nonce for the inline lines, nonce or hash for the script; a page view arrives (R98, R99)."""
    app_id = f"printed-{pinned}"
    snippet = printed(
        whiteout, "--app-id", app_id, "--nonce", NONCE, *(["--sri"] if pinned else [])
    )
    policy = f"default-src 'none'; script-src 'nonce-{NONCE}'; connect-src {whiteout.url}"
    with Site(page_with(snippet, f"{policy}; img-src data:")) as site:
        async with profile(browser) as fresh:
            await fresh.page(site.url())
            (event,) = whiteout.wait_for_rows(
                f"SELECT page_url, name_tracker, v_tracker FROM events WHERE app_id = '{app_id}'"
            )
    assert event["page_url"] == site.url()
    assert event["name_tracker"] == "sp"
    assert event["v_tracker"].startswith("whiteout-")


async def test_a_script_with_another_hash_does_not_run(
    browser: Browser, whiteout: Whiteout
) -> None:
    """With SRI the browser refuses a script that is not the very one; the page goes on (R107)."""
    facts = json.loads(printed(whiteout, "--app-id", "tampered", "--sri", "--json"))
    assert facts["integrity"].startswith("sha384-")
    wrong = facts["integrity"][:-4] + "AAAA"
    snippet = facts["html"].replace(facts["integrity"], wrong)
    assert wrong in snippet
    with Site(page_with(snippet, "object-src 'none'")) as site:
        async with profile(browser) as fresh:
            page = await fresh.page(site.url())
            await page.wait_for_function("performance.getEntriesByType('resource').length > 0")
            assert await page.evaluate("Array.isArray(snowplow.q)")
            assert [trouble for trouble in fresh.troubles if "integrity" in trouble]
            fresh.troubles.clear()
    assert whiteout.rows("SELECT 1 FROM events WHERE app_id = 'tampered'") == []

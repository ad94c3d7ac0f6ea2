"""Take pictures of the pages, wide and narrow, light and dark, into `build/screenshots/`.

Usage: python -m scripts.screenshots. Starts a whiteout of its own, sends it made-up events, and
visits the demo shop and the try-it page, whose events the other pages show.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import urllib.request
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.process import Whiteout

FOLDER = Path(__file__).resolve().parents[1] / "build" / "screenshots"
SIZES = {"wide": (1440, 900), "phone": (390, 844)}
SCHEMES = ("light", "dark")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")

_TP2 = "/com.snowplowanalytics.snowplow/tp2"
_USER = {"uid": "alice", "duid": "7d0e2c5a-4c1b-4f7e-9a53-0d8f5f1c2b10"}
_SESSION = {"sid": "b6a1f0de-6a54-4c0b-8f1e-2f6f3f0a9c77", "vid": "3"}
_ANONYMOUS = {"SP-Anonymous": "*"}
EVENTS: tuple[tuple[dict[str, str], dict[str, str]], ...] = (
    ({**_USER, **_SESSION}, {}),
    ({}, {}),
    (_SESSION, {}),
    ({}, _ANONYMOUS),
    (_SESSION, _ANONYMOUS),
    ({"dtm": "yesterday"}, {}),
)
"""Parameters and headers of one event a mode, and of one that fails."""


def send(url: str) -> None:
    """Send each of the made-up events."""
    for number, (parameters, headers) in enumerate(EVENTS):
        event = {
            "e": "pv",
            "p": "web",
            "tv": "js-4.10.1",
            "aid": "shop",
            "tna": "sp",
            "url": f"https://shop.example/shoes/{number}?utm_source=news&q=boots",
            "page": "Shoes",
            **parameters,
        }
        schema = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4"
        request = urllib.request.Request(
            url + _TP2,
            json.dumps({"schema": schema, "data": [event]}).encode(),
            {"Content-Type": "application/json", **headers},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            answer.read()


def shop(page: Page, url: str) -> None:
    """The demo shop, with a visitor who accepted and put something into the cart."""
    page.goto(f"{url}/demo")
    page.click("#choose-accept")
    page.click("text=Fountain pen")
    page.click("text=Put into the cart")


def trial(page: Page, url: str) -> None:
    """An event of the tag, and what was kept of it."""
    page.goto(f"{url}/try")
    page.click("[data-kind=identified]")
    page.wait_for_selector(".comparison.fresh")
    page.click("[data-kind=server_anonymous_session]")
    page.wait_for_selector(".comparison.fresh .tape")


def panel(page: Page, url: str) -> None:
    """An event of the stream in its panel."""
    page.goto(f"{url}/?mode=server_anonymous_session")
    page.click(".row")


VIEWS: dict[str, Callable[[Page, str], object]] = {
    "banner": lambda page, url: page.goto(f"{url}/demo"),
    "demo": shop,
    "try": trial,
    "visitor": lambda page, url: page.goto(f"{url}/visitor"),
    "overview": lambda page, url: page.goto(f"{url}/overview?range=15m"),
    "live": lambda page, url: page.goto(url),
    "panel": panel,
}
"""What is done to get each view, in this order: what is tracked before is seen afterwards."""

WHOLE = {"try", "visitor", "overview"}
"""Views whose whole length is taken; of the others what a screen shows."""


def take(browser: Browser, url: str) -> None:
    """Take every picture."""
    for scheme in SCHEMES:
        for size, (width, height) in SIZES.items():
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
                reduced_motion="reduce",
            )
            for name, view in VIEWS.items():
                page = context.new_page()
                view(page, url)
                page.wait_for_timeout(1_500)
                path = FOLDER / f"{name}-{size}-{scheme}.png"
                page.screenshot(path=path, full_page=name in WHOLE)
                page.close()
            context.close()


def main() -> int:
    """Start whiteout, send the events, and take the pictures."""
    program = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if program is None:
        print("screenshots: there is no Chromium; `make test` installs it", file=sys.stderr)
        return 1
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder, Whiteout(Path(folder)) as server:
        send(server.url)
        server.wait_for_rows("select 1 from events", count=len(EVENTS) - 1)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
            take(browser, server.url)
            browser.close()
    print("\n".join(str(path.relative_to(FOLDER.parents[1])) for path in sorted(FOLDER.iterdir())))
    return 0


if __name__ == "__main__":
    sys.exit(main())

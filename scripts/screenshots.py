"""Take pictures of the pages, wide and narrow, light and dark, into `docs/pictures/`.

Usage: python -m scripts.screenshots. Starts a whiteout of its own over a day of made-up events,
sends it more, and visits the demo shop and the try-it page, whose events the other pages show.
"""

from __future__ import annotations

import base64
import json
import random
import shutil
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.live.lakes import consent, fill
from tests.support.process import Whiteout
from whiteout.privacy import Mode

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
TOKEN = "made-up-token"
QUALITY = 82
DAY = 86_400
PATHS = ("/", "/", "/shoes", "/shoes/red", "/shoes/blue", "/basket", "/about")
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


def overview(page: Page, url: str) -> None:
    """The charts of a day."""
    page.goto(f"{url}/overview?range=24h")
    page.wait_for_selector("#tiles b", timeout=60_000)


def desk(page: Page, url: str) -> None:
    """The privacy desk, with what an audit and an erasure left."""
    page.goto(f"{url}/desk")
    page.wait_for_selector(".requirements")
    if page.locator(".slip").count() == 0:
        page.click("#audit-form button")
        page.fill("#forget-value", "alice")
        page.click("#forget-form button")
        page.fill("#confirm-again", "alice")
        page.click("#confirm-go")
    for kind in ("audit", "forget"):
        page.wait_for_selector(f"#job-{kind} .verdict", timeout=60_000)
    page.locator(".slip > summary").first.click()
    page.wait_for_selector(".slip[open] .facts")


VIEWS: dict[str, Callable[[Page, str], object]] = {
    "banner": lambda page, url: page.goto(f"{url}/demo"),
    "demo": shop,
    "try": trial,
    "visitor": lambda page, url: page.goto(f"{url}/visitor"),
    "overview": overview,
    "live": lambda page, url: page.goto(url),
    "panel": panel,
    "desk": desk,
}
"""What is done to get each view, in this order: what is tracked before is seen afterwards."""

WHOLE = {"try", "visitor", "overview", "desk"}
"""Views whose whole length is taken; of the others what a screen shows."""


def past(folder: Path) -> None:
    """Fill a lake with a day of made-up events, for the charts."""
    made = random.Random(7)
    now = time.time()
    events: list[tuple[float, dict[str, Any]]] = []
    for number in range(2_400):
        ago = made.uniform(60, DAY)
        # More by day than by night.
        if made.random() < 0.6 * abs(ago / DAY - 0.5) * 2:
            continue
        mode = made.choices([mode.value for mode in Mode], (4, 2, 2, 5, 3))[0]
        fields: dict[str, Any] = {
            "mode_inferred": mode,
            "page_urlpath": made.choice(PATHS),
            "refr_urlhost": made.choice((None, None, "search.example", "news.example")),
        }
        if mode == "identified" or mode.endswith("session"):
            fields["domain_sessionid"] = f"visit-{number // 4}"
        if number % 12 == 0:
            fields |= consent(made.choice(("allow_all", "deny_all", "deny_all", "allow_selected")))
        events.append((now - ago, fields))
    fill(folder, events, failed=[now - made.uniform(60, DAY) for _ in range(25)])


def sign_in(page: Page, url: str) -> None:
    """Open the pages with the token."""
    page.goto(f"{url}/signin")
    page.fill("input[type=password]", TOKEN)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/")
    page.close()


def save(page: Page, path: Path, *, whole: bool) -> None:
    """Keep a picture as WebP, which takes a third of the room of a PNG."""
    session = page.context.new_cdp_session(page)
    options = {"format": "webp", "quality": QUALITY, "captureBeyondViewport": whole}
    if whole:
        size = page.evaluate(
            "[document.documentElement.clientWidth, document.documentElement.scrollHeight]"
        )
        clip = {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1}
        options["clip"] = clip
    taken = session.send("Page.captureScreenshot", options)
    path.write_bytes(base64.b64decode(taken["data"]))


def take(browser: Browser, url: str) -> None:
    """Take every picture."""
    for scheme in SCHEMES:
        for size, (width, height) in SIZES.items():
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
                reduced_motion="reduce",
            )
            sign_in(context.new_page(), url)
            for name, view in VIEWS.items():
                page = context.new_page()
                view(page, url)
                page.wait_for_timeout(1_500)
                save(page, FOLDER / f"{name}-{size}-{scheme}.webp", whole=name in WHOLE)
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
    with tempfile.TemporaryDirectory() as folder:
        past(Path(folder) / "data" / "lake")
        with Whiteout(Path(folder), "--token", TOKEN) as server:
            shoot(server, program)
    print("\n".join(str(path.relative_to(FOLDER.parents[1])) for path in sorted(FOLDER.iterdir())))
    return 0


def shoot(server: Whiteout, program: str) -> None:
    """Send events to a server, and take the pictures."""
    send(server.url)
    server.wait_for_rows("select 1 from events where app_id = 'shop'", count=len(EVENTS) - 1)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        # A page host that is an address would be one in an audit.
        take(browser, f"http://localhost:{server.port}")
        browser.close()


if __name__ == "__main__":
    sys.exit(main())

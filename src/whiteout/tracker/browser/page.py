"""What a page says about itself, on every event that does not say it otherwise (R113)."""

from __future__ import annotations

from whiteout.tracker import browser


def page_facts() -> dict[str, str]:
    """Address, referrer, title and language, as far as they are known, at this moment."""
    js = browser.js()
    document = js.document
    found = {
        "url": js.location.href,
        "refr": document.referrer,
        "page": document.title,
        "lang": getattr(js.navigator, "language", None),
    }
    return {name: str(value) for name, value in found.items() if value}

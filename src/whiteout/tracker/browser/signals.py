"""What the visitor's browser asks for, as a page sees it (R28, R29; S1, S2)."""

from __future__ import annotations

from whiteout.privacy import do_not_track
from whiteout.tracker import browser
from whiteout.tracker.browser.cookies import cookie_value


class PageSignals:
    """The signals of the page that this Python runs in; a worker sees no cookies."""

    def do_not_track(self) -> bool:
        """Whether the navigator, or the window, says so."""
        js = browser.js()
        told = (
            getattr(js.navigator, "doNotTrack", None),
            getattr(js, "doNotTrack", None),
        )
        return any(do_not_track(value) for value in told)

    def global_privacy_control(self) -> bool:
        """Whether the navigator says so."""
        return getattr(browser.js().navigator, "globalPrivacyControl", None) is True

    def cookie(self, name: str) -> str | None:
        """The value of a cookie."""
        return cookie_value(name)

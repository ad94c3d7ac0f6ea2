"""What a program says about the visitor, the device and the page by hand (R87, R88, R178).

All of it meets the same gate: identifiers are remembered and sent in no anonymous mode (contract
2), and traits of the device only where the site wants them there.
"""

from __future__ import annotations

from whiteout.tracker.checks import wrong
from whiteout.tracker.visitor import Visitor


class Subject:
    """The setters of a tracker. Each raises ConfigurationError for a value of the wrong type."""

    _visitor: Visitor

    def _pair(self, setter: str, key: str, value: object) -> None:
        if value is not None and not isinstance(value, str):
            raise wrong(f"the argument of {setter}", "text or None")
        with self._visitor.lock:
            # A new mapping each time: events that wait keep the old one.
            others = {name: text for name, text in self._visitor.pairs.items() if name != key}
            self._visitor.pairs = {**others, key: value} if value else others

    def _size(self, setter: str, key: str, width: object, height: object) -> None:
        for value in (width, height):
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise wrong(f"the arguments of {setter}", "whole numbers")
        self._pair(setter, key, f"{width}x{height}")

    def set_user_id(self, user_id: str | None) -> None:
        """The site's own id of the user, `uid`; sent while identified."""
        if user_id is not None and not isinstance(user_id, str):
            raise wrong("the argument of set_user_id", "text or None")
        with self._visitor.lock:
            self._visitor.user_id = user_id or None

    def set_domain_user_id(self, domain_user_id: str | None) -> None:
        """The id of the browser, `duid`, instead of the tracker's own; sent while identified."""
        self._pair("set_domain_user_id", "duid", domain_user_id)

    def set_domain_session_id(self, domain_session_id: str | None) -> None:
        """The id of the visit, `sid`, instead of the tracker's own; sent while identified."""
        self._pair("set_domain_session_id", "sid", domain_session_id)

    def set_domain_session_index(self, index: int | None) -> None:
        """The number of the visit, `vid`, instead of the tracker's own; sent while identified."""
        if index is not None and (isinstance(index, bool) or not isinstance(index, int)):
            raise wrong("the argument of set_domain_session_index", "a whole number or None")
        self._pair("set_domain_session_index", "vid", None if index is None else str(index))

    def set_network_user_id(self, network_user_id: str | None) -> None:
        """The id in the collector's cookie, `tnuid`; sent while identified."""
        self._pair("set_network_user_id", "tnuid", network_user_id)

    def set_ip_address(self, ip_address: str | None) -> None:
        """The visitor's address, `ip`; sent while identified."""
        self._pair("set_ip_address", "ip", ip_address)

    def set_useragent(self, useragent: str | None) -> None:
        """The visitor's user agent, `ua`; sent while identified."""
        self._pair("set_useragent", "ua", useragent)

    def set_platform(self, platform: str | None) -> None:
        """The platform, `p`."""
        self._pair("set_platform", "p", platform)

    def set_lang(self, lang: str | None) -> None:
        """The language, `lang`; without its region while anonymous."""
        self._pair("set_lang", "lang", lang)

    def set_timezone(self, timezone: str | None) -> None:
        """The time zone, `tz`: a trait of the device."""
        self._pair("set_timezone", "tz", timezone)

    def set_color_depth(self, depth: int) -> None:
        """The colour depth, `cd`: a trait of the device."""
        if isinstance(depth, bool) or not isinstance(depth, int):
            raise wrong("the argument of set_color_depth", "a whole number")
        self._pair("set_color_depth", "cd", str(depth))

    def set_screen_resolution(self, width: int, height: int) -> None:
        """The size of the screen, `res`: a trait of the device."""
        self._size("set_screen_resolution", "res", width, height)

    def set_viewport(self, width: int, height: int) -> None:
        """The size of the window, `vp`: a trait of the device."""
        self._size("set_viewport", "vp", width, height)

    def set_custom_url(self, url: str | None) -> None:
        """The address of the page that events belong to, unless they say another."""
        self._pair("set_custom_url", "url", url)

    def set_referrer_url(self, url: str | None) -> None:
        """Where the visitor came from, for events that do not say it."""
        self._pair("set_referrer_url", "refr", url)

    def set_document_title(self, title: str | None) -> None:
        """The title of page views and pings that have none."""
        self._pair("set_document_title", "page", title)

    def add_payload_pair(self, key: str, value: str | None) -> None:
        """Any parameter on every event (R87); what identifies is sent while identified."""
        if not isinstance(key, str) or not key:
            raise wrong("the key of add_payload_pair", "text")
        self._pair("add_payload_pair", key, value)

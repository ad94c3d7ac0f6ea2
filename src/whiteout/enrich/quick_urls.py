"""The URLs of sound events as the values of their columns (B-63 to B-67, B-73)."""

from __future__ import annotations

from typing import Any

from whiteout.enrich import places as at
from whiteout.enrich.setters import LIMITS
from whiteout.enrich.text import is_longer
from whiteout.enrich.urls import LONGEST_URL, NO_PARTS, Url, read_url
from whiteout.enrich.vectors import ODD, Memo

_MOST_KNOWN = 2_048
_LONGEST_KNOWN = 500
_NONE = (None, *NO_PARTS)
PAGE_COLUMNS = (at.PAGE_URL, *range(at.PAGE_PARTS.start, at.PAGE_PARTS.stop))
REFERRER_COLUMNS = (at.REFERRER, *range(at.REFERRER_PARTS.start, at.REFERRER_PARTS.stop))
"""The columns of a URL: it and its parts."""


def page_urls() -> Memo:
    """Values of `page_url` and its parts. A URL that brings a `_sp` is odd."""

    def read(raw: str | None) -> Any:
        url = _url(raw)
        if url is None:
            return _NONE
        return ODD if url.linker is not None else _values(url, url.legal, PAGE_COLUMNS)

    return Memo(read, _MOST_KNOWN, _LONGEST_KNOWN, len(_NONE))


def referrers() -> Memo:
    """Values of `page_referrer` and its parts."""

    def read(raw: str | None) -> Any:
        url = _url(raw)
        return _NONE if url is None else _values(url, url.text, REFERRER_COLUMNS)

    return Memo(read, _MOST_KNOWN, _LONGEST_KNOWN, len(_NONE))


_UNREADABLE = Url("", "", None, None, fits=False)


def _url(raw: str | None) -> Url | None:
    if not raw:
        return None
    return read_url(raw) if len(raw) <= LONGEST_URL else _UNREADABLE


def _values(url: Url, whole: str, places: tuple[int, ...]) -> Any:
    if url.parts is None:
        return ODD
    values = (whole or None, *url.parts)
    if not url.fits:
        for place, value in zip(places, values, strict=True):
            limit = LIMITS[place]
            if value is not None and limit is not None and is_longer(str(value), limit):
                return ODD
    return values

"""The URLs of sound events as the values of their columns (B-63 to B-67, B-73)."""

from __future__ import annotations

from operator import eq
from typing import Any

from whiteout.enrich import places as at
from whiteout.enrich.campaigns import CAMPAIGN_COLUMNS, NO_CAMPAIGN
from whiteout.enrich.derive import Derive
from whiteout.enrich.referrers import INTERNAL, NO_SOURCE, SOURCE_COLUMNS
from whiteout.enrich.setters import LIMITS
from whiteout.enrich.text import is_longer
from whiteout.enrich.urls import LONGEST_URL, NO_PARTS, Url, read_url
from whiteout.enrich.vectors import ODD, Memo
from whiteout.privacy import UrlRules

_MOST_KNOWN = 2_048
_LONGEST_KNOWN = 500
_PAGE = (at.PAGE_URL, *range(at.PAGE_PARTS.start, at.PAGE_PARTS.stop))
_REFERRER = (at.REFERRER, *range(at.REFERRER_PARTS.start, at.REFERRER_PARTS.stop))
_HOST = _PAGE.index(at.PAGE_HOST)
_QUERY = _PAGE.index(at.PAGE_QUERY)
PAGE_COLUMNS = (*_PAGE, *CAMPAIGN_COLUMNS)
REFERRER_COLUMNS = (*_REFERRER, *SOURCE_COLUMNS)
"""The columns of a URL: it, its parts, and what is derived of them."""

_NO_PAGE = (None, *NO_PARTS, *NO_CAMPAIGN)
_NO_REFERRER = (None, *NO_PARTS, *NO_SOURCE)


def page_urls(derive: Derive, rules: UrlRules | None) -> Memo:
    """Values of `PAGE_COLUMNS`. A URL that brings a `_sp` is odd."""
    read_campaign = derive.campaigns.read

    def read(raw: str | None) -> Any:
        url = _url(raw, rules)
        if url is None:
            return _NO_PAGE
        values: Any = ODD if url.linker is not None else _values(url, url.legal, _PAGE)
        return ODD if values is ODD else values + read_campaign(values[_QUERY])

    return Memo(read, _MOST_KNOWN, _LONGEST_KNOWN, len(PAGE_COLUMNS))


def referrers(derive: Derive, rules: UrlRules | None) -> Memo:
    """Values of `REFERRER_COLUMNS`, as if the page had another host (see `put_internal`)."""
    sources = derive.referrers

    def read(raw: str | None) -> Any:
        url = _url(raw, rules)
        if url is None:
            return _NO_REFERRER
        values = _values(url, url.text, _REFERRER)
        if values is ODD:
            return ODD
        return values + (
            NO_SOURCE if sources is None else sources.read(values[_HOST], values[_QUERY])
        )

    return Memo(read, _MOST_KNOWN, _LONGEST_KNOWN, len(REFERRER_COLUMNS))


def put_internal(columns: list[Any]) -> None:
    """Put what kind of referrer a page of the same host is (B-67)."""
    hosts = columns[at.REFERRER_HOST]
    same = list(map(eq, hosts, columns[at.PAGE_HOST]))
    if True not in same:
        return
    for place, value in zip(SOURCE_COLUMNS, INTERNAL, strict=True):
        known = zip(same, hosts, columns[place], strict=True)
        columns[place] = [
            value if is_same and host is not None else found for is_same, host, found in known
        ]


_UNREADABLE = Url("", "", None, None, fits=False)


def _url(raw: str | None, rules: UrlRules | None) -> Url | None:
    if not raw:
        return None
    return read_url(raw, rules) if len(raw) <= LONGEST_URL else _UNREADABLE


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

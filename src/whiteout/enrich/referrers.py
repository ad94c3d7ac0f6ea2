"""What kind of site a visitor came from, and what was searched for there (B-67)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote_plus

from whiteout.enrich.referrer_sites import ALONE, ANYWHERE, SITES, Site
from whiteout.enrich.setters import LIMITS
from whiteout.enrich.text import fitted
from whiteout.protocol.columns import EVENT_INDEX

REFERRER_TERM = EVENT_INDEX["refr_term"]
SOURCE_COLUMNS = (EVENT_INDEX["refr_medium"], EVENT_INDEX["refr_source"], REFERRER_TERM)
"""The columns of a referrer's kind, name and search words."""

Source = tuple[str | None, str | None, str | None]
"""Their values."""

NO_SOURCE: Source = (None, None, None)
INTERNAL: Source = ("internal", None, None)
"""Of a page of the same site."""

UNKNOWN: Source = ("unknown", None, None)
"""Of a site that is not known."""

_SEPARATORS = re.compile("[&;]")
_COUNTRY = re.compile(r"(?:[a-z]{2,3}|com?\.[a-z]{2})")
_TERM_LIMIT = LIMITS[REFERRER_TERM] or 0


class Referrers:
    """Tells sites apart. `internal` are host names that are the site itself, with all below."""

    def __init__(self, internal: Iterable[str]) -> None:
        self._internal = frozenset(internal)

    def read(self, host: str | None, query: str | None) -> Source:
        """The values of `SOURCE_COLUMNS` for a referrer of another host than the page."""
        if host is None:
            return NO_SOURCE
        name = host.lower().rstrip(".")
        labels = name.split(".")
        for start in range(len(labels)):
            ending = ".".join(labels[start:])
            if ending in self._internal:
                return INTERNAL
        site = _site(labels)
        if site is None:
            return UNKNOWN
        return site.medium, site.source, _term(site.terms, query)


def _site(labels: list[str]) -> Site | None:
    for start in range(len(labels)):
        site = SITES.get(".".join(labels[start:]))
        if site is not None:
            return site
    # www.google.de, google.co.uk: the name, what country it is in, and little before it.
    for start, label in enumerate(labels[:3]):
        site = ANYWHERE.get(label)
        if site is not None:
            country = _COUNTRY.fullmatch(".".join(labels[start + 1 :]))
            return site if country and ALONE.issuperset(labels[:start]) else None
    return None


def _term(names: tuple[str, ...], query: str | None) -> str | None:
    if not names or not query:
        return None
    for pair in _SEPARATORS.split(query):
        name, _, value = pair.partition("=")
        if name in names and value:
            return fitted(unquote_plus(value), _TERM_LIMIT)
    return None

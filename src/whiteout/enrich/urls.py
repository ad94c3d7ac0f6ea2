"""Page and referrer URLs and their parts (B-63 to B-67, B-72, B-73; contract 13)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from whiteout.privacy import Mode, UrlRules, linker_value, scrub_url, tidy_url

_ILLEGAL = re.compile(
    r"[\x00-\x20\"<>\\^`{|}\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
    r"|%(?![0-9A-Fa-f]{2})"
)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?"
_TOP_LABEL = r"[A-Za-z](?:[A-Za-z0-9\-]*[A-Za-z0-9])?"
_NAME = re.compile(rf"((?:{_LABEL}\.)*{_TOP_LABEL}\.?)(?::([0-9]{{0,10}}))?")
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = re.compile(rf"({_BYTE}(?:\.{_BYTE}){{3}})(?::([0-9]{{0,10}}))?")
_IPV6 = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9_.\-]+)?\])(?::([0-9]{0,10}))?")
_HTTPS_PORT, _PORT = 443, 80
_GREATEST_PORT = 2**31 - 1
_LONGEST_CACHED = 2_000
_SURELY_FITS = 127
_LONGEST_SCHEME = 8

LONGEST_URL = 65_536
"""Longest text that is looked at as a URL, in characters; no column holds as much."""

UrlParts = tuple[str | None, str | None, int | None, str | None, str | None, str | None]
"""Scheme, host, port, path, query and fragment, as they are written."""

NO_PARTS: UrlParts = (None, None, None, None, None, None)


@dataclass(slots=True)
class Url:
    """A URL without what no event keeps, and its parts.

    `text` is as it came otherwise, `legal` with its illegal characters encoded (B-64); `parts` is
    None when it cannot be read. `linker` is the value of `_sp` that was taken out of it. `fits`
    tells that it is so short that every part surely fits into its column.
    """

    text: str
    legal: str
    parts: UrlParts | None
    linker: str | None
    fits: bool


def read_url(raw: str, rules: UrlRules | None = None) -> Url:
    """A URL of an event or of its `Referer`, without what the rules name. Does not raise."""
    return _cached(raw, rules) if len(raw) <= _LONGEST_CACHED else _read(raw, rules)


def page_of_referer(referer: str | None, declared: Mode | None) -> str | None:
    """The page of an event that names none, by the `Referer` of its request (B-63).

    That of an event that says of itself that it is anonymous loses its query (contract 13).
    """
    if declared in (None, Mode.IDENTIFIED) or referer is None or len(referer) > LONGEST_URL:
        return referer
    return scrub_url(referer, keep_campaign=False)


def _read(raw: str, rules: UrlRules | None) -> Url:
    text = tidy_url(raw)
    if rules is not None:
        text = rules.clean(text)
    legal = _ILLEGAL.sub(lambda match: quote(match.group(), safe=""), text)
    parts = _split(legal)
    scheme = None if parts is None else parts[0]
    fits = len(legal) <= _SURELY_FITS and len(scheme or "") <= _LONGEST_SCHEME
    return Url(text, legal, parts, linker_value(raw), fits)


_cached = lru_cache(maxsize=4096)(_read)


def _split(url: str) -> UrlParts | None:
    rest, _, fragment = url.partition("#")
    rest, _, query = rest.partition("?")
    match = _SCHEME.match(rest)
    scheme = None
    if match is not None:
        scheme, rest = match[1], rest[match.end() :]
        if not rest.startswith("/"):
            return (scheme, None, None, None, None, None) if rest or query else None
    elif ":" in rest.partition("/")[0]:
        return None
    place: tuple[str | None, int | None] | None = (None, None)
    if rest.startswith("//"):
        authority, slash, path = rest[2:].partition("/")
        rest = slash + path
        if authority:
            place = _place(authority)
        elif not rest:
            return None
    if place is None:
        return None
    host, port = place
    if port is None:
        port = _HTTPS_PORT if scheme == "https" else _PORT
    return (scheme, host, port, rest or None, query or None, fragment or None)


def _place(authority: str) -> tuple[str | None, int | None] | None:
    """Host and port; no host for a name that DNS would not have (B-66), None for a broken one."""
    if "[" in authority or "]" in authority:
        match = _IPV6.fullmatch(authority)
        if match is None:
            return None
    else:
        match = _IPV4.fullmatch(authority) or _NAME.fullmatch(authority)
        if match is None:
            return None, None
    host, port = match.groups()
    if not port:
        return host, None
    return (host, int(port)) if int(port) <= _GREATEST_PORT else (None, None)

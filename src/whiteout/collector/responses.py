"""What the collector answers (A-9, A-12 to A-15, A-20 to A-25).

Every answer is made anew: an application around the collector may add headers to its messages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from whiteout.collector.codec import dumps

Header = tuple[bytes, bytes]

PIXEL = bytes.fromhex(
    "47494638396101000100f00000ffffff00000021f90405000000002c00000000010001000002024401003b"
)
"""A transparent GIF of one pixel, 43 bytes (A-12)."""

ROBOTS = b"\n\n".join(
    b"User-agent: %s\nDisallow: /" % agent for agent in (b"*", b"Googlebot", b"AdsBot-Google")
)
"""Nothing here is for search engines (A-9)."""

RETRY: Header = (b"retry-after", b"1")
"""Trackers come again (A-19)."""

_OK = b"ok"
_OK_LENGTH: Header = (b"content-length", b"%d" % len(_OK))
_PIXEL_LENGTH: Header = (b"content-length", b"%d" % len(PIXEL))
_NO_STORE: Header = (b"cache-control", b"no-cache, no-store, must-revalidate")
_TEXT: Header = (b"content-type", b"text/plain; charset=utf-8")
_JSON: Header = (b"content-type", b"application/json")
_PRIVATE: Header = (b"cache-control", b"no-store")
_GIF: Header = (b"content-type", b"image/gif")
_NOSNIFF: Header = (b"x-content-type-options", b"nosniff")
_VARY: Header = (b"vary", b"Origin")
_CREDENTIALS: Header = (b"access-control-allow-credentials", b"true")
_ANY_ORIGIN: Header = (b"access-control-allow-origin", b"*")

_ORIGIN = re.compile(rb"[A-Za-z][A-Za-z0-9+.\-]{0,31}://[A-Za-z0-9.\-_\[\]:]{1,255}")
_LONGEST_ORIGIN = 2_000


class Response(NamedTuple):
    """A whole response of ASGI: the start message and the body message."""

    start: dict[str, Any]
    body: dict[str, Any]


def text(status: int, body: bytes, *headers: Header) -> Response:
    """A short plain answer."""
    length = (b"content-length", b"%d" % len(body))
    return _response(status, [*headers, _TEXT, _NOSNIFF, length], body)


def refused(status: int, body: bytes, cors: Header, *headers: Header) -> Response:
    """A short plain answer that the page which sent the request may read."""
    return text(status, body, cors, _CREDENTIALS, _VARY, *headers)


def unavailable(cors: Header) -> Response:
    """The answer when events cannot be stored at the moment (A-19)."""
    return refused(503, b"cannot store events now", cors, RETRY)


def accepted(cors: Header, cookie: bytes | None) -> Response:
    """The answer to events of a POST (A-14, A-15)."""
    headers = [cors, _CREDENTIALS, _VARY, _TEXT, _NOSNIFF, _OK_LENGTH]
    if cookie is not None:
        headers.insert(0, (b"set-cookie", cookie))
    return _response(200, headers, _OK)


def pixel(cors: Header, cookie: bytes | None) -> Response:
    """The answer to an event of a GET (A-13, A-15)."""
    headers = [_NO_STORE, cors, _CREDENTIALS, _VARY, _GIF, _NOSNIFF, _PIXEL_LENGTH]
    if cookie is not None:
        headers.insert(0, (b"set-cookie", cookie))
    return _response(200, headers, PIXEL)


def preflight(cors: Header, max_age: int) -> Response:
    """The answer to OPTIONS on any path (A-24, A-25)."""
    allowed = (b"access-control-allow-headers", b"Content-Type, SP-Anonymous")
    age = (b"access-control-max-age", b"%d" % max_age)
    return _response(200, [cors, _CREDENTIALS, allowed, age, _VARY, (b"content-length", b"0")], b"")


def receipt(cors: Header, removed: Sequence[str], cookies: Sequence[bytes]) -> Response:
    """The answer to the wish that the collector's cookies be removed: their names, as JSON."""
    body = dumps({"cookies": removed})
    headers: list[Header] = [(b"set-cookie", cookie) for cookie in cookies]
    headers += [_PRIVATE, cors, _CREDENTIALS, _VARY, _JSON, _NOSNIFF]
    return _response(200, [*headers, (b"content-length", b"%d" % len(body))], body)


def allow_origin(origin: bytes | None) -> Header:
    """The `Access-Control-Allow-Origin` header for a request's `Origin` (A-20)."""
    if origin is None or len(origin) > _LONGEST_ORIGIN:
        return _ANY_ORIGIN
    return _allow_origin(origin)


@lru_cache(maxsize=1024)
def _allow_origin(origin: bytes) -> Header:
    for part in origin.split(b" "):
        if _ORIGIN.fullmatch(part):
            return (b"access-control-allow-origin", part)
    return _ANY_ORIGIN


def _response(status: int, headers: list[Header], body: bytes) -> Response:
    return Response(
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": body},
    )

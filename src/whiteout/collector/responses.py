"""What the collector answers (A-9, A-11 to A-15, A-24, A-25, A-74).

Every answer is made anew: an application around the collector may add headers to its messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from whiteout.collector.codec import dumps
from whiteout.collector.cors import Cors, Header

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

NOSNIFF: Header = (b"x-content-type-options", b"nosniff")
"""A browser must not take an answer for something else, such as a script."""

INERT: tuple[Header, ...] = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; sandbox"),
    (b"referrer-policy", b"no-referrer"),
    NOSNIFF,
)
"""What makes sure that a short answer, opened as a page, can do nothing."""

_OK = b"ok"
_OK_LENGTH: Header = (b"content-length", b"%d" % len(_OK))
_PIXEL_LENGTH: Header = (b"content-length", b"%d" % len(PIXEL))
_NO_LENGTH: Header = (b"content-length", b"0")
_NO_STORE: Header = (b"cache-control", b"no-cache, no-store, must-revalidate")
_TEXT: Header = (b"content-type", b"text/plain; charset=utf-8")
_JSON: Header = (b"content-type", b"application/json")
_PRIVATE: Header = (b"cache-control", b"no-store")
_GIF: Header = (b"content-type", b"image/gif")
_SAFELISTED = "Content-Type, SP-Anonymous"


class Response(NamedTuple):
    """A whole response of ASGI: the start message and the body message."""

    start: dict[str, Any]
    body: dict[str, Any]


def text(status: int, body: bytes, *headers: Header) -> Response:
    """A short plain answer."""
    return respond(status, [*headers, _TEXT, *INERT], body)


def refused(status: int, body: bytes, cors: Cors, *headers: Header) -> Response:
    """A short plain answer that the page which sent the request may read."""
    return text(status, body, *cors.headers, *headers)


def unavailable(cors: Cors) -> Response:
    """The answer when events cannot be stored at the moment (A-19)."""
    return refused(503, b"cannot store events now", cors, RETRY)


def accepted(cors: Cors, cookie: bytes | None) -> Response:
    """The answer to events of a POST (A-14, A-15)."""
    return _response(200, [*_cookie(cookie), *cors.headers, _TEXT, NOSNIFF, _OK_LENGTH], _OK)


def pixel(cors: Cors, cookie: bytes | None) -> Response:
    """The answer to an event of a GET (A-13, A-15)."""
    headers = [*_cookie(cookie), _NO_STORE, *cors.headers, _GIF, NOSNIFF, _PIXEL_LENGTH]
    return _response(200, headers, PIXEL)


def redirect(cors: Cors, cookie: bytes | None, target: bytes | None) -> Response:
    """The answer to an event that leads elsewhere: there, or 400 where it may not (A-74)."""
    headers = [*_cookie(cookie), _NO_STORE, *cors.headers]
    if target is None:
        return _response(400, [*headers, NOSNIFF, _NO_LENGTH], b"")
    leads: list[Header] = [(b"location", target), (b"referrer-policy", b"no-referrer")]
    return _response(302, [*headers, *leads, NOSNIFF, _NO_LENGTH], b"")


def preflight(cors: Cors, further: Sequence[str], max_age: int) -> Response:
    """The answer to OPTIONS on any path (A-24, A-25); `further` headers are allowed too (A-28)."""
    allowed = ", ".join([_SAFELISTED, *further]).encode("latin-1")
    *reading, vary = cors.headers
    headers: list[Header] = [
        *reading,
        (b"access-control-allow-headers", allowed),
        (b"access-control-max-age", b"%d" % max_age),
        vary,
        _NO_LENGTH,
    ]
    return _response(200, headers, b"")


def receipt(cors: Cors, said: object, cookies: Sequence[bytes]) -> Response:
    """The answer to a wish about cookies: what was done, as JSON, and the cookies it takes."""
    headers: list[Header] = [(b"set-cookie", cookie) for cookie in cookies]
    return respond(200, [*headers, _PRIVATE, *cors.headers, _JSON, *INERT], dumps(said))


def respond(status: int, headers: list[Header], body: bytes) -> Response:
    """An answer with its length, which that of 304 is not to tell."""
    length = [] if status == 304 else [(b"content-length", b"%d" % len(body))]
    return _response(status, [*headers, *length], body)


def _cookie(cookie: bytes | None) -> tuple[Header, ...]:
    return () if cookie is None else ((b"set-cookie", cookie),)


def _response(status: int, headers: list[Header], body: bytes) -> Response:
    return Response(
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": body},
    )

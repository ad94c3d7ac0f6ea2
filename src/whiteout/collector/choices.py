"""What a visitor decides here: opting out and in, and being forgotten (A-45, W17; contract 6)."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Sequence

from whiteout.collector.cookies import CookieWriter, cookie_value
from whiteout.collector.cors import Cors, Header, Origins
from whiteout.collector.responses import NOSNIFF, Response, receipt, refused, respond
from whiteout.collector.settings import CollectorSettings
from whiteout.protocol.paths import CLEAR_PATH

OPT_OUT_PATH = "/privacy/opt-out"
"""The page on which a visitor opts out, and where a POST does so."""

OPT_IN_PATH = "/privacy/opt-in"
"""The same page, and where a POST takes the opt-out back."""

_STYLE = (
    "body{font:1.1rem/1.6 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.2rem;"
    "color:#222;background:#fff}button{font:inherit;padding:.5rem 1.1rem;cursor:pointer}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


def _page(state: str, action: str, button: str, note: str) -> bytes:
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>Your choice</title>
<style>{_STYLE}</style>
<main>
<h1>Your choice</h1>
<p>{state}</p>
<form method="post" action="{action}"><button>{button}</button></form>
<p>{note}</p>
</main>
</html>
""".encode()


_OUT = _page(
    "Visits with this browser are <strong>not recorded</strong>.",
    "opt-in",
    "Record my visits again",
    "A cookie remembers your choice. Its value is the same for everybody.",
)
_IN = _page(
    "Visits with this browser <strong>may be recorded</strong>.",
    "opt-out",
    "Do not record my visits",
    "Your choice is kept in a cookie whose value is the same for everybody.",
)
_PAGE_HEADERS: tuple[Header, ...] = (
    (b"content-type", b"text/html; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"vary", b"Cookie, Accept"),
    (
        b"content-security-policy",
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'".encode(),
    ),
    # Without any referrer a browser would not say where a form was sent from.
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    NOSNIFF,
)
_WORDS = ("1", "true", "yes", "on", "optout", "opt-out")
_COOKIE_VALUE = re.compile(r"[\w\-.~!*+]{1,64}", re.ASCII)


class Choices:
    """Answers the paths below `/privacy/`."""

    def __init__(
        self, settings: CollectorSettings, cookies: CookieWriter, origins: Origins
    ) -> None:
        self._settings = settings
        self._cookies = cookies
        self._origins = origins
        self._value = _value_of(settings.opt_out_cookie)

    def answer(
        self, method: str, path: str, raw: Sequence[Header], headers: dict[bytes, bytes]
    ) -> Response | None:
        """The answer to a request; None when there is nothing at this path."""
        cors = self._origins.cors(headers.get(b"origin"))
        if path == CLEAR_PATH:
            return self._clear(raw, headers, cors) if method == "POST" else None
        if path not in (OPT_OUT_PATH, OPT_IN_PATH) or self._value is None:
            return None
        if method in ("GET", "HEAD"):
            return self._show(raw, headers, cors)
        if method != "POST":
            return None
        if not self._is_own(headers):
            return refused(403, b"A page of another site made this request.", cors)
        return self._choose(raw, headers, cors, out=path == OPT_OUT_PATH)

    def _clear(self, raw: Sequence[Header], headers: dict[bytes, bytes], cors: Cors) -> Response:
        """Expire the collector's cookie, and say whether the browser had it (W17, contract 8).

        A request that asks for anonymity by its header is not looked at for a cookie.
        """
        if b"sp-anonymous" in headers:
            return receipt(cors, {"cookies": []}, [])
        return receipt(cors, {"cookies": self._found(raw)}, self._cookies.expired())

    def _show(self, raw: Sequence[Header], headers: dict[bytes, bytes], cors: Cors) -> Response:
        out = self._has_opted_out(raw)
        if _wants_json(headers):
            own = cors if self._is_own(headers) else Cors()
            return receipt(own, {"opted_out": out}, [])
        return respond(200, list(_PAGE_HEADERS), _OUT if out else _IN)

    def _choose(
        self, raw: Sequence[Header], headers: dict[bytes, bytes], cors: Cors, *, out: bool
    ) -> Response:
        name = self._name
        cookies = self._cookies.expired() if out else self._cookies.expired(name)
        if out:
            origin = headers.get(b"origin", b"").decode("latin-1")
            value = str(self._value)
            cookies.append(self._cookies.opt_out(name, value, origin, int(time.time())))
        if _wants_json(headers):
            removed = self._found(raw) if out else []
            return receipt(cors, {"opted_out": out, "cookies": removed}, cookies)
        found: list[Header] = [(b"set-cookie", cookie) for cookie in cookies]
        return respond(303, [*found, (b"location", b"opt-out"), *_PAGE_HEADERS], b"")

    @property
    def _name(self) -> str:
        return "" if self._settings.opt_out_cookie is None else self._settings.opt_out_cookie[0]

    def _has_opted_out(self, raw: Sequence[Header]) -> bool:
        cookie = self._settings.opt_out_cookie
        value = None if cookie is None else cookie_value(raw, cookie[0])
        return cookie is not None and value is not None and bool(cookie[1].fullmatch(value))

    def _found(self, raw: Sequence[Header]) -> list[str]:
        name = self._settings.cookie.name
        return [name] if cookie_value(raw, name) is not None else []

    def _is_own(self, headers: dict[bytes, bytes]) -> bool:
        """Whether no page of a stranger made a request: the collector's own, or of named origins.

        Browsers name the origin with every POST; a program that is none names nothing.
        """
        origin, site = headers.get(b"origin"), headers.get(b"sec-fetch-site")
        if origin is None:
            return site in (None, b"same-origin", b"none")
        if origin == b"null":
            return site == b"same-origin"
        scheme, _, host = origin.partition(b"://")
        own = scheme in (b"http", b"https") and host.lower() == headers.get(b"host", b"").lower()
        return own or self._origins.lists(origin)


def _wants_json(headers: dict[bytes, bytes]) -> bool:
    accepted = headers.get(b"accept", b"").lower()
    return b"application/json" in accepted and b"text/html" not in accepted


def _value_of(cookie: tuple[str, re.Pattern[str]] | None) -> str | None:
    """A value that an opt-out cookie can be given; None where its pattern has no simple one."""
    if cookie is None:
        return None
    for word in (cookie[1].pattern, *_WORDS):
        if _COOKIE_VALUE.fullmatch(word) and cookie[1].fullmatch(word):
            return word
    return None

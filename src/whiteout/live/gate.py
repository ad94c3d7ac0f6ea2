"""The gate of the pages, `/api`, `/micro` and `/metrics` (contract 15).

Without a token only this machine is answered, and only when it is clear that no proxy and no
rebound host name stands in between. With a token every request needs it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, quote

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from whiteout.live import origin
from whiteout.live.body import BodyTooLarge, read_body
from whiteout.live.credentials import Credentials
from whiteout.live.headers import respond
from whiteout.live.templates import render

SIGN_IN = "/signin"
SIGN_OUT = "/signout"
OPEN_PREFIX = "/assets/"
"""Behind this prefix are only files that everybody can have; the sign-in page needs some."""

_COOKIE = "whiteout_session"
_SECURE_COOKIE = "__Host-whiteout_session"
_COOKIES = frozenset({_COOKIE, _SECURE_COOKIE})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_HTML = "text/html; charset=utf-8"
_MAX_FORM = 4_096
_FORM_SECONDS = 5.0
_LOCAL_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")

_HOW = (
    "Without an access token whiteout shows its pages only to this machine itself: from a loopback"
    " address, under the name localhost, 127.0.0.1 or [::1], with no proxy in between.\n"
    "{why}\n"
    "To open them to other machines, start whiteout with a token, a long random text:\n"
    "    whiteout up --token TOKEN\n"
    "or set WHITEOUT_TOKEN in its environment. Then sign in with it in the browser, or send\n"
    "    Authorization: Bearer TOKEN\n"
)


class Gate:
    """ASGI middleware that lets a request through to `app`, or answers 401 or 403 itself.

    `token`: the access token, or None. Raises ValueError when it is empty. With a token the gate
    also answers `/signin` and `/signout`. Whatever else passes between server and application
    (lifespan) goes through untouched; WebSockets are closed unless the request may pass. `trusts`
    tells of headers whether they name a page of another origin that may ask all the same (D-10).
    """

    def __init__(
        self,
        app: ASGIApp,
        token: str | None,
        trusts: Callable[[Headers], bool] = lambda _headers: False,
    ) -> None:
        self._app = app
        self._trusts = trusts
        self._credentials = None if token is None else Credentials(token)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through or answer it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if scope["type"] == "websocket":
            if origin.is_own(headers) and self._may_pass(scope, headers):
                await self._app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1008})
            return
        if self._credentials is None:
            await self._local(scope, receive, send, headers)
        else:
            await self._with_token(scope, receive, send, headers, self._credentials)

    def _may_pass(self, scope: Scope, headers: Headers) -> bool:
        if self._credentials is None:
            return _why_not_local(scope, headers) is None
        return _has_bearer(headers, self._credentials) or _has_session(headers, self._credentials)

    async def _local(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
        why = _why_not_local(scope, headers)
        if why is not None:
            await respond(send, 403, _HOW.format(why=why))
        elif _is_forged(scope, headers) and not self._trusts(headers):
            await respond(send, 403, "A page of another site made this request.\n")
        else:
            await self._app(scope, receive, send)

    async def _with_token(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        headers: Headers,
        credentials: Credentials,
    ) -> None:
        path = scope["path"]
        if path == SIGN_IN:
            await _sign_in(scope, receive, send, headers, credentials)
        elif path == SIGN_OUT:
            await _sign_out(scope, send, headers)
        elif _has_bearer(headers, credentials) or (
            path.startswith(OPEN_PREFIX) and scope["method"] in _SAFE
        ):
            await self._app(scope, receive, send)
        elif not _has_session(headers, credentials):
            await _ask_for_token(scope, send, headers)
        elif _is_forged(scope, headers) and not self._trusts(headers):
            await respond(send, 403, "A page of another site made this request.\n")
        else:
            await self._app(scope, receive, send)


def _why_not_local(scope: Scope, headers: Headers) -> str | None:
    if not origin.is_loopback(scope):
        return "This request came from another machine."
    if not origin.local_host(headers):
        return "This request was for another host name."
    name = origin.proxy_header(headers)
    return None if name is None else f"This request came through a proxy (header {name})."


def _is_forged(scope: Scope, headers: Headers) -> bool:
    """Whether a foreign page made the request with the browser of somebody who may pass."""
    if scope["method"] in _SAFE:
        return origin.is_foreign(headers) and not origin.is_navigation(headers)
    return origin.is_foreign(headers) or (
        headers.get("origin") == "null" and not origin.is_own(headers)
    )


def _has_bearer(headers: Headers, credentials: Credentials) -> bool:
    scheme, _, value = headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and credentials.is_token(value.strip().encode("latin-1"))


def _has_session(headers: Headers, credentials: Credentials) -> bool:
    pairs = (pair for line in headers.getlist("cookie") for pair in line.split(";"))
    return any(
        name.strip() in _COOKIES and credentials.is_session(value.strip())
        for name, _, value in (pair.partition("=") for pair in pairs)
    )


async def _ask_for_token(scope: Scope, send: Send, headers: Headers) -> None:
    if scope["method"] in _SAFE and "text/html" in headers.get("accept", ""):
        target = scope["path"]
        if scope.get("query_string"):
            target += "?" + scope["query_string"].decode("latin-1")
        where = f"{SIGN_IN}?next={quote(target, safe='/')}"
        await respond(send, 303, "Sign in first.\n", headers=[("location", where)])
        return
    text = "This needs the access token: Authorization: Bearer TOKEN\n"
    await respond(send, 401, text, headers=[("www-authenticate", 'Bearer realm="whiteout"')])


async def _sign_in(
    scope: Scope, receive: Receive, send: Send, headers: Headers, credentials: Credentials
) -> None:
    if scope["method"] in {"GET", "HEAD"}:
        query = scope.get("query_string", b"").decode("latin-1")
        await respond(send, 200, _page(_next(query)), content_type=_HTML)
        return
    if scope["method"] != "POST":
        await respond(send, 405, "Only GET and POST.\n", headers=[("allow", "GET, HEAD, POST")])
        return
    if origin.is_foreign(headers):
        await respond(send, 403, "A page of another site made this request.\n")
        return
    try:
        form = (await read_body(receive, limit=_MAX_FORM, seconds=_FORM_SECONDS)).decode("latin-1")
    except (BodyTooLarge, TimeoutError):
        await respond(send, 400, "The form did not arrive.\n", headers=[("connection", "close")])
        return
    candidate = _field(form, "token")
    if not credentials.is_token(candidate.strip().encode()):
        page = _page(_next(form), wrong="That is not the token.")
        await respond(send, 403, page, content_type=_HTML)
        return
    cookie = _set_cookie(credentials.new_session(), secure=origin.is_secure(scope, headers))
    found = [("location", _next(form)), ("set-cookie", cookie)]
    await respond(send, 303, "Signed in.\n", headers=found)


async def _sign_out(scope: Scope, send: Send, headers: Headers) -> None:
    if scope["method"] != "POST":
        await respond(send, 405, "Only POST.\n", headers=[("allow", "POST")])
    elif origin.is_foreign(headers):
        await respond(send, 403, "A page of another site made this request.\n")
    else:
        gone = [
            ("set-cookie", _set_cookie("", secure=secure) + "; Max-Age=0")
            for secure in (False, True)
        ]
        await respond(send, 303, "Signed out.\n", headers=[("location", SIGN_IN), *gone])


def _page(target: str, wrong: str = "") -> str:
    return render("signin.html", next=target, wrong=wrong)


def _set_cookie(value: str, *, secure: bool) -> str:
    attributes = "Path=/; HttpOnly; SameSite=Strict"
    if secure:
        return f"{_SECURE_COOKIE}={value}; {attributes}; Secure"
    return f"{_COOKIE}={value}; {attributes}"


def _next(query: str) -> str:
    """Where to go after signing in: a path of this site, never another site."""
    target = _field(query, "next")
    return target if _LOCAL_PATH.fullmatch(target) else "/"


def _field(form: str, name: str) -> str:
    try:
        values = parse_qs(form, max_num_fields=16, errors="replace").get(name, [""])
    except ValueError:
        return ""
    return values[0]

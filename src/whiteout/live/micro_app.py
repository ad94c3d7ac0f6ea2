"""`/micro` as an application of its own, for an instance that only tests use (D-2, D-10, D-11)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from whiteout.live.gate import Gate
from whiteout.live.headers import SecurityHeaders
from whiteout.live.micro import FindSchema, Micro
from whiteout.live.micro_window import Window

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class Origins:
    """Which origins may read answers: those of this machine, and those that are named (D-10)."""

    def __init__(self, named: Sequence[str]) -> None:
        self._named = frozenset(named)

    def trusts(self, headers: Headers) -> bool:
        """Whether a request says that a page of such an origin made it."""
        return self.allowed(headers) is not None

    def allowed(self, headers: Headers) -> str | None:
        """The origin of a request, where it is such a one."""
        origin = headers.get("origin")
        if origin is None or len(headers.getlist("origin")) > 1:
            return None
        try:
            parts = urlsplit(origin)
            local = parts.scheme in ("http", "https") and parts.hostname in _LOCAL
        except ValueError:
            return None
        return origin if local or origin.lower() in self._named else None


class _Cors:
    """Lets pages of allowed origins read answers; without credentials."""

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer OPTIONS, and mark every other answer."""
        allowed = self._origins.allowed(Headers(scope=scope)) if scope["type"] == "http" else None

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.add_vary_header("Origin")
                if allowed is not None:
                    headers["access-control-allow-origin"] = allowed
                    headers["access-control-allow-methods"] = "POST, GET, OPTIONS"
                    headers["access-control-allow-headers"] = "Content-Type"
            await send(message)

        if allowed is not None and scope["method"] == "OPTIONS":
            start = {"type": "http.response.start", "status": 200, "headers": []}
            await send_marked(start)
            await send({"type": "http.response.body", "body": b""})
            return
        await self._app(scope, receive, send_marked)


def micro_app(
    window: Window,
    find_schema: FindSchema,
    *,
    token: str | None,
    origins: Sequence[str] = (),
    registries: Sequence[str] = (),
    storage: bool = True,
) -> ASGIApp:
    """The endpoints behind the gate (contract 15); without `storage` all of them are 404 (D-13).

    Raises ValueError when the token is empty.
    """
    allowed = Origins(origins)
    micro = Micro(window, find_schema, registries=registries, trusts=allowed.trusts)
    routes = Starlette(routes=micro.routes() if storage else [])
    routes.router.redirect_slashes = False
    packed = GZipMiddleware(routes, minimum_size=1)
    return _Cors(Gate(SecurityHeaders(packed), token, allowed.trusts), allowed)

"""Middleware for ASGI applications: Starlette, FastAPI, and plain ones."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Unpack

from whiteout.web.current import CURRENT
from whiteout.web.facts import RequestFacts
from whiteout.web.tracking import Tracking, TrackingOptions
from whiteout.web.visits import Visit

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]


class AsgiMiddleware:
    """Gives each request of an application a tracker.

    Takes a `Tracking`, or what one is made of. `current_tracker()` returns the tracker wherever the
    request is served, and `scope["whiteout"]` is the visit. `consent` and `address` are called with
    the scope. At the end of the lifespan, what waits is sent.
    """

    def __init__(
        self,
        app: Application,
        namespace: str = "",
        endpoint: str = "",
        *,
        tracking: Tracking | None = None,
        **options: Unpack[TrackingOptions],
    ) -> None:
        self._app = app
        self.tracking = tracking or Tracking(namespace, endpoint, **options)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one connection."""
        kind = scope["type"]
        if kind == "lifespan":
            await self._app(scope, receive, self._closing(send))
            return
        if kind not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        visit = self.tracking.visit(RequestFacts.of_scope(scope), scope)
        scope["whiteout"] = visit
        token = CURRENT.set(visit)
        try:
            await self._app(scope, receive, self._sending(visit, send))
        finally:
            CURRENT.reset(token)
            visit.end()

    def _sending(self, visit: Visit, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                kinds = [v.decode("latin-1") for k, v in headers if k.lower() == b"content-type"]
                self.tracking.answered(visit, message["status"], kinds[0] if kinds else None)
                message["headers"] = headers + [
                    (b"set-cookie", change.header().encode("latin-1")) for change in visit.changes()
                ]
            await send(message)

        return sending

    def _closing(self, send: Send) -> Send:
        async def closing(message: Message) -> None:
            if message["type"] == "lifespan.shutdown.complete":
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(None, functools.partial(self.tracking.close))
            await send(message)

        return closing

"""`GET /api/stream`: feed entries as server-sent events.

The `id` of an event is its cursor in the feed. A client goes on where it was by `Last-Event-ID`,
which browsers send by themselves, or by the parameter `after`. Besides messages, each one feed
entry as JSON, there are the events `ready` (the stream is open) and `gap` (entries were missed).
"""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from whiteout.live.broadcast import Broadcast, TooManyStreams
from whiteout.live.feed_access import FeedUnavailable
from whiteout.live.subscription import Subscription

HEARTBEAT = b": still here\n\n"
_RETRY = b"retry: 1000\n\n"
_STALL_SECONDS = 60.0
_GRACE_SECONDS = 0.5
_MAX_DIGITS = 18
_HEADERS = {
    "cache-control": "no-store",
    # nginx and its kin would hold the events back
    "x-accel-buffering": "no",
}


class Stream:
    """The endpoint, as an ASGI application.

    `heartbeat_seconds`: after so long without an event a comment is sent, so that proxies and we
    ourselves notice a dead connection.
    """

    def __init__(self, broadcast: Broadcast, *, heartbeat_seconds: float) -> None:
        self._broadcast = broadcast
        self._heartbeat_seconds = heartbeat_seconds
        self._open: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with an event stream; 503 when there are too many, or no feed can be read."""
        request = Request(scope)
        if scope["method"] == "HEAD":
            await Response(media_type="text/event-stream", headers=_HEADERS)(scope, receive, send)
            return
        try:
            subscription = await self._broadcast.subscribe(_cursor(request))
        except TooManyStreams:
            await _unavailable("too many live pages are open")(scope, receive, send)
            return
        except FeedUnavailable:
            await _unavailable("the feed cannot be read")(scope, receive, send)
            return
        try:
            await self._serve(subscription, receive, send)
        finally:
            self._broadcast.unsubscribe(subscription)

    async def shutdown(self) -> None:
        """End every stream; what a client does not take within half a second is given up."""
        self._broadcast.close()
        if self._open:
            _, late = await asyncio.wait(self._open, timeout=_GRACE_SECONDS)
            for task in late:
                task.cancel()

    async def _serve(self, subscription: Subscription, receive: Receive, send: Send) -> None:
        gone = asyncio.create_task(_disconnect(receive))
        pump = asyncio.create_task(self._pump(subscription, send))
        self._open.add(pump)
        try:
            await asyncio.wait({gone, pump}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._open.discard(pump)
            for task in (gone, pump):
                task.cancel()
            await asyncio.gather(gone, pump, return_exceptions=True)

    async def _pump(self, subscription: Subscription, send: Send) -> None:
        headers = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
        headers.append((b"content-type", b"text/event-stream; charset=utf-8"))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        chunk = _RETRY
        while True:
            async with asyncio.timeout(_STALL_SECONDS):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            chunk = await subscription.next(self._heartbeat_seconds)
            if not chunk and subscription.ended:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
            chunk = chunk or HEARTBEAT


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _cursor(request: Request) -> int | None:
    for text in (request.headers.get("last-event-id"), request.query_params.get("after")):
        if text and text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS:
            return int(text)
    return None


def _unavailable(why: str) -> JSONResponse:
    return JSONResponse({"error": why}, status_code=503, headers={"retry-after": "5"})

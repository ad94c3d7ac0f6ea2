"""The collector: one plain ASGI application (A.1 to A.13; contracts 6, 7, 13 and 14)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, Protocol

from whiteout.collector import redirects
from whiteout.collector.body import BodyError, BodyReader, BodyTooLarge
from whiteout.collector.choices import Choices
from whiteout.collector.codec import dumps
from whiteout.collector.cookies import CookieWriter
from whiteout.collector.cors import Cors, Header, Origins
from whiteout.collector.request import Request
from whiteout.collector.responses import (
    INERT,
    RETRY,
    ROBOTS,
    Response,
    accepted,
    pixel,
    preflight,
    redirect,
    refused,
    respond,
    text,
    unavailable,
)
from whiteout.collector.scripts import script_answer
from whiteout.collector.settings import CollectorSettings
from whiteout.collector.taking import Taken, Taker
from whiteout.privacy import SignalPolicy
from whiteout.protocol.paths import ANONYMOUS_PREFIX, PIXEL_PATHS, is_event_path
from whiteout.spool import Done, SpoolError, SpoolUnavailable, SpoolWriter

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MOST_AT_ONCE = 100_000
"""Bytes of a body that may be taken on the event loop; more would keep others waiting."""

GPC_PATH = "/.well-known/gpc.json"
"""Where a site says whether it honours Global Privacy Control (S1)."""

_WELL_KNOWN = "/.well-known/"


class Store(Protocol):
    """What a collector needs of its spool."""

    @property
    def healthy(self) -> bool:
        """Whether records are accepted."""

    def append(self, record: bytes) -> Awaitable[None]:
        """Take a record; awaits that it is durable. Raises SpoolError, also when awaited."""

    def append_then(self, record: bytes, done: Done) -> None:
        """Take a record and call `done` when it is durable. Raises SpoolError."""

    async def close(self) -> None:
        """Make durable what is pending, and take no more."""


class Collector:
    """Accepts events and answers once they are durable.

    `folder` is where the spool keeps its files, and `open_spool` opens them. The application may be
    mounted inside another ASGI application; it opens its spool with the lifespan or, where a
    mounted application gets none, with the first event. While `stopping` is set, `/health` tells
    that no further requests should be sent here (A-81).
    """

    def __init__(
        self,
        folder: Path,
        settings: CollectorSettings | None = None,
        open_spool: Callable[[Path], Store] = SpoolWriter.open,
    ) -> None:
        self._folder = folder
        self._open_spool = open_spool
        self.settings = settings = settings or CollectorSettings()
        cookies = CookieWriter(settings.cookie)
        self.origins = Origins(settings.cors_origins)
        self.taker = Taker(settings, cookies)
        self.take: Callable[..., Taken] = self.taker.take
        self._choices = Choices(settings, cookies, self.origins)
        self._bodies = BodyReader(settings.body_limit, settings.body_timeout, settings.body_memory)
        self._redirect_hosts = frozenset(host.lower() for host in settings.redirect_hosts)
        self.stopping = False
        self._spool: Store | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def open(self) -> None:
        """Open the spool. Raises SpoolError when the folder cannot be used."""
        self._closed = False
        if self._spool is None:
            self._spool = self._open_spool(self._folder)

    async def close(self) -> None:
        """Make durable what is pending and release the spool; later events are refused."""
        self._closed = True
        spool, self._spool = self._spool, None
        if spool is not None:
            await spool.close()

    @property
    def healthy(self) -> bool:
        """Whether events can be stored, as far as is known."""
        return not self._closed and (self._spool is None or self._spool.healthy)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "http":
            answer = await self._answer(scope, receive)
            if scope["method"] == "HEAD":
                answer.body["body"] = b""
            await send(answer.start)
            await send(answer.body)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    self.open()
                except SpoolError as error:
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    return
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        """Route a request (A.1)."""
        method: str = scope["method"]
        path = _local_path(scope)
        by_path = path.startswith(ANONYMOUS_PREFIX + "/")
        if by_path:
            path = path[len(ANONYMOUS_PREFIX) :]
        headers = dict(scope["headers"][::-1])  # Of equal names the first counts.
        cors = self.origins.cors(headers.get(b"origin"))
        if redirects.is_redirect(path) and not self._redirect_hosts:
            return refused(404, b"redirects disabled", cors)
        if method in ("POST", "GET", "HEAD") and _takes_events(method, path):
            return await self._track(scope, receive, path, headers, by_path=by_path)
        if method == "OPTIONS":
            return preflight(cors, self.settings.cors_headers, self.settings.cors_max_age)
        answer = None if by_path else self._other(method, path, scope["headers"], headers)
        return answer or refused(404, b"Not found", cors)

    def _other(
        self, method: str, path: str, raw: list[Header], headers: dict[bytes, bytes]
    ) -> Response | None:
        """The answer to what is neither an event nor a preflight; None when there is none."""
        if path.startswith("/privacy/"):
            return self._choices.answer(method, path, raw, headers)
        if method not in ("GET", "HEAD"):
            return None
        if path.endswith(".js"):
            return script_answer(path, headers)
        if path == GPC_PATH:
            return self._global_privacy_control()
        return self._service(path) if method == "GET" else None

    def _service(self, path: str) -> Response | None:
        if path == "/health":
            return text(503, b"stopping") if self.stopping else text(200, b"ok")
        if path == "/sink-health":
            return text(200, b"ok") if self.healthy else text(503, b"Service Unavailable")
        if path == "/" and self.settings.root is not None:
            root = self.settings.root
            headers = [(k.lower().encode(), v.encode("latin-1")) for k, v in root.headers]
            return respond(root.status, headers, root.body.encode())
        return text(200, ROBOTS) if path == "/robots.txt" else None

    def _global_privacy_control(self) -> Response:
        honoured = self.settings.policy.gpc is not SignalPolicy.IGNORE
        body = dumps({"gpc": honoured, "lastUpdate": self.settings.gpc_since})
        kind, caching = (b"content-type", b"application/json"), (b"cache-control", b"max-age=3600")
        return respond(200, [kind, caching, *INERT], body)

    async def _track(
        self,
        scope: Scope,
        receive: Receive,
        path: str,
        headers: dict[bytes, bytes],
        *,
        by_path: bool,
    ) -> Response:
        """Take the events of a request; a body is read of a POST only (A-2)."""
        cors = self.origins.cors(headers.get(b"origin"))
        kept = self.settings.paths.get(path, path)
        query: bytes = scope["query_string"]
        body: bytes | None = None
        target: bytes | None = None
        leads = kept.startswith("/r/")
        if leads:
            if not self._redirect_hosts:
                return refused(404, b"redirects disabled", cors)
            sent = query.decode("utf-8", "replace")
            target = redirects.target_of(sent, self._redirect_hosts, redirects.host_of(headers))
            clicked = redirects.click(sent)
            if clicked is not None:
                kept, query = redirects.CLICK_PATH, clicked.encode()
        elif scope["method"] == "POST":
            try:
                body = await self._bodies.read(receive, headers)
            except BodyError as error:
                return self._unread(error, cors)
        peer = scope.get("client")
        address = peer[0] if peer else None
        request = Request(kept, query, scope["headers"], headers, address, body, asked=path)
        try:
            cookie = await self._take(request, by_path=by_path)
        except SpoolError:
            return unavailable(cors)
        if leads:
            return redirect(cors, cookie, target)
        return pixel(cors, cookie) if body is None else accepted(cors, cookie)

    async def _take(self, request: Request, *, by_path: bool) -> bytes | None:
        """Store a request, and the cookie to set. Raises SpoolError."""
        if request.body is None or len(request.body) <= MOST_AT_ONCE:
            taken = self.take(request, by_path=by_path)
        else:
            taken = await asyncio.to_thread(self.take, request, by_path=by_path)
        if taken.record is not None:
            await self.store(taken.record)
        return taken.cookie

    def _unread(self, error: BodyError, cors: Cors) -> Response:
        large = isinstance(error, BodyTooLarge)
        status = self.settings.oversized_status if large else error.status
        retry = (RETRY,) if status == 503 else ()
        return refused(status, error.says, cors, *retry)

    def store(self, record: bytes) -> Awaitable[None]:
        """Awaits that the record is durable. Raises SpoolError, also when awaited."""
        spool = self._spool
        if spool is None or self._loop is not asyncio.get_running_loop():
            return self._store_elsewhere(record)
        return spool.append(record)

    def store_then(self, record: bytes, done: Done) -> None:
        """Call `done` when the record is durable, or with the error. Raises SpoolError."""
        spool = self._spool
        if spool is None or self._loop is not asyncio.get_running_loop():
            task = asyncio.ensure_future(self._store_elsewhere(record))
            task.add_done_callback(lambda task: done(_failure(task)))
        else:
            spool.append_then(record, done)

    async def _store_elsewhere(self, record: bytes) -> None:
        spool = await self._spool_of_this_loop()
        await spool.append(record)

    async def _spool_of_this_loop(self) -> Store:
        """The spool; opened anew where the event loop that it belonged to was replaced."""
        if self._closed:
            raise SpoolUnavailable("the collector is closed")
        loop = asyncio.get_running_loop()
        former, self._loop = self._loop, loop
        if former is not None and former is not loop and self._spool is not None:
            spool, self._spool = self._spool, None
            await spool.close()
        self.open()
        assert self._spool is not None  # noqa: S101 (opened one line above)
        return self._spool


def _failure(task: asyncio.Task[None]) -> SpoolUnavailable | None:
    if not task.cancelled() and task.exception() is None:
        return None
    return SpoolUnavailable("the record could not be stored")


def app(folder: str | Path, settings: CollectorSettings | None = None) -> Collector:
    """A collector that keeps its spool in `folder`, ready to serve or to mount."""
    return Collector(Path(folder), settings)


def _takes_events(method: str, path: str) -> bool:
    """Whether requests with this method to this path are events (A.1 rows 3 to 5)."""
    if path in PIXEL_PATHS:
        return method != "POST"
    return is_event_path(path) and not path.startswith(_WELL_KNOWN)


def _local_path(scope: Scope) -> str:
    """The path below the place where the application is mounted."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "").rstrip("/")
    if root and (path == root or path.startswith(root + "/")):
        return path[len(root) :] or "/"
    return path

"""The collector: one plain ASGI application (A.1 to A.9; contracts 6, 7, 13 and 14)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, NamedTuple

from whiteout.collector.addresses import AddressReader
from whiteout.collector.anonymous import AnonymousInput, anonymise
from whiteout.collector.body import BodyError, BodyReader, BodyTooLarge
from whiteout.collector.codec import dumps
from whiteout.collector.content import content_type
from whiteout.collector.cookies import CookieWriter, cookie_value, new_id, usable_id
from whiteout.collector.responses import (
    RETRY,
    ROBOTS,
    Header,
    Response,
    accepted,
    allow_origin,
    pixel,
    preflight,
    receipt,
    refused,
    text,
    unavailable,
)
from whiteout.collector.scripts import script_answer
from whiteout.collector.settings import CollectorSettings
from whiteout.privacy import Signal, Treatment, dnt_header, gpc_header, treatment
from whiteout.protocol.paths import ANONYMOUS_PREFIX, CLEAR_PATH, PIXEL_PATHS, is_event_path
from whiteout.protocol.querystring import first_value
from whiteout.protocol.record import IdentifiedRequest, encode_anonymous, encode_identified
from whiteout.spool import Done, SpoolError, SpoolUnavailable, SpoolWriter

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MOST_AT_ONCE = 100_000
"""Bytes of a body that may be taken on the event loop; more would keep others waiting."""


class Request:
    """What the collector looks at of a request whose path is an event path."""

    __slots__ = ("body", "headers", "path", "peer", "query", "raw")

    def __init__(
        self,
        path: str,
        query: bytes,
        raw: list[Header],
        headers: dict[bytes, bytes],
        peer: str | None,
        body: bytes | None,
    ) -> None:
        self.path = path
        self.query = query.decode("utf-8", "replace") if query else ""
        self.raw = raw
        self.headers = headers
        self.peer = peer
        self.body = body


class Taken(NamedTuple):
    """The record to store, None where nothing is kept, and the cookie to set."""

    record: bytes | None
    cookie: bytes | None


_NOTHING = Taken(None, None)


class Collector:
    """Accepts events and answers once they are durable.

    `folder` is where the spool keeps its files, and `open_spool` opens them. The application may be
    mounted inside another ASGI application; it opens its spool with the lifespan or, where a
    mounted application gets none, with the first event.
    """

    def __init__(
        self,
        folder: Path,
        settings: CollectorSettings | None = None,
        open_spool: Callable[[Path], SpoolWriter] = SpoolWriter.open,
    ) -> None:
        self._folder = folder
        self._open_spool = open_spool
        self._settings = settings = settings or CollectorSettings()
        self._cookies = CookieWriter(settings.cookie)
        self._addresses = AddressReader(settings.address, settings.trusted_proxies)
        self._bodies = BodyReader(settings.body_limit, settings.body_timeout, settings.body_memory)
        self._unasked = treatment(policy=settings.policy)
        self._spool: SpoolWriter | None = None
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
        if path.startswith("/r/") and _is_redirect(path):
            return refused(404, b"redirects disabled", allow_origin(headers.get(b"origin")))
        pixel_path = path in PIXEL_PATHS and method != "POST"
        if method in ("POST", "GET", "HEAD") and (pixel_path or is_event_path(path)):
            body = receive if method == "POST" else None
            return await self._track(scope, body, path, headers, by_path=by_path)
        if method == "OPTIONS":
            return preflight(allow_origin(headers.get(b"origin")), self._settings.cors_max_age)
        answer = None if by_path else self._other(method, path, scope["headers"], headers)
        return answer or refused(404, b"Not found", allow_origin(headers.get(b"origin")))

    def _other(
        self, method: str, path: str, raw: list[Header], headers: dict[bytes, bytes]
    ) -> Response | None:
        """The answer to what is neither an event nor a preflight; None when there is none."""
        if method == "POST":
            return self._clear(raw, headers) if path == CLEAR_PATH else None
        if method in ("GET", "HEAD") and path.endswith(".js"):
            return script_answer(path, headers)
        return self._service(path) if method == "GET" else None

    def _service(self, path: str) -> Response | None:
        if path == "/health":
            return text(200, b"ok")
        if path == "/sink-health":
            healthy = not self._closed and (self._spool is None or self._spool.healthy)
            return text(200, b"ok") if healthy else text(503, b"Service Unavailable")
        return text(200, ROBOTS) if path == "/robots.txt" else None

    async def _track(
        self,
        scope: Scope,
        receive: Receive | None,
        path: str,
        headers: dict[bytes, bytes],
        *,
        by_path: bool,
    ) -> Response:
        """Take the events of a request; `receive` is None where no body is read (A-2)."""
        cors = allow_origin(headers.get(b"origin"))
        body: bytes | None = None
        if receive is not None:
            try:
                body = await self._bodies.read(receive, headers)
            except BodyError as error:
                return self._unread(error, cors)
        peer = scope.get("client")
        request = Request(
            path, scope["query_string"], scope["headers"], headers, peer[0] if peer else None, body
        )
        if body is None or len(body) <= MOST_AT_ONCE:
            taken = self.take(request, by_path=by_path)
        else:
            taken = await asyncio.to_thread(self.take, request, by_path=by_path)
        if taken.record is not None:
            try:
                await self.store(taken.record)
            except SpoolError:
                return unavailable(cors)
        return pixel(cors, taken.cookie) if body is None else accepted(cors, taken.cookie)

    def take(self, request: Request, *, by_path: bool) -> Taken:
        """What is to be stored of a request whose path is an event path, and the cookie to set.

        `by_path` tells that the path stood below the prefix that makes a request anonymous. It
        does not wait for anything, but scrubbing a body of more than `MOST_AT_ONCE` bytes takes
        milliseconds.
        """
        verdict = self._verdict(request, by_path=by_path)
        if verdict.drop or (self._settings.opt_out_cookie is not None and self._opted_out(request)):
            return _NOTHING
        now = time.time_ns() // 1_000_000
        if not verdict.signals:
            return self._identified(request, now)
        seen = _anonymous_input(verdict, request, now)
        record = anonymise(seen, keep_session=self._settings.keep_session)
        return Taken(encode_anonymous(record, dumps), None)

    def _clear(self, raw: list[Header], headers: dict[bytes, bytes]) -> Response:
        """Expire the collector's cookie, and say whether the browser had it (W17, contract 8).

        A request that asks for anonymity by its header is not looked at for a cookie.
        """
        cors = allow_origin(headers.get(b"origin"))
        if b"sp-anonymous" in headers:
            return receipt(cors, [], [])
        name = self._settings.cookie.name
        found = [name] if cookie_value(raw, name) is not None else []
        return receipt(cors, found, self._cookies.expired())

    def _unread(self, error: BodyError, cors: Header) -> Response:
        large = isinstance(error, BodyTooLarge)
        status = self._settings.oversized_status if large else error.status
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

    async def _spool_of_this_loop(self) -> SpoolWriter:
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

    def _verdict(self, request: Request, *, by_path: bool) -> Treatment:
        headers = request.headers
        by_header = b"sp-anonymous" in headers
        if not (by_path or by_header or b"sec-gpc" in headers or b"dnt" in headers):
            return self._unasked
        return treatment(
            header=by_header,
            path=by_path,
            gpc=gpc_header(_values(request.raw, b"sec-gpc")),
            dnt=dnt_header(_values(request.raw, b"dnt")),
            policy=self._settings.policy,
        )

    def _opted_out(self, request: Request) -> bool:
        if self._settings.opt_out_cookie is None or b"cookie" not in request.headers:
            return False
        name, pattern = self._settings.opt_out_cookie
        value = cookie_value(request.raw, name)
        return value is not None and pattern.fullmatch(value) is not None

    def _identified(self, request: Request, now: int) -> Taken:
        settings = self._settings.cookie
        path, headers, query = request.path, request.headers, request.query
        origin = _text(headers, b"origin")
        user = usable_id(first_value(query, "nuid")) if "nuid" in query else None
        cookie: bytes | None = None
        if settings.enabled:
            if user is None and b"cookie" in headers:
                user = usable_id(cookie_value(request.raw, settings.name))
            if user is None:
                user = new_id()
            cookie = self._cookies.header(user, origin, now // 1000)
        body = request.body
        record = IdentifiedRequest(
            received=now,
            path=path if path.isascii() else path.encode(errors="replace").decode(),
            query=query,
            content_type=None if body is None else content_type(headers.get(b"content-type")),
            address=self._addresses.address(request.peer, request.raw),
            network_userid=user,
            user_agent=_text(headers, b"user-agent"),
            referer=_text(headers, b"referer"),
            origin=origin,
            language=_text(headers, b"accept-language"),
        )
        return Taken(encode_identified(record, body, dumps), cookie)


def _failure(task: asyncio.Task[None]) -> SpoolUnavailable | None:
    if not task.cancelled() and task.exception() is None:
        return None
    return SpoolUnavailable("the record could not be stored")


def app(folder: str | Path, settings: CollectorSettings | None = None) -> Collector:
    """A collector that keeps its spool in `folder`, ready to serve or to mount."""
    return Collector(Path(folder), settings)


def _anonymous_input(verdict: Treatment, request: Request, now: int) -> AnonymousInput:
    """The parts of an anonymous request that may be looked at (A-51)."""
    headers, body = request.headers, request.body
    return AnonymousInput(
        received=now,
        signals=verdict.signals,
        path=request.path,
        query=request.query,
        body=body,
        content_type=None if body is None else content_type(headers.get(b"content-type")),
        user_agent=_text(headers, b"user-agent"),
        referer=_text(headers, b"referer"),
        origin=_text(headers, b"origin"),
        plain_text=Signal.PATH in verdict.signals,
    )


def _local_path(scope: Scope) -> str:
    """The path below the place where the application is mounted."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "").rstrip("/")
    if root and (path == root or path.startswith(root + "/")):
        return path[len(root) :] or "/"
    return path


def _is_redirect(path: str) -> bool:
    """Whether a path is `/r/` and one segment (A.1 row 1)."""
    return len(path) > len("/r/") and "/" not in path[len("/r/") :]


def _text(headers: dict[bytes, bytes], name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")


def _values(raw: list[Header], name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in raw if key == name]

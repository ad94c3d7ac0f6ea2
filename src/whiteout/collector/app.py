"""The collector: one plain ASGI application (A.1 to A.9; contracts 6, 7, 13 and 14)."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from whiteout.collector.addresses import AddressReader
from whiteout.collector.anonymous import AnonymousInput, anonymise
from whiteout.collector.body import BodyError, BodyReader, BodyTooLarge
from whiteout.collector.codec import dumps
from whiteout.collector.content import content_type
from whiteout.collector.cookies import CookieWriter, cookie_value, usable_id
from whiteout.collector.responses import (
    ROBOTS,
    Header,
    Response,
    accepted,
    allow_origin,
    pixel,
    preflight,
    refused,
    text,
)
from whiteout.collector.settings import CollectorSettings
from whiteout.privacy import Signal, Treatment, dnt_header, gpc_header, treatment
from whiteout.protocol.paths import ANONYMOUS_PREFIX, PIXEL_PATHS, is_event_path
from whiteout.protocol.querystring import first_value
from whiteout.protocol.record import IdentifiedRequest, encode_anonymous, encode_identified
from whiteout.spool import SpoolError, SpoolUnavailable, SpoolWriter

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_RETRY: Header = (b"retry-after", b"1")
# Scrubbing more than this takes milliseconds, in which nobody else would be answered.
_LARGE = 100_000


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
        if method == "POST":
            if is_event_path(path):
                return await self._track(scope, receive, path, headers, by_path=by_path)
        elif method in ("GET", "HEAD"):
            if path in PIXEL_PATHS or is_event_path(path):
                return await self._track(scope, None, path, headers, by_path=by_path)
            if method == "GET" and not by_path and (service := self._service(path)) is not None:
                return service
        elif method == "OPTIONS":
            return preflight(allow_origin(headers.get(b"origin")), self._settings.cors_max_age)
        return refused(404, b"Not found", allow_origin(headers.get(b"origin")))

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
        raw: list[Header] = scope["headers"]
        verdict = self._verdict(raw, headers, by_path=by_path)
        cookie: bytes | None = None
        if not verdict.drop and not self._opted_out(raw):
            query = scope["query_string"].decode("utf-8", "replace")
            now = time.time_ns() // 1_000_000
            if verdict.signals:
                seen = _anonymous_input(verdict, path, query, headers, body, now)
                if body is None or len(body) < _LARGE:
                    record = self._anonymous(seen)
                else:
                    record = await asyncio.to_thread(self._anonymous, seen)
            else:
                record, cookie = self._identified(scope, headers, path, query, body, now)
            try:
                await self._store(record)
            except SpoolError:
                return refused(503, b"cannot store events now", cors, _RETRY)
        return pixel(cors, cookie) if body is None else accepted(cors, cookie)

    def _unread(self, error: BodyError, cors: Header) -> Response:
        large = isinstance(error, BodyTooLarge)
        status = self._settings.oversized_status if large else error.status
        retry = (_RETRY,) if status == 503 else ()
        return refused(status, error.says, cors, *retry)

    def _store(self, record: bytes) -> Awaitable[None]:
        """Awaits that the record is durable. Raises SpoolError, also when awaited."""
        spool = self._spool
        if spool is None or self._loop is not asyncio.get_running_loop():
            return self._store_elsewhere(record)
        return spool.append(record)

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

    def _verdict(
        self, raw: list[Header], headers: dict[bytes, bytes], *, by_path: bool
    ) -> Treatment:
        by_header = b"sp-anonymous" in headers
        if not (by_path or by_header or b"sec-gpc" in headers or b"dnt" in headers):
            return self._unasked
        return treatment(
            header=by_header,
            path=by_path,
            gpc=gpc_header(_values(raw, b"sec-gpc")),
            dnt=dnt_header(_values(raw, b"dnt")),
            policy=self._settings.policy,
        )

    def _opted_out(self, raw: list[Header]) -> bool:
        if self._settings.opt_out_cookie is None:
            return False
        name, pattern = self._settings.opt_out_cookie
        value = cookie_value(raw, name)
        return value is not None and pattern.fullmatch(value) is not None

    def _anonymous(self, seen: AnonymousInput) -> bytes:
        return encode_anonymous(anonymise(seen, keep_session=self._settings.keep_session), dumps)

    def _identified(
        self,
        scope: Scope,
        headers: dict[bytes, bytes],
        path: str,
        query: str,
        body: bytes | None,
        now: int,
    ) -> tuple[bytes, bytes | None]:
        raw: list[Header] = scope["headers"]
        settings = self._settings.cookie
        origin = _text(headers, b"origin")
        user = usable_id(first_value(query, "nuid")) if "nuid" in query else None
        cookie: bytes | None = None
        if settings.enabled:
            if user is None:
                user = usable_id(cookie_value(raw, settings.name)) or str(uuid.uuid4())
            cookie = self._cookies.header(user, origin, now // 1000)
        peer = scope.get("client")
        request = IdentifiedRequest(
            received=now,
            path=path if path.isascii() else path.encode(errors="replace").decode(),
            query=query,
            content_type=None if body is None else content_type(headers.get(b"content-type")),
            address=self._addresses.address(peer[0] if peer else None, raw),
            network_userid=user,
            user_agent=_text(headers, b"user-agent"),
            referer=_text(headers, b"referer"),
            origin=origin,
            language=_text(headers, b"accept-language"),
        )
        return encode_identified(request, body, dumps), cookie


def app(folder: str | Path, settings: CollectorSettings | None = None) -> Collector:
    """A collector that keeps its spool in `folder`, ready to serve or to mount."""
    return Collector(Path(folder), settings)


def _anonymous_input(
    verdict: Treatment,
    path: str,
    query: str,
    headers: dict[bytes, bytes],
    body: bytes | None,
    now: int,
) -> AnonymousInput:
    """The parts of an anonymous request that may be looked at (A-51)."""
    return AnonymousInput(
        received=now,
        signals=verdict.signals,
        path=path,
        query=query,
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

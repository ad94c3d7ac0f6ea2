"""Requests to an ASGI application without a server, and a feed in memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message

LOCAL = "127.0.0.1"
HOST = "localhost:9090"
Fields = Mapping[str, str] | Iterable[tuple[str, str]]


def scope_of(
    target: str,
    headers: Fields,
    *,
    method: str = "GET",
    client: str | None = LOCAL,
    scheme: str = "http",
    kind: str = "http",
) -> dict[str, Any]:
    """An ASGI scope as servers make it."""
    url = urlsplit(target)
    lines = headers.items() if isinstance(headers, Mapping) else headers
    return {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": url.path,
        "raw_path": url.path.encode(),
        "query_string": url.query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in lines],
        "client": None if client is None else (client, "50000"),
        "server": (LOCAL, 9090),
    }


@dataclass(slots=True)
class Answer:
    """A whole answer."""

    status: int = 0
    lines: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @property
    def headers(self) -> dict[str, str]:
        """Headers by name; of several with one name, the last."""
        return dict(self.lines)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def take(self, message: Message) -> None:
        """Add what the application sends."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.lines = [(name.decode(), value.decode()) for name, value in message["headers"]]
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")
        else:
            self.status = message["code"]


async def ask(
    app: ASGIApp,
    target: str = "/",
    headers: Fields | None = None,
    *,
    body: bytes = b"",
    method: str | None = None,
    client: str | None = LOCAL,
    scheme: str = "http",
    kind: str = "http",
) -> Answer:
    """Make one request and wait for the whole answer. Without headers it is a local one."""
    answer = Answer()
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        if messages:
            return messages.pop()
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        answer.take(message)

    scope = scope_of(
        target,
        {"Host": HOST} if headers is None else headers,
        method=method or ("POST" if body else "GET"),
        client=client,
        scheme=scheme,
        kind=kind,
    )
    await app(scope, receive, send)
    return answer


class Listener:
    """An open event stream, as an asynchronous context manager.

    While `stalled` is set the client takes nothing: every send of the application waits.
    """

    def __init__(
        self, app: ASGIApp, target: str = "/api/stream", headers: Fields | None = None
    ) -> None:
        self.answer = Answer()
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.gone = asyncio.Event()
        self.ended = False
        self._arrived = asyncio.Event()
        scope = scope_of(target, {"Host": HOST, **dict(headers or {})})
        self._task = asyncio.ensure_future(self._run(app, scope))

    async def _run(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        await app(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        await self.flowing.wait()
        self.answer.take(message)
        self.ended = message["type"] == "http.response.body" and not message.get("more_body")
        self._arrived.set()

    async def __aenter__(self) -> Self:
        """Wait until the answer begins."""
        await self.until(lambda: self.answer.status != 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Go away as a browser does, and wait until the application has noticed."""
        await self.leave()

    async def leave(self) -> None:
        """Disconnect."""
        self.gone.set()
        await self.finished()

    async def finished(self) -> None:
        """Wait until the application is done with this request."""
        async with asyncio.timeout(3):
            await self._task

    async def until(self, condition: Any) -> None:
        """Wait until a condition holds; it is looked at whenever something arrives."""
        async with asyncio.timeout(3):
            while not condition():
                self._arrived.clear()
                await self._arrived.wait()

    @property
    def events(self) -> list[dict[str, str]]:
        """What has arrived: fields of each event; of a comment, its text."""
        blocks = self.answer.text.split("\n\n")[:-1]
        return [_fields(block) for block in blocks]

    @property
    def cursors(self) -> list[int]:
        """Cursors of the feed entries that have arrived."""
        return [int(event["id"]) for event in self.events if "event" not in event and "id" in event]

    async def until_cursor(self, cursor: int) -> None:
        """Wait for a feed entry."""
        await self.until(lambda: cursor in self.cursors)


def _fields(block: str) -> dict[str, str]:
    pairs = (line.partition(": ") for line in block.split("\n"))
    return {name or "comment": value for name, _, value in pairs}


class MemoryFeed:
    """A feed in memory, with the interface of `FeedReader`, that counts how often it is read."""

    def __init__(self, count: int = 0) -> None:
        self.entries: list[tuple[int, bytes]] = []
        self.reads = 0
        self.error: Exception | None = None
        self.add(count)

    def add(self, count: int, size: int = 0) -> None:
        """Publish entries of at least `size` bytes."""
        start = self.last_cursor
        for cursor in range(start + 1, start + count + 1):
            entry = {"kind": "event", "number": cursor, "filling": "x" * size}
            self.entries.append((cursor, json.dumps(entry).encode()))

    @property
    def last_cursor(self) -> int:
        """Cursor of the newest entry."""
        return self.entries[-1][0] if self.entries else 0

    def newest(self, limit: int) -> list[tuple[int, bytes]]:
        """The newest entries."""
        self._read()
        return self.entries[::-1][:limit]

    def after(self, cursor: int, limit: int) -> list[tuple[int, bytes]]:
        """The entries behind a cursor."""
        self._read()
        return [entry for entry in self.entries if entry[0] > cursor][:limit]

    def last(self) -> int:
        """Cursor of the newest entry."""
        self._read()
        return self.last_cursor

    def _read(self) -> None:
        self.reads += 1
        if self.error is not None:
            raise self.error

"""Requests to an ASGI application by hand: scopes and messages exactly as a test wants them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import unquote

Message = MutableMapping[str, Any]
Application = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]
Headers = Iterable[tuple[str, str]]

PEER = ("198.51.100.7", 4711)
"""The address and port that requests come from."""


@dataclass(frozen=True, slots=True)
class Body:
    """A request body in pieces, and what follows the last one.

    `complete` ends it with its last piece, `late` with an empty one, as some servers do. After
    `silence` nothing ever comes, after `gone` the client has disconnected.
    """

    pieces: Sequence[bytes]
    ending: Literal["complete", "late", "silence", "gone"] = "late"


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole response."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [v.decode("latin-1") for k, v in self.headers if k == name.lower().encode()]

    def one(self, name: str) -> str | None:
        """The value of a header that may stand there once at most."""
        values = self.all(name)
        assert len(values) < 2, f"{name} stands there {len(values)} times"
        return values[0] if values else None


@dataclass(slots=True)
class Sent:
    """What an application sent."""

    messages: list[Message] = field(default_factory=list)

    async def send(self, message: Message) -> None:
        """Take a message, as a server that writes it out."""
        self.messages.append(message)

    def reply(self) -> Reply:
        """The response; there must be one, and it must be well-formed."""
        assert self.messages, "no answer"
        start, *rest = self.messages
        assert start["type"] == "http.response.start"
        assert all(message["type"] == "http.response.body" for message in rest)
        more = [message.get("more_body", False) for message in rest]
        assert more == [True] * (len(more) - 1) + [False]
        headers = list(start["headers"])
        for name, value in headers:
            assert name == name.lower()
            assert not set(name + value) & set(b"\r\n\0"), f"{name!r} could split the response"
        return Reply(start["status"], headers, b"".join(m.get("body", b"") for m in rest))


def scope(
    method: str,
    target: str,
    headers: Headers = (),
    *,
    root_path: str = "",
    client: Sequence[Any] | None = PEER,
) -> Message:
    """An HTTP scope, as a server makes it of a request for `target`, a path with its query."""
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("collector.example.test", 80),
        "client": client,
        "scheme": "http",
        "method": method,
        "root_path": root_path,
        "path": unquote(path, errors="replace"),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers],
        "state": {},
    }


def receiver(body: bytes | Body | None) -> Callable[[], Awaitable[Message]]:
    """The `receive` of a request with this body."""
    if not isinstance(body, Body):
        body = Body([body or b""])
    messages: list[Message] = [
        {"type": "http.request", "body": piece, "more_body": True} for piece in body.pieces
    ]
    if body.ending == "complete":
        messages[-1]["more_body"] = False
    elif body.ending == "late":
        messages.append({"type": "http.request", "body": b"", "more_body": False})
    silent = body.ending == "silence"

    async def receive() -> Message:
        await asyncio.sleep(0)
        if messages:
            return messages.pop(0)
        if silent:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    return receive


async def exchange(
    app: Application,
    method: str,
    target: str,
    headers: Headers = (),
    body: bytes | Body | None = None,
    *,
    root_path: str = "",
    client: Sequence[Any] | None = PEER,
) -> Reply:
    """The answer to a request; a body given as bytes is announced by `Content-Length`."""
    if isinstance(body, bytes):
        headers = [*headers, ("Content-Length", str(len(body)))]
    sent = Sent()
    request = scope(method, target, headers, root_path=root_path, client=client)
    await app(request, receiver(body), sent.send)
    return sent.reply()

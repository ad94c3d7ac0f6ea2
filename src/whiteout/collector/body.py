"""Reading request bodies within bounds of size, time and memory (A-66, A-67; contract 13)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, TypeVar

_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_Body = TypeVar("_Body", bytes, bytearray)

_UNKNOWN = -1
_DIGITS = 15
_DISCARDED = 16 * 1024 * 1024


class BodyError(Exception):
    """A body was not read; `status` and `says` are the answer to its sender."""

    status = 422
    says = b""


class BodyEncoded(BodyError):
    """It is compressed, which no tracker does."""

    says = b"body is encoded"


class BodyTooLarge(BodyError):
    """It is larger than the limit."""

    says = b"body is too large"


class BodyTooSlow(BodyError):
    """It did not arrive in time."""

    status = 408
    says = b"body did not arrive in time"


class BodiesTooMany(BodyError):
    """Bodies that are arriving hold all the memory that they may."""

    status = 503
    says = b"too many bodies at once"


class BodyBroken(BodyError):
    """It ended before it was complete: the client went away, or what it sent is no HTTP.

    Servers report both alike, so there may be somebody to answer.
    """

    status = 400
    says = b"body is broken"


class BodyReader:
    """Reads the bodies of one event loop.

    A body may have `limit` bytes and take `seconds` to arrive. All bodies that have arrived in part
    may hold `memory` bytes together, so that senders who never finish cannot use it up.
    """

    def __init__(self, limit: int, seconds: float, memory: int) -> None:
        self._limit = limit
        self._memory = memory
        self._held = 0
        self._patience = _Patience(seconds)

    async def read(self, receive: _Receive, headers: Mapping[bytes, bytes]) -> bytes:
        """The whole body. Raises BodyError."""
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise BodyEncoded
        length = self._length(headers)
        if length > self._limit:
            await self._discard(receive, headers, length)
            raise BodyTooLarge
        task = self._patience.begin()
        try:
            message = await receive()
            chunk: bytes = message.get("body", b"")
            # Servers announce more even behind the last byte; what was declared ends a body.
            if len(chunk) == length or not message.get("more_body", False):
                return self._checked(message, chunk)
            return await self._gather(receive, message, length)
        except asyncio.CancelledError:
            if self._patience.expired(task):
                raise BodyTooSlow from None
            raise
        except BodyTooLarge:
            self._patience.end(task)
            await self._discard(receive, headers, length)
            raise
        finally:
            self._patience.end(task)

    async def _discard(
        self, receive: _Receive, headers: Mapping[bytes, bytes], length: int
    ) -> None:
        """Take the rest of a body that is refused: who still sends may not see an answer.

        Nothing is taken from a client that asks before it sends (`Expect`), nor of what is so large
        that closing the connection is better.
        """
        if b"expect" in headers or length > _DISCARDED:
            return
        left = _DISCARDED
        task = self._patience.begin()
        try:
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
        except asyncio.CancelledError:
            if not self._patience.expired(task):
                raise
        finally:
            self._patience.end(task)

    def _length(self, headers: Mapping[bytes, bytes]) -> int:
        """The declared length; `_UNKNOWN` where none holds."""
        text = headers.get(b"content-length", b"")
        if not text.isdigit() or b"transfer-encoding" in headers:
            return _UNKNOWN
        return int(text) if len(text) <= _DIGITS else 10**_DIGITS

    def _checked(self, message: Mapping[str, Any], body: _Body) -> _Body:
        if message["type"] == "http.disconnect":
            raise BodyBroken
        if len(body) > self._limit:
            raise BodyTooLarge
        return body

    async def _gather(
        self, receive: _Receive, message: MutableMapping[str, Any], length: int
    ) -> bytes:
        body = bytearray()
        try:
            while True:
                chunk: bytes = message.get("body", b"")
                body += chunk
                self._held += len(chunk)
                self._checked(message, body)
                if len(body) == length or not message.get("more_body", False):
                    return bytes(body)
                if self._held > self._memory:
                    raise BodiesTooMany
                message = await receive()
        finally:
            self._held -= len(body)


class _Patience:
    """Ends the wait of tasks that are between `begin` and `end` for too long.

    One timer serves all of them: a timer for each would cost more than reading a body does.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: dict[asyncio.Task[Any] | None, float] = {}
        self._armed: asyncio.AbstractEventLoop | None = None

    def begin(self) -> asyncio.Task[Any] | None:
        """The current task, whose time runs from now on."""
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        self._since[task] = loop.time()
        if self._armed is not loop:
            self._arm(loop)
        return task

    def end(self, task: asyncio.Task[Any] | None) -> None:
        """The task has done its waiting."""
        self._since.pop(task, None)

    def expired(self, task: asyncio.Task[Any] | None) -> bool:
        """Whether a task that was cancelled between `begin` and `end` was only out of time."""
        return task is not None and task not in self._since and not task.uncancel()

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        self._armed = loop
        loop.call_later(min(1.0, self._seconds / 4), self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        latest = loop.time() - self._seconds
        for task, since in list(self._since.items()):
            if since > latest:
                break
            del self._since[task]
            if task is not None:
                task.cancel()
        if self._since:
            self._arm(loop)
        else:
            self._armed = None

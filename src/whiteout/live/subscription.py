"""What waits to be sent to one open live page."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

MAX_FRAMES = 1_000
MAX_BYTES = 8 * 1024 * 1024
MAX_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Frame:
    """A feed entry in the format of an event stream; `cursor` is its place in the feed."""

    cursor: int
    data: bytes

    @classmethod
    def of(cls, cursor: int, entry: bytes) -> Frame:
        """Format an entry; a line break between its JSON tokens becomes a space."""
        line = entry.replace(b"\r", b" ").replace(b"\n", b" ")
        return cls(cursor, b"id: %d\ndata: %b\n\n" % (cursor, line))


def gap_frame(cursor: int, missed: int | None) -> bytes:
    """Tells the page that it missed entries up to `cursor`; None: it is not known how many."""
    count = b"null" if missed is None else b"%d" % missed
    return b'event: gap\nid: %d\ndata: {"missed":%b}\n\n' % (cursor, count)


class Subscription:
    """A bounded queue between the one reader of the feed and one client.

    A client that is too slow loses what waits for it, is told so by a `gap` event, and goes on
    with what comes next.
    """

    def __init__(self, max_frames: int = MAX_FRAMES, max_bytes: int = MAX_BYTES) -> None:
        self._max_frames = max_frames
        self._max_bytes = max_bytes
        self._frames: deque[Frame] = deque()
        self._size = 0
        self._head: list[bytes] = []
        self._cursor = -1
        self._missed = 0
        self._ended = False
        self._wake = asyncio.Event()

    @property
    def ended(self) -> bool:
        """Whether nothing more will be offered."""
        return self._ended

    def start(self, cursor: int, head: bytes, replay: Iterable[Frame]) -> None:
        """Begin behind `cursor`: `head`, then `replay`, then what was offered meanwhile."""
        meanwhile = list(self._frames)
        self._frames.clear()
        self._size = 0
        self._cursor = cursor
        self._head = [head]
        self.offer(replay)
        self.offer(meanwhile)
        self._wake.set()

    def offer(self, frames: Iterable[Frame]) -> None:
        """Queue what the client does not have yet."""
        for frame in frames:
            if frame.cursor <= self._cursor:
                continue
            self._cursor = frame.cursor
            if len(self._frames) >= self._max_frames or self._size >= self._max_bytes:
                self._missed += len(self._frames)
                self._frames.clear()
                self._size = 0
            self._frames.append(frame)
            self._size += len(frame.data)
        if self._frames:
            self._wake.set()

    def end(self) -> None:
        """Nothing more will come."""
        self._ended = True
        self._wake.set()

    async def next(self, seconds: float) -> bytes:
        """The bytes to send next; empty when nothing came for `seconds` or after the end."""
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return b""
        chunk = self._take()
        if not self._frames and not self._ended:
            self._wake.clear()
        return chunk

    def _take(self) -> bytes:
        parts, self._head = self._head, []
        if self._missed:
            parts.append(gap_frame(self._frames[0].cursor - 1, self._missed))
            self._missed = 0
        size = 0
        while self._frames and size < MAX_CHUNK:
            frame = self._frames.popleft()
            size += len(frame.data)
            parts.append(frame.data)
        self._size -= size
        return b"".join(parts)

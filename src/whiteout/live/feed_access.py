"""Reading the feed without holding up the event loop that also answers trackers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

Entries = list[tuple[int, bytes]]

_T = TypeVar("_T")


class Reader(Protocol):
    """What the pages need of a feed: cursor and JSON bytes of its entries."""

    def newest(self, limit: int) -> Entries:
        """The newest entries, at most `limit`."""

    def after(self, cursor: int, limit: int) -> Entries:
        """The entries that follow a cursor, oldest first, at most `limit`."""

    def last(self) -> int:
        """Cursor of the newest entry, 0 when there is none."""


class FeedUnavailable(Exception):
    """The feed cannot be read; the cause is attached."""


class FeedAccess:
    """All reads of one process, one after the other in a thread of their own.

    `open_reader` is called in that thread at the first read. Every read raises FeedUnavailable for
    whatever the reader raises.
    """

    def __init__(self, open_reader: Callable[[], Reader]) -> None:
        self._open = open_reader
        self._reader: Reader | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="live-feed")

    async def newest(self, limit: int) -> Entries:
        """The newest entries, oldest first, at most `limit`."""
        return sorted(await self._run(lambda reader: reader.newest(limit)))

    async def after(self, cursor: int, limit: int) -> Entries:
        """The entries that follow a cursor, oldest first, at most `limit`."""
        return sorted(await self._run(lambda reader: reader.after(cursor, limit)))

    async def last(self) -> int:
        """Cursor of the newest entry, 0 when there is none."""
        return await self._run(lambda reader: reader.last())

    async def _run(self, read: Callable[[Reader], _T]) -> _T:
        def in_thread() -> _T:
            try:
                if self._reader is None:
                    self._reader = self._open()
                return read(self._reader)
            except Exception as error:
                message = f"the feed cannot be read: {type(error).__name__}"
                raise FeedUnavailable(message) from error

        return await asyncio.get_running_loop().run_in_executor(self._thread, in_thread)

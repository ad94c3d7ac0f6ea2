"""One reader of the feed for all open live pages of a process.

It looks every 100 ms, and only while somebody listens.
"""

from __future__ import annotations

import asyncio
import logging

from whiteout.live.feed_access import FeedAccess, FeedUnavailable
from whiteout.live.subscription import Frame, Subscription, gap_frame

_log = logging.getLogger(__name__)

MAX_REPLAY = 500
_BATCH = 500
_RETRY_SECONDS = 1.0


class TooManyStreams(Exception):
    """As many live pages are open as this process serves, or it is shutting down."""


class Broadcast:
    """Hands new feed entries to every subscription.

    `poll_seconds`: pause between two looks at the feed. `max_streams`: subscriptions at a time.
    """

    def __init__(self, feed: FeedAccess, *, poll_seconds: float, max_streams: int) -> None:
        self._feed = feed
        self._poll_seconds = poll_seconds
        self._max_streams = max_streams
        self._subscriptions: set[Subscription] = set()
        self._poller: asyncio.Task[None] | None = None
        self._placed: asyncio.Future[int] | None = None
        self._closed = False

    @property
    def listeners(self) -> int:
        """Number of open subscriptions."""
        return len(self._subscriptions)

    @property
    def polling(self) -> bool:
        """Whether the feed is being read."""
        return self._poller is not None

    async def subscribe(self, after: int | None) -> Subscription:
        """A subscription to everything behind the cursor `after`, or to what comes from now on.

        When more than 500 entries are behind the cursor it begins with a gap and the newest 500.
        Raises TooManyStreams and FeedUnavailable.
        """
        if self._closed or len(self._subscriptions) >= self._max_streams:
            raise TooManyStreams
        subscription = Subscription()
        self._subscriptions.add(subscription)
        try:
            # The poller must have its place in the feed before the replay is read: then every entry
            # is in the replay or is offered, whenever it is written.
            newest = await self._start()
            cursor, head, replay = await self._replay(after, newest)
        except BaseException:
            self.unsubscribe(subscription)
            raise
        subscription.start(cursor, head, replay)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Forget a subscription; with the last one the poller stops."""
        self._subscriptions.discard(subscription)
        if not self._subscriptions and self._poller is not None:
            self._poller.cancel()
            self._poller = None
            self._placed = None

    def close(self) -> None:
        """End every subscription and take no more."""
        self._closed = True
        for subscription in self._subscriptions:
            subscription.end()

    async def _start(self) -> int:
        if self._placed is None:
            self._placed = asyncio.get_running_loop().create_future()
            self._poller = asyncio.create_task(self._poll(self._placed), name="live-poller")
        return await asyncio.shield(self._placed)

    async def _replay(self, after: int | None, newest: int) -> tuple[int, bytes, list[Frame]]:
        if after is None:
            return newest, _ready(newest), []
        # The poller may have taken its place long ago.
        if after > newest and after > await self._feed.last():
            # The feed was begun anew since the page last saw it.
            return 0, gap_frame(0, None), await self._frames(0)
        frames = await self._frames(after)
        if len(frames) <= MAX_REPLAY:
            return after, _ready(after), frames
        frames = [Frame.of(*entry) for entry in await self._feed.newest(MAX_REPLAY)]
        skipped = frames[0].cursor - 1
        return skipped, gap_frame(skipped, skipped - after), frames

    async def _frames(self, after: int) -> list[Frame]:
        return [Frame.of(*entry) for entry in await self._feed.after(after, MAX_REPLAY + 1)]

    async def _poll(self, placed: asyncio.Future[int]) -> None:
        try:
            cursor = await self._feed.last()
        except FeedUnavailable as error:
            self._poller = None
            self._placed = None
            placed.set_exception(error)
            placed.exception()  # nobody may be waiting any more
            return
        placed.set_result(cursor)
        failing = False
        while True:
            try:
                entries = await self._feed.after(cursor, _BATCH)
                failing = False
            except FeedUnavailable as error:
                if not failing:
                    _log.warning("%s", error)
                failing = True
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            if entries:
                cursor = entries[-1][0]
                frames = [Frame.of(*entry) for entry in entries]
                for subscription in self._subscriptions:
                    subscription.offer(frames)
            if len(entries) < _BATCH:
                await asyncio.sleep(self._poll_seconds)


def _ready(cursor: int) -> bytes:
    return b"event: ready\nid: %d\ndata: {}\n\n" % cursor

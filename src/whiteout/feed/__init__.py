"""The feed: the newest processed events, bounded, for every process that shows them live."""

from __future__ import annotations

from whiteout.feed.errors import FeedError
from whiteout.feed.reader import FeedReader
from whiteout.feed.writer import FeedWriter

__all__ = ["FeedError", "FeedReader", "FeedWriter"]

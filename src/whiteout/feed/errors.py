"""What can go wrong in the feed."""

from __future__ import annotations


class FeedError(Exception):
    """The feed cannot be written; the message says where and why."""

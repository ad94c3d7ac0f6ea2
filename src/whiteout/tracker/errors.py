"""What a tracker raises, and only when it is configured: never while it tracks."""

from __future__ import annotations


class ConfigurationError(ValueError):
    """A tracker cannot be made, or changed, as it was asked to.

    The message says which option is wrong and what it may be. No value of an option stands in it
    that could identify somebody.
    """

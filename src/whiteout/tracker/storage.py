"""Where a tracker keeps the state of its visitor: one small interface (R24-R26)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, runtime_checkable


@runtime_checkable
class Storage(Protocol):
    """Keeps small texts for some seconds. A storage answers instead of raising.

    `background` tells that writing takes long enough to be done by a worker.
    """

    background: bool

    def get(self, key: str) -> str | None:
        """The text under a key, None when there is none or its time is up."""

    def set(self, key: str, value: str, max_age: int) -> bool:
        """Keep a text for so many seconds; whether it will be there."""

    def delete(self, key: str) -> None:
        """Remove a text, if it is there."""

    def keys(self) -> list[str]:
        """Every key that has a text, alive or not."""


class MemoryStorage:
    """Keeps texts as long as the program runs. `clock` tells the time in epoch seconds."""

    background = False

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._items: dict[str, tuple[str, float]] = {}

    def get(self, key: str) -> str | None:
        """The text under a key, if its time is not up."""
        value, expires = self._items.get(key, ("", 0.0))
        if expires > self._clock():
            return value
        self._items.pop(key, None)
        return None

    def set(self, key: str, value: str, max_age: int) -> bool:
        """Keep a text."""
        if max_age <= 0:
            self.delete(key)
            return False
        self._items[key] = (value, self._clock() + max_age)
        return True

    def delete(self, key: str) -> None:
        """Remove a text."""
        self._items.pop(key, None)

    def keys(self) -> list[str]:
        """Every key."""
        return list(self._items)


class NullStorage:
    """Keeps nothing."""

    background = False

    def get(self, key: str) -> str | None:  # noqa: ARG002
        """Nothing."""
        return None

    def set(self, key: str, value: str, max_age: int) -> bool:  # noqa: ARG002
        """Nothing is kept."""
        return False

    def delete(self, key: str) -> None:
        """There is nothing to remove."""

    def keys(self) -> list[str]:
        """No key."""
        return []

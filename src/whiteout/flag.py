"""A flag that a signal handler may set.

`threading.Event` may not: its lock is not reentrant, so a handler that runs in a thread which is
just entering `wait` waits for itself for ever.
"""

from __future__ import annotations

import time

_LOOK_EVERY = 0.05


class Flag:
    """Set once, by anybody at any moment; looked at every 50 ms by who waits for it."""

    def __init__(self) -> None:
        self._set = False

    def set(self) -> None:
        """Raise the flag."""
        self._set = True

    def clear(self) -> None:
        """Take the flag down."""
        self._set = False

    def is_set(self) -> bool:
        """Whether the flag is raised."""
        return self._set

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the flag is raised, or for so many seconds; whether it is raised."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while not self._set:
            left = _LOOK_EVERY if deadline is None else deadline - time.monotonic()
            if left <= 0:
                break
            time.sleep(min(left, _LOOK_EVERY))
        return self._set

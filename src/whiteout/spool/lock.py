"""An exclusive lock between processes that vanishes with the process holding it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class FileLock:
    """A held `flock` on a file made for nothing else.

    A separate file, because SQLite's own locks are dropped as soon as the process closes any other
    descriptor of the database. The lock file is never removed: another process may be about to
    lock it.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def try_acquire(cls, path: Path) -> FileLock | None:
        """Take the lock of `path`, creating the file; None if someone has it. Raises OSError.

        A program that this process executes does not inherit it (close on exec).
        """
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        except BaseException:
            os.close(descriptor)
            raise
        return cls(descriptor)

    def release(self) -> None:
        """Give the lock back, once and for all."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)

    def abandon(self) -> None:
        """In a forked child: let go of the inherited lock without unlocking it for the parent."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

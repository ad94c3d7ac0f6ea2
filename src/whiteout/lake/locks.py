"""Locks of the operating system: who owns the lake, and who is reading it.

They are `flock` locks on files in the lake's folder, so that they end with the process that holds
them, however it ends. `owner.lock` is held exclusively by the one process that writes;
`readers.lock` is shared by readers and taken exclusively, for a moment, to remove files.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from whiteout.lake.errors import LakeLocked, explained

OWNER_LOCK = "owner.lock"
READERS_LOCK = "readers.lock"


class OwnerLock:
    """The exclusive right to write; at most one process has it.

    Raises `LakeLocked` where another process has it, `LakeError` where the folder refuses.
    """

    def __init__(self, folder: Path) -> None:
        with explained("take the owner's lock", folder):
            self._fd = os.open(folder / OWNER_LOCK, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.read(self._fd, 32).decode("ascii", "replace").strip() or "unknown"
                os.close(self._fd)
                raise LakeLocked(
                    f"the lake {folder} is owned by another process ({holder}); "
                    "only one may write to it, stop that one first"
                ) from None
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, f"pid {os.getpid()}\n".encode("ascii"), 0)

    def release(self) -> None:
        """Give the right back."""
        os.close(self._fd)


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Hold the readers' lease: no file of the lake is removed inside the block.

    Waits for a removal that is under way, which takes milliseconds. A folder without the lock's
    file (no owner ever ran, or it may not be read) is read without a lease; the owner's grace
    period has to do then.
    """
    try:
        fd = os.open(folder / READERS_LOCK, os.O_RDONLY)
    except OSError:
        yield
        return
    try:
        fcntl.flock(fd, fcntl.LOCK_SH)
        yield
    finally:
        os.close(fd)


@contextmanager
def removing(folder: Path) -> Iterator[bool]:
    """Try, without waiting, to be alone: whether no reader holds a lease inside the block."""
    fd = os.open(folder / READERS_LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(fd)

"""Keeping the process that owns the lake small.

The Delta library brings an allocator (jemalloc) that hoards what it frees for ten seconds and a
thread pool per core. In a process started with `OWNER_ENVIRONMENT`, 400,000 events in batches of
10,000 left 130 MB resident instead of 190 MB, at the same speed.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from types import MappingProxyType

OWNER_ENVIRONMENT: Mapping[str, str] = MappingProxyType(
    {
        "TOKIO_WORKER_THREADS": "1",
        "_RJEM_MALLOC_CONF": "dirty_decay_ms:1000,muzzy_decay_ms:0",
    }
)
"""Environment variables for the process that owns the lake; they count from its start on."""


def _find_trim() -> Callable[[int], int] | None:
    trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim


_TRIM = _find_trim()


def give_back() -> None:
    """Return freed memory to the system, where the C library can (glibc)."""
    if _TRIM is not None:
        _TRIM(0)

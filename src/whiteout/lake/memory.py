"""Keeping the process that owns the lake small.

Large batches leave free memory behind in the C library, which would keep it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable


def _find_trim() -> Callable[[int], int] | None:
    trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim


_TRIM = _find_trim()


def give_back() -> None:
    """Return freed memory to the system, where the C library can (glibc)."""
    if _TRIM is not None:
        _TRIM(0)

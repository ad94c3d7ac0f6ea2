"""Random UUIDs (R108).

`uuid.uuid4` asks the kernel for sixteen bytes each time. Here they come from a larger draw, which a
forked process throws away, so that parent and child never make the same id.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from whiteout.protocol.ids import as_uuid

_DRAW = 256


def _draw() -> Iterator[str]:
    """Version 4 UUIDs of one draw of random bytes."""
    digits = os.urandom(16 * _DRAW).hex()
    for start in range(0, len(digits), 32):
        yield as_uuid(digits[start : start + 32])


class _Source:
    """UUIDs without end; `list.pop` is one step, so threads never get the same one."""

    def __init__(self) -> None:
        self._ready: list[str] = []

    def __call__(self) -> str:
        try:
            return self._ready.pop()
        except IndexError:
            fresh = list(_draw())
            last = fresh.pop()
            self._ready.extend(fresh)
            return last

    def forget(self) -> None:
        self._ready = []


new_id = _Source()
"""Makes a random UUID, version 4, in lower case."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=new_id.forget)

"""Random UUIDs, and text that is one (R44, R108).

`uuid.uuid4` asks the kernel for sixteen bytes each time. Here they come from a larger draw, which a
forked process throws away, so that parent and child never make the same id.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from whiteout.protocol.ids import as_uuid

_DRAW = 256
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VISITOR = re.compile(rf"{_UUID.pattern}|[0-9a-f]{{16}}")


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


def uuid_or_empty(text: str) -> str:
    """A UUID in lower case as it is; any other text is nothing (W26)."""
    return text if _UUID.fullmatch(text) else ""


def visitor_or_empty(text: str) -> str:
    """A UUID or sixteen hex digits, which is what a visitor's id may be (R36, W26)."""
    return text if _VISITOR.fullmatch(text) else ""

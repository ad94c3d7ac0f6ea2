"""The built front end, committed so that running whiteout needs no Node.

`npm run build` in `frontend/` writes the files; a test builds them again and compares.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from functools import cache
from hashlib import sha256
from importlib.resources import as_file, files
from pathlib import Path

__all__ = ["digest", "names", "path", "read"]

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*\.(?:js|css|svg|html)")


@cache
def names() -> frozenset[str]:
    """Names of all built files."""
    return frozenset(
        item.name
        for item in files(__package__).iterdir()
        if item.is_file() and _NAME.fullmatch(item.name)
    )


@cache
def read(name: str) -> bytes:
    """The content of a built file; KeyError when there is none of this name."""
    if name not in names():
        raise KeyError(name)
    return files(__package__).joinpath(name).read_bytes()


@cache
def digest(name: str) -> str:
    """The first 16 hex digits of the SHA-256 of a built file; KeyError when there is none."""
    return sha256(read(name)).hexdigest()[:16]


def path(name: str) -> AbstractContextManager[Path]:
    """A built file as a path that is good inside the context; KeyError when there is none."""
    if name not in names():
        raise KeyError(name)
    return as_file(files(__package__).joinpath(name))

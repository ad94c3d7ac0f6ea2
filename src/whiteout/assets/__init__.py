"""The built tag and front end, committed so that running whiteout needs no Node.

`npm run build` in `tag/` and `frontend/` writes the files; tests build them again and compare.
"""

from __future__ import annotations

import re
from base64 import b64encode
from contextlib import AbstractContextManager
from functools import cache
from hashlib import sha256, sha384
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path

__all__ = ["digest", "integrity", "names", "path", "read"]

_PLUGINS = "plugins"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*\.(?:js|css|svg|html)")


@cache
def names() -> frozenset[str]:
    """Names of all built files, those of the tag's plug-ins as `plugins/….js`."""
    root = files(__package__)
    plugins = root.joinpath(_PLUGINS)
    return frozenset(
        [
            *(item.name for item in root.iterdir() if _is_file(item)),
            *(
                f"{_PLUGINS}/{item.name}"
                for item in (plugins.iterdir() if plugins.is_dir() else ())
                if _is_file(item)
            ),
        ]
    )


def _is_file(item: Traversable) -> bool:
    return item.is_file() and _NAME.fullmatch(item.name) is not None


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


@cache
def integrity(name: str) -> str:
    """The hash of a built file for an attribute `integrity` (SRI); KeyError when there is none."""
    return "sha384-" + b64encode(sha384(read(name)).digest()).decode()


def path(name: str) -> AbstractContextManager[Path]:
    """A built file as a path that is good inside the context; KeyError when there is none."""
    if name not in names():
        raise KeyError(name)
    return as_file(files(__package__).joinpath(name))

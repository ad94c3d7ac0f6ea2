"""The browser tag and its plug-ins as files, to be loaded by anybody's page (R98)."""

from __future__ import annotations

import gzip
import re
from functools import cache
from typing import NamedTuple

from whiteout import assets
from whiteout.collector.cors import Header
from whiteout.collector.responses import NOSNIFF, Response, respond

TAG = "whiteout.js"
"""The name of the browser tag among the built files."""

# A script whose name holds its digest never changes, so it may be kept, and pinned by its hash.
_FOREVER = b"public, max-age=31536000, immutable"
_A_DAY = b"public, max-age=86400, stale-while-revalidate=604800"
_PINNED = re.compile(r"/whiteout\.([0-9a-f]{16})\.js")
_HEADERS: tuple[Header, ...] = (
    (b"content-type", b"text/javascript; charset=utf-8"),
    NOSNIFF,
    # Any page may load it, and compare its hash.
    (b"access-control-allow-origin", b"*"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"vary", b"Accept-Encoding"),
)


class _File(NamedTuple):
    plain: bytes
    compressed: bytes
    etag: bytes


def pinned_path() -> str:
    """The path under which exactly this version of the tag is served."""
    return f"/whiteout.{assets.digest(TAG)}.js"


def script_answer(path: str, headers: dict[bytes, bytes]) -> Response | None:
    """The answer to GET or HEAD of a script; None when the path is no script's.

    The script is compressed for who accepts it, and not sent again to who has it (ETag).
    """
    name, caching = path.removeprefix("/"), _A_DAY
    if pinned := _PINNED.fullmatch(path):
        name, caching = TAG if pinned[1] == assets.digest(TAG) else "", _FOREVER
    if name not in assets.names() or (name != TAG and not name.startswith("plugins/")):
        return None
    file = _file(name)
    common = [*_HEADERS, (b"cache-control", caching), (b"etag", file.etag)]
    if file.etag in headers.get(b"if-none-match", b""):
        return respond(304, common, b"")
    if b"gzip" in headers.get(b"accept-encoding", b""):
        return respond(200, [*common, (b"content-encoding", b"gzip")], file.compressed)
    return respond(200, common, file.plain)


@cache
def _file(name: str) -> _File:
    plain = assets.read(name)
    return _File(plain, gzip.compress(plain, 9, mtime=0), f'W/"{assets.digest(name)}"'.encode())

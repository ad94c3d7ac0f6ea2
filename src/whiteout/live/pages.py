"""The pages and the files they need, from the built front end.

A page names its files with their digest, and under that name a file can be cached for ever. Pages
and files without a digest are checked again each time, by ETag.
"""

from __future__ import annotations

import gzip
from functools import cache
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from whiteout import assets
from whiteout.live.templates import render

_TYPES = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
}
_FOREVER = "public, max-age=31536000, immutable"
_CHECK = "no-cache"


class Pages:
    """The endpoints. `version` is shown at the foot of each page."""

    def __init__(self, version: str) -> None:
        self._version = version

    async def live(self, request: Request) -> Response:
        """The live page."""
        return self._page(request, "live.html")

    async def try_it(self, request: Request) -> Response:
        """The try-it page."""
        return self._page(request, "try.html")

    async def asset(self, request: Request) -> Response:
        """A built file; 404 when there is none."""
        name = request.path_params["name"]
        kind = _TYPES.get(name.rpartition(".")[2])
        if kind is None or name not in assets.names():
            return PlainTextResponse("There is no such file.\n", status_code=404)
        digest = assets.digest(name)
        caching = _FOREVER if request.query_params.get("v") == digest else _CHECK
        return _answer(request, _Content(assets.read(name), digest), kind, caching)

    def _page(self, request: Request, name: str) -> Response:
        content = _page(name, self._version)
        return _answer(request, content, "text/html; charset=utf-8", _CHECK)


class _Content:
    """Bytes with their digest, compressed once."""

    def __init__(self, plain: bytes, digest: str) -> None:
        self.plain = plain
        self.digest = digest

    @property
    def compressed(self) -> bytes:
        return _compressed(self.plain)


@cache
def _compressed(plain: bytes) -> bytes:
    return gzip.compress(plain, mtime=0)


@cache
def _page(name: str, version: str) -> _Content:
    data = render(name, version=version).encode()
    return _Content(data, sha256(data).hexdigest()[:16])


def _answer(request: Request, content: _Content, kind: str, caching: str) -> Response:
    headers = {
        "etag": f'W/"{content.digest}"',
        "cache-control": caching,
        "vary": "accept-encoding",
    }
    if content.digest in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    body = content.plain
    if "gzip" in request.headers.get("accept-encoding", ""):
        body = content.compressed
        headers["content-encoding"] = "gzip"
    return Response(body, media_type=kind, headers=headers)

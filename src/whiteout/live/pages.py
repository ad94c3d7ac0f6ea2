"""The pages and the files they need, from the built front end.

A page names its files with their digest, and under that name a file can be cached for ever. Pages
and files without a digest are checked again each time, by ETag.
"""

from __future__ import annotations

import gzip
import re
from functools import cache
from hashlib import sha256
from pathlib import Path

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


_DEMO = re.compile(r"/demo(?:/(?:p/[a-z-]+|cart|search|thanks|partner)?)?")
TAG = "whiteout.js"
OFFICIAL = "official.js"


class Pages:
    """The endpoints. `version` is shown at the foot of each page.

    `official` is the file of the official tracker (`sp.js`), for comparison; the pages offer it
    where it exists. `desk` tells whether the privacy desk is open.
    """

    def __init__(self, version: str, official: Path | None = None, *, desk: bool = False) -> None:
        self._version = version
        self._desk = "yes" if desk else ""
        self._official = None
        if official is not None and official.is_file():
            self._official = _content(official.read_bytes())

    async def live(self, request: Request) -> Response:
        """The live page."""
        return self._page(request, "live.html")

    async def try_it(self, request: Request) -> Response:
        """The try-it page, with the tag, or with the official tracker where that is asked for."""
        return self._page(request, "try.html", **self._tracker(request))

    async def overview(self, request: Request) -> Response:
        """The page with the charts."""
        return self._page(request, "overview.html")

    async def visitor(self, request: Request) -> Response:
        """The page on which a visitor sees what this browser holds and tells."""
        return self._page(request, "visitor.html")

    async def desk(self, request: Request) -> Response:
        """The privacy desk; what it does is behind `/api/desk`."""
        return self._page(request, "desk.html", open=self._desk)

    async def demo(self, request: Request) -> Response:
        """A page of the demo shop; 404, with the page, where the shop has none."""
        page = self._page(request, "demo.html", **self._tracker(request))
        if _DEMO.fullmatch(request.url.path) is None:
            page.status_code = 404
        return page

    async def asset(self, request: Request) -> Response:
        """A built file, or the official tracker; 404 when there is none."""
        name = request.path_params["name"]
        kind = _TYPES.get(name.rpartition(".")[2])
        content = None
        if name == OFFICIAL:
            content = self._official
        elif kind is not None and name in assets.names():
            content = _Content(assets.read(name), assets.digest(name))
        if kind is None or content is None:
            return PlainTextResponse("There is no such file.\n", status_code=404)
        caching = _FOREVER if request.query_params.get("v") == content.digest else _CHECK
        return _answer(request, content, kind, caching)

    def _tracker(self, request: Request) -> dict[str, str]:
        """What a page that tracks has to know of its tracker."""
        offered = "" if self._official is None else "yes"
        if self._official is not None and request.query_params.get("tracker") == "official":
            script = f"/assets/{OFFICIAL}?v={self._official.digest}"
            return {"tracker": "official", "official": offered, "script": script}
        # The collector serves the tag, on the same port.
        script = f"/{TAG}?v={assets.digest(TAG)}"
        return {"tracker": "whiteout", "official": offered, "script": script}

    def _page(self, request: Request, name: str, **values: str) -> Response:
        content = _page(name, version=self._version, **values)
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


def _content(data: bytes) -> _Content:
    return _Content(data, sha256(data).hexdigest()[:16])


@cache
def _page(name: str, **values: str) -> _Content:
    return _content(render(name, **values).encode())


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

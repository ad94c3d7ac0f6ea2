"""A small web site on this machine, under any host name that a browser maps to it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

HTML = "text/html; charset=utf-8"
SCRIPT = "text/javascript; charset=utf-8"


class LocalServer:
    """An HTTP server on this machine, which serves while its `with` block runs."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        """Start to serve."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop and close everything."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Site(LocalServer):
    """Serves fixed pages, by path, until its `with` block ends.

    `pages` maps a path to its content type and content. A page whose path ends with `/` is also
    served for every path below it that is no page itself.
    """

    def __init__(self, pages: Mapping[str, tuple[str, bytes]]) -> None:
        super().__init__(type("Handler", (_Handler,), {"pages": dict(pages)}))

    def url(self, path: str = "/", host: str = "localhost") -> str:
        """The address of a page under a host name."""
        return f"http://{host}:{self.port}{path}"


class _Handler(BaseHTTPRequestHandler):
    pages: Mapping[str, tuple[str, bytes]] = {}
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        page = self.pages.get(path)
        while page is None and path:
            path = path.rpartition("/")[0]
            page = self.pages.get(f"{path}/")
        if page is None:
            self.send_error(404)
            return
        kind, content = page
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep test output free of access logs."""

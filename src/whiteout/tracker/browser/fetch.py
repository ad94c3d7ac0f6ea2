"""Requests by `fetch`, which outlive the page (R131-R136; W10, contract 8)."""

from __future__ import annotations

from whiteout.tracker import browser
from whiteout.tracker.transport import Request, Response

_KEEPALIVE = 60_000
"""Bytes that all requests under way may have, to outlive the page."""


class FetchTransport:
    """Sends by the browser's own `fetch`.

    A server-anonymous request carries neither cookies nor a referrer. What no page may decide,
    such as connections and proxies, is the browser's.
    """

    def __init__(self) -> None:
        self._under_way = 0

    async def send(self, request: Request) -> Response:
        """Send. Raises what `fetch` raises when there is no answer in time."""
        js, ffi = browser.js(), browser.ffi()
        size = len(request.body or b"")
        anonymous = request.server_anonymous
        options = {
            "method": request.method,
            "headers": dict(request.headers),
            "keepalive": self._under_way + size <= _KEEPALIVE,
            "credentials": "omit" if anonymous else "include",
            "redirect": "error",
            "signal": js.AbortSignal.timeout(int(request.timeout * 1000)),
        }
        if request.body is not None:
            options["body"] = request.body
        if anonymous:
            options["referrerPolicy"] = "no-referrer"
        asked = ffi.to_js(options, dict_converter=js.Object.fromEntries)
        self._under_way += size
        try:
            answer = await js.fetch(request.url, asked)
            body = (await answer.arrayBuffer()).to_bytes()
        finally:
            self._under_way -= size
        return Response(int(answer.status), {pair[0]: pair[1] for pair in answer.headers}, body)

    def close(self) -> None:
        """Connections are the browser's."""

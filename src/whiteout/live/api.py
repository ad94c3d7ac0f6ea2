"""`GET /api/events`: feed entries as JSON.

Parameters: `limit` (1 to 500, default 100) and `after`, a cursor. Without `after` the newest
entries are returned, with it those that follow the cursor; both oldest first. The answer is
`{"events": [{"id": cursor, "entry": …}], "last": cursor of the newest entry there is}`.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from whiteout.live.feed_access import FeedAccess, FeedUnavailable

MAX_LIMIT = 500
DEFAULT_LIMIT = 100
MAX_CURSOR = 2**63 - 1


class BadParameter(Exception):
    """A query parameter is not what it should be; the message says what it should be."""


class EventsApi:
    """The endpoint."""

    def __init__(self, feed: FeedAccess) -> None:
        self._feed = feed

    async def events(self, request: Request) -> Response:
        """Answer 200, 400 for a bad parameter, or 503 when the feed cannot be read."""
        try:
            limit = _number(request, "limit", 1, MAX_LIMIT) or DEFAULT_LIMIT
            after = _number(request, "after", 0, MAX_CURSOR)
        except BadParameter as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        try:
            last = await self._feed.last()
            if after is None:
                entries = await self._feed.newest(limit)
            else:
                entries = await self._feed.after(after, limit)
        except FeedUnavailable:
            return JSONResponse({"error": "the feed cannot be read"}, status_code=503)
        last = max(last, entries[-1][0] if entries else 0)
        items = b",".join(b'{"id":%d,"entry":%b}' % entry for entry in entries)
        body = b'{"events":[%b],"last":%d}' % (items, last)
        return Response(body, media_type="application/json")


def _number(request: Request, name: str, low: int, high: int) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) <= len(str(high)):
        value = int(text)
        if low <= value <= high:
            return value
    raise BadParameter(f"{name} must be a whole number from {low} to {high}")

"""How events become a request (R131-R133, R138; contract 8)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from urllib.parse import quote, urlencode

from whiteout.protocol.iglu import PAYLOAD_DATA
from whiteout.protocol.paths import ANONYMOUS_PREFIX
from whiteout.tracker.options import Options
from whiteout.tracker.transport import Request

_HEAD = f'{{"schema":"{PAYLOAD_DATA}","data":['.encode()
_TAIL = b"]}"
ENVELOPE = len(_HEAD) + len(_TAIL)
"""Bytes around the events of a body (R138)."""

STAMP = len(b',"stm":"1700000000000"') + 1
"""Bytes that the time of sending, and a comma, add to each event."""

_SMALL = 1_000


class Requests:
    """Builds the requests of one tracker."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._get = options.event_method == "get"
        self.gzip = options.gzip

    def goes_by_get(self, raw: bytes) -> bool:
        """Whether an event goes by GET; what is too large for that goes by POST (W32)."""
        if not self._get:
            return False
        most = self._options.max_get_bytes
        return most is None or len(self._query(raw, 0)) <= most

    def build(self, events: Sequence[bytes], *, server: bool, now: float) -> Request:
        """The request for these events, as JSON objects; one alone may go by GET."""
        options = self._options
        milliseconds = int(now * 1000)
        headers = {} if server else dict(options.custom_headers)
        if server:
            headers["SP-Anonymous"] = "*"
        prefix = ANONYMOUS_PREFIX if server and options.whiteout_collector else ""
        base = f"{options.endpoint}{prefix}"
        timeout = options.connection_timeout / 1000
        if len(events) == 1 and self.goes_by_get(events[0]):
            url = f"{base}/i?{self._query(events[0], milliseconds)}"
            return Request("GET", url, headers, None, server, timeout)
        stamp = f',"stm":"{milliseconds}"}}'.encode()
        body = b"".join((_HEAD, b",".join(raw[:-1] + stamp for raw in events), _TAIL))
        headers["Content-Type"] = "application/json; charset=UTF-8"
        if self.gzip and len(body) > _SMALL:
            body = gzip.compress(body, 5)
            headers["Content-Encoding"] = "gzip"
        return Request("POST", f"{base}{options.post_path}", headers, body, server, timeout)

    def _query(self, raw: bytes, milliseconds: int) -> str:
        """The query of a GET request: the time first if it is wanted, encoded JSON last (R111)."""
        parameters: dict[str, str] = json.loads(raw)
        last = {name: parameters.pop(name) for name in ("co", "cx") if name in parameters}
        query = parameters | last
        if self._options.use_stm:
            query = {"stm": str(milliseconds), **query}
        return urlencode(query, quote_via=quote, errors="replace")

"""A request on the short way: which requests take it, and their answers on the wire."""

from __future__ import annotations

from functools import lru_cache

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from whiteout.collector import MOST_AT_ONCE, Request
from whiteout.collector.cors import Cors
from whiteout.collector.responses import Response, accepted
from whiteout.protocol.paths import ANONYMOUS_PREFIX, TP2

USUAL_PATH = f"/{TP2.vendor}/{TP2.version}"
"""The event path of the short way."""

_SHORT_WAY = {
    USUAL_PATH.encode(): (USUAL_PATH, False),
    f"{ANONYMOUS_PREFIX}{USUAL_PATH}".encode(): (USUAL_PATH, True),
}
"""Paths whose POSTs take the short way, with the path of the event and whether it is anonymous."""

_ELSEWHERE = frozenset((b"transfer-encoding", b"content-encoding", b"expect"))
"""Headers whose requests do not take it."""

_LONGEST_LENGTH = len(str(MOST_AT_ONCE))


class _Never:
    """Stands for the event by which a task of ASGI is woken; on the short way there is none."""

    def set(self) -> None:
        """Nobody waits."""


class Post:
    """A request on the short way; the server asks it what it asks a request of ASGI."""

    __slots__ = (
        "began",
        "body",
        "by_path",
        "disconnected",
        "keep_alive",
        "left",
        "request",
        "response_complete",
    )
    message_event = _Never()

    def __init__(self, request: Request, length: int, *, by_path: bool, keep_alive: bool) -> None:
        self.request = request
        self.by_path = by_path
        self.keep_alive = keep_alive
        self.body: bytes | bytearray = b""
        self.left = length
        self.response_complete = False
        self.disconnected = False
        self.began = 0.0


ANSWERED = Post(Request("", b"", [], {}, None, None), 0, by_path=False, keep_alive=False)
ANSWERED.response_complete = True
"""Stands for a request behind which nothing is answered any more."""


def short_way(connection: HttpToolsProtocol) -> Post | None:
    """The request whose head has just been read, if it is one for the short way."""
    target, _, query = connection.url.partition(b"?")
    place = _SHORT_WAY.get(target)
    parser = connection.parser
    if place is None or parser.get_method() != b"POST" or b"#" in query:
        return None
    headers = dict(connection.headers[::-1])  # Of equal names the first counts.
    keep_alive = parser.should_keep_alive()
    # Without the header `connection` no other protocol is asked for, and only 1.1 stays open.
    if (b"connection" in headers or not keep_alive) and (
        parser.should_upgrade() or parser.get_http_version() != "1.1"
    ):
        return None
    length = headers.get(b"content-length", b"")
    if (
        not _ELSEWHERE.isdisjoint(headers)
        or not 0 < len(length) <= _LONGEST_LENGTH
        or not length.isdigit()
        or int(length) > MOST_AT_ONCE
    ):
        return None
    path, by_path = place
    peer = None if connection.client is None else connection.client[0]
    request = Request(path, query, connection.headers, headers, peer, None)
    return Post(request, int(length), by_path=by_path, keep_alive=keep_alive)


@lru_cache(maxsize=1024)
def accepted_bytes(cors: Cors) -> bytes:
    """The answer to events, without its first line and what differs from one to the next."""
    return wire(accepted(cors, None))


def wire(answer: Response) -> bytes:
    """Headers and body of an answer as they are sent, without its first line."""
    lines = [b"%b: %b\r\n" % header for header in answer.start["headers"]]
    return b"".join([*lines, b"\r\n", answer.body["body"]])

"""Where events enter a worker: HTTP connections on which the usual event takes a short way.

The web server behind it is uvicorn with the parser httptools. A usual event is a POST of moderate
length to a path of the protocol; it goes from the parser to the collector and its answer back to
the connection without a task, a scope or a message of ASGI, which would cost more than all that is
done for it. Every other request is handed to the ASGI application, with the same outcome.

What uvicorn leaves open is closed here: heads and bodies that do not come to an end in time, heads
without bounds, connections without number, and answers that nobody reads.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from httptools import HttpParserError, HttpParserUpgrade
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from whiteout.collector import Collector
from whiteout.collector.cors import Cors
from whiteout.collector.responses import Response, refused, text, unavailable
from whiteout.observer import EVENT_POST, Observer
from whiteout.post import ANSWERED, USUAL_PATH, Post, accepted_bytes, short_way, wire
from whiteout.spool import SpoolError, SpoolUnavailable

_LONGEST_HEAD = 256 * 1024
_MOST_HEADERS = 256
_CLOSE = b"connection: close\r\n"
_END = b"\r\n"
_OK = STATUS_LINE[200]
# What the connection waits for.
_HEAD, _BODY, _NEXT, _ANSWER = range(4)

_log = logging.getLogger("whiteout.edge")


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """Bounds of connections; times in seconds, memory in bytes.

    `header_timeout` from the first moment of a connection or of a further request to the end of its
    head, `body_timeout` from there to the end of its body, `idle_timeout` between two requests.
    Bodies that have arrived in part may hold `body_memory` together.
    """

    header_timeout: float
    body_timeout: float
    idle_timeout: float
    connections: int = 20_000
    body_memory: int = 128 * 1024 * 1024


class EventProtocol(HttpToolsProtocol):
    """One HTTP connection. To be subclassed by `protocol_of`, which says whose it is."""

    edge: ClassVar[Edge]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.headers = []
        self._waits = _HEAD
        self._since = self.loop.time()
        self._head = 0
        self._held = 0
        self._arriving = False
        self._stalled: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, unless there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self.edge.settings.connections:
            transport.abort()
        self.edge.watch(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what has arrived of a body."""
        self._let_go()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what has arrived; a head has an end, or the connection has one."""
        try:
            self.parser.feed_data(data)
        except HttpParserError:
            self.send_400_response("Invalid HTTP request received.")
            return
        except HttpParserUpgrade:
            # Behind a request to speak another protocol the parser reads no further.
            if self.cycle is not None:
                self.cycle.keep_alive = False
            return
        if self._waits == _HEAD:
            self._head += len(data)
            if self.transport.is_closing():
                return
            if self._head > _LONGEST_HEAD:
                self._refuse(text(431, b"headers are too large"))
            elif len(self.headers) > _MOST_HEADERS:
                self._refuse(text(431, b"too many headers"))

    def on_message_begin(self) -> None:
        """Begin a request; what ASGI needs is made for those that go there."""
        self.url = b""
        self.headers = []
        self._arriving = True
        self._waits = _HEAD
        self._since = self.loop.time()
        self._head = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; one that comes behind the body does not count."""
        if self._waits == _HEAD:
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Choose the way of a request."""
        cycle = self.cycle
        if len(self.headers) > _MOST_HEADERS and not self.transport.is_closing():
            self._refuse(text(431, b"too many headers"))
        if self.transport.is_closing():
            self.cycle = ANSWERED  # type: ignore[assignment]  # it answers to the same names
            return
        if self.edge.short and (cycle is None or cycle.response_complete):
            post = short_way(self)
            if post is not None:
                self._waits = _BODY
                self._since = post.began = self.loop.time()
                self.cycle = post  # type: ignore[assignment]
                return
        url, headers = self.url, self.headers
        expects = any(k == b"expect" and v.lower() == b"100-continue" for k, v in headers)
        super().on_message_begin()
        self.url, self.headers, self.expect_100_continue = url, headers, expects
        self.scope["headers"] = headers
        self._waits = _ANSWER
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Gather a body."""
        post: Any = self.cycle
        if type(post) is not Post:
            super().on_body(body)
            return
        if post.response_complete:
            return
        post.left -= len(body)
        if not post.body and not post.left:
            post.body = body
            return
        self._held += len(body)
        self.edge.held += len(body)
        if self.edge.held > self.edge.settings.body_memory:
            self._refuse(unavailable(self._cors(post)))
            return
        if not post.body:
            post.body = bytearray()
        post.body += body

    def on_message_complete(self) -> None:
        """Take the event, and answer once it is durable."""
        self._arriving = False
        post: Any = self.cycle
        if type(post) is not Post:
            super().on_message_complete()
            return
        if post.response_complete:
            return
        self._let_go()
        self._waits = _ANSWER
        request = post.request
        request.body = bytes(post.body)
        post.body = b""
        collector = self.edge.collector
        try:
            record, cookie = collector.take(request, by_path=post.by_path)
            if record is None:
                self._accept(post, None)
                return
            collector.store_then(record, partial(self._stored, post, cookie))
        except SpoolError:
            self._send(post, unavailable(self._cors(post)))
        except Exception as error:  # noqa: BLE001 (a connection must get its answer)
            _log.error("a request could not be taken: %s", type(error).__name__)
            self._send(post, text(500, b"Internal Server Error"))

    def _stored(self, post: Post, cookie: bytes | None, error: SpoolUnavailable | None) -> None:
        if error is None:
            self._accept(post, cookie)
        else:
            self._send(post, unavailable(self._cors(post)))

    def _cors(self, post: Post) -> Cors:
        """What lets the page which sent a request read its answer (A-20)."""
        return self.edge.origins.cors(post.request.headers.get(b"origin"))

    def _accept(self, post: Post, cookie: bytes | None) -> None:
        parts = [_OK, self.edge.date(self.server_state.default_headers)]
        if cookie is not None:
            parts += (b"set-cookie: ", cookie, _END)
        if not post.keep_alive:
            parts.append(_CLOSE)
        parts.append(accepted_bytes(self._cors(post)))
        self.edge.accepted += 1
        self._write(post, b"".join(parts), 200)

    def _send(self, post: Post, answer: Response) -> None:
        status = answer.start["status"]
        self.edge.observer.answered(EVENT_POST, status)
        parts = [
            STATUS_LINE[status],
            self.edge.date(self.server_state.default_headers),
        ]
        if not post.keep_alive:
            parts.append(_CLOSE)
        parts.append(wire(answer))
        self._write(post, b"".join(parts), status)

    def _write(self, post: Post, answer: bytes, status: int) -> None:
        post.response_complete = True
        if self.edge.logs:
            took = self.loop.time() - post.began
            self.edge.observer.log("POST", USUAL_PATH, status, len(answer), took)
        if post.disconnected or self.transport.is_closing():
            return
        self.transport.write(answer)
        if not post.keep_alive:
            self.transport.close()
            return
        self.server_state.total_requests += 1
        if self.pipeline:
            self.flow.resume_reading()
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
            return
        if self._waits == _ANSWER:
            self._waits = _NEXT
            self._since = self.loop.time()
        if not self.flow.write_paused:
            self.flow.resume_reading()

    def on_response_complete(self) -> None:
        """An answer of the application is complete."""
        if self._arriving and self._waits == _ANSWER and not self.pipeline:
            # Nobody reads the rest of this request, so nobody finds the next one behind it.
            self.transport.close()
        if self._waits == _ANSWER and not self.pipeline:
            self._waits = _NEXT
            self._since = self.loop.time()
        super().on_response_complete()
        self._unset_keepalive_if_required()

    def pause_writing(self) -> None:
        """Read nothing more from who does not read."""
        super().pause_writing()
        self.flow.pause_reading()
        self._stalled = self.loop.time()

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        self._stalled = None
        if not self.pipeline:
            self.flow.resume_reading()

    def look(self, now: float) -> None:
        """End what has waited for too long."""
        settings = self.edge.settings
        waited = now - self._since
        if self._stalled is not None and now - self._stalled > settings.idle_timeout:
            self.transport.abort()
        elif self._waits == _HEAD and waited > settings.header_timeout:
            if self.cycle is not None and not self.cycle.response_complete:
                return  # Its turn comes when that is answered.
            if self._head:
                self._refuse(text(408, b"headers did not arrive in time"))
            else:
                self.transport.close()
        elif self._waits == _BODY and waited > settings.body_timeout:
            post: Any = self.cycle
            self._refuse(refused(408, b"body did not arrive in time", self._cors(post)))
        elif self._waits == _NEXT and waited > settings.idle_timeout:
            self.transport.close()

    def _refuse(self, answer: Response) -> None:
        """Answer and close, at a point where nothing else is being answered."""
        cycle: Any = self.cycle
        if cycle is not None and not cycle.response_complete:
            if type(cycle) is not Post or self._waits != _BODY:
                self.transport.abort()
                return
            cycle.response_complete = True
        self._waits = _ANSWER
        self.edge.observer.refused(answer.start["status"])
        line = STATUS_LINE[answer.start["status"]]
        date = self.edge.date(self.server_state.default_headers)
        self.transport.write(b"".join((line, date, _CLOSE, wire(answer))))
        self.transport.close()

    def _let_go(self) -> None:
        self.edge.held -= self._held
        self._held = 0


class Edge:
    """What the connections of a worker share: the collector, their bounds, and one timer."""

    def __init__(
        self, collector: Collector, settings: EdgeSettings, observer: Observer | None = None
    ) -> None:
        self.collector = collector
        self.origins = collector.origins
        self.settings = settings
        self.observer = Observer() if observer is None else observer
        self.observer.tell(self._counted)
        self.logs = self.observer.logs
        # A path that stands for another is looked up by the application.
        self.short = USUAL_PATH not in collector.settings.paths
        self.held = 0
        self.accepted = 0
        self._watched: set[EventProtocol] | None = None
        self._dated: list[tuple[bytes, bytes]] = []
        self._date = b""

    def protocol(self) -> type[EventProtocol]:
        """The class of this worker's connections, as uvicorn wants one."""
        return type("EventProtocol", (EventProtocol,), {"edge": self})

    def _counted(self) -> tuple[int, int]:
        """Events that were accepted on the short way, and connections that are open."""
        return self.accepted, len(self._watched or ())

    def date(self, headers: list[tuple[bytes, bytes]]) -> bytes:
        """The headers that the server adds to every answer, on the wire."""
        if headers is not self._dated:
            self._dated = headers
            self._date = b"".join(b"%b: %b\r\n" % header for header in headers)
        return self._date

    def watch(self, connection: EventProtocol) -> None:
        """Begin to look after connections, when the first of them is made."""
        if self._watched is None:
            self._watched = connection.connections  # type: ignore[assignment]  # of this class
            self._look(connection.loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for connection in list(self._watched or ()):
            connection.look(now)
        shortest = min(self.settings.header_timeout, self.settings.body_timeout)
        loop.call_later(min(1.0, shortest / 4), self._look, loop)

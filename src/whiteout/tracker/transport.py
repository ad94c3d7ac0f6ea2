"""HTTP requests to the collector (R131-R136; W10, contract 8).

A transport has its own connections for server-anonymous requests, so that not even a connection
ties an anonymous event to an identified one. It keeps no cookie and follows no redirect.
"""

from __future__ import annotations

import http.client
import os
import ssl
import threading
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

_LONGEST_ANSWER = 65_536


@dataclass(frozen=True, slots=True)
class Request:
    """A request to the collector.

    `server_anonymous` tells that its events are: such a request must be sent without cookies and
    without what it does not hold. `timeout` is in seconds.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    server_anonymous: bool
    timeout: float


@dataclass(frozen=True, slots=True)
class Response:
    """The answer of the collector; header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@runtime_checkable
class Transport(Protocol):
    """Sends requests. Called from one or two threads at a time."""

    def send(self, request: Request) -> Response | Awaitable[Response]:
        """Send, and wait for the whole answer. Raises OSError when there is none.

        In a browser, where nobody can wait, it may be a coroutine function.
        """

    def close(self) -> None:
        """Give up connections that are kept."""


class HttpTransport:
    """Sends over connections that are kept open, two for each thread at most.

    Proxies are those of the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`).
    """

    def __init__(self) -> None:
        self._local = threading.local()
        self._context: ssl.SSLContext | None = None

    def send(self, request: Request) -> Response:
        """Send; a kept connection that the collector has closed meanwhile is replaced once."""
        side = "anonymous" if request.server_anonymous else "identified"
        key = f"{os.getpid()} {side} {request.url.split('/', 3)[2]}"
        kept: dict[str, http.client.HTTPConnection] = self._local.__dict__
        connection = kept.pop(key, None)
        if connection is not None:
            try:
                return self._exchange(connection, key, request)
            except (http.client.HTTPException, ConnectionError):
                connection.close()
        connection = self._connect(request)
        try:
            return self._exchange(connection, key, request)
        except http.client.HTTPException as error:
            connection.close()
            raise ConnectionError(type(error).__name__) from None
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        """Close the connections of this thread; those of others go with their threads."""
        kept: dict[str, http.client.HTTPConnection] = self._local.__dict__
        while kept:
            kept.popitem()[1].close()

    def _connect(self, request: Request) -> http.client.HTTPConnection:
        parts = urlsplit(request.url)
        host, port = parts.hostname or "", parts.port
        proxy = _proxy(parts.scheme, host)
        where = proxy or (host, port)
        if parts.scheme == "https":
            if self._context is None:
                self._context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(
                *where, timeout=request.timeout, context=self._context
            )
            if proxy:
                connection.set_tunnel(host, port or 443)
            return connection
        return http.client.HTTPConnection(*where, timeout=request.timeout)

    def _exchange(
        self, connection: http.client.HTTPConnection, key: str, request: Request
    ) -> Response:
        until = time.monotonic() + request.timeout
        if connection.sock is not None:
            connection.sock.settimeout(request.timeout)
        else:
            connection.timeout = request.timeout
        parts = urlsplit(request.url)
        target = parts.path or "/"
        if parts.query:
            target = f"{target}?{parts.query}"
        if connection.host != parts.hostname and parts.scheme == "http":
            target = request.url
        connection.request(request.method, target, request.body, dict(request.headers))
        with connection.getresponse() as answer:
            body, whole = _read(answer, until)
            if whole and answer.isclosed() and not answer.will_close:
                self._local.__dict__[key] = connection
            else:
                connection.close()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Response(answer.status, headers, body)


def _read(answer: http.client.HTTPResponse, until: float) -> tuple[bytes, bool]:
    """The body of an answer, as much as is wanted of it, and whether that is all."""
    body = bytearray()
    while chunk := answer.read1(_LONGEST_ANSWER):
        body += chunk
        if len(body) > _LONGEST_ANSWER or time.monotonic() > until:
            return bytes(body[:_LONGEST_ANSWER]), False
    if answer.length:
        raise http.client.IncompleteRead(b"", answer.length)
    # There is nothing left to read, but only this lets the connection be used again.
    answer.read()
    return bytes(body), True


def _proxy(scheme: str, host: str) -> tuple[str, int] | None:
    """Host and port of the proxy that the environment names for a host, if any."""
    value = os.environ.get(f"{scheme}_proxy") or os.environ.get(f"{scheme.upper()}_PROXY")
    if not value:
        return None
    ignored = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    for entry in ignored.split(","):
        name = entry.strip().lstrip(".").lower()
        if name and (name in ("*", host) or host.endswith(f".{name}")):
            return None
    parts = urlsplit(value if "://" in value else f"http://{value}")
    return (parts.hostname, parts.port or 80) if parts.hostname else None

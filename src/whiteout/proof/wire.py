"""HTTP by hand: requests whose bytes are exactly these, and answers as they came."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back until the connection closed; `status` is None when that was no response."""

    status: int | None
    raw: bytes

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        for line in self.raw.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.strip().lower() == name.lower().encode():
                return value.strip().decode("latin-1")
        return None

    @property
    def body(self) -> bytes:
        """The bytes behind the head."""
        return self.raw.partition(b"\r\n\r\n")[2]


def request(
    method: str,
    target: str,
    headers: Headers = (),
    body: bytes | None = None,
    *,
    host: str = "127.0.0.1",
) -> bytes:
    """The bytes of a request, after which the server is to close the connection."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server listens; with `tls`, connections are encrypted and its name is checked."""

    port: int
    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None

    def connect(self, source: str | None, timeout: float) -> socket.socket:
        """A connection, from an address of this machine if one is given. Raises OSError."""
        address = (self.host, self.port)
        raw = socket.create_connection(address, timeout, (source, 0) if source else None)
        if self.tls is None:
            return raw
        try:
            return self.tls.wrap_socket(raw, server_hostname=self.host)
        except BaseException:
            raw.close()
            raise

    def exchange(self, raw: bytes, *, source: str | None = None, timeout: float = 20) -> Answer:
        """Send bytes and read until the server closes.

        A server that answers and closes before it has read everything is no error.
        """
        answer = bytearray()
        with self.connect(source, timeout) as connection:
            with suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):
                connection.sendall(raw)
            with suppress(ConnectionResetError, ssl.SSLError):
                while chunk := connection.recv(65_536):
                    answer += chunk
        return Answer(_status(bytes(answer)), bytes(answer))


def exchange(port: int, raw: bytes, *, source: str = "127.0.0.1", timeout: float = 20) -> Answer:
    """Send bytes from a loopback address to this machine and read until the server closes."""
    return Server(port).exchange(raw, source=source, timeout=timeout)


def abandon(port: int, raw: bytes, *, source: str = "127.0.0.1", timeout: float = 20) -> None:
    """Send bytes and go away without waiting for an answer."""
    with Server(port).connect(source, timeout) as connection:
        connection.sendall(raw)


def _status(raw: bytes) -> int | None:
    line = raw.partition(b"\r\n")[0].split(b" ")
    return int(line[1]) if len(line) > 1 and line[1].isdigit() else None

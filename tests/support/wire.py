"""HTTP by hand: requests whose bytes are exactly these, and answers as they came."""

from __future__ import annotations

import socket
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


def request(method: str, target: str, headers: Headers = (), body: bytes | None = None) -> bytes:
    """The bytes of a request, after which the server is to close the connection."""
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")


def exchange(port: int, raw: bytes, *, source: str = "127.0.0.1", timeout: float = 20) -> Answer:
    """Send bytes from a loopback address and read until the server closes.

    A server that answers and closes before it has read everything is no error.
    """
    answer = bytearray()
    with socket.create_connection(("127.0.0.1", port), timeout, (source, 0)) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(raw)
        with suppress(ConnectionResetError):
            while chunk := connection.recv(65_536):
                answer += chunk
    return Answer(_status(bytes(answer)), bytes(answer))


def abandon(port: int, raw: bytes, *, source: str = "127.0.0.1", timeout: float = 20) -> None:
    """Send bytes and go away without waiting for an answer."""
    with socket.create_connection(("127.0.0.1", port), timeout, (source, 0)) as connection:
        connection.sendall(raw)


def _status(raw: bytes) -> int | None:
    line = raw.partition(b"\r\n")[0].split(b" ")
    return int(line[1]) if len(line) > 1 and line[1].isdigit() else None

"""A registry on the loopback interface that keeps what it was sent, byte by byte."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from whiteout.protocol.iglu import SchemaKey
from whiteout.schemas import document

KEY = SchemaKey("com.acme", "order", "jsonschema", "1-0-0")
OTHER = SchemaKey("com.acme", "order", "jsonschema", "1-0-1")
ORDER = document(KEY, {"type": "object", "properties": {"id": {"type": "integer"}}})


class RegistryServer:
    """Answers each path with the bytes in `answers`, else with 404.

    With `delay` it waits so many seconds before each answer, with `drip` between its bytes.
    """

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self.answers: dict[str, bytes] = {}
        self.delay = 0.0
        self.drip = 0.0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for."""
        return [request.split(b" ")[1].decode() for request in self.requests]

    def put(self, key: SchemaKey, definition: Any) -> None:
        """Have a schema."""
        self.answer(key, response(200, json.dumps(definition).encode()))

    def answer(self, key: SchemaKey, raw: bytes) -> None:
        """Answer so when a schema is asked for."""
        self.answers[f"/schemas/{'/'.join(key)}"] = raw

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                request = b""
                while b"\r\n\r\n" not in request:
                    part = connection.recv(65536)
                    if not part:
                        break
                    request += part
                self.requests.append(request)
                time.sleep(self.delay)
                path = request.split(b" ")[1].decode()
                raw = self.answers.get(path, response(404, b"no"))
                try:
                    step = 1 if self.drip else len(raw)
                    for start in range(0, len(raw), step):
                        connection.sendall(raw[start : start + step])
                        time.sleep(self.drip)
                except OSError:
                    continue


def response(status: int, body: bytes, *headers: str) -> bytes:
    """A whole HTTP answer."""
    lines = [f"HTTP/1.1 {status} x", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@contextmanager
def registry() -> Iterator[RegistryServer]:
    """A registry with one schema, for as long as the block runs."""
    server = RegistryServer()
    server.put(KEY, ORDER)
    try:
        yield server
    finally:
        server.close()

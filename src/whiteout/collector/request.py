"""What the collector looks at of a request whose path is an event path."""

from __future__ import annotations

from whiteout.collector.cors import Header


class Request:
    """An event request.

    `path` is the one that it is kept under and `asked` the one it came by, if that is another
    (A-6). Of equal `headers` the first counts; `raw` has all of them. `body` is None for anything
    but a POST (A-2).
    """

    __slots__ = ("asked", "body", "headers", "path", "peer", "query", "raw")

    def __init__(
        self,
        path: str,
        query: bytes,
        raw: list[Header],
        headers: dict[bytes, bytes],
        peer: str | None,
        body: bytes | None,
        *,
        asked: str | None = None,
    ) -> None:
        self.path = path
        self.asked = asked or path
        self.query = query.decode("utf-8", "replace") if query else ""
        self.raw = raw
        self.headers = headers
        self.peer = peer
        self.body = body

    def text(self, name: bytes) -> str | None:
        """The first value of a header."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    def values(self, name: bytes) -> list[str]:
        """Every value of a header."""
        return [value.decode("latin-1") for key, value in self.raw if key == name]

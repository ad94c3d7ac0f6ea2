"""A collector that only listens: it keeps every request, and answers as a test wants."""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl

from tests.support.site import LocalServer


@dataclass(slots=True)
class Request:
    """One request of a tracker."""

    method: str
    path: str
    headers: dict[str, str]
    events: list[dict[str, str]]
    size: int
    status: int = 200


@dataclass(slots=True)
class Answer:
    """How the collector answers: with what status, and which headers a preflight may ask for."""

    status: int = 200
    allows: str = "Content-Type, SP-Anonymous, X-Site"
    open: threading.Event = field(default_factory=threading.Event)


class Stub(LocalServer):
    """Listens on this machine until its `with` block ends."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answer = Answer()
        self.answer.open.set()
        super().__init__(type("Handler", (_Handler,), {"stub": self}))
        self.url = f"http://localhost:{self.port}"

    def reset(self) -> None:
        """Forget what was heard, and answer well again."""
        self.answer.open.set()
        self.answer = Answer()
        self.answer.open.set()
        self.requests = []

    @property
    def events(self) -> list[dict[str, str]]:
        """Every event that arrived, in order."""
        return [event for request in self.requests for event in request.events]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.answer.open.set()
        super().__exit__(kind, error, trace)


class _Handler(BaseHTTPRequestHandler):
    stub: Stub
    protocol_version = "HTTP/1.1"

    def do_OPTIONS(self) -> None:
        self._say(200, self.stub.answer.allows)

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        self._take(path, [dict(parse_qsl(query))] if path.endswith("/i") else [], len(query))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        events = json.loads(body)["data"] if body.startswith(b"{") else []
        self._take(self.path, events, len(body))

    def _take(self, path: str, events: list[dict[str, str]], size: int) -> None:
        answer = self.stub.answer
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, path, headers, events, size, answer.status)
        self.stub.requests.append(request)
        answer.open.wait(10)
        self._say(answer.status, "")

    def _say(self, status: int, allows: str) -> None:
        try:
            self.send_response(status)
            origin = self.headers.get("Origin")
            if origin:
                self.send_header("Access-Control-Allow-Origin", origin)
                self.send_header("Access-Control-Allow-Credentials", "true")
                self.send_header("Access-Control-Allow-Headers", allows)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep test output free of access logs."""


def entities(event: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The data of the attached entities by the name of their schema."""
    text = event.get("co")
    if text is None and "cx" in event:
        text = base64.urlsafe_b64decode(event["cx"] + "==").decode()
    items = json.loads(text)["data"] if text else []
    return {item["schema"].split("/")[1]: item["data"] for item in items}


def self_describing(event: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """Schema name and data of a self-describing event."""
    inner = json.loads(event["ue_pr"])["data"]
    return inner["schema"].split("/")[1], inner["data"]

"""The pages under uvicorn, the server that they run on."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.live.conftest import Site
from tests.live.entries import event


def connect(site: Site) -> socket.socket:
    """A client that has asked for the event stream."""
    client = socket.create_connection(("127.0.0.1", site.port), 5)
    client.sendall(b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return client


def until(client: socket.socket, text: bytes) -> bytes:
    """Read until a text has come; all that was read."""
    found = bytearray()
    while text not in found[-65_536 - len(text) :]:
        piece = client.recv(65_536)
        assert piece, bytes(found[-1_000:])
        found += piece
    return bytes(found)


@pytest.fixture
def stream(site: Site) -> Iterator[socket.socket]:
    """An open event stream."""
    with connect(site) as client:
        yield client


def test_events_are_streamed(site: Site, stream: socket.socket) -> None:
    """Nothing between feed and client holds an event back."""
    head = until(stream, b"event: ready")
    assert head.startswith(b"HTTP/1.1 200")
    assert b"text/event-stream" in head
    site.publish(event(name="one_event"))
    assert b"one_event" in until(stream, b"one_event")


@pytest.mark.parametrize("streams", [0, 5])
def test_an_open_stream_does_not_hold_up_the_exit(serve: Callable[..., Site], streams: int) -> None:
    """The server ends at once, and every stream ends properly."""
    site = serve()
    clients = [connect(site) for _ in range(streams)]
    for client in clients:
        until(client, b"event: ready")
    assert site.stop() < 5
    assert site.process.returncode in (0, -signal.SIGTERM)
    for client in clients:
        until(client, b"0\r\n\r\n")
        client.close()


def test_a_stalled_client_does_not_hold_up_the_others(site: Site) -> None:
    """A client that does not read gets a gap later; the rest go on."""
    with connect(site) as stalled, connect(site) as reading:
        until(stalled, b"event: ready")
        until(reading, b"event: ready")
        big = event(filling="x" * 20_000)
        seen: list[bytes] = []
        reader = threading.Thread(target=lambda: seen.append(until(reading, b"the_end")))
        reader.start()
        for _ in range(6):
            site.publish(*([big] * 150))
        site.publish(event(name="the_end"))
        reader.join(20)
        assert seen
        assert b"the_end" in until(stalled, b"the_end")


@pytest.mark.parametrize("path", ["/", "/try", "/assets/live.js", "/api/events", "/api/stream"])
def test_head_has_no_body(site: Site, path: str) -> None:
    """HEAD answers with the headers of GET."""
    answer = httpx.head(f"{site.url}{path}")
    assert answer.status_code == 200
    assert answer.content == b""
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        ("GET / HTTP/1.1\r\nHost: localhost\r\n", 200),
        ("GET / HTTP/1.1\r\nHost: rebound.example\r\n", 403),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 127.0.0.1\r\n", 403),
        ("GET / HTTP/1.0\r\n", 403),
        ("GET http://localhost/ HTTP/1.1\r\nHost: rebound.example\r\n", 403),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nHost: rebound.example\r\n", 403),
    ],
)
def test_the_gate_sees_what_the_client_sent(site: Site, request_text: str, status: int) -> None:
    """The server hands peer, host and headers to the gate as they are (contract 15)."""
    with socket.create_connection(("127.0.0.1", site.port), 5) as client:
        client.sendall(f"{request_text}Connection: close\r\n\r\n".encode())
        assert int(client.recv(4_096).split()[1]) == status

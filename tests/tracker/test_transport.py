"""Requests over real connections (R131-R136; contract 8)."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.process import free_port
from tests.tracker.http import Listener
from whiteout.tracker import HttpTransport, Request, Tracker


def request(url: str, *, server: bool = False, timeout: float = 2) -> Request:
    """A small POST."""
    return Request("POST", f"{url}/p?q=1", {"X-Test": "1"}, b"{}", server, timeout)


def test_connections_are_kept_apart_by_anonymity() -> None:
    """A connection is used again, but never for both kinds of events (contract 8)."""
    transport = HttpTransport()
    with Listener() as listener:
        for server in (False, True, False, True, False):
            assert transport.send(request(listener.url, server=server)).status == 200
        assert listener.connections == 2
        assert [path for _, path, _, _ in listener.requests] == ["/p?q=1"] * 5
        headers = listener.requests[0][2]
        assert headers.keys() <= {"host", "accept-encoding", "content-length", "x-test"}
        transport.close()


def test_a_connection_that_the_collector_closed_is_replaced() -> None:
    """A kept connection that is gone costs a second try, and no event."""
    transport = HttpTransport()
    with Listener() as listener:
        transport.send(request(listener.url))
        for connection in vars(transport._local).values():
            connection.sock.shutdown(socket.SHUT_RDWR)
        assert transport.send(request(listener.url)).status == 200
        assert listener.connections == 2
        transport.close()


def test_redirects_are_not_followed() -> None:
    """A redirect could lead to somebody else, without the header: it is a failure."""
    transport = HttpTransport()
    with Listener(status=302) as listener:
        assert transport.send(request(listener.url)).status == 302
        transport.close()


@contextmanager
def raw(answer: bytes, *, pause: float = 0) -> Iterator[str]:
    """A server that answers bytes, whatever it is asked."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection:
            received = b""
            while not received.endswith(b"{}"):
                received += connection.recv(65_536)
            time.sleep(pause)
            with suppress(OSError):
                connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    listening.close()
    thread.join()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n",
    ],
)
def test_collectors_that_lie(answer: bytes) -> None:
    """What is no HTTP is a failure of the connection, and nothing else."""
    with raw(answer) as url, pytest.raises(OSError):  # noqa: PT011
        HttpTransport().send(request(url))


def test_slow_and_endless_collectors() -> None:
    """A request ends after its time, and an endless answer is not read to the end."""
    with raw(b"", pause=0.6) as url, pytest.raises(TimeoutError):
        HttpTransport().send(request(url, timeout=0.2))
    with raw(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 300_000) as url:
        response = HttpTransport().send(request(url))
    assert response.status == 200
    assert len(response.body) <= 65_536


def test_proxies_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy gets the whole address, unless the host is excepted."""
    with Listener() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        transport = HttpTransport()
        assert transport.send(request("http://collector.invalid")).status == 200
        assert proxy.requests[0][1] == "http://collector.invalid/p?q=1"
        transport.close()
        monkeypatch.setenv("NO_PROXY", "localhost, .invalid")
        with pytest.raises(OSError):  # noqa: PT011
            transport.send(request("http://collector.invalid"))


def test_no_identifier_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever goes wrong, no log line holds an identifier (S11)."""
    caplog.set_level(logging.DEBUG)
    endpoint = f"http://127.0.0.1:{free_port()}"
    with Tracker(
        "sp", endpoint, data_folder=tmp_path / "data", on_drop=lambda *_: 1 / 0, max_queue_size=2,
        max_local_storage_queue_size=1, on_request_failure=lambda failure: failure.canary,  # type: ignore[attr-defined]
    ) as tracker:  # fmt: skip
        tracker.set_user_id("canary")
        tracker.set_ip_address("192.0.2.99")
        for _ in range(5):
            tracker.track_page_view("https://canary.test/?canary")
        tracker.track_struct_event("canary", object())  # type: ignore[arg-type]
        tracker.flush(2)
        secrets = ["canary", "192.0.2.99", tracker.get_domain_user_id()]
    assert caplog.records
    assert not [secret for secret in secrets if secret in caplog.text]

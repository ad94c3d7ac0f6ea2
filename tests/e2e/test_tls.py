"""HTTPS without a proxy in front, and an orderly stop (A-79, A-80, A-81)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import ssl
import time
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.support.certificate import make_certificate, trusting
from tests.support.process import Whiteout, wait_until
from whiteout import worker
from whiteout.config import load
from whiteout.proof.wire import Answer, exchange, request
from whiteout.protocol.iglu import PAYLOAD_DATA
from whiteout.server import StartError, serve

pytestmark = pytest.mark.slow

TP2 = "/com.snowplowanalytics.snowplow/tp2"
JSON = ("Content-Type", "application/json; charset=UTF-8")
BODY = json.dumps({"schema": PAYLOAD_DATA, "data": [{"e": "pv", "p": "web", "tv": "x"}]}).encode()
POST = request("POST", TP2, [JSON], BODY)


def secure_exchange(port: int, raw: bytes, context: ssl.SSLContext) -> Answer:
    """The answer to a request over TLS, on a connection of its own."""
    with (
        socket.create_connection(("127.0.0.1", port), 10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as stream,
    ):
        stream.sendall(raw)
        found = b""
        while chunk := stream.recv(65_536):
            found += chunk
    return Answer(int(found.split(b" ")[1]), found)


def test_a_79_one_port_with_tls(tmp_path: Path) -> None:
    """A-79, A-80: with a certificate the one port speaks HTTPS: events, pages, files."""
    certificate, key = make_certificate(tmp_path / "tls")
    options = ("--tls-certificate", str(certificate), "--tls-key", str(key), "--hsts", "60")
    with Whiteout(tmp_path, *options) as server:
        assert f"https://127.0.0.1:{server.port}" in server.output().decode()
        context = trusting(certificate)
        for raw in (POST, request("GET", "/i?e=pv&p=web&tv=x"), request("GET", "/try")):
            answer = secure_exchange(server.port, raw, context)
            assert answer.status == 200
            assert answer.header("strict-transport-security") == "max-age=60; includeSubDomains"
        assert exchange(server.port, POST).status is None
        server.wait_for_rows("SELECT 1 FROM events", 2)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = trusting(certificate)
            context.minimum_version = context.maximum_version = version
            assert secure_exchange(server.port, POST, context).status == 200
        assert server.stderr.read_bytes() == b""


def test_a_79_a_handshake_ends_in_time(tmp_path: Path) -> None:
    """A-79: who begins no handshake, or half of one, is dropped when headers would be late."""
    certificate, key = make_certificate(tmp_path / "tls")
    options = ("--tls-certificate", str(certificate), "--tls-key", str(key))
    with Whiteout(tmp_path, *options, "--header-timeout", "1", command="collect") as server:
        for begun in (b"", b"\x16\x03\x01\x02\x00\x01"):
            began = time.monotonic()
            with socket.create_connection(("127.0.0.1", server.port), 20) as stream:
                stream.sendall(begun)
                with contextlib.suppress(ConnectionResetError):
                    assert stream.recv(100) == b""
            assert 0.5 < time.monotonic() - began < 15
        assert secure_exchange(server.port, POST, trusting(certificate)).status == 200


def test_a_79_large_bodies_over_tls(tmp_path: Path) -> None:
    """A-67, A-79: over TLS a large body is stored, and one that is too large is refused."""
    certificate, key = make_certificate(tmp_path / "tls")
    options = ("--tls-certificate", str(certificate), "--tls-key", str(key))
    with Whiteout(tmp_path, *options, command="collect") as server:
        context = trusting(certificate)
        event = {"e": "pv", "p": "web", "tv": "x", "page": "x" * 1_000_000}
        large = json.dumps({"schema": PAYLOAD_DATA, "data": [event]}).encode()
        for body, status in ((large, 200), (b"x" * 3_000_000, 422)):
            raw = request("POST", TP2, [JSON], body)
            assert secure_exchange(server.port, raw, context).status == status


@pytest.mark.parametrize("files", ["missing", "not a certificate", "another key", "no certificate"])
def test_a_79_a_certificate_that_cannot_be_used(tmp_path: Path, files: str) -> None:
    """A-79: whiteout does not start with it, and says which files it takes."""
    certificate, key = make_certificate(tmp_path / "one")
    options = {"data": str(tmp_path / "data"), "tls_certificate": str(certificate)}
    if files == "missing":
        options["tls_certificate"] = str(tmp_path / "nowhere.pem")
    elif files == "not a certificate":
        certificate.write_text("nonsense")
    elif files == "another key":
        key = make_certificate(tmp_path / "two")[1]
    else:
        del options["tls_certificate"]
    config, _ = load({**options, "tls_key": str(key)}, environ={})
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    try:
        with pytest.raises(StartError, match="--tls-certificate"):
            serve(config, everything=False, announce=print)
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])


async def test_a_79_a_renewed_certificate_is_used(tmp_path: Path) -> None:
    """A-79: new files are read while whiteout runs; broken ones leave the former in use."""
    certificate, key = make_certificate(tmp_path / "tls")
    options = {"data": str(tmp_path), "tls_certificate": str(certificate), "tls_key": str(key)}
    config, _ = load(options, environ={})
    with patch.object(worker, "_LOOK_AT_CERTIFICATE", 1), socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(10)
        port = listener.getsockname()[1]
        server = worker.server(config, pages=False)
        serving = asyncio.ensure_future(server._serve([listener]))
        while not server.started:
            await asyncio.sleep(0.01)

        async def answered(trusted: Path) -> bool:
            try:
                context = trusting(trusted)
                answer = await asyncio.to_thread(secure_exchange, port, POST, context)
            except ssl.SSLError:
                return False
            return answer.status == 200

        former = tmp_path / "former.pem"
        former.write_bytes(certificate.read_bytes())
        assert await answered(former)
        other, _ = make_certificate(tmp_path / "other")
        for broken in ("nonsense", other.read_text()):
            certificate.write_text(broken)
            await asyncio.sleep(0.5)
            assert await answered(former)
        make_certificate(tmp_path / "tls")
        for _ in range(50):
            if await answered(certificate):
                break
            await asyncio.sleep(0.1)
        assert not await answered(former)
        server.should_exit = True
        await serving


@pytest.mark.parametrize("healthy", ["true", "false"])
def test_a_81_requests_are_taken_until_the_end(tmp_path: Path, healthy: str) -> None:
    """A-81: after the signal events are stored for a while, and `/health` says so if asked to."""
    options = ("--stop-delay", "2", "--stop-unhealthy", healthy)
    with Whiteout(tmp_path, *options, command="collect") as server:
        assert exchange(server.port, request("GET", "/health")).status == 200
        began = time.monotonic()
        os.kill(server.pid, signal.SIGTERM)
        expected = 503 if healthy == "true" else 200
        wait_until(
            lambda: exchange(server.port, request("GET", "/health")).status == expected, timeout=1.5
        )
        assert exchange(server.port, POST).status == 200
        server.stop()
        assert time.monotonic() - began > 1.5


def test_a_81_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    """A-81: who does not want to wait asks twice; what was accepted is stored all the same."""
    with Whiteout(tmp_path, "--stop-delay", "60", command="collect") as server:
        assert exchange(server.port, POST).status == 200
        for _ in range(2):
            for pid in server.processes():
                os.kill(pid, signal.SIGTERM)
            time.sleep(0.6)
            assert len(server.processes()) == 2
        for pid in server.processes():
            os.kill(pid, signal.SIGTERM)
        wait_until(lambda: server.processes() == {}, timeout=10)
        server.kill()

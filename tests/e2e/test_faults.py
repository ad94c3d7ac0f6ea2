"""Faults of the machine: what was acknowledged is in the lake, and nothing else was acknowledged.

A small file system of its own can be full or read-only; its namespace ends with the server.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.e2e.test_durability import CLIENTS, EVENTS, Run
from tests.support.process import Whiteout, kill, wait_until
from whiteout.proof.wire import Answer, exchange, request
from whiteout.protocol.iglu import PAYLOAD_DATA

pytestmark = pytest.mark.slow

TP2 = "/com.snowplowanalytics.snowplow/tp2"
JSON = ("Content-Type", "application/json; charset=UTF-8")
WHITEOUT = (sys.executable, "-m", "whiteout")
MEGABYTE = 1024 * 1024


def post(port: int, name: str, size: int = 0, *headers: tuple[str, str]) -> Answer:
    """Send one event, whose app is named."""
    event = {"e": "pv", "p": "web", "tv": "x-1", "aid": name, "page": "x" * size}
    body = json.dumps({"schema": PAYLOAD_DATA, "data": [event]}).encode()
    return exchange(port, request("POST", TP2, [JSON, *headers], body))


@contextmanager
def small_disk(folder: Path, megabytes: int, *options: str) -> Iterator[Whiteout]:
    """A server whose data folder is a file system of so many megabytes."""
    data = folder / "data"
    data.mkdir(parents=True)
    mount = f'mount -t tmpfs -o size={megabytes}m,mode=700 tmpfs "{data}" && exec "$@"'
    server = Whiteout(
        folder, *options, program=("unshare", "-rm", "sh", "-c", mount, "sh", *WHITEOUT)
    )
    with server:
        yield server


def stored(server: Whiteout) -> list[str]:
    """The apps of the events in the lake, as the command tells them on the server's own disk."""
    query = "SELECT app_id FROM events WHERE app_id <> 'refused'"
    enter = ["nsenter", "--preserve-credentials", "-U", "-m", "-t", str(server.pid)]
    command = [*enter, *WHITEOUT, "sql", query, "--data", str(server.data), "--format", "json"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [json.loads(line)["app_id"] for line in said.splitlines()]


def fill(server: Whiteout) -> Path:
    """Write a file until nothing more fits on the disk of a server."""
    ballast = Path(f"/proc/{server.pid}/root{server.data}/ballast")
    with ballast.open("wb", buffering=0) as file:
        for size in (MEGABYTE, 4096, 1):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                continue
    return ballast


def refused(server: Whiteout) -> bool:
    """Whether an event is refused as one that cannot be stored now."""
    answer = post(server.port, "refused", 2_000)
    assert answer.status in (200, 503)
    if answer.status == 503:
        assert answer.header("retry-after") == "1"
        assert answer.header("access-control-allow-origin") == "*"
    return answer.status == 503


@pytest.mark.parametrize("rounds", [1, pytest.param(10, marks=pytest.mark.torture)])
def test_a_full_disk(tmp_path: Path, rounds: int) -> None:
    """A full disk is told with 503, and once there is room all goes on.

    Nothing that had a 200 is missing, or there twice.
    """
    acknowledged: list[str] = []

    def several(name: str) -> None:
        names = [f"{name}-{number}" for number in range(20)]
        acknowledged.extend(name for name in names if post(server.port, name, 1_000).status == 200)

    with small_disk(tmp_path, 32, "--commit-interval", "0.2") as server:
        for round_ in range(rounds):
            several(f"before-{round_}")
            ballast = fill(server)
            wait_until(lambda: refused(server), 20)
            assert exchange(server.port, request("GET", "/sink-health")).status == 503
            assert exchange(server.port, request("GET", "/metrics")).status == 200
            several(f"full-{round_}")
            ballast.unlink()
            wait_until(lambda: not refused(server), 20)
            several(f"after-{round_}")
        wait_until(lambda: len(stored(server)) >= len(acknowledged), 40, server.tail)
        found = stored(server)
        assert len(found) == len(set(found))
        assert set(acknowledged) <= set(found)
    assert b"Traceback" not in server.output()


def test_a_folder_that_is_read_only(tmp_path: Path) -> None:
    """On a read-only disk whiteout says so and ends; it does not pretend to collect."""
    data = tmp_path / "data"
    data.mkdir()
    script = f'mount -t tmpfs tmpfs "{data}" && mount -o remount,ro "{data}" && exec "$@"'
    command = ["unshare", "-rm", "sh", "-c", script, "sh", *WHITEOUT, "up", "--data", str(data)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert run.returncode == 1
    assert "Read-only file system" in run.stderr
    assert "--data" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_disk_that_becomes_read_only(tmp_path: Path) -> None:
    """What cannot be written any more is refused with a 503, and nothing of it acknowledged."""
    run = Run(tmp_path, inject=["pwrite64:error=EROFS:when=60+"])
    assert run.sent.with_status(200)
    assert run.sent.with_status(503)
    run.assert_durable()


def test_a_slow_disk(tmp_path: Path) -> None:
    """A disk that takes a fifth of a second to sync delays answers; it loses and refuses none."""
    run = Run(tmp_path, inject=["fsync,fdatasync:delay_enter=200000:when=9+"])
    assert len(run.sent.with_status(200)) == CLIENTS * EVENTS
    run.assert_durable()


@pytest.mark.parametrize("place", ["start", "middle"])
def test_a_corrupt_spool_is_set_aside(tmp_path: Path, place: str) -> None:
    """A spool file that cannot be read is kept and reported, and everything else goes on."""
    with Whiteout(tmp_path, command="collect") as server:
        for number in range(200):
            assert post(server.port, f"lost-{number}", 1_000).status == 200
        server.kill()
    (spool,) = (server.data / "spool").glob("*.db")
    raw = bytearray(spool.read_bytes())
    at = 0 if place == "start" else len(raw) // 2
    raw[at : at + 20_000] = os.urandom(min(20_000, len(raw) - at))
    spool.write_bytes(raw)
    for log in (server.data / "spool").glob("*.db-*"):
        log.unlink()
    with Whiteout(tmp_path) as server:
        for number in range(20):
            wait_until(lambda n=number: post(server.port, f"new-{n}").status == 200)  # type: ignore[misc]
        rows = server.wait_for_rows("SELECT app_id FROM events WHERE app_id LIKE 'new-%'", 20)
        assert len({row["app_id"] for row in rows}) == 20
    aside = list((server.data / "spool").glob("*.corrupt-*"))
    assert aside or place == "middle"
    assert b"spool" in server.output()
    assert b"Traceback" not in server.output()


@pytest.mark.parametrize("size", [1_500, pytest.param(10_000, marks=pytest.mark.torture)])
def test_idle_connections(tmp_path: Path, size: int) -> None:
    """A-66: thousands of connections that say nothing cost little memory and hold nobody up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        options = ("--header-timeout", "20", "--idle-timeout", "20")
        with Whiteout(tmp_path, *options, command="collect") as server, ExitStack() as stack:
            before = _resident(server)
            for number in range(size):
                address = ("127.0.0.1", server.port)
                stream = stack.enter_context(socket.create_connection(address, 10))
                if number % 3:
                    stream.sendall(b"POST /com.snow"[: number % 14])
            began = time.monotonic()
            for number in range(20):
                assert post(server.port, f"served-{number}").status == 200
            assert time.monotonic() - began < 2
            assert _resident(server) - before < 40 + size * 0.02
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_worker_that_stands_still(tmp_path: Path) -> None:
    """A worker that hangs and is killed is replaced; what it had acknowledged is in the lake."""
    with Whiteout(tmp_path, "--workers", "2") as server:
        for number in range(50):
            assert post(server.port, f"event-{number}").status == 200
        workers = [pid for pid, line in server.processes().items() if "whiteout.worker" in line]
        os.kill(workers[0], signal.SIGSTOP)
        time.sleep(0.3)
        kill(workers[0])
        wait_until(lambda: len(server.processes()) == 4)
        for number in range(50, 100):
            assert post(server.port, f"event-{number}").status == 200
        rows = server.wait_for_rows("SELECT app_id FROM events", 100)
        assert len({row["app_id"] for row in rows}) == 100


def _resident(server: Whiteout) -> float:
    """Resident memory of all processes of a server, in MB."""
    pages = (Path(f"/proc/{pid}/statm").read_text().split()[1] for pid in server.processes())
    return sum(int(count) * 4096 for count in pages) / MEGABYTE

"""The process helper starts, watches and ends real processes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.process import Whiteout, children, kill, wait_until

SERVER = """
import signal, subprocess, sys, time
print("arguments:", *sys.argv[1:], file=sys.stderr)
{extra}
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
def stop(*_):
    child.kill()
    child.wait()
    sys.exit({status})
signal.signal(signal.SIGTERM, stop)
print("whiteout is ready: http://127.0.0.1:1")
while True:
    time.sleep(0.05)
"""


def server(folder: Path, extra: str = "", status: int = 0) -> Sequence[str]:
    """A program that behaves like a server with one child process."""
    script = folder / "server.py"
    script.write_text(SERVER.format(extra=extra, status=status))
    return (sys.executable, str(script))


def test_a_server_is_started_and_stopped(tmp_path: Path) -> None:
    """It gets its port and folder, is awaited, and nothing of it is left behind."""
    with Whiteout(tmp_path / "run", "--workers", "2", program=server(tmp_path)) as whiteout:
        assert len(whiteout.processes()) == 2
        assert set(whiteout.processes()) == {whiteout.pid, *children(whiteout.pid)}
        assert "--workers 2" in whiteout.tail()
        assert f"--port {whiteout.port} --data {whiteout.data}" in whiteout.tail()
    assert whiteout.processes() == {}
    assert b"whiteout is ready" in whiteout.output()


def test_an_orphan_is_found_and_counts(tmp_path: Path) -> None:
    """A process whose parent was killed still belongs to the server."""
    whiteout = Whiteout(tmp_path, program=server(tmp_path))
    whiteout.start()
    (child,) = children(whiteout.pid)
    kill(whiteout.pid)
    wait_until(lambda: list(whiteout.processes()) == [child])
    whiteout.kill()
    assert whiteout.processes() == {}


def test_a_bad_exit_is_a_failure(tmp_path: Path) -> None:
    """A server that does not exit cleanly fails the test that ran it."""
    whiteout = Whiteout(tmp_path, program=server(tmp_path, status=3))
    whiteout.start()
    with pytest.raises(AssertionError, match="exit status 3"):
        whiteout.stop()


def test_a_server_that_does_not_start_is_a_failure(tmp_path: Path) -> None:
    """The reason that it gave is in the message."""
    program = server(tmp_path, extra="sys.exit('no room')")
    with pytest.raises(AssertionError, match="no room"):
        Whiteout(tmp_path, program=program).start()


def test_an_error_in_the_block_kills(tmp_path: Path) -> None:
    """After a failed assertion nothing goes on running, and the assertion is what is reported."""
    whiteout = Whiteout(tmp_path, program=server(tmp_path, status=3))
    with pytest.raises(ZeroDivisionError), whiteout:
        _ = 1 / 0
    assert whiteout.processes() == {}


def test_waiting_gives_up_with_a_description() -> None:
    """A condition that never holds fails and says what it was."""
    with pytest.raises(AssertionError, match="not within 0 s: pigs fly"):
        wait_until(lambda: False, 0, lambda: "pigs fly")

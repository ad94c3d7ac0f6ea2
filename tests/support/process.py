"""Real `whiteout` processes on free ports with data folders of their own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from whiteout.lake import LakeReader

READY = re.compile(r"whiteout is ready: (https?://\S+)")
"""The line that a server prints once it accepts requests."""

_MARK = "E2E_RUN"
"""An environment variable by which the processes of one run are known, orphans included."""


class Whiteout:
    """A running `whiteout up` (or another command that serves), as a context manager.

    `arguments` follow the command; `environment` is added to an otherwise clean one. Output goes to
    files in `folder`, the data to `folder / "data"`. At the end of a `with` block the server is
    stopped and must exit cleanly; when the block raised, everything is killed.
    """

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        command: str = "up",
        environment: Mapping[str, str] | None = None,
        program: Sequence[str] = (sys.executable, "-m", "whiteout"),
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.data = folder / "data"
        self.stdout = folder / "stdout.txt"
        self.stderr = folder / "stderr.txt"
        self._mark = f"{_MARK}={uuid.uuid4().hex}"
        self._folder = folder
        self._environment = environment or {}
        self._command = [
            *program,
            command,
            *("--port", str(self.port), "--data", str(self.data)),
            *arguments,
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start and wait until the server is ready."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop cleanly, or kill everything after an error."""
        if kind is None:
            self.stop()
        else:
            self.kill()

    @property
    def pid(self) -> int:
        """The id of the main process."""
        assert self._process is not None
        return self._process.pid

    def start(self, timeout: float = 30) -> None:
        """Start the server and wait until it says that it is ready. Output is appended."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name, _, value = self._mark.partition("=")
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONUNBUFFERED": "1",
            name: value,
            **self._environment,
        }
        with self.stdout.open("ab") as out, self.stderr.open("ab") as err:
            seen = out.tell()
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=environment,
                cwd=self._folder,
                start_new_session=True,
            )
        try:
            self._await_ready(seen, timeout)
        except BaseException:
            self.kill()
            raise

    def _await_ready(self, seen: int, timeout: float) -> None:
        assert self._process is not None
        until = time.monotonic() + timeout
        while READY.search(self.stdout.read_bytes()[seen:].decode(errors="replace")) is None:
            if self._process.poll() is not None:
                raise AssertionError(f"exited with {self._process.returncode}: {self.tail()}")
            if time.monotonic() > until:
                raise AssertionError(f"not ready after {timeout} s: {self.tail()}")
            time.sleep(0.02)

    def stop(self, timeout: float = 30) -> None:
        """Ask the server to stop; it must exit with 0 and leave no process behind.

        Does nothing when it was stopped already.
        """
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still running {timeout} s after SIGTERM") from None
        left = self.processes()
        self.kill()
        assert status == 0, f"exit status {status}: {self.tail()}"
        assert left == {}, f"processes left behind: {left}"

    def kill(self) -> None:
        """End every process of this server with SIGKILL."""
        while pids := self.processes():
            for pid in pids:
                kill(pid)
            if self._process is not None:
                self._process.poll()
            time.sleep(0.01)
        if self._process is not None:
            self._process.wait()
            self._process = None

    def processes(self) -> dict[int, str]:
        """The command lines of all processes of this server, by process id.

        They are known by a variable in their environment, so orphans count too.
        """
        return processes_with(self._mark)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """The answer of SQL over the tables `events` and `failed_events`."""
        with LakeReader(self.data / "lake").connect() as connection:
            cursor = connection.execute(sql)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def wait_for_rows(self, sql: str, count: int = 1, timeout: float = 15) -> list[dict[str, Any]]:
        """The answer of SQL once it has at least so many rows."""
        rows: list[dict[str, Any]] = []

        def enough() -> bool:
            rows[:] = self.rows(sql)
            return len(rows) >= count

        def describe() -> str:
            failed = self.rows("SELECT app_id, failure, errors FROM failed_events LIMIT 9")
            return f"{len(rows)} of {count} rows: {sql}\n{failed}\n{self.tail()}"

        wait_until(enough, timeout, describe)
        return rows

    def output(self) -> bytes:
        """Everything written to stdout and stderr so far."""
        return self.stdout.read_bytes() + self.stderr.read_bytes()

    def tail(self) -> str:
        """The end of what was written to stdout and stderr."""
        return self.output()[-4_000:].decode(errors="replace")


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def kill(pid: int) -> None:
    """End a process with SIGKILL, if it is still there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def processes_with(variable: str) -> dict[int, str]:
    """The command lines of running processes whose environment holds `NAME=value`, by id."""
    found: dict[int, str] = {}
    wanted = variable.encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").strip()
                found[int(entry.name)] = line.decode(errors="replace")
        except OSError:
            continue
    return found


def children(pid: int) -> list[int]:
    """The ids of the direct children of a process."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(entry.name))
    return found


def wait_until(
    condition: Callable[[], bool],
    timeout: float = 15,
    describe: Callable[[], str] = lambda: "the condition",
) -> None:
    """Wait until a condition holds; fail with its description after `timeout` seconds."""
    until = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < until, f"not within {timeout} s: {describe()}"
        time.sleep(0.05)

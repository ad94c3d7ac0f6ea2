"""The system under proof: one that is thrown away afterwards, or one that is already running."""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from whiteout.proof.shots import CUSTOM_PATH, REDIRECT_HOST, TP2
from whiteout.proof.wire import Server

Tell = Callable[[str], None]
"""Is told what is being done."""

READY = re.compile(rb"whiteout is ready: ")

COMPAT = (
    *("--sentinel", "zero", "--cookie-on-anonymous", "delete"),
    *("--oversized", "413", "--batch", "reject"),
)
"""Options with which a system goes the way of older collectors, where that gives nobody away."""

_START_SECONDS = 30.0
_STOP_SECONDS = 30.0
_OPTIONS = (
    *("--workers", "2", "--address", "full", "--feed-size", "100000"),
    *("--body-timeout", "1", "--header-timeout", "1"),
    *("--paths", f"{CUSTOM_PATH}={TP2}", "--redirect-hosts", REDIRECT_HOST),
)


class ProofError(Exception):
    """The proof could not be carried out; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class System:
    """Where a system listens, and the folders and files that it writes.

    `host` is what requests name as theirs, `headers` what opens its pages. `own` tells whether the
    proof started it, so that its settings are known.
    """

    server: Server
    host: str
    data: Path
    logs: tuple[Path, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    own: bool = False


def running(url: str, data: Path, logs: tuple[Path, ...], token: str | None) -> System:
    """A system that runs already. Raises ProofError for a URL or folder that cannot be it."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        raise ProofError(
            f"{url} is no address of a collector: give scheme, host and port, "
            "such as https://events.example.org"
        )
    if not data.is_dir():
        raise ProofError(f"there is no data folder {data}; name the one of {url} with --data")
    context = ssl.create_default_context() if parts.scheme == "https" else None
    port = parts.port or (443 if context else 80)
    headers = (("Authorization", f"Bearer {token}"),) if token else ()
    return System(
        Server(port, parts.hostname, context),
        parts.netloc.rpartition("@")[2],
        data,
        logs,
        headers,
    )


@dataclass(slots=True)
class ThrowAway:
    """A system of real processes on a free port, with all that it writes in one folder.

    A context manager: started at the beginning, and whatever is left of it killed at the end.
    """

    folder: Path
    options: tuple[str, ...] = ()
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _system: System | None = field(default=None, init=False)

    def __enter__(self) -> Self:
        port = _free_port()
        logs = (self.folder / "stdout.txt", self.folder / "stderr.txt")
        temporary = self.folder / "tmp"
        temporary.mkdir(parents=True)
        data = self.folder / "data"
        self._system = System(Server(port), f"127.0.0.1:{port}", data, logs, own=True)
        command = [sys.executable, "-m", "whiteout", "up", "--port", str(port)]
        command += ["--data", str(data), *_OPTIONS, *self.options]
        # Nothing of the caller's own settings: what is proved does not depend on who asks.
        keep = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        with logs[0].open("wb") as out, logs[1].open("wb") as err:
            self._process = subprocess.Popen(  # noqa: S603 (this very program)
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env={**keep, "TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1"},
                cwd=self.folder,
                start_new_session=True,
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def ready(self) -> System:
        """The system, once it takes requests. Raises ProofError when it does not start."""
        process, system = self._running()
        until = time.monotonic() + _START_SECONDS
        while READY.search(system.logs[0].read_bytes()) is None:
            if process.poll() is not None or time.monotonic() > until:
                said = system.logs[1].read_text(errors="replace").strip()[-500:]
                raise ProofError(f"the system did not start: {said or 'it said nothing'}")
            time.sleep(0.02)
        return system

    def terminate(self) -> None:
        """Ask it to end, as an operator would; what was accepted will then be in the lake."""
        self._running()[0].send_signal(signal.SIGTERM)

    def wait(self) -> None:
        """Wait for the end. Raises ProofError when it does not come, or was no clean one."""
        try:
            status = self._running()[0].wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise ProofError(f"the system did not stop within {_STOP_SECONDS:.0f} s") from None
        if status:
            raise ProofError(f"the system ended with status {status}")

    def _running(self) -> tuple[subprocess.Popen[bytes], System]:
        if self._process is None or self._system is None:
            raise ProofError("the system was not started")
        return self._process, self._system


def stop(*systems: ThrowAway) -> None:
    """End systems, all at once. Raises ProofError."""
    for one in systems:
        one.terminate()
    for one in systems:
        one.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

"""The processes of `whiteout up` and `whiteout collect`: web workers and one loader."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from whiteout.app import RUNTIME
from whiteout.config import Config
from whiteout.flag import Flag

_BACKLOG = 2048
_CONNECTIONS = 20_000
_RESPAWN = 0.2
_STOP_WORKERS = 10
_STOP_LOADER = 60.0
_READY_WITHIN = 60.0

# A worker that is forked just while the loader is started would inherit the ends of its pipes, and
# whoever waits for them to be closed would wait for that worker to end.
_forking = threading.Lock()
os.register_at_fork(
    before=_forking.acquire, after_in_parent=_forking.release, after_in_child=_forking.release
)

# The Delta library brings an allocator that hoards what it frees for ten seconds, and a thread pool
# for every core. So started, the loader holds a third less memory after 400,000 events. It stands
# here and not in the lake because importing the lake would load that library into this process.
_LOADER_ENVIRONMENT = {
    "TOKIO_WORKER_THREADS": "1",
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:1000,muzzy_decay_ms:0",
}


class StartError(Exception):
    """whiteout cannot start; the text says why and what to do."""


def serve(config: Config, *, everything: bool, announce: Callable[[str], None]) -> None:
    """Run until SIGINT or SIGTERM: the collector, and with `everything` the pages and the loader.

    `announce` is called once with the address when all of it is ready. Raises StartError.
    """
    prepare_folder(config.folder)
    _check_port(config)
    os.environ[RUNTIME] = json.dumps({"config": config.as_values(), "pages": everything})
    loader = _LoaderKeeper() if everything else None
    server = _Server(
        "whiteout.app:worker",
        factory=True,
        interface=Interfaces.ASGI,
        address=config.host,
        port=config.port,
        workers=config.workers,
        http=HTTPModes.http1,
        websockets=False,
        backlog=_BACKLOG,
        backpressure=_CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=int(config.header_timeout * 1000)),
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        respawn_interval=_RESPAWN,
        workers_kill_timeout=_STOP_WORKERS,
    )
    if loader is not None:
        loader.start()
    waiting = threading.Thread(
        target=_announce_when_ready, args=(config, loader, announce), daemon=True
    )
    waiting.start()
    try:
        server.serve()
    finally:
        if loader is not None:
            loader.stop()


def prepare_folder(folder: Path) -> None:
    """Make the data folder, readable by its owner alone. Raises StartError."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = folder / f".writable-{os.getpid()}"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        raise StartError(
            f"the data folder {folder} cannot be written: {error.strerror}. "
            "Choose another with --data or WHITEOUT_DATA."
        ) from None


def _check_port(config: Config) -> None:
    """Make sure that nobody else listens. Waits a moment for a predecessor that is ending."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    deadline = time.monotonic() + 2.0
    while True:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((config.host, config.port))
            except OSError as error:
                if time.monotonic() < deadline:
                    time.sleep(0.1)
                    continue
                raise StartError(
                    f"cannot listen on {config.host}:{config.port}: {error.strerror}. "
                    "Choose another port with --port or WHITEOUT_PORT."
                ) from None
            except OverflowError:
                raise StartError(f"there is no port {config.port}") from None
            return


def _announce_when_ready(
    config: Config, loader: _LoaderKeeper | None, announce: Callable[[str], None]
) -> None:
    host = config.host if config.host not in ("0.0.0.0", "::") else "127.0.0.1"  # noqa: S104
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline:
        if (loader is None or loader.ready) and _answers(host, config.port):
            shown = f"[{host}]" if ":" in host else host
            announce(f"http://{shown}:{config.port}")
            return
        time.sleep(0.05)


def _answers(host: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((host, port), timeout=1) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return connection.recv(64).startswith(b"HTTP/1.1 200")
    return False


class _Server(Granian):  # type: ignore[misc,valid-type]  # a variable
    """The web server, whose false alarms are not passed on and whose stop cannot get stuck."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.main_loop_interrupt = Flag()

    def shutdown(self, exit_code: int = 0) -> None:
        """Stop the workers and end."""
        logging.getLogger("_granian").addFilter(_NoFalseAlarm())
        super().shutdown(exit_code)


class _NoFalseAlarm(logging.Filter):
    """Drops the server's word that a worker had to be killed, when it cannot have been.

    Two threads of the server wait for a worker's end; the one that comes second takes a worker that
    has ended for one that refuses to. A worker that really refuses has the whole time first.
    """

    def __init__(self) -> None:
        super().__init__()
        self._since = time.monotonic()

    def filter(self, record: logging.LogRecord) -> bool:
        waited = time.monotonic() - self._since
        return waited >= _STOP_WORKERS or "refused to gracefully stop" not in record.getMessage()


class _LoaderKeeper:
    """Keeps one loader process running, and ends it with everything drained."""

    def __init__(self) -> None:
        self.ready = False
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="loader-keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask the loader to drain and wait until it did."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_STOP_LOADER)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join(5)

    def _keep(self) -> None:
        while not self._stopping.is_set():
            with _forking:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "whiteout.loader"],
                    stdout=subprocess.PIPE,
                    env={**_LOADER_ENVIRONMENT, **os.environ},
                )
            assert self._process.stdout is not None  # noqa: S101 (asked for one line above)
            with self._process.stdout as lines:
                self.ready = lines.readline().strip() == b"ready"
            self._process.wait()
            self._stopping.wait(_RESPAWN)

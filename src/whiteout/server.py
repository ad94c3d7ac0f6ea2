"""The processes of `whiteout up` and `whiteout collect`: web workers and one loader."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from whiteout.config import Config
from whiteout.flag import Flag
from whiteout.parent import FAILED_TO_START, LISTENER, RUNTIME

WORKER = "whiteout.worker"
"""The module that a web worker runs."""

_BACKLOG = 2048
_RESPAWN_FIRST = 0.2
_RESPAWN_LAST = 5.0
_LIVED = 5.0
_STOP_WORKER = 10.0
_STOP_LOADER = 60.0
_LOOK = 0.05

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
    stop = Flag()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    prepare_folder(config.folder)
    check_certificate(config)
    runtime = json.dumps({"config": config.as_values(), "pages": everything})
    with listen(config) as listener:
        workers = [
            _Keeper(
                WORKER,
                {RUNTIME: runtime, LISTENER: str(listener.fileno())},
                _STOP_WORKER + config.stop_delay,
                inherits=[listener.fileno()],
            )
            for _ in range(config.workers)
        ]
        loader = None
        if everything:
            loader = _Keeper(
                "whiteout.loader", {**_LOADER_ENVIRONMENT, RUNTIME: runtime}, _STOP_LOADER
            )
        keepers = [*workers, *([loader] if loader is not None else [])]
        for keeper in keepers:
            keeper.start()
        try:
            _run(config, keepers, announce, stop)
        finally:
            # The loader is the last to end: it drains what the workers leave in the spool.
            for keeper in workers:
                keeper.ask_to_stop()
            for keeper in workers:
                keeper.stop()
            if loader is not None:
                loader.stop()


def _run(
    config: Config, keepers: Sequence[_Keeper], announce: Callable[[str], None], stop: Flag
) -> None:
    host, tls = _own_host(config), config.tls_certificate is not None
    while not (all(keeper.ready for keeper in keepers) and _answers(host, config.port, tls=tls)):
        if any(keeper.failed for keeper in keepers):
            raise StartError("a web worker could not start, for the reason above")
        if stop.wait(_LOOK):
            return
    announce(address_of(config))
    while not stop.wait():
        pass


def address_of(config: Config) -> str:
    """The address at which whiteout answers on this machine."""
    host = _own_host(config)
    shown = f"[{host}]" if ":" in host else host
    scheme = "http" if config.tls_certificate is None else "https"
    return f"{scheme}://{shown}:{config.port}"


def _own_host(config: Config) -> str:
    return config.host if config.host not in ("0.0.0.0", "::") else "127.0.0.1"  # noqa: S104


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


def listen(config: Config) -> socket.socket:
    """The socket that all workers share. Waits a moment for a predecessor that is ending.

    Raises StartError when somebody else listens.
    """
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    deadline = time.monotonic() + 2.0
    while True:
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((config.host, config.port))
            listener.listen(_BACKLOG)
        except OSError as error:
            listener.close()
            if time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            raise StartError(
                f"cannot listen on {config.host}:{config.port}: {error.strerror}. "
                "Choose another port with --port or WHITEOUT_PORT."
            ) from None
        except OverflowError:
            listener.close()
            raise StartError(f"there is no port {config.port}") from None
        return listener


def check_certificate(config: Config) -> None:
    """Raises StartError when there is a certificate that cannot be used."""
    if config.tls_certificate is None:
        if config.tls_key is not None:
            raise StartError("there is a key and no certificate: set --tls-certificate too")
        return
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(config.tls_certificate, config.tls_key, password=_no_password)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise StartError(
            f"the certificate {config.tls_certificate} cannot be used: {reason}. "
            "It takes --tls-certificate and --tls-key with PEM files that belong together."
        ) from None


def _no_password() -> str:
    raise ValueError("its key has a password")


def _answers(host: str, port: int, *, tls: bool) -> bool:
    with suppress(OSError), ExitStack() as stack:
        connection = stack.enter_context(socket.create_connection((host, port), timeout=1))
        if tls:
            # Whose certificate it is does not matter here: this process opened the socket.
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection = stack.enter_context(context.wrap_socket(connection))
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return connection.recv(64).startswith(b"HTTP/1.1 200")
    return False


class _Keeper:
    """Keeps one child process running, a module of this package, until it is told to stop.

    A child says `ready` on its standard output. One that ends is started again, after ever longer
    pauses while it ends at once.
    """

    def __init__(
        self,
        module: str,
        environment: Mapping[str, str],
        patience: float,
        inherits: Sequence[int] = (),
    ) -> None:
        self.ready = False
        self.failed = False
        self._command = [sys.executable, "-m", module]
        self._environment = environment
        self._patience = patience
        self._inherits = inherits
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"{module}-keeper", daemon=True)

    def start(self) -> None:
        """Start the child."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Tell the child to end, which it does in its own time; it is not started again."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """Tell the child to end and wait until it did, for a while."""
        self.ask_to_stop()
        process = self._process
        if process is not None:
            try:
                process.wait(self._patience)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join(5)

    def _keep(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            began = time.monotonic()
            process = self._process = subprocess.Popen(  # noqa: S603 (our own modules)
                self._command,
                stdout=subprocess.PIPE,
                env={**os.environ, **self._environment},
                pass_fds=self._inherits,
            )
            if self._stopping.is_set():
                process.send_signal(signal.SIGTERM)
            assert process.stdout is not None  # noqa: S101 (asked for above)
            with process.stdout as lines:
                for line in lines:
                    self.ready = self.ready or line == b"ready\n"
            status = process.wait()
            self.failed = status == FAILED_TO_START and not self.ready
            quick = time.monotonic() - began < _LIVED
            pause = min(max(2 * pause, _RESPAWN_FIRST), _RESPAWN_LAST) if quick else _RESPAWN_FIRST

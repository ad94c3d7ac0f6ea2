"""One web worker: the application on the listening socket that the main process handed over."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import socket
import ssl
import sys
import time
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Protocol

import uvicorn

from whiteout.app import application
from whiteout.collector import Collector
from whiteout.config import Config, from_values
from whiteout.edge import Edge, EdgeSettings
from whiteout.logs import set_up_logs
from whiteout.observer import Observer, Receive, Scope, Send
from whiteout.parent import LISTENER, RUNTIME, die_with_parent

_FINISH_WITHIN = 8
_LOOK_AT_CERTIFICATE = 600
# The main process passes a signal on that may have been sent to the workers already.
_SAME_WISH = 1.0

_log = logging.getLogger("whiteout.worker")


class _Server(uvicorn.Server):
    """The web server; it calls `ready` when it serves.

    After the signal to stop it goes on for as long as the operator wants (A-81); a second signal
    ends that. A certificate that was renewed is read again within a minute.
    """

    def __init__(
        self,
        settings: uvicorn.Config,
        config: Config,
        collector: Collector,
        ready: Callable[[], object],
    ) -> None:
        super().__init__(settings)
        self._options = config
        self._ready = ready
        self._collector = collector
        self._until: float | None = None
        self._certified = _modified(config)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the application and listen; a TLS handshake has the time that headers have."""
        if self.config.ssl is not None:
            loop = asyncio.get_running_loop()
            patience = self._options.header_timeout
            loop.create_server = partial(  # type: ignore[method-assign]  # no option says it
                loop.create_server, ssl_handshake_timeout=patience
            )
        await super().startup(sockets)
        # What is there now stays, and need not be looked through again and again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(10_000, 20, 50)
        self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop, or stop at once when that is asked for again."""
        now = time.monotonic()
        if self._options.stop_delay and self._until is None:
            self._until = now + self._options.stop_delay
            self._collector.stopping = self._options.stop_unhealthy
        elif self._until is None or now - self._until + self._options.stop_delay > _SAME_WISH:
            super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Look every tenth of a second whether it is time to end."""
        if self._until is not None and time.monotonic() >= self._until:
            self.should_exit = True
        if counter % _LOOK_AT_CERTIFICATE == 0:
            self._renew()
        return await super().on_tick(counter)

    def _renew(self) -> None:
        modified = _modified(self._options)
        if modified == self._certified or self.config.ssl is None:
            return
        try:
            # Tried first elsewhere: a certificate without its key would spoil the one in use.
            trial = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            for context in (trial, self.config.ssl):
                context.load_cert_chain(*_certificate(self._options))
        except (OSError, ValueError):
            _log.warning("the certificate has changed and cannot be read; the former is kept")
        self._certified = modified


def _certificate(config: Config) -> tuple[str, str | None]:
    return str(config.tls_certificate), config.tls_key


def _modified(config: Config) -> tuple[int, ...]:
    """When the files of the certificate were written; nothing for none."""
    names = [name for name in (config.tls_certificate, config.tls_key) if name is not None]
    try:
        return tuple(os.stat(name).st_mtime_ns for name in names)  # noqa: PTH116
    except OSError:
        return ()


class Served(Protocol):
    """What a web server serves: an ASGI application with a collector in it."""

    collector: Collector
    observer: Observer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""


def server(config: Config, *, pages: bool) -> uvicorn.Server:
    """The web server of a configuration, not running yet."""
    return serving(application(config, pages=pages), config, _tell_main_process)


def _tell_main_process() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def serving(app: Served, config: Config, ready: Callable[[], object]) -> uvicorn.Server:
    """A web server of an application, not running yet; it calls `ready` when it serves."""
    edge = Edge(
        app.collector,
        EdgeSettings(
            header_timeout=config.header_timeout,
            body_timeout=config.body_timeout,
            idle_timeout=config.idle_timeout,
        ),
        app.observer,
    )
    hsts = f"max-age={config.hsts}; includeSubDomains"
    settings = uvicorn.Config(
        app,
        http=edge.protocol(),
        ws="none",
        lifespan="on",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_FINISH_WITHIN,
        ssl_certfile=config.tls_certificate,
        ssl_keyfile=config.tls_key,
        headers=[("strict-transport-security", hsts)] if config.hsts else None,
    )
    return _Server(settings, config, app.collector, ready)


def main() -> int:
    """Serve until SIGINT or SIGTERM."""
    runtime = json.loads(os.environ[RUNTIME])
    config = from_values(runtime["config"])
    set_up_logs("worker", as_json=config.log_format == "json", access=config.access_log)
    die_with_parent()
    _allow_many_connections()
    listener = socket.socket(fileno=int(os.environ[LISTENER]))
    server(config, pages=runtime["pages"]).run([listener])
    return 0


def _allow_many_connections() -> None:
    """Raise the limit of open files to the operator's; many systems begin with 1,024."""
    try:
        import resource  # noqa: PLC0415 (only where there is such a thing)
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError):
            return


if __name__ == "__main__":
    sys.exit(main())

"""One web worker: the application on the listening socket that the main process handed over."""

from __future__ import annotations

import gc
import json
import logging
import os
import socket
import sys
import traceback
from types import TracebackType

import uvicorn

from whiteout.app import RUNTIME, application
from whiteout.config import Config, from_values
from whiteout.edge import Edge, EdgeSettings
from whiteout.parent import die_with_parent

LISTENER = "WHITEOUT_LISTENER"
"""Environment variable with the file descriptor of the listening socket."""

FAILED_TO_START = 3
"""Exit status of a worker whose application could not be opened; it has said why."""

_FINISH_WITHIN = 8


class _Server(uvicorn.Server):
    """The web server; it tells the main process when it serves."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the application and listen."""
        await super().startup(sockets)
        # What is there now stays, and need not be looked through again and again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(10_000, 20, 50)
        sys.stdout.write("ready\n")
        sys.stdout.flush()


class _Discreet(logging.Formatter):
    """Says where an exception arose and of which type it is; its text may quote an event."""

    def formatException(  # noqa: N802 (the name that logging calls)
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """The frames and the type of an exception."""
        kind, _, trace = ei
        frames = traceback.extract_tb(trace)[-5:]
        lines = [f"  {os.path.basename(f.filename)}:{f.lineno} in {f.name}" for f in frames]  # noqa: PTH119
        return "\n".join([*lines, "" if kind is None else kind.__name__])


def server(config: Config, *, pages: bool) -> uvicorn.Server:
    """The web server of a configuration, not running yet."""
    app = application(config, pages=pages)
    edge = Edge(
        app.collector,
        EdgeSettings(
            header_timeout=config.header_timeout,
            body_timeout=config.body_timeout,
            idle_timeout=config.idle_timeout,
        ),
    )
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
    )
    return _Server(settings)


def main() -> int:
    """Serve until SIGINT or SIGTERM."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Discreet("whiteout: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    # What strangers send is no news.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    die_with_parent()
    _allow_many_connections()
    runtime = json.loads(os.environ[RUNTIME])
    listener = socket.socket(fileno=int(os.environ[LISTENER]))
    server(from_values(runtime["config"]), pages=runtime["pages"]).run([listener])
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

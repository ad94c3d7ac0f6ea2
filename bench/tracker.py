"""The Python tracker beside the one of PyPI, `snowplow-tracker`, in the same run.

Caller: microseconds that `track` takes on the caller's thread while nothing is sent. Delivery:
events per second to a collector on this machine that only answers, from the first call until all of
them are there.
"""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from snowplow_tracker import AsyncEmitter
from snowplow_tracker import PageView as TheirView
from snowplow_tracker import Tracker as Theirs

from bench.report import judge, note, show
from whiteout.tracker import Tracker

URL, TITLE = "https://shop.example.test/hats?page=2", "Hats"
ROUNDS, CALLS, EVENTS = 9, 500, 3_000
FAR = 10**6


class Sink(BaseHTTPRequestHandler):
    """Counts events."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    count = 0
    lock = threading.Lock()

    def do_POST(self) -> None:
        """Take events."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with Sink.lock:
            Sink.count += body.count(b'"eid"')
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


def best(*calls: Callable[[], object]) -> list[float]:
    """Microseconds of each call, in the best of some rounds in which they take turns."""
    found: list[list[float]] = [[] for _ in calls]
    for _ in range(ROUNDS):
        for call, times in zip(calls, found, strict=True):
            begun = time.perf_counter()
            for _ in range(CALLS):
                call()
            times.append((time.perf_counter() - begun) / CALLS * 1e6)
    return [min(times) for times in found]


def delivered(call: Callable[[], object], flush: Callable[[], object]) -> float:
    """Events per second, from the first call to the last event at the collector."""
    Sink.count = 0
    begun = time.perf_counter()
    for _ in range(EVENTS):
        call()
    flush()
    while Sink.count < EVENTS:
        time.sleep(0.002)
    return EVENTS / (time.perf_counter() - begun)


def run() -> bool:
    """Print both beside each other; whether ours keeps its limits."""
    logging.disable()
    try:
        return _run()
    finally:
        logging.disable(logging.NOTSET)


def _run() -> bool:
    good = []
    modes: dict[str, Any] = {
        "identified": {},
        "anonymous": {"anonymous_tracking": True},
        "anonymous session": {"anonymous_tracking": {"with_session_tracking": True}},
    }
    with tempfile.TemporaryDirectory() as folder:
        options: Any = {"data_folder": folder, "max_queue_size": FAR}
        still: Any = {**options, "buffer_size": FAR, "buffer_timeout": FAR * 100}
        show("The Python tracker: microseconds of `track` on the caller's thread")
        parked = AsyncEmitter("127.0.0.1:9", protocol="http", batch_size=FAR)
        theirs = Theirs("sp", emitters=parked, app_id="shop")
        for name, mode in modes.items():
            ours = Tracker("sp", "http://127.0.0.1:9", app_id="shop", **still, **mode)
            took, other = best(
                lambda ours=ours: ours.track_page_view(URL, TITLE),  # type: ignore[misc]
                lambda: theirs.track(TheirView(URL, TITLE)),
            )
            note(f"{name}: {took:.1f}, snowplow-tracker: {other:.1f}")
            good.append(judge(f"{name}, of that", took / other, 1.0, at_least=False))
            ours.clear_user_data()
            ours.close(0)

        show("The Python tracker: delivery to a collector on this machine")
        server = ThreadingHTTPServer(("127.0.0.1", 0), Sink)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        where = f"127.0.0.1:{server.server_port}"
        emitter = AsyncEmitter(where, protocol="http", batch_size=10)
        theirs = Theirs("sp", emitters=emitter, app_id="shop")
        slow = delivered(lambda: theirs.track(TheirView(URL, TITLE)), theirs.flush)
        note(f"snowplow-tracker: {slow:.0f} events/s")
        for name, mode in modes.items():
            ours = Tracker("sp", f"http://{where}", app_id="shop", **options, **mode)
            fast = delivered(
                lambda ours=ours: ours.track_page_view(URL, TITLE),  # type: ignore[misc]
                ours.flush,
            )
            limit = 5.0 if name == "identified" else 1.0
            good.append(judge(f"{name}, times that", fast / slow, limit, at_least=True))
            ours.close()
        server.shutdown()
        server.server_close()
    return all(good)

"""How events are sent, kept and lost (chapter 6 of the protocol; contract 8)."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.process import wait_until
from tests.tracker.support import SERVER
from whiteout.testing import MemoryCollector
from whiteout.tracker import Request, RequestFailure, Response, Tracker

URL = "https://collector.invalid"


class Wire:
    """A transport whose answers the test decides."""

    def __init__(self, answer: Callable[[Request], Response] | None = None) -> None:
        self.requests: list[Request] = []
        self.answer = answer or (lambda _: Response(200))
        self.lock = threading.Lock()

    def send(self, request: Request) -> Response:
        """Take a request, and answer."""
        with self.lock:
            self.requests.append(request)
        return self.answer(request)

    def close(self) -> None:
        """Nothing is open."""

    def ids(self) -> list[list[str]]:
        """Event ids, request by request."""
        return [
            [event["eid"] for event in json.loads(request.body)["data"]]
            for request in self.requests
            if request.body
        ]

    def sent(self) -> list[str]:
        """Event ids of all requests."""
        return [one for batch in self.ids() for one in batch]


def fails(_: Request) -> Response:
    """No answer."""
    raise TimeoutError


def make(wire: Wire, folder: Path, **options: Any) -> Tracker:
    """A tracker on a wire, with its files in a folder."""
    return Tracker("sp", URL, transport=wire, data_folder=folder, **options)


def test_batches_keep_their_limit(tmp_path: Path) -> None:
    """No body is larger than `max_post_bytes`, and no event is left out (W30)."""
    wire = Wire(fails)
    with make(wire, tmp_path, threads=False, max_post_bytes=3_000) as tracker:
        ids = [tracker.track_page_view(f"https://shop.test/{i}" + "x" * i) for i in range(200)]
        tracker.flush()
        wire.answer = lambda _: Response(200)
        wire.requests.clear()
        assert tracker.flush()
        assert sorted(wire.sent()) == sorted(map(str, ids))
        assert max(len(request.body or b"") for request in wire.requests) <= 3_000
        assert len(wire.requests) < 100
        wire.requests.clear()
        tracker.track_page_view("https://shop.test/" + "y" * 5_000)
        assert len(wire.requests) == 1


def test_a_batch_that_is_too_large_is_halved(tmp_path: Path) -> None:
    """A collector that answers 413 gets smaller requests; a single event is dropped (W30, W37)."""
    lost: list[tuple[int, str]] = []
    wire = Wire(fails)
    with make(wire, tmp_path, threads=False, on_drop=lambda *args: lost.append(args)) as tracker:
        for number in range(8):
            tracker.track_struct_event("c", "big" if number == 5 else "small")
        wire.answer = lambda r: Response(413 if len(r.body or b"") > 2_000 else 200)
        tracker.flush()
        wire.answer = lambda r: Response(413 if b"big" in (r.body or b"") else 200)
        tracker.track_struct_event("c", "big")
        assert tracker.get_privacy_state().queued == 0
    assert lost == [(1, "the collector refused them")]


@pytest.mark.parametrize(
    ("status", "options", "again"),
    [
        (400, {}, False),
        (401, {}, False),
        (403, {}, False),
        (410, {}, False),
        (422, {}, False),
        (404, {}, True),
        (500, {}, True),
        (302, {}, True),
        (None, {}, True),
        (400, {"retry_status_codes": [400]}, True),
        (500, {"dont_retry_status_codes": [500]}, False),
        (500, {"retry_failed_requests": False}, False),
        (None, {"retry_failed_requests": False}, False),
    ],
)
def test_what_is_tried_again(
    tmp_path: Path, status: int | None, options: dict[str, Any], again: bool
) -> None:
    """The status decides, and switched-off retries are off for network errors too (R145, W31)."""
    failures: list[RequestFailure] = []
    wire = Wire(fails if status is None else lambda _: Response(status))
    with make(
        wire, tmp_path, threads=False, on_request_failure=failures.append, **options
    ) as tracker:
        tracker.track_page_view()
        wire.answer = lambda _: Response(200)
        tracker.flush()
        assert len(wire.requests) == 1 + again
    (failure,) = failures
    assert (failure.status, failure.will_retry) == (status, again)
    assert failure.message == ("TimeoutError" if status is None else None)
    assert failure.events[0]["e"] == "pv"


def test_waiting_grows_and_is_never_in_step(tmp_path: Path) -> None:
    """A failed request is repeated after a growing, random delay that ends at five minutes."""
    from whiteout.privacy import Mode  # noqa: PLC0415
    from whiteout.tracker.lanes import Lane  # noqa: PLC0415

    lane = Lane(Mode.IDENTIFIED, 10)
    waits = []
    for _ in range(15):
        lane.failed(None)
        waits.append(lane.not_before - time.monotonic())
    assert all(0.45 * 2**n < wait <= 2**n for n, wait in enumerate(waits[:8]))
    assert max(waits) <= 300
    lane.failed(10_000.0)
    assert 299 < lane.not_before - time.monotonic() <= 300
    lane.worked()
    assert lane.not_before == 0


def test_identified_events_are_not_blocked_behind_server_anonymous_ones(tmp_path: Path) -> None:
    """A collector that is slow to refuse the header holds up anonymous events only (contract 8)."""
    arrived = threading.Event()

    def refuse(request: Request) -> Response:
        if "SP-Anonymous" in request.headers:
            arrived.wait(20)
            raise ConnectionError
        arrived.set()
        return Response(200)

    wire = Wire(refuse)
    with make(wire, tmp_path, anonymous_tracking=SERVER) as tracker:
        tracker.track_page_view()
        tracker.disable_anonymous_tracking()
        identified = tracker.track_page_view()
        wait_until(lambda: [identified] in wire.ids())
        assert arrived.is_set()
        assert all(
            ("SP-Anonymous" in request.headers) == request.server_anonymous
            for request in wire.requests
        )


def test_events_survive_on_disk(tmp_path: Path) -> None:
    """What a program could not send, its next run sends; then the file is empty (R137)."""
    wire = Wire(fails)
    with make(wire, tmp_path, app_id="shop") as tracker:
        ids = {tracker.track_page_view() for _ in range(30)}
    again = Wire()
    with make(again, tmp_path) as tracker:
        tracker.flush()
        assert set(again.sent()) == ids
        assert tracker.get_privacy_state().queued == 0


@pytest.mark.parametrize("strategy", ["cookie", "none"])
def test_nothing_is_on_disk_without_permission(tmp_path: Path, strategy: str) -> None:
    """Strategies without local storage write no file; what cannot be sent is lost, and told."""
    lost: list[tuple[int, str]] = []
    with make(
        Wire(fails),
        tmp_path / "data",
        state_storage_strategy=strategy,
        on_drop=lambda *args: lost.append(args),
        shutdown_timeout=300,
    ) as tracker:
        tracker.track_page_view()
    assert not (tmp_path / "data").exists()
    assert lost == [(1, "the tracker is closed")]


def test_the_queue_leaves_the_disk_with_the_strategy(tmp_path: Path) -> None:
    """Switching to `none` takes waiting events off the disk, and loses none (W4)."""
    wire = Wire(fails)
    with make(wire, tmp_path, threads=False) as tracker:
        tracker.set_user_id("canary")
        ids = {tracker.track_page_view() for _ in range(5)}
        tracker.flush()
        (file,) = tmp_path.iterdir()
        assert b"canary" in file.read_bytes()
        tracker.disable_anonymous_tracking(state_storage_strategy="none")
        assert b"canary" not in file.read_bytes()
        wire.requests.clear()
        wire.answer = lambda _: Response(200)
        tracker.flush()
        assert set(wire.sent()) == ids


def test_memory_is_bounded_while_the_collector_is_down(tmp_path: Path) -> None:
    """With a full memory events go to disk, none is lost, and tracking never raises."""
    lost: list[tuple[int, str]] = []
    wire = Wire(fails)
    with make(
        wire, tmp_path, max_queue_size=100, on_drop=lambda *args: lost.append(args)
    ) as tracker:
        ids = {tracker.track_struct_event("c", "a") for _ in range(3_000)}
        assert tracker._visitor.emitter._lanes.waiting <= 100
    assert lost == []
    again = Wire()
    with make(again, tmp_path) as tracker:
        assert tracker.flush(60)
        assert set(again.sent()) == ids


def test_the_oldest_go_when_nothing_can_hold_them(tmp_path: Path) -> None:
    """Without a disk the oldest events are lost, and told, never those under way (R140, W33)."""
    lost: list[tuple[int, str]] = []
    wire = Wire(fails)
    tracker = make(
        wire,
        tmp_path,
        threads=False,
        state_storage_strategy="none",
        max_queue_size=3,
        on_drop=lambda *args: lost.append(args),
    )
    ids = [tracker.track_page_view() for _ in range(5)]
    wire.answer = lambda _: Response(200)
    wire.requests.clear()
    tracker.flush()
    assert wire.sent() == ids[2:]
    assert lost == [(1, "the queue is full")] * 2


def test_the_disk_has_a_limit(tmp_path: Path) -> None:
    """More events than the disk may hold: the oldest are lost, and told."""
    lost: list[tuple[int, str]] = []
    with make(
        Wire(fails),
        tmp_path,
        threads=False,
        max_local_storage_queue_size=10,
        on_drop=lambda *args: lost.append(args),
    ) as tracker:
        ids = [tracker.track_page_view() for _ in range(15)]
        tracker.flush()
    assert sum(count for count, _ in lost) == 5
    again = Wire()
    make(again, tmp_path, threads=False).flush()
    assert again.sent() == ids[5:]


def test_a_broken_file_is_moved_aside(tmp_path: Path) -> None:
    """A local store that is no database is kept beside a new one; tracking goes on."""
    with make(Wire(fails), tmp_path, threads=False) as tracker:
        tracker.track_page_view()
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"no database, but the only copy of something" * 200)
    wire = Wire()
    with make(wire, tmp_path, threads=False, state_storage_strategy="localStorage") as tracker:
        tracker.track_page_view()
        assert tracker.flush()
    assert len(wire.requests) == 1
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".broken", ".db"]


def test_a_folder_that_cannot_be_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Without a usable disk events are sent all the same, and one warning says so."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    wire = Wire()
    with make(
        wire, blocked / "data", threads=False, state_storage_strategy="localStorage"
    ) as tracker:
        tracker.track_page_view()
        tracker.track_page_view()
        assert tracker.flush()
    assert len(wire.sent()) == 2
    assert caplog.text.count("local storage cannot be used") == 1


def test_get_requests(tmp_path: Path) -> None:
    """By GET an event is a query, with its time first and its JSON encoded (R131, R121, W32)."""
    wire = Wire()
    with make(wire, tmp_path, threads=False, event_method="get", max_get_bytes=600) as tracker:
        tracker.track_page_view("https://shop.test/a b?ü=1")
        tracker.track_page_view("https://shop.test/" + "x" * 600)
    first, second = wire.requests
    assert first.method == "GET"
    assert first.url.startswith(f"{URL}/i?stm=")
    assert "url=https%3A%2F%2Fshop.test%2Fa%20b%3F%C3%BC%3D1" in first.url
    assert "&cx=" in first.url
    assert second.method == "POST"


def test_bodies_can_be_compressed(tmp_path: Path) -> None:
    """With `gzip` bodies are compressed until a collector says that it cannot read them."""
    wire = Wire(lambda r: Response(415 if "Content-Encoding" in r.headers else 200))
    with make(wire, tmp_path, threads=False, gzip=True) as tracker:
        tracker.track_page_view("https://shop.test/" + "x" * 2_000)
        tracker.track_page_view("https://shop.test/" + "x" * 2_000)
    encodings = ["Content-Encoding" in request.headers for request in wire.requests]
    assert encodings == [True, False, False]
    collector = MemoryCollector()
    collector.tracker(gzip=True).track_page_view("https://shop.test/" + "x" * 2_000)
    assert collector.requests[0].headers["content-encoding"] == "gzip"
    assert len(collector) == 1


def test_events_wait_for_company(tmp_path: Path) -> None:
    """With a larger buffer a request leaves when it is full, or when its time has come."""
    wire = Wire()
    with make(wire, tmp_path, buffer_size=3, buffer_timeout=500) as tracker:
        tracker.track_page_view()
        tracker.track_page_view()
        time.sleep(0.05)
        assert wire.requests == []
        tracker.track_page_view()
        wait_until(lambda: bool(wire.requests))
        assert [len(batch) for batch in wire.ids()] == [3]
        begun = time.monotonic()
        tracker.track_page_view()
        wait_until(lambda: len(wire.requests) == 2)
        assert time.monotonic() - begun > 0.4


def test_many_threads_track(tmp_path: Path) -> None:
    """Events of many threads all arrive, once each, with an index of their own."""
    wire = Wire()
    with make(wire, tmp_path, contexts={"session": True}) as tracker:
        threads = [
            threading.Thread(target=lambda: [tracker.track_page_view() for _ in range(100)])
            for _ in range(5)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert tracker.flush(30)
    events = [event for r in wire.requests for event in json.loads(r.body or b"")["data"]]
    assert len({event["eid"] for event in events}) == len(events) == 500
    indexes = [
        one["data"]["eventIndex"]
        for event in events
        for one in json.loads(event["co"])["data"]
        if "client_session" in one["schema"]
    ]
    assert sorted(indexes) == list(range(1, 501))


async def test_an_event_loop_goes_on(tmp_path: Path) -> None:
    """Tracking on an event loop does not wait for the network, nor do `aflush` and `aclose`."""
    answered = threading.Event()

    def slow(_: Request) -> Response:
        assert answered.wait(20)
        return Response(200)

    wire = Wire(slow)
    tracker = make(wire, tmp_path)
    tracker.track_page_view()
    flushing = asyncio.ensure_future(tracker.aflush(20))
    await asyncio.sleep(0.05)
    assert not flushing.done()
    answered.set()
    assert await flushing
    assert await tracker.aclose()
    assert len(wire.requests) == 1


def test_callbacks_may_flush_and_close(tmp_path: Path) -> None:
    """A callback on the worker's thread may call the tracker, and nothing waits for itself."""
    done = threading.Event()

    def answered(*_: object) -> None:
        tracker.flush(60)
        tracker.close()
        done.set()

    tracker = make(Wire(), tmp_path, on_request_success=answered)
    tracker.track_page_view()
    assert done.wait(10)


def test_after_closing_nothing_is_tracked(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A closed tracker drops events, says so, and never raises."""
    wire = Wire()
    tracker = make(wire, tmp_path)
    tracker.close()
    assert tracker.track_page_view() is None
    assert tracker.close()
    assert wire.requests == []
    assert "after the tracker was closed" in caplog.text


SCRIPT = """
import os, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from whiteout import Tracker
tracker = Tracker("sp", sys.argv[1], data_folder=sys.argv[2])
tracker.track_struct_event("parent", "before")
if "fork" in sys.argv:
    child = os.fork()
    tracker.track_struct_event("child" if not child else "parent", "after")
    if child:
        assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.parametrize("fork", [False, True])
def test_the_end_of_the_interpreter_sends(tmp_path: Path, fork: bool) -> None:
    """What waits is sent when the program ends, in a forked child as well, and once each."""
    from tests.tracker.http import Listener  # noqa: PLC0415

    with Listener() as listener:
        # Newer Pythons warn of any fork of a program that has threads.
        quiet = ("-W", "ignore::DeprecationWarning")
        arguments = [sys.executable, *quiet, "-c", SCRIPT, listener.url, str(tmp_path)]
        if fork:
            arguments.append("fork")
        done = subprocess.run(
            arguments, check=True, capture_output=True, timeout=60, env={**os.environ}
        )
        assert done.stdout == done.stderr == b""
        said = sorted((event["se_ca"], event["se_ac"]) for event in listener.events)
    expected = [("parent", "before")]
    if fork:
        expected = [("child", "after"), ("parent", "after"), ("parent", "before")]
    assert said == expected

"""Huge values, full disks, and transports that do not keep their word: nothing raises."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.tracker.support import Bench
from tests.tracker.test_queue import Wire, make
from whiteout.tracker import ConfigurationError, Request, Response, Tracker

THING = "iglu:com.acme/thing/jsonschema/1-0-0"


def nested(depth: int) -> dict[str, Any]:
    """An object in an object, many times."""
    found: dict[str, Any] = {"canary": 1}
    for _ in range(depth):
        found = {"in": found}
    return found


HUGE: dict[str, Any] = {
    "text": lambda t: t.track_struct_event("c", "a", "x" * 3_000_000),
    "address": lambda t: t.track_page_view(f"https://shop.example.test/{'%41' * 400_000}?a=b"),
    "number": lambda t: t.track_struct_event("c", "a", value=10**5_000),
    "depth": lambda t: t.track_self_describing_event({"schema": THING, "data": nested(50_000)}),
    "list": lambda t: t.track_page_view(
        context=[{"schema": THING, "data": {"n": n}} for n in range(20_000)]
    ),
    "time": lambda t: t.track_page_view(timestamp=10**30),
}


@pytest.mark.parametrize("mode", [False, True])
@pytest.mark.parametrize("name", HUGE)
def test_huge_values(bench: Bench, caplog: pytest.LogCaptureFixture, name: str, mode: bool) -> None:
    """A value of any size is sent, alone, or dropped with a line in the log (W30)."""
    caplog.set_level(logging.DEBUG)
    tracker = bench.tracker(anonymous_tracking=mode)
    HUGE[name](tracker)
    huge = len(bench.collector)
    assert huge == 1 or (huge == 0 and caplog.records)
    assert "canary" not in caplog.text
    tracker.track_struct_event("c", "goes on")
    assert bench.last["se_ac"] == "goes on"
    assert len(bench.collector) == huge + 1


FULL = """
import json, resource, signal, sqlite3, sys
from contextlib import closing
from pathlib import Path
from whiteout.testing import MemoryCollector
from whiteout.tracker import Tracker

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
collector, lost = MemoryCollector(down=True), []
tracker = Tracker("full", "https://collector.invalid", transport=collector, data_folder=sys.argv[1],
                  state_storage_strategy="localStorage", max_queue_size=50,
                  on_drop=lambda count, why: lost.append(count))
ids = [tracker.track_struct_event("c", str(number)) for number in range(500)]
collector.down = False
tracker.flush(20)
(file,) = Path(sys.argv[1]).glob("*.db")
with closing(sqlite3.connect(file)) as left:
    kept = [json.loads(raw)["eid"] for (raw,) in left.execute("select raw from queue")]
print(json.dumps([ids, [event["eid"] for event in collector] + kept, sum(lost)]))
"""


def test_a_full_disk(tmp_path: Path) -> None:
    """Each event is sent, or still on the disk as far as it had room, or its loss was told."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FULL, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    ids, there, lost = json.loads(done.stdout)
    assert len(set(ids)) == 500
    assert len(there) == len(set(there))
    assert set(there) <= set(ids)
    assert len(there) + lost == 500
    assert len(there) > 60
    assert lost > 0


@pytest.mark.parametrize("answer", [None, 200, "ok", Response])
def test_transports_that_return_anything(tmp_path: Path, answer: Any) -> None:
    """What is no response is a failed request, which is tried again."""
    wire = Wire(lambda _: answer)
    with make(wire, tmp_path, state_storage_strategy="none") as tracker:
        tracker.track_page_view()
        assert not tracker.flush(5)
        wire.answer = lambda _: Response(200)
        assert tracker.flush(5)
    assert len(set(wire.sent())) == 1
    assert len(wire.requests) > 1


class Coroutine(Wire):
    """A transport for an event loop."""

    async def send(self, request: Request) -> Response:  # type: ignore[override]
        """Take a request."""
        self.requests.append(request)
        return Response(200)


def test_a_transport_that_awaits_is_refused(tmp_path: Path) -> None:
    """Outside of a browser nobody awaits a transport, and the configuration says so."""
    with pytest.raises(ConfigurationError, match="transport must not be asynchronous here"):
        Tracker("sp", "https://c.invalid", transport=Coroutine(), data_folder=tmp_path)

"""Resident memory of `whiteout up`: idle, and over a million events, or `BENCH_EVENTS`."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from bench import servers
from bench.load import wrk
from bench.payload import body
from bench.report import judge, note, show
from whiteout.lake import LakeReader

_PATH = "/com.snowplowanalytics.snowplow/tp2"
_BATCH = 20
_PARTS = 4
_EVENTS = int(os.environ.get("BENCH_EVENTS", "1000000"))


def run() -> bool:
    """Measure idle, then after each quarter of the events."""
    show(f"Resident memory of `whiteout up`, all processes, over {_EVENTS:,} events")
    with tempfile.TemporaryDirectory(prefix="whiteout-bench-") as name:
        folder = Path(name)
        port = servers.free_port()
        command = servers.whiteout("up", folder / "data", port)
        with servers.running(command, port, core=None) as pid:
            time.sleep(5)
            idle = servers.resident(pid)
            note(f"idle: {idle['Rss']:.0f} MB resident, {idle['Pss']:.0f} MB proportional")
            after = [_part(folder, port, pid, number) for number in range(1, _PARTS + 1)]
    return all(
        [
            judge("idle", idle["Rss"], 300, at_least=False, unit=" MB"),
            judge("last against first quarter", after[-1] / after[0], 1.15, at_least=False),
        ]
    )


def _part(folder: Path, port: int, pid: int, number: int) -> float:
    wanted = _EVENTS * number // _PARTS
    while _stored(folder) < wanted:
        wrk(port, _PATH, body(_BATCH), folder, seconds=2, connections=4)
        _settle(folder)
    used = servers.resident(pid)
    stored = _stored(folder)
    note(f"{stored:,} events: {used['Rss']:.0f} MB resident, {used['Pss']:.0f} MB proportional")
    return used["Rss"]


def _settle(folder: Path) -> None:
    """Wait until the lake stops growing."""
    seen = -1
    while (now := _stored(folder)) != seen:
        seen = now
        time.sleep(2.5)


def _stored(folder: Path) -> int:
    with LakeReader(folder / "data" / "lake").connect() as connection:
        row = connection.execute("select count(*) from events").fetchone()
    return int((row or (0,))[0])

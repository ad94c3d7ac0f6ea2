"""`whiteout audit` of ten million events, half of them server-anonymous, and of them once more."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from bench.history import (
    AGENT,
    BLOCK,
    DAYS,
    EVENTS,
    JSON,
    RECEIVED,
    TP2,
    Columns,
    block,
    fill,
    filled_apart,
    identified,
    on_day,
    uuids,
)
from bench.payload import body
from bench.report import judge, show
from whiteout.collector.anonymous import AnonymousInput, anonymise
from whiteout.privacy import Signal
from whiteout.protocol.columns import EVENT_INDEX
from whiteout.protocol.record import encode_anonymous

_PAGE_ID = str(uuid.UUID(int=7))


def run() -> bool:
    """Fill a lake, audit it with the command, and look at time and memory."""
    show(f"An audit of {EVENTS:,} events, half of them server-anonymous")
    with filled_apart(filled) as folder:
        return measured(folder)


def measured(folder: Path) -> bool:
    """Measure on a data folder that is filled."""
    seconds, memory, report = _audit(folder)
    again, _, _ = _audit(folder)
    read = judge("events read", report["facts"]["Events"], EVENTS, at_least=True)
    clean = judge("findings", report["facts"]["Findings"], 0, at_least=False)
    fast = judge("time", seconds, 120, at_least=False, unit=" s")
    small = judge("memory", memory, 1, at_least=False, unit=" GB")
    quick = judge("time of the second one", again, 10, at_least=False, unit=" s")
    return read and clean and fast and small and quick


def _audit(folder: Path) -> tuple[float, float, dict[str, Any]]:
    """Seconds, gigabytes and report of the command."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "whiteout", "audit", "--data", str(folder), "--json"]
    report = folder / "report.json"
    with report.open("wb") as output:
        process = subprocess.Popen(command, stdout=output)
        _, process.returncode, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    return seconds, usage.ru_maxrss * 1024 / 1e9, json.loads(report.read_bytes())


def filled(folder: Path, days: Iterable[int] = range(DAYS)) -> None:
    """Fill a lake with events, every other one of them server-anonymous."""
    # A visitor in a thousand has the id of the page, which then is no id of a page any more.
    columns = block(map(_record, range(2 * BLOCK)))
    fill(folder, lambda day, chance: _varied(columns, day, chance), days=days)


def _record(number: int) -> bytes:
    if number % 2:
        return identified(number)
    kept = anonymise(
        AnonymousInput(
            received=RECEIVED,
            signals=(Signal.HEADER,),
            path=TP2,
            query="",
            body=body(1, number),
            content_type=JSON,
            user_agent=AGENT,
            referer=None,
            origin=None,
            plain_text=False,
        )
    )
    return encode_anonymous(kept, msgspec.json.encode)


def _varied(columns: Sequence[Any], day: int, chance: random.Random) -> Columns:
    """The same events on other pages, on another day."""
    varied = on_day(columns, day, chance)
    contexts = columns[EVENT_INDEX["contexts"]]
    varied[EVENT_INDEX["contexts"]] = [
        text.replace(_PAGE_ID, page)
        for text, page in zip(contexts, uuids(chance, BLOCK), strict=True)
    ]
    return varied

"""`whiteout audit` of ten million events, half of them server-anonymous, and of them once more."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec

from bench.history import BLOCK, DAYS, on_day, uuids
from bench.payload import body
from bench.report import judge, note, show
from whiteout.collector.anonymous import AnonymousInput, anonymise
from whiteout.config import load
from whiteout.enrich import Enricher
from whiteout.lake import LakeOwner, Slice
from whiteout.loader import loader_settings
from whiteout.privacy import Signal
from whiteout.protocol.columns import EVENT_INDEX
from whiteout.protocol.record import IdentifiedRequest, encode_anonymous, encode_identified
from whiteout.schemas import SchemaRegistry

_EVENTS = int(os.environ.get("BENCH_EVENTS", "10000000"))
_FILE = 250_000
_RECEIVED = 1_767_261_600_000
_TP2 = "/com.snowplowanalytics.snowplow/tp2"
_JSON = "application/json"
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0 Safari/537.36"
_PAGE_ID = str(uuid.UUID(int=7))


def run() -> bool:
    """Fill a lake, audit it with the command, and look at time and memory."""
    show(f"An audit of {_EVENTS:,} events, half of them server-anonymous")
    with tempfile.TemporaryDirectory(prefix="whiteout-bench-") as name:
        begin = time.perf_counter()
        # In a process of its own: what a child has at most counts from before it became a program.
        filling = get_context("spawn").Process(target=_fill, args=(Path(name) / "lake",))
        filling.start()
        filling.join()
        note(f"the lake was filled in {time.perf_counter() - begin:,.0f} s")
        seconds, memory, report = _audit(name)
        again, _, _ = _audit(name)
        read = judge("events read", report["facts"]["Events"], _EVENTS, at_least=True)
        clean = judge("findings", report["facts"]["Findings"], 0, at_least=False)
        fast = judge("time", seconds, 120, at_least=False, unit=" s")
        small = judge("memory", memory, 1, at_least=False, unit=" GB")
        quick = judge("time of the second one", again, 10, at_least=False, unit=" s")
        return read and clean and fast and small and quick


def _audit(folder: str) -> tuple[float, float, dict[str, Any]]:
    """Seconds, gigabytes and report of the command."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "whiteout", "audit", "--data", folder, "--json"]
    report = Path(folder, "report.json")
    with report.open("wb") as output:
        process = subprocess.Popen(command, stdout=output)
        _, process.returncode, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    return seconds, usage.ru_maxrss * 1024 / 1e9, json.loads(report.read_bytes())


def _fill(folder: Path) -> None:
    config, _ = load({}, environ={})
    settings = loader_settings(config)
    columns = _columns(Enricher(settings.enrich, SchemaRegistry()))
    lake = LakeOwner.open(folder, settings.lake)
    chance = random.Random(1)
    number = 0
    while number < _EVENTS:
        piece = Slice("bench", min(number + _FILE, _EVENTS))
        day = number * DAYS // _EVENTS
        while number < piece.last:
            count = min(BLOCK, piece.last - number)
            varied = [values[:count] for values in _varied(columns, day, chance)]
            piece.blocks.append(lake.block(range(number + 1, number + count + 1), varied))
            number += count
        lake.commit([piece])
    lake.close()


def _columns(enricher: Enricher) -> list[Sequence[Any]]:
    """The columns of a block of events, every other one of them server-anonymous."""
    rows = (
        row
        # A visitor in a thousand has the id of the page, which then is no id of a page any more.
        for number in range(2 * BLOCK)
        for row in enricher.enrich(_record(number), _RECEIVED, b"bench/%d" % number).events
    )
    return list(zip(*islice(rows, BLOCK), strict=True))


def _record(number: int) -> bytes:
    sent = body(1, number)
    if number % 2:
        request = IdentifiedRequest(
            received=_RECEIVED, path=_TP2, content_type=_JSON, user_agent=_AGENT
        )
        return encode_identified(request, sent, msgspec.json.encode)
    kept = anonymise(
        AnonymousInput(
            received=_RECEIVED,
            signals=(Signal.HEADER,),
            path=_TP2,
            query="",
            body=sent,
            content_type=_JSON,
            user_agent=_AGENT,
            referer=None,
            origin=None,
            plain_text=False,
        )
    )
    return encode_anonymous(kept, msgspec.json.encode)


def _varied(columns: Sequence[Any], day: int, chance: random.Random) -> list[Any]:
    """The same events on other pages, on another day."""
    varied = on_day(columns, day, chance)
    contexts = columns[EVENT_INDEX["contexts"]]
    varied[EVENT_INDEX["contexts"]] = [
        text.replace(_PAGE_ID, page)
        for text, page in zip(contexts, uuids(chance, BLOCK), strict=True)
    ]
    return varied

"""`whiteout forget` of a person with 200 events on 3 of 30 days, among ten million events."""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from bench.history import BLOCK, DAYS, on_day, uuids
from bench.payload import body
from bench.report import judge, note, show
from whiteout.config import load
from whiteout.enrich import Enricher
from whiteout.lake import LakeOwner, Slice
from whiteout.loader import loader_settings
from whiteout.protocol.columns import EVENT_INDEX
from whiteout.protocol.record import IdentifiedRequest, encode_identified
from whiteout.schemas import SchemaRegistry

_EVENTS = int(os.environ.get("BENCH_EVENTS", "10000000"))
_FILE = 250_000
_OF_PERSON = 200
_DAYS_OF_PERSON = (4, 14, 24)


def run() -> bool:
    """Fill a lake, forget somebody with the command, and look at time and memory."""
    show(f"Forgetting somebody with {_OF_PERSON} events on 3 of {DAYS} days, {_EVENTS:,} events")
    with tempfile.TemporaryDirectory(prefix="whiteout-bench-") as name:
        person = str(uuid.uuid4())
        begin = time.perf_counter()
        _fill(Path(name) / "lake", person)
        note(f"the lake was filled in {time.perf_counter() - begin:,.0f} s")
        begin = time.perf_counter()
        command = ("forget", "--data", name, "--domain-userid", person, "--yes", "--json")
        done = subprocess.run(
            [sys.executable, "-m", "whiteout", *command], capture_output=True, check=True
        )
        seconds = time.perf_counter() - begin
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e9
        receipt = json.loads(done.stdout)
        note(f"{receipt['files']} of {receipt['files_before']} files were written anew")
        complete = judge("events removed", receipt["removed"]["events"], _OF_PERSON, at_least=True)
        fast = judge("time", seconds, 60, at_least=False, unit=" s")
        small = judge("memory", memory, 1, at_least=False, unit=" GB")
        return complete and fast and small


def _fill(folder: Path, person: str) -> None:
    config, _ = load({}, environ={})
    settings = loader_settings(config)
    columns = _columns(Enricher(settings.enrich, SchemaRegistry()))
    lake = LakeOwner.open(folder, settings.lake)
    chance = random.Random(1)
    number = 0
    for day in range(DAYS):
        left = _OF_PERSON // len(_DAYS_OF_PERSON) + 1 if day in _DAYS_OF_PERSON else 0
        last = number + _EVENTS // DAYS
        while number < last:
            piece = Slice("bench", min(number + _FILE, last))
            while number < piece.last:
                some = _varied(columns, day, chance)
                if left:
                    some[EVENT_INDEX["domain_userid"]][:left] = [person] * left
                    left = 0
                count = min(BLOCK, piece.last - number)
                numbers = range(number + 1, number + count + 1)
                cut = [None if values is None else values[:count] for values in some]
                piece.blocks.append(lake.block(numbers, cut))
                number += count
            lake.commit([piece])
            lake.maintain()
    lake.close()


def _columns(enricher: Enricher) -> list[Any]:
    """The columns of a block of events as the loader makes them."""
    records = [
        encode_identified(
            IdentifiedRequest(
                received=1_767_261_600_000 + number,
                path="/com.snowplowanalytics.snowplow/tp2",
                content_type="application/json; charset=utf-8",
                user_agent="Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0 Safari/537.36",
            ),
            body(1, number),
            msgspec.json.encode,
        )
        for number in range(BLOCK)
    ]
    batch = enricher.enrich_all(list(enumerate(records, 1)), 1_767_261_600_000, "bench")
    return list(batch.events.values)


def _varied(columns: Sequence[Any], day: int, chance: random.Random) -> list[Any]:
    """The same events of other visitors, on another day."""
    varied = on_day(columns, day, chance)
    for name in ("domain_userid", "domain_sessionid"):
        varied[EVENT_INDEX[name]] = uuids(chance, BLOCK)
    return varied

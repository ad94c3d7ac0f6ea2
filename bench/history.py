"""Lakes with events of many days, made of one block of events with other ids and times."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec

from bench.payload import body
from bench.report import note
from whiteout.config import load
from whiteout.enrich import Enricher
from whiteout.lake import ROLL_UPS, LakeOwner, LakeSettings, Slice
from whiteout.loader import loader_settings
from whiteout.protocol.columns import EVENT_INDEX
from whiteout.protocol.record import IdentifiedRequest, encode_identified
from whiteout.schemas import SchemaRegistry

EVENTS = int(os.environ.get("BENCH_EVENTS", "10000000"))
"""How many events a long measurement is over."""

BLOCK = 2_000
"""Events that are made ready for the lake at once."""

DAYS = 30
RECEIVED = 1_767_261_600_000
TP2 = "/com.snowplowanalytics.snowplow/tp2"
JSON = "application/json; charset=utf-8"
AGENT = "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0 Safari/537.36"
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_FILE = 250_000

Columns = list[Sequence[Any] | None]
Vary = Callable[[int, random.Random], Columns]
"""Makes the columns of a block of events of a day, the first day being 0."""
Fail = Callable[[int, random.Random], list[tuple[Any, ...]]]
"""Makes failed events of a day, which are few."""


def uuids(chance: random.Random, count: int) -> list[str]:
    """So many UUIDs of version 4."""
    digits = (f"{chance.getrandbits(128):032x}" for _ in range(count))
    return [f"{i[:8]}-{i[8:12]}-4{i[13:16]}-8{i[17:20]}-{i[20:]}" for i in digits]


def date_of(day: int) -> str:
    """A day as `YYYY-MM-DD`, the first one being 0."""
    return (_FIRST + timedelta(days=day)).date().isoformat()


def start_of(day: int) -> int:
    """When a day begins, in milliseconds since 1970."""
    return int((_FIRST + timedelta(days=day)).timestamp() * 1_000)


def on_day(columns: Sequence[Any], day: int, chance: random.Random) -> Columns:
    """The events of a block with event ids of their own, at times of a day."""
    start = start_of(day)
    varied = list(columns)
    varied[EVENT_INDEX["event_id"]] = uuids(chance, BLOCK)
    varied[EVENT_INDEX["collector_tstamp"]] = [
        start + chance.randrange(86_400_000) for _ in range(BLOCK)
    ]
    varied[EVENT_INDEX["collector_date"]] = [date_of(day)] * BLOCK
    return varied


def identified(number: int) -> bytes:
    """The record of an identified page view."""
    request = IdentifiedRequest(
        received=RECEIVED + number, path=TP2, content_type=JSON, user_agent=AGENT
    )
    return encode_identified(request, body(1, number), msgspec.json.encode)


def block(records: Iterable[bytes]) -> Columns:
    """The columns of a block of events as the loader makes them of records, of which it takes some.

    A record may give no event.
    """
    config, _ = load({}, environ={})
    enricher = Enricher(loader_settings(config).enrich, SchemaRegistry())
    rows = (
        row
        for number, record in enumerate(records)
        for row in enricher.enrich(record, RECEIVED, b"bench/%d" % number).events
    )
    return list(zip(*islice(rows, BLOCK), strict=True))


def lake_settings() -> LakeSettings:
    """How the lake is kept by default."""
    config, _ = load({}, environ={})
    return loader_settings(config).lake


def fill(
    folder: Path, vary: Vary, fail: Fail | None = None, days: Iterable[int] = range(DAYS)
) -> None:
    """Fill a lake with `EVENTS` events in `DAYS` days, or some of those days."""
    lake = LakeOwner.open(folder, lake_settings())
    for day in days:
        chance = random.Random(day)
        number, last = (EVENTS * n // DAYS for n in (day, day + 1))
        while number < last:
            piece = Slice("bench", min(number + _FILE, last))
            if fail is not None:
                piece.failed = [(number + 1, row) for row in fail(day, chance)]
            while number < piece.last:
                count = min(BLOCK, piece.last - number)
                columns = [None if c is None else c[:count] for c in vary(day, chance)]
                piece.blocks.append(lake.block(range(number + 1, number + count + 1), columns))
                number += count
            lake.commit([piece])
            lake.maintain()
    lake.close()


def roll_up(lake: Path, funnel: Sequence[str] = ()) -> None:
    """Let the owner of a lake make the roll-ups of all days, as it does when they have rested."""
    settings = replace(lake_settings(), daily_rest_seconds=0.0, funnel=tuple(funnel))
    owner = LakeOwner.open(lake, settings)
    while len(list(lake.glob(f"{ROLL_UPS}/*.parquet"))) < DAYS:
        owner.maintain()
        time.sleep(0.01)
    owner.close()


@contextmanager
def filled_apart(work: Callable[[Path], None]) -> Iterator[Path]:
    """A data folder whose lake is filled, in a process whose memory counts for nothing else."""
    with tempfile.TemporaryDirectory(prefix="whiteout-bench-") as name:
        begin = time.perf_counter()
        process = get_context("spawn").Process(target=work, args=(Path(name) / "lake",))
        process.start()
        process.join()
        note(f"the lake was filled in {time.perf_counter() - begin:,.0f} s")
        yield Path(name)

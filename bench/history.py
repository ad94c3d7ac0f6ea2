"""Events of many days, made of one block of events by giving them other ids and times."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from whiteout.protocol.columns import EVENT_INDEX

BLOCK = 2_000
"""Events that are made ready for the lake at once."""

DAYS = 30
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def uuids(chance: random.Random, count: int) -> list[str]:
    """So many UUIDs of version 4."""
    digits = (f"{chance.getrandbits(128):032x}" for _ in range(count))
    return [f"{i[:8]}-{i[8:12]}-4{i[13:16]}-8{i[17:20]}-{i[20:]}" for i in digits]


def on_day(columns: Sequence[Any], day: int, chance: random.Random) -> list[Any]:
    """The events of a block with event ids of their own, at times of a day."""
    moment = _FIRST + timedelta(days=day)
    start = int(moment.timestamp() * 1_000)
    varied = list(columns)
    varied[EVENT_INDEX["event_id"]] = uuids(chance, BLOCK)
    varied[EVENT_INDEX["collector_tstamp"]] = [
        start + chance.randrange(86_400_000) for _ in range(BLOCK)
    ]
    varied[EVENT_INDEX["collector_date"]] = [moment.date().isoformat()] * BLOCK
    return varied

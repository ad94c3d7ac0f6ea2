"""`whiteout forget` of a person with 200 events on 3 of 30 days, among ten million events."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
import uuid
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bench.history import (
    BLOCK,
    DAYS,
    EVENTS,
    Columns,
    block,
    fill,
    filled_apart,
    identified,
    on_day,
    roll_up,
    uuids,
)
from bench.report import judge, note, show
from whiteout.protocol.columns import EVENT_INDEX

_OF_PERSON = 200
_DAYS_OF_PERSON = (4, 14, 24)


def run() -> bool:
    """Fill a lake, forget somebody with the command, and look at time and memory."""
    show(f"Forgetting somebody with {_OF_PERSON} events on 3 of {DAYS} days, {EVENTS:,} events")
    person = str(uuid.uuid4())
    with filled_apart(partial(filled, person)) as folder:
        roll_up(folder / "lake")
        return measured(folder, person)


def measured(folder: Path, person: str) -> bool:
    """Measure on a data folder that is filled."""
    begin = time.perf_counter()
    command = ("forget", "--data", str(folder), "--domain-userid", person, "--yes", "--json")
    output = folder.with_name(f"{folder.name}.json")
    with output.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-m", "whiteout", *command], stdout=file)
        _, process.returncode, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    receipt = json.loads(output.read_bytes())
    output.unlink()
    note(f"{receipt['files']} of {receipt['files_before']} files were written anew")
    complete = judge("events removed", receipt["removed"]["events"], _OF_PERSON, at_least=True)
    fast = judge("time", seconds, 60, at_least=False, unit=" s")
    memory = usage.ru_maxrss * 1024 / 1e9
    small = judge("memory", memory, 1, at_least=False, unit=" GB")
    return receipt["clean"] and complete and fast and small


def filled(person: str, folder: Path, days: Iterable[int] = range(DAYS)) -> None:
    """Fill a lake with events of many visitors, and some of a person."""
    columns = block(map(identified, range(BLOCK)))
    left = dict.fromkeys(_DAYS_OF_PERSON, _OF_PERSON // len(_DAYS_OF_PERSON) + 1)
    fill(folder, lambda day, chance: _varied(columns, day, chance, person, left), days=days)


def _varied(
    columns: Sequence[Any], day: int, chance: random.Random, person: str, left: dict[int, int]
) -> Columns:
    """The same events of other visitors, on another day; those of the person come first."""
    varied = on_day(columns, day, chance)
    people, sessions = uuids(chance, BLOCK), uuids(chance, BLOCK)
    count = left.pop(day, 0)
    people[:count] = [person] * count
    varied[EVENT_INDEX["domain_userid"]] = people
    varied[EVENT_INDEX["domain_sessionid"]] = sessions
    return varied

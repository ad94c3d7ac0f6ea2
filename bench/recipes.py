"""The recipes of `docs/sql.md` over ten million events of thirty days: from events, and by day."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.history import (
    BLOCK,
    DAYS,
    EVENTS,
    Columns,
    block,
    date_of,
    fill,
    filled_apart,
    identified,
    on_day,
    roll_up,
    start_of,
    uuids,
)
from bench.report import judge, note, show
from whiteout.protocol.columns import EVENT_INDEX, FAILED_COLUMNS
from whiteout.tables import open_tables

_PAGE = Path(__file__).parents[1] / "docs" / "sql.md"
_FUNNEL = ("/product/%", "/cart", "/order")

_VISITS = 250
"""Visits in a block: eight events each, on the whole."""
_PATHS = ("/", "/cart", "/order", "/about", *(f"/product/{number}" for number in range(200)))
_KINDS = ("page_view",) * 12 + ("page_ping",) * 6 + ("struct",) + ("unstruct",)
_REMOVED = ["domain_sessionid", "domain_userid", "network_userid", "user_ipaddress"]
_OFTEN = 1_000
"""One event in so many comes twice."""
_FAILED = 2_500
_WHYS = ("it is no number", "a member is missing", "it is too long")


def run() -> bool:
    """Fill a lake, let its owner make the roll-ups, and ask each recipe in both ways."""
    show(f"The recipes over {EVENTS:,} events of {DAYS} days, opening the tables included")
    with filled_apart(filled) as folder:
        return measured(folder)


def measured(folder: Path) -> bool:
    """Measure on a data folder that is filled."""
    begin = time.perf_counter()
    roll_up(folder / "lake", _FUNNEL)
    note(f"the days were rolled up in {time.perf_counter() - begin:,.0f} s")
    good = [_compared(folder, name, *both) for name, both in recipes().items()]
    return all(good)


def recipes() -> dict[str, tuple[str, str]]:
    """The recipes of the page by their headings: the query of events, and that of roll-ups."""
    text = _PAGE.read_text().partition("\n## Recipes\n")[2]
    parts = re.split(r"^### (.+)$", text, flags=re.MULTILINE)[1:]
    found = {}
    for heading, part in list(pairwise(parts))[::2]:
        events, daily = re.findall(r"```sql\n(.*?)```", part, flags=re.DOTALL)
        found[heading] = (events, daily)
    return found


def _compared(folder: Path, name: str, events: str, daily: str) -> bool:
    slow, rows = _asked(folder, events)
    fast, same = _asked(folder, daily)
    if rows != same:
        note(f"{name}: the two differ")
    good = judge(f"{name}, from events", slow, 3, at_least=False, unit=" s")
    return judge(f"{name}, by day", fast, 0.3, at_least=False, unit=" s") and good and rows == same


def _asked(folder: Path, query: str) -> tuple[float, list[Any]]:
    begin = time.perf_counter()
    with open_tables(folder) as tables:
        rows = tables.sql(query).fetchall()
    return time.perf_counter() - begin, rows


def filled(folder: Path, days: Iterable[int] = range(DAYS)) -> None:
    """Fill a lake with visits in all modes, with events that failed and a few that came twice."""
    columns = block(map(identified, range(BLOCK)))
    fill(folder, lambda day, chance: _visits(columns, day, chance), _failures, days)


def _visits(columns: Sequence[Any], day: int, chance: random.Random) -> Columns:
    made: list[Any] = on_day(columns, day, chance)
    visits, people = uuids(chance, _VISITS), uuids(chance, _VISITS)
    of = chance.choices(range(_VISITS), k=BLOCK)
    modes = [
        ("identified", "anonymous_session", "anonymous")[(n % 10 > 6) + (n % 10 > 8)] for n in of
    ]
    nobody = [mode == "anonymous" for mode in modes]
    kinds = chance.choices(_KINDS, k=BLOCK)
    values: dict[str, list[Any]] = {
        "event": kinds,
        "event_name": ["event" if kind == "struct" else kind for kind in kinds],
        "domain_sessionid": [
            None if none else visits[n] for n, none in zip(of, nobody, strict=True)
        ],
        "domain_userid": [
            people[n] if mode == "identified" else None for n, mode in zip(of, modes, strict=True)
        ],
        "page_urlpath": chance.choices(_PATHS, k=BLOCK),
        "mode_inferred": modes,
        "mode_declared": [mode if n % 3 else None for n, mode in zip(of, modes, strict=True)],
        "signal": ["gpc" if none else None for none in nobody],
        "redacted": [_REMOVED if none else [] for none in nobody],
        "derived_tstamp": list(made[EVENT_INDEX["collector_tstamp"]]),
    }
    for name, column in values.items():
        made[EVENT_INDEX[name]] = column
    for at in range(0, BLOCK, _OFTEN):
        for place, column in enumerate(made):
            if column is not None:
                changed = list(column)
                changed[at + 1] = changed[at]
                made[place] = changed
    return made


def _failures(day: int, chance: random.Random) -> list[tuple[Any, ...]]:
    ids = uuids(chance, _FAILED)
    return [_failure(day, failure_id, chance) for failure_id in ids]


def _failure(day: int, failure_id: str, chance: random.Random) -> tuple[Any, ...]:
    values = {
        "collector_tstamp": start_of(day) + chance.randrange(86_400_000),
        "collector_date": date_of(day),
        "failure_id": failure_id,
        "app_id": "shop",
        "failure": "schema_violations",
        "reason": chance.choice(_WHYS),
        "errors": "[]",
    }
    return tuple(values.get(column.name) for column in FAILED_COLUMNS)

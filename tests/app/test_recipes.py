"""The recipes of docs/sql.md: over a lake whose answers are known, and in both their ways."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bench.recipes import recipes
from tests.lake.rolled import SOON, roll_up, settled
from whiteout.lake import Change, Clue, LakeOwner, LakeSettings, Slice
from whiteout.lake.table import partition_of
from whiteout.protocol.columns import EVENT_COLUMNS, FAILED_COLUMNS, Column
from whiteout.tables import open_tables

RECIPES = recipes()
FUNNEL = ["/product/%", "/cart", "/order"]
MONDAY, TUESDAY = "2026-11-23", "2026-11-24"

Event = dict[str, Any]


Rows = list[tuple[Any, ...]]


def row(columns: tuple[Column, ...], values: Event) -> tuple[Any, ...]:
    """A row with these values and nothing else."""
    return tuple(values.get(column.name) for column in columns)


def at(day: str, minute: int) -> int:
    """A minute of a day, in milliseconds since 1970."""
    start = datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=UTC)
    return int(start.timestamp() * 1_000) + minute * 60_000


def view(day: str, minute: int, path: str, session: str | None, **more: Any) -> Event:
    """A page view."""
    time = at(day, minute)
    return {
        "event": "page_view",
        "collector_date": day,
        "collector_tstamp": time,
        "derived_tstamp": time,
        "page_urlpath": path,
        "domain_sessionid": session,
        "mode_inferred": "anonymous_session" if session else "anonymous",
        "redacted": [],
        **more,
    }


EVENTS = [
    # Orders after a product and the cart.
    view(MONDAY, 1, "/product/1", "one", domain_userid="ann", mode_inferred="identified"),
    view(MONDAY, 2, "/cart", "one", domain_userid="ann", mode_inferred="identified"),
    view(MONDAY, 3, "/order", "one", domain_userid="ann", mode_declared="identified"),
    # Sees the cart first, and only then a product.
    view(MONDAY, 1, "/cart", "two"),
    view(MONDAY, 2, "/product/2", "two"),
    # Looks at one page, for a while.
    view(MONDAY, 5, "/product/2", "three"),
    view(MONDAY, 6, "/product/2", "three", event="page_ping"),
    # One page and a click.
    view(MONDAY, 5, "/", "four"),
    view(MONDAY, 6, "/", "four", event="struct"),
    # Of nobody.
    view(MONDAY, 7, "/", None, signal="gpc", redacted=["domain_userid", "user_id"]),
    # The first session goes on after midnight.
    view(TUESDAY, 1, "/order", "one", domain_userid="ann"),
    view(TUESDAY, 2, "/", None, signal="gpc", redacted=["user_id"]),
    view(TUESDAY, 2, "/", None),
]
FAILED = [
    {"collector_date": MONDAY, "failure": "schema_violations", "reason": why, "app_id": "shop"}
    for why in ('short: "a"', 'short: "b"', "long")
]
DAYS = {"mon": date.fromisoformat(MONDAY), "tue": date.fromisoformat(TUESDAY)}
MON, TUE = DAYS.values()

ANSWERS: dict[str, list[tuple[Any, ...]]] = {
    "Page views a day": [(MON, 8), (TUE, 3)],
    "Sessions and visitors a day": [(MON, 4, 1), (TUE, 1, 1)],
    "Bounce": [(MON, 4, 0.25), (TUE, 1, 1.0)],
    "Funnel": [(MON, 3, 1, 1)],
    "Share of anonymous traffic": [
        (MON, "anonymous", 1, 0.1),
        (MON, "anonymous_session", 6, 0.6),
        (MON, "identified", 3, 0.3),
        (TUE, "anonymous", 2, pytest.approx(2 / 3)),
        (TUE, "anonymous_session", 1, pytest.approx(1 / 3)),
    ],
    "What was removed, and by which signal": [("gpc", "user_id", 2), ("gpc", "domain_userid", 1)],
    "Why events fail": [
        ("schema_violations", "short", "shop", 2),
        ("schema_violations", "long", "shop", 1),
    ],
}


EVENTS = [{"event_id": f"event-{number}", **event} for number, event in enumerate(EVENTS)]
# A click came again, and the view of a session that bounced, a second later.
EVENTS += [
    {**event, "collector_tstamp": event["collector_tstamp"] + 1_000}
    for event in (EVENTS[8], EVENTS[5], EVENTS[5], EVENTS[9])
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the events above."""
    folder: Path = tmp_path_factory.mktemp("recipes")
    owner = LakeOwner.open(folder / "lake", LakeSettings(durable=False, funnel=tuple(FUNNEL)))
    piece = Slice("0123456789abcdef", len(EVENTS))
    piece.events = [(n, row(EVENT_COLUMNS, event)) for n, event in enumerate(EVENTS, 1)]
    piece.failed = [(n, row(FAILED_COLUMNS, event)) for n, event in enumerate(FAILED, 1)]
    owner.commit([piece])
    owner.close()
    return folder


def test_every_recipe_has_its_answer() -> None:
    """No recipe of the page is without a test."""
    assert RECIPES.keys() == ANSWERS.keys()


def test_a_recipe_gives_what_it_says(data: Path, tmp_path: Path) -> None:
    """Both queries in the page answer the question of their heading, with roll-ups and without."""
    rolled = shutil.copytree(data, tmp_path / "rolled")
    roll_up(rolled / "lake")
    for folder in (data, rolled):
        with open_tables(folder) as tables:
            for name, queries in RECIPES.items():
                for query in queries:
                    assert tables.sql(query).fetchall() == ANSWERS[name], (folder, query)


class Course:
    """A lake and what happens to it; after each thing all recipes give the same in both ways."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lake = folder / "lake"
        self.owner = LakeOwner.open(self.lake, replace(SOON, funnel=tuple(FUNNEL)))
        self.count = 0

    def load(self, events: Iterable[Event]) -> None:
        """Append events, and a failed one for each."""
        self.count += 1
        piece = Slice(f"file-{self.count}", 1)
        for event in events:
            piece.events.append((1, row(EVENT_COLUMNS, event)))
            why = f'it is wrong: "{event["event_id"]}"'
            piece.failed.append((1, row(FAILED_COLUMNS, {**FAILED[0], "reason": why})))
        self.owner.commit([piece])

    def roll_up(self) -> None:
        """Let every day have its roll-up."""
        settled(self.owner, self.lake)

    def merge(self) -> None:
        """Merge the files of every day."""
        for table in self.owner._tables:
            for day in sorted({partition_of(path) for path in table.live}):
                table.compact(day, 1 << 20)

    def forget(self) -> None:
        """Take somebody's events out."""
        clue = Clue({"domain_userid": ("ann",)})
        self.owner.carry_out(self.owner.plan(lambda _: clue, lambda _: Change()))
        self.owner.purge()

    def expire(self) -> None:
        """Take the first day out."""
        self.owner.expire(TUESDAY)
        self.owner.purge()

    def crash(self) -> None:
        """Begin anew after a crash, with a roll-up half written."""
        self.owner.close()
        (self.lake / "daily").mkdir(exist_ok=True)
        (self.lake / "daily" / f"{MONDAY}-0.parquet.tmp").write_bytes(b"PAR1")
        self.owner = LakeOwner.open(self.lake, SOON)

    def answers(self) -> list[Rows]:
        """The answers of all recipes, the same in both ways."""
        with open_tables(self.folder) as tables:
            both = [[tables.sql(query).fetchall() for query in pair] for pair in RECIPES.values()]
            events = tables.sql(
                "select collector_date, event_id, event_fingerprint, event from events"
            ).fetchall()
        for name, (events_say, roll_ups_say) in zip(RECIPES, both, strict=True):
            assert events_say == roll_ups_say, name
        views = Counter(day for day, _, _, event in set(events) if event == "page_view")
        assert both[0][0] == sorted(views.items())
        return [answer for answer, _ in both]

    def check(self) -> None:
        """Both ways say the same, and without any roll-up they say it too."""
        answers = self.answers()
        shutil.move(self.lake / "daily", self.folder / "away")
        (self.lake / "daily").mkdir()
        shutil.copy(self.folder / "away" / "funnel.json", self.lake / "daily")
        assert self.answers() == answers
        shutil.rmtree(self.lake / "daily")
        shutil.move(self.folder / "away", self.lake / "daily")


def pool() -> list[Event]:
    """Events that may come, and come again."""
    chance = random.Random(3)
    more: list[Event] = [
        {},
        {},
        {"event_fingerprint": "print"},
        {"event": "page_ping"},
        {"event": "struct"},
        {"signal": "gpc", "redacted": ["user_id", "domain_userid"]},
        {"mode_declared": "anonymous"},
        {"mode_declared": "identified"},
    ]
    made = []
    for number in range(40):
        session = chance.choice(["a", "b", "c", "d", None])
        event = view(MONDAY, chance.randrange(30), chance.choice(PATHS), session)
        event |= {"event_id": f"made-{number}", **chance.choice(more)}
        event["domain_userid"] = session and ("ann" if session < "c" else "bob")
        made.append(event)
    return made


PATHS = ["/", "/product/1", "/product/2", "/cart", "/order"]
POOL = pool()
ARRIVAL = st.tuples(st.sampled_from(POOL), st.sampled_from([0, 0, 1, 24 * 60]))
"""An event, and the minutes that it is late."""
STEPS = ("roll_up", "merge", "forget", "expire", "crash")


def arrived(event: Event, late: int) -> Event:
    """An event as it is stored when it was late."""
    moment = event["collector_tstamp"] + late * 60_000
    day = datetime.fromtimestamp(moment / 1_000, UTC).date().isoformat()
    return {**event, "collector_tstamp": moment, "collector_date": day}


@settings(max_examples=2, deadline=None, phases=[Phase.generate])
@given(
    loads=st.lists(st.lists(ARRIVAL, max_size=25), min_size=len(STEPS), max_size=len(STEPS)),
    steps=st.permutations(STEPS),
)
def test_both_ways_say_the_same_whatever_happened(
    tmp_path_factory: pytest.TempPathFactory, loads: list[list[tuple[Event, int]]], steps: list[str]
) -> None:
    """With events that came twice or late, erased, expired, merged, and after crashes."""
    course = Course(tmp_path_factory.mktemp("course"))
    course.load(EVENTS)
    course.roll_up()
    for load, step in zip(loads, steps, strict=True):
        course.load(arrived(*arrival) for arrival in load)
        course.answers()
        getattr(course, step)()
        course.check()
    course.owner.close()


def test_tables_become_frames(data: Path) -> None:
    """The same rows as a frame of Polars and of pandas, and as an Arrow table."""
    query = "select page_urlpath, count(*) as n from events group by all order by n desc, 1"
    with open_tables(data) as tables:
        rows = tables.sql(query).fetchall()
        assert tables.sql(query).pl().rows() == rows
        assert list(tables.sql(query).df().itertuples(index=False, name=None)) == rows
        table = tables.sql(query).to_arrow_table()
    assert list(zip(*table.to_pydict().values(), strict=True)) == rows


def test_a_folder_without_events_has_empty_tables(tmp_path: Path) -> None:
    """Every recipe runs before the first event, and in a folder that is not there."""
    with open_tables(tmp_path / "none") as tables:
        for queries in RECIPES.values():
            assert [tables.sql(query).fetchall() for query in queries] == [[], []]

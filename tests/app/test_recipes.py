"""The recipes of docs/sql.md, run over a lake whose answers are known."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from whiteout.lake import LakeOwner, LakeSettings, Slice
from whiteout.protocol.columns import EVENT_COLUMNS, FAILED_COLUMNS, Column
from whiteout.tables import open_tables

PAGE = Path(__file__).parents[2] / "docs" / "sql.md"
RECIPES = dict(re.findall(r"### ([^\n]+)\n.*?```sql\n(.*?)```", PAGE.read_text(), re.DOTALL))
MONDAY, TUESDAY = "2026-11-23", "2026-11-24"

Event = dict[str, Any]


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
    for why in ("short", "short", "long")
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


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the events above."""
    folder: Path = tmp_path_factory.mktemp("recipes")
    owner = LakeOwner.open(folder / "lake", LakeSettings(durable=False))
    piece = Slice("0123456789abcdef", len(EVENTS))
    piece.events = [(n, row(EVENT_COLUMNS, event)) for n, event in enumerate(EVENTS, 1)]
    piece.failed = [(n, row(FAILED_COLUMNS, event)) for n, event in enumerate(FAILED, 1)]
    owner.commit([piece])
    owner.close()
    return folder


def test_every_recipe_has_its_answer() -> None:
    """No recipe of the page is without a test."""
    assert RECIPES.keys() == ANSWERS.keys()


@pytest.mark.parametrize("name", ANSWERS)
def test_a_recipe_gives_what_it_says(data: Path, name: str) -> None:
    """The SQL that stands in the page answers the question of its heading."""
    with open_tables(data) as tables:
        assert tables.sql(RECIPES[name]).fetchall() == ANSWERS[name]


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
        assert [tables.sql(recipe).fetchall() for recipe in RECIPES.values()] == [[]] * len(RECIPES)

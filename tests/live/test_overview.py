"""The numbers of the overview, counted from a lake."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lake.rolled import roll_up
from tests.live.asgi import MemoryFeed, ask
from tests.live.lakes import consent, fill
from whiteout.live import Live, LiveSettings
from whiteout.live.overview import SPANS, Overview

NOW = 1_795_500_030.0
MINUTE = 60


def total(series: list[dict[str, int]], name: str) -> int:
    """The sum of a column."""
    return sum(row[name] for row in series)


EVENTS: list[tuple[float, Mapping[str, Any]]] = [
    (NOW, {"mode_inferred": "identified", "domain_sessionid": "a", "page_urlpath": "/shoes"}),
    (NOW - 61, {"mode_inferred": "anonymous", "domain_sessionid": "b"}),
    (NOW - 62, {"mode_inferred": "anonymous", "mode_declared": "server_anonymous"}),
    (NOW - 120, {"domain_sessionid": "a", "event": "struct", "event_name": "event"}),
    (NOW - 300, consent("allow_all")),
    (NOW - 301, consent("allow_all")),
    (NOW - 302, consent("deny_all")),
    (NOW - 400, {"refr_urlhost": "search.example"}),
    (NOW - 401, {"refr_urlhost": "shop.example"}),
    (NOW - 90 * MINUTE, {"domain_sessionid": "c", "page_urlpath": "/old"}),
]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with the events above and two that failed."""
    folder = tmp_path_factory.mktemp("overview") / "lake"
    fill(folder, EVENTS, failed=[NOW - 10, NOW - 100 * MINUTE])
    return folder


def live(lake: Path) -> Live:
    """The pages over a lake."""
    return Live(LiveSettings(Path("unused"), None, "1", lake=lake), MemoryFeed)


def test_everything_within_the_range_is_counted_once(lake: Path) -> None:
    """Events by mode, page views, sessions and failed events stand in their step."""
    found = Overview(lake, lambda: NOW).look("1h")
    series = found["series"]
    assert len(series) == 60
    assert [total(series, name) for name in ("events", "failed", "page_views")] == [9, 1, 5]
    assert total(series, "identified") == 7
    assert total(series, "anonymous") == total(series, "server_anonymous") == 1
    assert found["sessions"] == 2
    assert series[-1]["identified"] == series[-1]["failed"] == 1
    assert series[-1]["t"] <= NOW * 1_000 < series[-1]["t"] + found["step"] * 1_000
    assert total(Overview(lake, lambda: NOW).look("6h")["series"], "events") == len(EVENTS)


def test_lists_hold_what_occurred_most(lake: Path) -> None:
    """Pages, referrers from elsewhere, and what visitors chose, the most frequent first."""
    found = Overview(lake, lambda: NOW).look("1h")
    assert found["pages"] == [
        {"page": "shop.example/", "page_views": 4},
        {"page": "shop.example/shoes", "page_views": 1},
    ]
    assert found["referrers"] == [{"referrer": "search.example", "page_views": 1}]
    assert found["consent"] == [
        {"choice": "allow_all", "events": 2},
        {"choice": "deny_all", "events": 1},
    ]


@pytest.mark.parametrize("rolled", [False, True])
def test_long_ranges_are_counted_by_day(lake: Path, tmp_path: Path, *, rolled: bool) -> None:
    """From 30 days on all numbers come from the tables by day, with roll-ups and without."""
    folder = shutil.copytree(lake, tmp_path / "lake")
    if rolled:
        roll_up(folder)
    short = Overview(lake, lambda: NOW).look("6h")
    for name in ("30d", "90d", "1y"):
        found = Overview(folder, lambda: NOW).look(name)
        for count in ("events", "identified", "anonymous", "server_anonymous", "page_views"):
            assert total(found["series"], count) == total(short["series"], count)
        assert total(found["series"], "failed") == 2
        assert found["sessions"] == total(found["series"], "sessions") == 3
        assert found["series"][-1]["events"] == len(EVENTS)
        for table in ("pages", "referrers", "consent"):
            assert found[table] == short[table]


def test_a_session_counts_on_each_day(tmp_path: Path) -> None:
    """In long ranges, as in the recipes; an event that came twice on a day counts once."""
    same = {"domain_sessionid": "a", "event_id": "one"}
    fill(tmp_path, [(NOW, same), (NOW, same), (NOW - 25 * 3600, {"domain_sessionid": "a"})])
    found = Overview(tmp_path, lambda: NOW).look("90d")
    assert (found["sessions"], total(found["series"], "events")) == (2, 2)
    week = Overview(tmp_path, lambda: NOW).look("7d")
    assert (week["sessions"], total(week["series"], "events")) == (1, 2)


@settings(deadline=None, max_examples=12)
@given(st.sampled_from(sorted(SPANS)), st.floats(min_value=1e9, max_value=4e9))
def test_steps_follow_one_another(name: str, now: float) -> None:
    """The steps of every range touch each other, and the last one is going on."""
    found = Overview(Path("nowhere"), lambda: now).look(name)
    times = [row["t"] for row in found["series"]]
    step = SPANS[name].step * 1_000
    assert times == list(range(found["from"], found["to"], step))
    assert found["to"] - step <= now * 1_000 < found["to"]
    assert len(times) <= 100


@pytest.mark.parametrize("name", SPANS)
async def test_every_range_can_be_asked_for(tmp_path: Path, name: str) -> None:
    """Before the first event every range is there, with zeros."""
    answer = await ask(live(tmp_path), f"/api/overview?range={name}")
    assert answer.status == 200
    found = json.loads(answer.text)
    assert found["range"] == name
    assert total(found["series"], "events") == found["sessions"] == 0


async def test_bad_parameters_are_said(tmp_path: Path) -> None:
    """An unknown range or table gets 400 with those that there are."""
    for target in ("/api/overview?range=2h", "/api/overview.csv?range=", "/api/overview?range=x"):
        answer = await ask(live(tmp_path), target)
        assert (answer.status, "15m, 1h" in answer.text) == (400, True)
    answer = await ask(live(tmp_path), "/api/overview.csv?table=users")
    assert (answer.status, "series, pages" in answer.text) == (400, True)


async def test_a_lake_that_cannot_be_read_is_503(tmp_path: Path) -> None:
    """The answer says that the lake cannot be read, and not why."""
    log = tmp_path / "events" / "_delta_log"
    log.mkdir(parents=True)
    (log / f"{0:020}.json").write_text("canary")
    answer = await ask(live(tmp_path), "/api/overview")
    assert answer.status == 503
    assert json.loads(answer.text) == {"error": "the lake cannot be read"}


async def test_csv_is_text_to_a_spreadsheet(tmp_path: Path) -> None:
    """Each table comes as a file, and nothing in it is taken for a formula."""
    evil = '=HYPERLINK("https://evil.example"),"a'
    fill(tmp_path, [(3.9e9, {}), (4e9, {"page_urlhost": evil})])
    pages = Live(LiveSettings(Path("unused"), None, "1", lake=tmp_path), MemoryFeed)
    answer = await ask(pages, "/api/overview.csv?range=1y&table=pages")
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'filename="whiteout-pages-1y.csv"' in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["page", "page_views"]
    assert [f"'{evil}/", "1"] in rows
    series = await ask(pages, "/api/overview.csv?range=1y")
    head, *lines = csv.reader(io.StringIO(series.text))
    assert head[:3] == ["t", "events", "identified"]
    assert len(lines) == 52
    assert all(line[0].endswith("+00:00") for line in lines)
    assert lines[-1][1] == "2"


async def test_a_range_is_counted_once_for_all(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks again within a part of a step gets the same answer without another look."""
    looks: list[str] = []
    look = Overview.look

    def counted(self: Overview, name: str) -> dict[str, Any]:
        looks.append(name)
        return look(self, name)

    monkeypatch.setattr(Overview, "look", counted)
    pages = live(lake)
    for _ in range(3):
        assert (await ask(pages, "/api/overview?range=7d")).status == 200
    assert looks == ["7d"]

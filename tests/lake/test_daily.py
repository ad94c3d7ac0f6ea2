"""Roll-ups: right when they count, never counted when they are not, gone with their events."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.lake.rolled import SOON, roll_up, roll_ups, settled
from tests.support.crash import CrashError, crash
from whiteout.lake import (
    Change,
    Clue,
    LakeError,
    LakeOwner,
    LakeReader,
    LakeSettings,
    Slice,
    daily_keeper,
    daily_making,
)
from whiteout.lake.daily import DailyTable, daily_tables
from whiteout.privacy import BY_COLUMN
from whiteout.protocol.columns import EVENT_COLUMNS, FAILED_COLUMNS

MONDAY, TUESDAY = "2026-11-23", "2026-11-24"
STAMP = 1_795_500_000_000


def event(number: int, day: str = MONDAY, **values: Any) -> tuple[Any, ...]:
    """A page view of a day."""
    known = {
        "event": "page_view",
        "event_id": f"00000000-0000-4000-8000-{number:012}",
        "collector_date": day,
        "collector_tstamp": STAMP + number,
        "mode_inferred": "anonymous",
        **values,
    }
    return tuple(known.get(column.name) for column in EVENT_COLUMNS)


def failure(day: str = MONDAY, **values: Any) -> tuple[Any, ...]:
    """A failed event of a day."""
    known = {
        "collector_date": day,
        "collector_tstamp": STAMP,
        "failure": "schema_violations",
        "errors": "[]",
        **values,
    }
    return tuple(known.get(column.name) for column in FAILED_COLUMNS)


def commit(owner: LakeOwner, *rows: tuple[Any, ...], failed: bool = False) -> None:
    """Append rows as those of a spool file of their own."""
    made = Slice(f"{owner.position('count')}-{id(rows)}-{rows}", 1)
    (made.failed if failed else made.events).extend((1, row) for row in rows)
    owner.commit([made])


def ask(lake: Path, query: str) -> list[tuple[Any, ...]]:
    """What a query gives now."""
    with LakeReader(lake).connect() as connection:
        return connection.execute(query).fetchall()


def views(lake: Path) -> dict[str, int]:
    """The page views of each day, as the tables by day say."""
    rows = ask(lake, "SELECT day::VARCHAR, sum(events) FROM daily_events GROUP BY day")
    return {day: int(count) for day, count in rows}


def test_a_day_gets_its_roll_up_when_it_has_rested(tmp_path: Path) -> None:
    """Not before; and another one when its files have changed, while other days keep theirs."""
    clock = [0.0]
    owner = LakeOwner.open(
        tmp_path, LakeSettings(durable=False, daily_rest_seconds=60), clock=lambda: clock[0]
    )
    commit(owner, event(1), event(2, TUESDAY))
    owner.maintain()
    clock[0] = 59
    owner.maintain()
    assert roll_ups(tmp_path) == {}
    clock[0] = 61
    settled(owner, tmp_path)
    first = roll_ups(tmp_path)
    assert first.keys() == {MONDAY, TUESDAY}
    commit(owner, event(3))
    owner.maintain()
    assert roll_ups(tmp_path) == {TUESDAY: first[TUESDAY]}
    clock[0] = 200
    settled(owner, tmp_path)
    assert roll_ups(tmp_path)[TUESDAY] == first[TUESDAY]
    assert roll_ups(tmp_path)[MONDAY] != first[MONDAY]
    owner.close()


def test_new_events_count_at_once(tmp_path: Path) -> None:
    """A day whose files are others is counted from its events, and the other days as before."""
    owner = LakeOwner.open(tmp_path, SOON)
    commit(owner, event(1), event(2, TUESDAY))
    settled(owner, tmp_path)
    commit(owner, event(3), event(4, "2026-11-25"))
    assert views(tmp_path) == {MONDAY: 2, TUESDAY: 1, "2026-11-25": 1}
    commit(
        owner, failure(TUESDAY, reason='number is no number: "canary"', app_id="shop"), failed=True
    )
    found = ask(tmp_path, "SELECT day::VARCHAR, reason, app_id, events FROM daily_failures")
    assert found == [(TUESDAY, "number is no number", "shop", 1)]
    owner.close()


def test_a_roll_up_is_what_counts(tmp_path: Path) -> None:
    """Queries of the tables by day read roll-ups: without their events they still have answers."""
    owner = LakeOwner.open(tmp_path, SOON)
    commit(owner, event(1), event(2), event(1))
    settled(owner, tmp_path)
    owner.close()
    for path in tmp_path.glob("events/*/*.parquet"):
        path.write_bytes(b"")
    with duckdb.connect() as connection:
        (stored,) = tmp_path.glob("daily/*.parquet")
        (rows,) = connection.execute(f"SELECT daily_events FROM '{stored}'").fetchall()
    assert [row["events"] for row in rows[0]] == [2]


def test_an_event_that_came_twice_counts_once_a_day(tmp_path: Path) -> None:
    """The same id and fingerprint; before and after a roll-up, and after the files were merged."""
    owner = LakeOwner.open(tmp_path, SOON)
    late: dict[str, Any] = {"collector_tstamp": STAMP + 10_000}
    commit(owner, event(1, app_id="first"), event(1, app_id="again", **late), event(2))
    commit(owner, event(1, TUESDAY, app_id="next day"), event(1, app_id="third", **late))
    commit(owner, event(3, event_fingerprint="a"), event(3, event_fingerprint="b"), event(2))
    commit(owner, event(0, event_id=None), event(0, event_id=None))
    query = "SELECT app_id FROM unique_events WHERE app_id IS NOT NULL ORDER BY ALL"
    for _ in range(2):
        assert views(tmp_path) == {MONDAY: 6, TUESDAY: 1}
        assert ask(tmp_path, query) == [("first",), ("next day",)]
        assert ask(tmp_path, "SELECT count(*) FROM events") == [(10,)]
        settled(owner, tmp_path)
    before = roll_ups(tmp_path)
    owner._tables[0].compact(MONDAY, 1 << 20)
    assert views(tmp_path) == {MONDAY: 6, TUESDAY: 1}
    settled(owner, tmp_path)
    assert roll_ups(tmp_path)[MONDAY] != before[MONDAY]
    assert ask(tmp_path, query) == [("first",), ("next day",)]
    owner.close()


def test_many_events_are_looked_through_in_several_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a big day fits the memory; each pair of the same event is found in one of them."""
    monkeypatch.setattr(daily_making, "_AT_ONCE", 7)
    owner = LakeOwner.open(tmp_path, SOON)
    commit(owner, *(event(number) for number in range(50)), *(event(n) for n in range(0, 50, 2)))
    settled(owner, tmp_path)
    assert views(tmp_path) == {MONDAY: 50}
    owner.close()


def test_what_is_erased_leaves_roll_ups_at_once(tmp_path: Path) -> None:
    """Contract 16: when the purge is over, none holds it, and its day has a new one already."""
    owner = LakeOwner.open(tmp_path, SOON)
    page = {"page_urlhost": "shop.example"}
    commit(owner, event(1, page_urlpath="/of-canary", **page), event(2, page_urlpath="/", **page))
    commit(owner, event(3, TUESDAY, page_urlpath="/", **page))
    settled(owner, tmp_path)
    before = roll_ups(tmp_path)
    clue = Clue({"page_urlpath": ("/of-canary",)})
    owner.carry_out(owner.plan(lambda _: clue, lambda _: Change()))
    owner.purge()
    after = roll_ups(tmp_path)
    assert after.keys() == {MONDAY, TUESDAY}
    assert (after[TUESDAY], after[MONDAY] != before[MONDAY]) == (before[TUESDAY], True)
    assert len(list(tmp_path.glob("daily/*.parquet"))) == 2
    assert ask(tmp_path, "SELECT DISTINCT page FROM daily_pages") == [("shop.example/",)]
    owner.expire(TUESDAY)
    owner.purge()
    assert roll_ups(tmp_path) == {TUESDAY: before[TUESDAY]}
    owner.close()


def test_a_crash_leaves_nothing_that_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off before it has its name, a roll-up is not there; what was half written is removed."""
    owner = LakeOwner.open(tmp_path, SOON)
    commit(owner, event(1))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", crash)
        patch.setattr(Path, "unlink", lambda *_, **__: None)
        with pytest.raises(CrashError):
            settled(owner, tmp_path)
    owner.close()
    assert [path.suffix for path in tmp_path.glob("daily/*")] == [".tmp"]
    assert views(tmp_path) == {MONDAY: 1}
    LakeOwner.open(tmp_path, SOON).close()
    assert list(tmp_path.glob("daily/*")) == []
    roll_up(tmp_path)
    assert roll_ups(tmp_path).keys() == {MONDAY}


def test_a_day_that_cannot_be_rolled_up_is_counted_from_its_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says so once; it is tried again when the day has changed."""
    tries: list[Path] = []

    def refuse(_lake: Path, _files: object, _funnel: object, target: Path, **_: object) -> None:
        tries.append(target)
        raise LakeError("the disk is full")

    owner = LakeOwner.open(tmp_path, SOON)
    commit(owner, event(1))
    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(daily_keeper, "make_roll_up", refuse)
        for _ in range(3):
            owner.maintain()
            owner.purge()
    assert len(tries) == 1
    assert caplog.messages == [f"there is no roll-up of {MONDAY}: the disk is full"]
    assert views(tmp_path) == {MONDAY: 1}
    commit(owner, event(2))
    settled(owner, tmp_path)
    assert views(tmp_path) == {MONDAY: 2}
    owner.close()


def test_a_roll_up_stays_while_somebody_reads_it(tmp_path: Path) -> None:
    """One that does not count any more is removed when no reader holds a lease."""
    owner = LakeOwner.open(tmp_path, SOON)
    commit(owner, event(1))
    settled(owner, tmp_path)
    with LakeReader(tmp_path).connect() as connection:
        commit(owner, event(2))
        for _ in range(3):
            owner.maintain()
        found = connection.execute("SELECT sum(events) FROM daily_events").fetchall()
        assert found == [(1,)]
    settled(owner, tmp_path)
    assert len(list(tmp_path.glob("daily/*.parquet"))) == 1
    owner.close()


def test_a_funnel_is_counted_as_it_was_named_last(tmp_path: Path) -> None:
    """Another funnel makes all roll-ups anew; an owner that names none keeps it."""
    lake = tmp_path
    owner = LakeOwner.open(lake, SOON)
    visit = {"domain_sessionid": "one"}
    commit(
        owner,
        event(1, page_urlpath="/it's", derived_tstamp=STAMP, **visit),
        event(2, page_urlpath="/b/2", derived_tstamp=STAMP + 1, **visit),
    )
    owner.close()
    query = "SELECT step, pages, sessions FROM daily_funnel ORDER BY step"
    assert ask(lake, query) == []
    roll_up(lake, ["/it's", "/b/%"])
    assert ask(lake, query) == [(1, "/it's", 1), (2, "/b/%", 1)]
    first = roll_ups(lake)
    roll_up(lake)
    assert (roll_ups(lake), ask(lake, query)) == (first, [(1, "/it's", 1), (2, "/b/%", 1)])
    roll_up(lake, ["/b/%"])
    assert roll_ups(lake) != first
    assert ask(lake, query) == [(1, "/b/%", 1)]
    roll_up(lake, [])
    assert ask(lake, query) == []


def test_a_broken_funnel_says_where(tmp_path: Path) -> None:
    """The file of a funnel that cannot be read is named."""
    roll_up(tmp_path, ["/a"])
    (tmp_path / "daily" / "funnel.json").write_text('{"pages": "canary"}')
    with pytest.raises(LakeError, match=r"funnel\.json does not say which pages"):
        ask(tmp_path, "SELECT 1")


@pytest.mark.parametrize("table", daily_tables(("/a",)), ids=lambda table: table.name)
def test_the_columns_are_those_that_are_documented(tmp_path: Path, table: DailyTable) -> None:
    """Every table of roll-ups has its columns in their order, and none for an identifier."""
    with LakeReader(tmp_path).connect() as connection:
        found = [row[0] for row in connection.execute(f"DESCRIBE {table.name}").fetchall()]
    assert found == [column.name for column in table.columns]
    assert not set(found) & BY_COLUMN.keys()


def test_unique_events_are_events(tmp_path: Path) -> None:
    """The view has the columns of the table, in their order and of their types."""
    with LakeReader(tmp_path).connect() as connection:
        kinds: list[Mapping[str, str]] = [
            {row[0]: row[1] for row in connection.execute(f"DESCRIBE {name}").fetchall()}
            for name in ("events", "unique_events")
        ]
    assert list(kinds[0].items()) == list(kinds[1].items())

"""Rows and days taken out of the tables: for good, exactly once, and again after a crash."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.lake.small import DAY, TABLES, owner, piece, row, stored
from tests.support.crash import CrashError, after, crash
from whiteout.lake import Change, Clue, LakeError, LakeOwner, Slice, look_through
from whiteout.lake.locks import reading
from whiteout.lake.rewriting import Rewriting
from whiteout.lake.sql import opened
from whiteout.lake.table import LakeTable

DAYS = (DAY, "2026-11-25", "2026-11-26")


def filled(folder: Path) -> LakeOwner:
    """A lake with a file of thirty records in each of three days."""
    lake = owner(folder)
    for number, day in enumerate(DAYS):
        first = number * 30 + 1
        lake.commit([piece("a", range(first, first + 30), first + 29, day)])
    return lake


def ids(*numbers: int) -> tuple[str, ...]:
    """The ids of the events of some records."""
    return tuple(f"a-{number}" for number in numbers)


def take_out(lake: LakeOwner, *numbers: int) -> Any:
    """Plan and carry out the removal of the events of some records; the plans."""
    wanted = set(ids(*numbers))

    def judge(values: Mapping[str, Any]) -> Change | None:
        return Change() if values["event_id"] in wanted else None

    plans = lake.plan(lambda _: Clue({"event_id": sorted(wanted)}), judge)
    lake.carry_out(plans)
    return plans


def files(folder: Path) -> dict[str, bytes]:
    """The Parquet files of both tables, by path."""
    found = folder.glob("*/collector_date=*/*.parquet")
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_rows_go_from_both_tables_and_all_others_stay(tmp_path: Path) -> None:
    """Contract 16: what was named is gone, every other row is there as it was."""
    lake = filled(tmp_path)
    before = {table: stored(tmp_path, table) for table in ("events", "failed_events")}
    events, failed = take_out(lake, 2, 7, 33)
    gone = ids(2, 7, 33)
    assert (events.removal.rows, failed.removal.rows) == (3, 3)
    for table, found in before.items():
        assert stored(tmp_path, table) == [event for event in found if event not in gone]
    assert (events.removal.days, failed.removal.days) == ({DAYS[0]}, {DAYS[0], DAYS[1]})
    lake.close()


def test_only_files_with_a_match_are_written_anew(tmp_path: Path) -> None:
    """A file without a match is the same file, byte for byte; the old ones leave the disk."""
    lake = filled(tmp_path)
    before = files(tmp_path)
    plans = take_out(lake, 1, 4)
    assert [plan.removal.files for plan in plans] == [1, 0]
    lake.purge()
    after = files(tmp_path)
    changed = before.keys() - after.keys()
    assert [path.split("/")[:2] for path in changed] == [["events", f"collector_date={DAY}"]]
    assert {path: after[path] for path in after.keys() & before.keys()} == {
        path: before[path] for path in before.keys() - changed
    }
    lake.close()


def test_files_written_anew_have_no_statistics_but_the_time(tmp_path: Path) -> None:
    """Contract 16: statistics outlive rows, so a file written anew has none of identifiers."""
    lake = filled(tmp_path)
    take_out(lake, 2)
    lake.purge()
    paths = list(files(tmp_path))
    found = duckdb.execute(
        "SELECT DISTINCT path_in_schema FROM parquet_metadata("
        f"{[str(tmp_path / path) for path in paths]!r}) "
        "WHERE coalesce(stats_min, stats_max, stats_min_value, stats_max_value) IS NOT NULL"
    ).fetchall()
    assert found == [("collector_tstamp",)]
    lake.close()


def test_the_log_names_files_and_no_predicate(tmp_path: Path) -> None:
    """DESIGN, erasure: neither commits nor checkpoints say whom a removal was about."""
    lake = filled(tmp_path)
    take_out(lake, 2, 33)
    log = tmp_path / "events/_delta_log"
    commits = [
        json.loads(x) for p in sorted(log.glob("*.json")) for x in p.read_text().splitlines()
    ]
    told = [action["commitInfo"] for action in commits if "commitInfo" in action]
    assert len(told) == 5
    assert "predicate" not in json.dumps(told)
    lake.purge()
    assert not any(b"a-33" in path.read_bytes() for path in log.iterdir())
    lake.close()


def test_a_purge_leaves_the_newest_version_and_nothing_else(tmp_path: Path) -> None:
    """No older file, log entry or checkpoint stays, and the table goes on as before."""
    lake = filled(tmp_path)
    (tmp_path / "events" / f"collector_date={DAY}" / "left-over.parquet").write_bytes(b"x")
    take_out(lake, *range(1, 31))
    lake.purge()
    for table in ("events", "failed_events"):
        folder = tmp_path / table
        kept = {path.name for path in folder.glob("collector_date=*/*")}
        log = sorted(path.name.split(".", 1)[1] for path in (folder / "_delta_log").glob("0*"))
        assert len(kept) == 2
        assert log == ["checkpoint.parquet", "json"]
    assert not (tmp_path / "events" / f"collector_date={DAY}").exists()
    lake.commit([piece("a", range(1, 121), 120)])
    lake.close()
    lake = owner(tmp_path)
    assert lake.position("a") == 120
    assert set(stored(tmp_path, "events")).isdisjoint(ids(1, 30))
    assert len(stored(tmp_path, "events")) > len(set(ids(*range(31, 91))) - set(ids(33, 36)))
    lake.close()


def test_what_was_taken_out_does_not_come_back_from_the_spool(tmp_path: Path) -> None:
    """DESIGN, exactly once: positions survive; a record that is handed over again is known."""
    lake = filled(tmp_path)
    take_out(lake, 5)
    lake.purge()
    lake.commit([piece("a", range(1, 91), 90)])
    assert ids(5)[0] not in stored(tmp_path, "events")
    lake.close()


def test_a_reference_is_changed_and_its_row_stays(tmp_path: Path) -> None:
    """A row that only points at somebody keeps everything else."""
    lake = filled(tmp_path)
    plans = lake.plan(
        lambda _: Clue({"event_id": ids(1, 2)}),
        lambda values: Change(gone=False, columns={"event_id": f"{values['number']} changed"}),
    )
    lake.carry_out(plans)
    assert plans[0].removal.changed == 2
    found = stored(tmp_path, "events")
    assert {"1 changed", "2 changed"} <= set(found)
    assert found.count("a-4") == 1
    lake.close()


def test_expired_days_go_whole(tmp_path: Path) -> None:
    """F-P24: days before the first that is kept leave both tables and the disk."""
    lake = filled(tmp_path)
    assert lake.oldest() == DAYS[0]
    events, failed = lake.expire(DAYS[2])
    assert (events.days, failed.days) == ({DAYS[0], DAYS[1]}, {DAYS[0], DAYS[1]})
    assert events.rows == len(
        [n for n in range(1, 61) if n % 7 == 0 or n % 3] + [n for n in range(1, 61) if n % 7 == 0]
    )
    lake.purge()
    assert {path.name for path in tmp_path.glob("*/collector_date=*")} == {
        f"collector_date={DAYS[2]}"
    }
    assert lake.oldest() == DAYS[2]
    assert lake.expire(DAYS[2])[0].rows == 0
    lake.close()


def test_a_purge_waits_for_readers_but_not_for_ever(tmp_path: Path) -> None:
    """A query that runs keeps its files for a while; one that never ends does not."""
    lake = filled(tmp_path)
    take_out(lake, 1)
    held, let_go = threading.Event(), threading.Event()

    def read() -> None:
        with reading(tmp_path):
            held.set()
            let_go.wait(10)

    reader = threading.Thread(target=read)
    reader.start()
    held.wait()
    begin = time.monotonic()
    lake.purge(0.3)
    assert time.monotonic() - begin >= 0.3
    let_go.set()
    reader.join()
    assert len(list(tmp_path.glob(f"events/collector_date={DAY}/*"))) == 1
    lake.close()


def test_a_row_is_written_once_however_wide(tmp_path: Path) -> None:
    """Rows beyond those that are read at a time are all written again."""
    lake = owner(tmp_path)
    rows = [(n, row("a", n)) for n in range(1, 70_001)]
    lake.commit([Slice("a", 70_000, rows)])
    take_out(lake, 40_000)
    with opened(tmp_path) as connection:
        paths = [str(path) for path in tmp_path.glob("events/collector_date=*/*.parquet")]
        lake.purge()
        paths = [path for path in paths if Path(path).exists()]
        found = connection.execute(
            f"SELECT count(*), count(DISTINCT event_id), sum(number) FROM read_parquet({paths!r})"
        ).fetchall()
    assert found == [(69_999, 69_999, 70_000 * 70_001 // 2 - 40_000)]
    lake.close()


def test_looking_through_gives_the_rows_of_a_clue(tmp_path: Path) -> None:
    """The same rows are found for reading as for removal, with all their values."""
    lake = filled(tmp_path)
    told: list[tuple[int, int]] = []
    found = look_through(
        tmp_path,
        "events",
        lambda path: Clue({"event_id": ids(2, 33)}) if DAYS[0] in str(path) else None,
        lambda done, total: told.append((done, total)),
        tables=TABLES,
    )
    assert [values["event_id"] for _, values in found] == ["a-2"]
    assert told == [(1, 3), (2, 3), (3, 3)]
    lake.close()


def erase(lake: LakeOwner) -> None:
    """Remove three events for good."""
    take_out(lake, 2, 33, 65)
    lake.purge()


@pytest.mark.parametrize(
    ("target", "name", "late"),
    [
        (LakeTable, "write_apart", False),
        (LakeTable, "write_apart", True),
        (Rewriting, "_written", True),
        (LakeTable, "swap", False),
        (LakeTable, "swap", True),
        (LakeTable, "checkpoint", False),
        (LakeTable, "checkpoint", True),
        (LakeTable, "sync_removal", False),
    ],
)
def test_a_crash_at_any_step_is_made_good_by_doing_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: Any, name: str, *, late: bool
) -> None:
    """Contract 16: wherever it stops, the table is whole, and the same call finishes the work."""
    lake = filled(tmp_path)
    want = [event for event in stored(tmp_path, "events") if event not in ids(2, 33, 65)]
    with monkeypatch.context() as patch:
        patch.setattr(target, name, after(getattr(target, name)) if late else crash)
        with pytest.raises(CrashError):
            erase(lake)
    lake.close()
    lake = owner(tmp_path)
    between = stored(tmp_path, "events")
    assert sorted(set(between) - set(ids(2, 33, 65))) == sorted(set(want))
    erase(lake)
    assert stored(tmp_path, "events") == want
    assert not (tmp_path / "scratch").exists()
    assert len(list(tmp_path.glob("events/collector_date=*/*.parquet"))) == 3
    lake.close()


def test_a_plan_that_another_program_has_overtaken_is_refused(tmp_path: Path) -> None:
    """A plan is for one version; on another nothing is lost and nothing comes twice."""
    lake = filled(tmp_path)
    plans = lake.plan(lambda _: Clue({"event_id": ids(2)}), lambda _: Change())
    take_out(lake, 4)
    with pytest.raises(LakeError, match="another program changed the table"):
        lake.carry_out(plans)
    assert ids(2)[0] in stored(tmp_path, "events")
    lake.close()

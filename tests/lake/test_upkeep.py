"""Upkeep: merging, checkpoints, and removal that waits for readers."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError
from deltalake.table import TableOptimizer

from tests.lake.small import DAY, TABLES, expected, owner, piece, row, stored
from whiteout.lake import LakeOwner, LakeReader, LakeSettings, Slice

KEEN = LakeSettings(
    durable=False,
    grace_seconds=0,
    small_files=5,
    commits_per_checkpoint=4,
    cold_seconds=1000,
)


class FakeClock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = 5000.0

    def __call__(self) -> float:
        """The time now."""
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    """A clock that moves when told."""
    return FakeClock()


def commit(lake: LakeOwner, first: int, count: int, day: str = DAY) -> None:
    """Commits of one event each."""
    for record in range(first, first + count):
        lake.commit([Slice("a", record, [(record, row("a", record, day))], [])])


def data_files(folder: Path, day: str = DAY) -> set[str]:
    """The data files of a day on the disk."""
    return {path.name for path in (folder / "events" / f"collector_date={day}").iterdir()}


def log_files(folder: Path) -> set[str]:
    """The names in the log on the disk."""
    return {path.name for path in (folder / "events" / "_delta_log").iterdir()}


def settle(lake: LakeOwner, steps: int = 10) -> None:
    """Let upkeep do all that is due."""
    for _ in range(steps):
        lake.maintain()


def ids(count: int) -> list[str]:
    """The ids of the first records, sorted."""
    return sorted(f"a-{record}" for record in range(1, count + 1))


def test_small_files_of_a_day_are_merged(tmp_path: Path, clock: FakeClock) -> None:
    """When enough small files have come together they become one, and the old ones disappear."""
    lake = owner(tmp_path, KEEN, clock)
    commit(lake, 1, 4)
    settle(lake)
    assert len(data_files(tmp_path)) == 4
    commit(lake, 5, 1)
    settle(lake)
    assert len(data_files(tmp_path)) == 1
    assert stored(tmp_path, "events") == ids(5)
    lake.close()


def test_merging_waits_for_as_many_files_again(tmp_path: Path, clock: FakeClock) -> None:
    """What a merge left does not count towards the next one, so no file is rewritten each time."""
    lake = owner(tmp_path, KEEN, clock)
    commit(lake, 1, 5)
    settle(lake)
    merged = data_files(tmp_path)
    commit(lake, 6, 4)
    settle(lake)
    assert merged < data_files(tmp_path)
    commit(lake, 10, 1)
    settle(lake)
    assert len(data_files(tmp_path)) == 1
    lake.close()


def test_many_bytes_are_merged_before_many_files(tmp_path: Path, clock: FakeClock) -> None:
    """Files that together reach the target are merged up to it; large ones are left alone."""
    settings = LakeSettings(
        durable=False, grace_seconds=0, small_bytes=4_000, target_bytes=60_000, small_files=1000
    )
    lake = owner(tmp_path, settings, clock)
    for turn in range(1, 31):
        rows = [(turn, (turn, secrets.token_hex(32), n, None, DAY)) for n in range(300)]
        lake.commit([Slice("a", turn, rows, [])])
        lake.maintain()
    settle(lake)
    sizes = sorted(lake._tables[0].live.values())
    large = [size for size in sizes if size >= 45_000]
    assert len(large) >= 4
    assert max(large) < 75_000
    assert sum(sizes) - sum(large) < 120_000
    assert len(set(stored(tmp_path, "events"))) == 9000
    lake.close()


def test_a_day_without_new_rows_is_merged_for_good(tmp_path: Path, clock: FakeClock) -> None:
    """A day that has gone quiet becomes one file, once; the day in use is left alone."""
    lake = owner(tmp_path, KEEN, clock)
    commit(lake, 1, 3, "2026-11-23")
    settle(lake)
    clock.now += 900
    commit(lake, 4, 3, "2026-11-24")
    settle(lake)
    assert len(data_files(tmp_path, "2026-11-23")) == 3
    clock.now += 101
    settle(lake)
    assert len(data_files(tmp_path, "2026-11-23")) == 1
    assert len(data_files(tmp_path, "2026-11-24")) == 3
    version = lake._tables[0].version
    clock.now += 5000
    settle(lake)
    assert len(data_files(tmp_path, "2026-11-24")) == 1
    assert lake._tables[0].version == version + 1
    settle(lake)
    assert lake._tables[0].version == version + 1
    assert stored(tmp_path, "events") == ids(6)
    lake.close()


def test_checkpoint_shortens_the_log(tmp_path: Path, clock: FakeClock) -> None:
    """After a few commits a checkpoint is written, and the log before it is removed."""
    lake = owner(tmp_path, KEEN, clock)
    commit(lake, 1, 4)
    settle(lake)
    assert log_files(tmp_path) == {
        "_last_checkpoint",
        "00000000000000000004.checkpoint.parquet",
        "00000000000000000004.json",
    }
    commit(lake, 5, 2)
    lake.close()
    lake = owner(tmp_path, KEEN, clock)
    assert lake._tables[0].position("a") == 6
    commit(lake, 1, 6)
    assert stored(tmp_path, "events") == ids(6)
    lake.close()


def test_one_step_does_one_thing(tmp_path: Path, clock: FakeClock) -> None:
    """Each call does at most one thing per table, and nothing when nothing is due."""
    lake = owner(tmp_path, KEEN, clock)
    settle(lake)
    commit(lake, 1, 5)
    upkeep = lake._upkeep[0]
    steps = []
    while upkeep.step():
        steps.append((len(data_files(tmp_path)), len(log_files(tmp_path))))
    # The merge, the checkpoint, the removal.
    assert steps == [(6, 7), (6, 9), (1, 3)]
    assert not upkeep.step()
    lake.close()


def test_an_open_reader_keeps_its_files(tmp_path: Path, clock: FakeClock) -> None:
    """While a reader is open nothing is removed; it sees its version to the end (one owner)."""
    lake = owner(tmp_path, KEEN, clock)
    commit(lake, 1, 3)
    with LakeReader(tmp_path, tables=TABLES).connect() as connection:
        commit(lake, 4, 10)
        settle(lake)
        kept = data_files(tmp_path)
        assert len(kept) > 13
        query = "SELECT event_id FROM events ORDER BY 1"
        assert [i for (i,) in connection.execute(query).fetchall()] == ids(3)
    settle(lake)
    assert len(data_files(tmp_path)) == len(lake._tables[0].live)
    assert data_files(tmp_path) < kept
    assert stored(tmp_path, "events") == ids(13)
    lake.close()


def test_a_reader_that_stays_open_is_reported(
    tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Once an hour a warning says that a reader keeps files from being removed."""
    lake = owner(tmp_path, KEEN, clock)
    commit(lake, 1, 5)
    with LakeReader(tmp_path, tables=TABLES).connect():
        for _ in range(5):
            settle(lake)
            clock.now += 1000
        assert [record.levelname for record in caplog.records if "reader" in record.message] == [
            "WARNING"
        ] * 2  # one for each table
    lake.close()


def test_replaced_files_stay_for_the_grace_period(tmp_path: Path, clock: FakeClock) -> None:
    """Readers without a lease have the grace period; a restart begins it anew."""
    settings = LakeSettings(
        durable=False, grace_seconds=120, small_files=5, commits_per_checkpoint=4
    )
    lake = owner(tmp_path, settings, clock)
    commit(lake, 1, 5)
    settle(lake)
    clock.now += 100
    settle(lake)
    assert len(data_files(tmp_path)) == 6
    assert "00000000000000000001.json" in log_files(tmp_path)
    lake.close()
    lake = owner(tmp_path, settings, clock)
    clock.now += 100
    settle(lake)
    assert len(data_files(tmp_path)) == 6
    clock.now += 30
    settle(lake)
    assert len(data_files(tmp_path)) == 1
    assert "00000000000000000001.json" not in log_files(tmp_path)
    lake.close()


def test_left_over_files_are_found(tmp_path: Path, clock: FakeClock) -> None:
    """Files that no commit names are removed after an hour, and nothing else is."""
    lake = owner(tmp_path, KEEN, clock)
    commit(lake, 1, 3)
    settle(lake)
    kept = log_files(tmp_path)
    day = tmp_path / "events" / f"collector_date={DAY}"
    strays = [
        day / "part-00000-aborted.parquet",
        day / "part-00000-torn.parquet#1",
        tmp_path / "events" / "note",
        tmp_path / "events" / "_delta_log" / "_commit_x.json.tmp",
    ]
    for stray in strays:
        stray.write_text("x")
    clock.now += 3600
    settle(lake)
    assert all(stray.exists() for stray in strays)
    clock.now += 3599
    settle(lake)
    assert all(stray.exists() for stray in strays)
    clock.now += 1
    settle(lake)
    assert kept <= log_files(tmp_path)
    assert not any(stray.exists() for stray in strays)
    assert stored(tmp_path, "events") == ids(3)
    lake.close()


def test_upkeep_that_fails_does_not_stop_commits(
    tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Upkeep that the disk refuses is logged, commits go on, and it happens a minute later."""
    lake = owner(tmp_path, KEEN, clock)
    commit(lake, 1, 5)
    day = tmp_path / "events" / f"collector_date={DAY}"
    hidden = tmp_path / "hidden"
    day.rename(hidden)
    settle(lake)
    [record] = caplog.records
    problem = f"cannot compact the table events in {tmp_path}: No such file or directory"
    assert record.getMessage() == f"{problem}; trying again in a minute"
    hidden.rename(day)
    commit(lake, 6, 1)
    settle(lake)
    assert len(data_files(tmp_path)) == 6
    clock.now += 60
    settle(lake)
    assert len(data_files(tmp_path)) == 1
    assert stored(tmp_path, "events") == ids(6)
    lake.close()


def test_a_merge_that_loses_a_race_changes_nothing(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a foreign writer was faster, rows stay as they are, and merging happens later."""
    lake = owner(tmp_path, KEEN, clock)
    commit(lake, 1, 5)

    def lose(*_: object, **__: object) -> None:
        raise CommitFailedError("lost")

    with monkeypatch.context() as patch:
        patch.setattr(TableOptimizer, "compact", lose)
        lake.maintain()
    assert len(data_files(tmp_path)) == 5
    clock.now += 1000
    commit(lake, 6, 5)
    settle(lake)
    assert len(data_files(tmp_path)) == 1
    assert stored(tmp_path, "events") == ids(10)
    lake.close()


def test_what_a_stranger_restored_is_not_removed(tmp_path: Path, clock: FakeClock) -> None:
    """A replaced file that another program brought back to life stays."""
    settings = LakeSettings(durable=False, grace_seconds=120, small_files=5)
    lake = owner(tmp_path, settings, clock)
    commit(lake, 1, 5)
    settle(lake)
    DeltaTable(tmp_path / "events").restore(5)
    clock.now += 500
    settle(lake)
    assert stored(tmp_path, "events") == ids(5)
    commit(lake, 6, 1)
    settle(lake)
    assert stored(tmp_path, "events") == ids(6)
    lake.close()


def test_both_tables_are_kept(tmp_path: Path, clock: FakeClock) -> None:
    """Failed events are merged like events."""
    lake = owner(tmp_path, KEEN, clock)
    for record in range(1, 61):
        lake.commit([piece("a", [record], record)])
        lake.maintain()
    settle(lake)
    for table in ("events", "failed_events"):
        assert len(list((tmp_path / table).glob("*/*.parquet"))) < 10
        assert stored(tmp_path, table) == expected("a", 60, table)
    lake.close()

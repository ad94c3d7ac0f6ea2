"""No identifier outside the rows: not in the log, a checkpoint, or a file's statistics."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.lake.test_reader import STAMP, filled
from whiteout.lake import LakeOwner, LakeSettings, Slice
from whiteout.protocol.columns import EVENT_COLUMNS, FAILED_COLUMNS, Column

CANARY = "c4na2y"


def telling(columns: tuple[Column, ...], number: int) -> tuple[object, ...]:
    """A row with the canary in every text."""
    texts = {c.name: f"{CANARY}{number}" for c in columns if c.type in {"string", "uuid", "json"}}
    return filled(
        columns,
        **texts,
        collector_tstamp=STAMP + number,
        redacted=[CANARY],
        collector_date="2026-11-24",
    )


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A lake with canaries that has been through every kind of upkeep, the old files kept."""
    settings = LakeSettings(durable=False, small_files=3, commits_per_checkpoint=2)
    owner = LakeOwner.open(tmp_path, settings)
    for n in range(1, 6):
        event, failed = telling(EVENT_COLUMNS, n), telling(FAILED_COLUMNS, n)
        owner.commit([Slice("a", n, [(n, event)], [(n, failed)])])
        for _ in range(3):
            owner.maintain()
    owner.close()
    return tmp_path


def test_log_and_checkpoints_hold_no_value_of_a_row(lake: Path) -> None:
    """Neither commits nor checkpoints hold a text of any event (contract 16)."""
    logs = list(lake.glob("*/_delta_log/*"))
    checkpoints = [path for path in logs if path.name.endswith(".checkpoint.parquet")]
    assert len(checkpoints) >= 2
    for path in logs:
        assert CANARY.encode() not in path.read_bytes()
    for path in checkpoints:
        # Parquet compresses: read it as readers do, too.
        rows = duckdb.execute(f"SELECT * FROM read_parquet('{path}')").fetchall()
        assert CANARY not in str(rows)
        assert "collector_tstamp" in str(rows)


def test_files_have_statistics_of_the_collector_time_only(lake: Path) -> None:
    """Footers of data files, merged ones too, have minimum and maximum of one column."""
    files = [str(path) for path in lake.glob("*/collector_date=*/*.parquet")]
    assert len(files) > 10
    found = duckdb.execute(
        "SELECT DISTINCT path_in_schema FROM parquet_metadata("
        f"{files!r}) WHERE coalesce(stats_min, stats_max, stats_min_value, stats_max_value) "
        "IS NOT NULL"
    ).fetchall()
    assert found == [("collector_tstamp",)]


def test_rows_do_hold_the_canary(lake: Path) -> None:
    """The control: the search finds what is in the rows."""
    files = [str(path) for path in lake.glob("*/collector_date=*/*.parquet")]
    [(count,)] = duckdb.execute(
        f"SELECT count(*) FROM read_parquet({files!r}, union_by_name = true) "
        f"WHERE app_id LIKE '{CANARY}%'"
    ).fetchall()
    assert count >= 10

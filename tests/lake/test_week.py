"""A week at one event a second: fewer than 1,000 files, opened in under a second.

A real week has 604,800 commits; the drive here has 1,040. Nothing that is bounded depends on the
number of commits in a day, only on their rate: files wait for the grace period and for enough
others to be merged with. So the clock moves one second with each commit, at the default settings,
long enough for several rounds of every kind of upkeep, and then leaps to the next day, eight times.
Only fsync is left out, which changes no file.
"""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

import pytest

from tests.lake.small import FAST, TABLES, expected, owner, piece, stored
from whiteout.lake import LakeReader

DAYS = 8
COMMITS_PER_DAY = 130


@pytest.mark.slow
def test_a_week_at_one_event_a_second(tmp_path: Path) -> None:
    """Files stay few, commits stay cheap, and the table opens fast (issue: enrich, lake, feed)."""
    now = 1_795_000_000.0
    lake = owner(tmp_path, FAST, clock=lambda: now)
    counts: list[int] = []
    costs: list[float] = []
    record = 0
    for day in range(DAYS):
        for _ in range(COMMITS_PER_DAY):
            record += 1
            now += 1
            before = time.process_time()
            lake.commit([piece("a", [record], record, f"2026-11-{17 + day}")])
            costs.append(time.process_time() - before)
            lake.maintain()
            if record % 20 == 0:
                counts.append(sum(path.is_file() for path in tmp_path.rglob("*")))
        now += 86_400 - COMMITS_PER_DAY
    assert max(counts) < 1000
    # They do not grow with the days, but for the one file that each leaves in each table.
    assert max(counts[-6:]) < max(counts[:6]) + 2 * DAYS + 60
    assert median(costs[-COMMITS_PER_DAY:]) < 2 * median(costs[:COMMITS_PER_DAY]) + 0.005

    before = time.perf_counter()
    with LakeReader(tmp_path, tables=TABLES).connect() as connection:
        [(days,)] = connection.execute(
            "SELECT count(DISTINCT collector_date) FROM events"
        ).fetchall()
    assert time.perf_counter() - before < 1
    assert days == DAYS
    for table in ("events", "failed_events"):
        assert stored(tmp_path, table) == expected("a", record, table)
    lake.close()

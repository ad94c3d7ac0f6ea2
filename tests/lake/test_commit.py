"""Exactly once: whatever is handed over again, and however it is cut, is stored one time."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lake.small import COLUMNS, DAY, FAST, TABLES, expected, owner, piece, row, stored
from whiteout.lake import (
    Block,
    LakeError,
    LakeOwner,
    LakeReader,
    LakeSettings,
    LakeValueError,
    Slice,
)
from whiteout.lake import table as table_module
from whiteout.lake.arrow import ArrowEncoder

FILES = ("a", "b")


@st.composite
def histories(draw: st.DrawFn) -> list[list[tuple[str, int, int]]]:
    """Commits of slices (file, first, last), each starting at or below what came before."""
    reached = dict.fromkeys(FILES, 0)
    commits = []
    for _ in range(draw(st.integers(1, 6))):
        slices = []
        for file_id in draw(st.lists(st.sampled_from(FILES), min_size=1, max_size=3)):
            first = draw(st.integers(1, reached[file_id] + 1))
            last = draw(st.integers(first, first + 12))
            slices.append((file_id, first, last))
            reached[file_id] = max(reached[file_id], last)
        commits.append(slices)
    return commits


@given(histories(), st.sampled_from([3, 10, 1000]), st.booleans())
@settings(max_examples=15, deadline=None)
def test_any_replay_in_any_cut_is_stored_once(
    history: list[list[tuple[str, int, int]]], limit: int, reopen: bool
) -> None:
    """Records handed over again, cut and joined differently, are in both tables exactly once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = LakeSettings(durable=False, max_rows_per_file=limit)
        lake = owner(folder, config)
        reached = dict.fromkeys(FILES, 0)
        for slices in history:
            # Slices of one file in one commit may overlap only if the second goes on.
            lake.commit(_without_overlap(slices))
            for file_id, _, last in slices:
                reached[file_id] = max(reached[file_id], last)
            if reopen:
                lake.close()
                lake = owner(folder, config)
        for table in ("events", "failed_events"):
            want = sorted(i for f in FILES for i in expected(f, reached[f], table))
            assert stored(folder, table) == want
        for file_id in FILES:
            assert lake.position(file_id) <= reached[file_id]
        lake.close()


def _without_overlap(slices: list[tuple[str, int, int]]) -> list[Slice]:
    made = []
    seen: dict[str, int] = {}
    for file_id, first, last in slices:
        start = max(first, seen.get(file_id, 0) + 1)
        if start <= last:
            made.append(piece(file_id, range(start, last + 1), last))
            seen[file_id] = last
    return made


def test_position_is_what_both_tables_have(tmp_path: Path) -> None:
    """A position covers only what both tables hold, and an unknown file is at 0."""
    lake = owner(tmp_path)
    assert lake.position("a") == 0
    lake.commit([Slice("a", 5, [(4, row("a", 4))], [])])
    assert lake.position("a") == 0
    lake.commit([Slice("a", 9, [], [(8, row("a", 8))])])
    assert lake.position("a") == 5
    assert lake.position("b") == 0
    lake.close()


def test_empty_commits_write_nothing(tmp_path: Path) -> None:
    """Slices without rows, or with rows that are there already, make no commit."""
    lake = owner(tmp_path)
    made = piece("a", range(1, 8), 7)
    lake.commit([made])
    before = sorted(tmp_path.rglob("*"))
    lake.commit([])
    lake.commit([Slice("a", 9)])
    lake.commit([made, piece("a", range(1, 4), 3)])
    assert sorted(tmp_path.rglob("*")) == before
    lake.close()


def test_big_commits_are_cut_between_records(tmp_path: Path) -> None:
    """No file is much bigger than the limit, no record is cut, and each piece has its position."""
    lake = owner(tmp_path, LakeSettings(durable=False, max_rows_per_file=100))
    rows = [(record, row("a", record)) for record in range(1, 101) for _ in range(7)]
    rest = [(record, row("b", record)) for record in range(1, 30)]
    lake.commit([Slice("a", 100, rows, []), Slice("b", 40, rest, [])])
    table = DeltaTable(tmp_path / "events")
    counts = table.get_add_actions().column("num_records").to_pylist()
    assert sum(counts) == 729
    assert max(counts) < 107
    assert table.transaction_version("a") == 100
    assert table.transaction_version("b") == 40
    for version in range(1, table.version()):
        at = DeltaTable(tmp_path / "events", version=version)
        total = sum(at.get_add_actions().column("num_records").to_pylist())
        assert total == (at.transaction_version("a") or 0) * 7 + (at.transaction_version("b") or 0)
    lake.close()


def test_one_huge_record_is_not_cut(tmp_path: Path) -> None:
    """A record with more rows than the limit stays in one commit."""
    lake = owner(tmp_path, LakeSettings(durable=False, max_rows_per_file=5))
    rows = [(3, row("a", 3))] * 12
    lake.commit([Slice("a", 3, rows, []), Slice("b", 1, [(1, row("b", 1))], [])])
    assert stored(tmp_path, "events") == ["a-3"] * 12 + ["b-1"]
    lake.close()


def test_foreign_append_is_neither_lost_nor_doubled(tmp_path: Path) -> None:
    """Somebody else's append between and during our commits leaves both sides' rows once."""
    lake = owner(tmp_path)
    stranger = DeltaTable(tmp_path / "events")
    encoder = ArrowEncoder(COLUMNS)
    for turn in range(1, 4):
        lake.commit([piece("a", range(turn * 10 - 9, turn * 10 + 1), turn * 10)])
        write_deltalake(stranger, encoder.reader([row("foreign", turn)]), mode="append")
        lake.commit([piece("a", range(turn * 10 - 9, turn * 10 + 1), turn * 10)])
    foreign = [f"foreign-{turn}" for turn in range(1, 4)]
    assert stored(tmp_path, "events") == sorted(expected("a", 30, "events") + foreign)
    lake.close()


def test_a_stranger_who_cleaned_the_log_is_followed(tmp_path: Path) -> None:
    """Commits whose log entries are gone already are read from the table itself."""
    lake = owner(tmp_path)
    lake.commit([piece("a", range(1, 5), 4)])
    encoder = ArrowEncoder(COLUMNS)
    for turn in range(3):
        write_deltalake(tmp_path / "events", encoder.reader([row("foreign", turn)]), mode="append")
    DeltaTable(tmp_path / "events").create_checkpoint()
    for version in range(4):
        (tmp_path / "events" / "_delta_log" / f"{version:020}.json").unlink()
    lake.commit([piece("a", range(5, 9), 8)])
    lake.maintain()
    foreign = [f"foreign-{turn}" for turn in range(3)]
    assert stored(tmp_path, "events") == sorted(expected("a", 8, "events") + foreign)
    lake.close()


class _Race:
    """Writes as the library does, but loses the first races, after or before the commit."""

    def __init__(self, losses: int, *, committed: bool) -> None:
        self.losses = losses
        self.committed = committed

    def __call__(self, *args: Any, **options: Any) -> None:
        if self.losses:
            self.losses -= 1
            if self.committed:
                write_deltalake(*args, **options)
            raise CommitFailedError("lost")
        write_deltalake(*args, **options)


@pytest.mark.parametrize("committed", [False, True])
def test_a_lost_race_looks_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    """After a failed commit the table is asked anew, even if the commit had happened after all."""
    lake = owner(tmp_path)
    monkeypatch.setattr(table_module, "write_deltalake", _Race(2, committed=committed))
    lake.commit([piece("a", range(1, 20), 19)])
    assert stored(tmp_path, "events") == expected("a", 19, "events")
    lake.close()


def test_races_are_not_run_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a few lost races the commit is given up, and can be made again later."""
    lake = owner(tmp_path)
    monkeypatch.setattr(table_module, "write_deltalake", _Race(5, committed=False))
    with pytest.raises(LakeError, match="lost the race"):
        lake.commit([piece("a", range(1, 20), 19)])
    lake.commit([piece("a", range(1, 20), 19)])
    assert stored(tmp_path, "failed_events") == expected("a", 19, "failed_events")
    lake.close()


def test_a_row_that_does_not_fit_says_which_record(tmp_path: Path) -> None:
    """The error names table, spool file and record; without that record the rest goes in."""
    lake = owner(tmp_path)
    good = [(record, row("a", record)) for record in range(1, 5)]
    bad = (3, (None, "x", "not a number", None, DAY))
    with pytest.raises(LakeValueError, match="number") as caught:
        lake.commit([Slice("a", 4, [*good[:2], bad, good[3]], [])])
    error = caught.value
    assert (error.table, error.file_id, error.record) == ("events", "a", 3)
    assert "not a number" not in str(error)
    lake.commit([Slice("a", 4, [*good[:2], good[3]], [good[2]])])
    assert stored(tmp_path, "events") == ["a-1", "a-2", "a-4"]
    assert stored(tmp_path, "failed_events") == ["a-3"]
    lake.close()


def test_days_go_to_their_partitions(tmp_path: Path) -> None:
    """Rows of several days in one commit are stored under their days."""
    lake = owner(tmp_path, FAST)
    rows = [(n, row("a", n, f"2026-11-{20 + n}")) for n in range(1, 4)]
    lake.commit([Slice("a", 3, rows, [])])
    folders = {path.name for path in (tmp_path / "events").glob("collector_date=*")}
    assert folders == {f"collector_date=2026-11-{20 + n}" for n in range(1, 4)}
    lake.close()


def blocks(lake: LakeOwner, file_id: str, records: Iterable[int], size: int) -> list[Block]:
    """The rows of records in columns, in blocks of some records."""
    numbers = list(records)
    made = []
    for start in range(0, len(numbers), size):
        part = numbers[start : start + size]
        made.append(lake.block(part, list(zip(*(row(file_id, n) for n in part), strict=True))))
    return made


@given(
    cuts=st.lists(st.integers(1, 60), min_size=1, max_size=4),
    size=st.integers(1, 9),
    limit=st.integers(1, 25),
)
@settings(max_examples=12, deadline=None)
def test_blocks_are_stored_once_like_rows(cuts: list[int], size: int, limit: int) -> None:
    """Exactly once holds of events in columns too, however a replay cuts them."""
    with tempfile.TemporaryDirectory() as folder:
        lake = owner(Path(folder), LakeSettings(durable=False, max_rows_per_file=limit))
        for last in cuts:
            made = Slice("a", last, blocks=blocks(lake, "a", range(1, last + 1), size))
            lake.commit([made, piece("b", range(1, last + 1), last)])
            assert made.rows == last
        lake.close()
        top = max(cuts)
        expected_a = sorted(f"a-{n}" for n in range(1, top + 1))
        assert stored(Path(folder), "events") == sorted(expected_a + expected("b", top, "events"))


def test_a_block_of_absent_columns_is_one_of_nulls(tmp_path: Path) -> None:
    """Contract 10: a column that is not there at all is null in every row, in large blocks too."""
    lake = owner(tmp_path)
    for count in (3, 5_000):
        numbers = list(range(count, 2 * count))
        ids = [f"a-{n}" for n in numbers]
        made = lake.block(numbers, [None, ids, None, None, [DAY] * count])
        lake.commit([Slice("a", numbers[-1], blocks=[made])])
    lake.close()
    with LakeReader(tmp_path, tables=TABLES).connect() as connection:
        found = connection.execute(
            "SELECT count(*), count(event_id), count(number), count(redacted) FROM events"
        ).fetchone()
    assert found == (5_003, 5_003, 0, 0)


def test_a_block_that_does_not_fit_says_so(tmp_path: Path) -> None:
    """A value that does not fit its column is an error when the block is made, not later."""
    lake = owner(tmp_path)
    with pytest.raises(LakeValueError):
        lake.block([1], [[1], ["a"], ["no number"], [[]], [DAY]])
    assert lake.takes(row("a", 1))
    assert not lake.takes((1, "a", "no number", [], DAY))
    lake.close()

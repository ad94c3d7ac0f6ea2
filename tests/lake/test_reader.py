"""Reading with SQL: typed views, always there, with nothing fetched and nothing left on disk."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from deltalake import DeltaTable

from tests.lake.small import FAST, TABLES, expected, owner, piece, stored
from whiteout.lake import LakeError, LakeOwner, LakeReader, Slice
from whiteout.lake.sql import SQL_TYPES
from whiteout.protocol.columns import (
    EVENT_COLUMNS,
    EVENT_INDEX,
    FAILED_COLUMNS,
    FAILED_INDEX,
    Column,
)

STAMP = 1_795_501_811_935


def filled(columns: tuple[Column, ...], **values: Any) -> tuple[Any, ...]:
    """A row with these values and nothing else."""
    index = {column.name: position for position, column in enumerate(columns)}
    row: list[Any] = [None] * len(columns)
    for name, value in values.items():
        row[index[name]] = value
    return tuple(row)


def described(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    """Names and types of the columns of a view."""
    found = connection.execute(f"DESCRIBE {table}").fetchall()
    return [(entry[0], entry[1]) for entry in found]


@pytest.mark.parametrize("made", [False, True])
def test_views_are_typed_before_the_first_event(tmp_path: Path, made: bool) -> None:
    """Both views exist, empty, with every column, its type and its place, without any lake too."""
    folder = tmp_path / "lake"
    if made:
        LakeOwner.open(folder, FAST).close()
    with LakeReader(folder).connect() as connection:
        for table, columns in (("events", EVENT_COLUMNS), ("failed_events", FAILED_COLUMNS)):
            assert described(connection, table) == [(c.name, SQL_TYPES[c.type]) for c in columns]
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchall() == [(0,)]
    assert folder.exists() == made


def test_rows_come_back_as_they_went_in(tmp_path: Path) -> None:
    """Values of the real tables keep type, order and time zone; absence is null (contract 10)."""
    event = filled(
        EVENT_COLUMNS,
        app_id="shop",
        collector_tstamp=STAMP,
        event_id="00000000-0000-4000-8000-000000000001",
        domain_sessionidx=3,
        contexts='{"data":[]}',
        se_value=1.5,
        br_cookies=True,
        redacted=["network_userid", "user_ipaddress"],
        validated=False,
        collector_date="2026-11-24",
    )
    failed = filled(
        FAILED_COLUMNS,
        collector_tstamp=STAMP,
        failure="tracker_protocol_violations",
        redacted=[],
        collector_date="2026-11-24",
    )
    with LakeOwnerContext(tmp_path) as lake:
        lake.commit([Slice("a", 2, [(1, event)], [(2, failed)])])
    when = datetime(2026, 11, 24, 6, 30, 11, 935000, tzinfo=UTC)
    with LakeReader(tmp_path).connect() as connection:
        [found] = connection.execute("SELECT * FROM events").fetchall()
        want = list(event)
        want[EVENT_INDEX["collector_tstamp"]] = when
        want[EVENT_INDEX["collector_date"]] = date(2026, 11, 24)
        assert list(found) == want
        [found] = connection.execute("SELECT * FROM failed_events").fetchall()
        assert found[FAILED_INDEX["collector_tstamp"]] == when
        assert found[FAILED_INDEX["redacted"]] == []
        names = [c.name for c in EVENT_COLUMNS]
        assert [name for name, _ in described(connection, "events")] == names


class LakeOwnerContext:
    """An owner of the real tables for a block."""

    def __init__(self, folder: Path) -> None:
        self._lake = LakeOwner.open(folder, FAST)

    def __enter__(self) -> LakeOwner:
        return self._lake

    def __exit__(self, *_: object) -> None:
        self._lake.close()


def test_times_are_utc_whatever_the_machine_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time functions work in UTC, with nothing downloaded."""
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    with LakeReader(tmp_path).connect() as connection:
        [(zone, hour)] = connection.execute(
            "SELECT current_setting('TimeZone'), "
            "date_trunc('hour', TIMESTAMPTZ '2026-11-24 23:30:00+00')::VARCHAR"
        ).fetchall()
        assert (zone, hour) == ("UTC", "2026-11-24 23:00:00+00")
        assert connection.execute(
            "SELECT current_setting('autoinstall_known_extensions'), "
            "current_setting('autoload_known_extensions'), current_setting('temp_directory')"
        ).fetchall() == [(False, False, "")]


def test_reader_sees_a_snapshot_while_the_owner_goes_on(tmp_path: Path) -> None:
    """A connection shows the version at which it was opened; the next one shows the next."""
    lake = owner(tmp_path)
    lake.commit([piece("a", range(1, 10), 9)])
    with LakeReader(tmp_path, tables=TABLES).connect() as connection:
        lake.commit([piece("a", range(10, 20), 19)])
        found = connection.execute("SELECT event_id FROM events ORDER BY 1").fetchall()
        assert [i for (i,) in found] == expected("a", 9, "events")
    assert stored(tmp_path, "events") == expected("a", 19, "events")
    lake.close()


def test_days_that_are_not_asked_for_are_not_read(tmp_path: Path) -> None:
    """A condition on collector_date reads that day's files only."""
    lake = owner(tmp_path)
    for record in range(1, 5):
        lake.commit([Slice("a", record, piece("b", [record], record, f"2026-11-2{record}").events)])
    lake.close()
    with LakeReader(tmp_path, tables=TABLES).connect() as connection:
        [(_, plan)] = connection.execute(
            "EXPLAIN ANALYZE SELECT event_id FROM events WHERE collector_date = '2026-11-22'"
        ).fetchall()
    assert "Total Files Read: 1" in plan


def test_damaged_lake_is_a_clear_error(tmp_path: Path) -> None:
    """A lake whose files are gone is a LakeError with its folder, not a stack of the library."""
    lake = owner(tmp_path)
    lake.commit([piece("a", range(1, 10), 9)])
    lake.close()
    reader = LakeReader(tmp_path, tables=TABLES)
    for path in (tmp_path / "events").glob("*/*.parquet"):
        path.unlink()
    with pytest.raises(LakeError, match=str(tmp_path)), reader.connect():
        pass
    (tmp_path / "events" / "_delta_log" / "00000000000000000001.json").write_text("{")
    with pytest.raises(LakeError, match="read the table events"), reader.connect():
        pass


def test_reading_needs_no_lock_file(tmp_path: Path) -> None:
    """A copied lake without its lock files can be read."""
    lake = owner(tmp_path)
    lake.commit([piece("a", range(1, 10), 9)])
    lake.close()
    (tmp_path / "readers.lock").unlink()
    assert stored(tmp_path, "events") == expected("a", 9, "events")
    assert DeltaTable(tmp_path / "events").version() == 1

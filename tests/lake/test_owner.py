"""Opening the lake: one owner, a known format, and clear words where the disk refuses."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from deltalake import DeltaTable

from tests.lake.small import COLUMNS, FAST, TABLES, column, expected, owner, piece, row, stored
from whiteout.lake import (
    LakeError,
    LakeFormatError,
    LakeLocked,
    LakeOwner,
    LakeReader,
    Slice,
    memory,
)
from whiteout.lake.table import TableSpec


@contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """A disk that takes no file bigger than `size` bytes from this process."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)


def test_two_owners_of_one_lake(tmp_path: Path) -> None:
    """The second owner gets LakeLocked, naming the folder; after close it gets the lake."""
    first = owner(tmp_path)
    with pytest.raises(LakeLocked, match=str(tmp_path)):
        owner(tmp_path)
    first.commit([piece("a", range(1, 5), 4)])
    first.close()
    second = owner(tmp_path)
    assert stored(tmp_path, "events") == expected("a", 4, "events")
    second.close()


def test_failed_opening_gives_the_lock_back(tmp_path: Path) -> None:
    """An owner that cannot open does not keep others out."""
    owner(tmp_path).close()
    marker = tmp_path / "format.json"
    good = marker.read_text()
    marker.write_text('{"format": 99}')
    with pytest.raises(LakeFormatError):
        owner(tmp_path)
    marker.write_text(good)
    owner(tmp_path).close()


@pytest.mark.parametrize("text", ['{"format": 2}', "{}", "[]", "", '{"format": "1"}'])
def test_unknown_format_is_refused_by_owner_and_reader(tmp_path: Path, text: str) -> None:
    """A lake of a newer or unreadable format is neither written nor read, and the error says so."""
    owner(tmp_path).close()
    marker = tmp_path / "format.json"
    assert json.loads(marker.read_text()) == {"format": 1}
    marker.write_text(text)
    with pytest.raises(LakeFormatError, match="format"):
        owner(tmp_path)
    with (
        pytest.raises(LakeFormatError, match="format"),
        LakeReader(tmp_path, tables=TABLES).connect(),
    ):
        pass


def test_new_columns_are_added_to_an_old_lake(tmp_path: Path) -> None:
    """A table that lacks a column gets it; old rows show null, and the order is the new one."""
    old = owner(tmp_path)
    old.commit([Slice("a", 1, [(1, row("a", 1))], [])])
    old.close()
    columns = (*COLUMNS[:2], column("extra", "string"), *COLUMNS[2:])
    tables = (TableSpec("events", columns), TABLES[1])
    with LakeReader(tmp_path, tables=tables).connect() as connection:
        assert connection.execute("SELECT extra FROM events").fetchall() == [(None,)]
    new = LakeOwner.open(tmp_path, FAST, tables=tables)
    second = row("a", 2)
    new.commit([Slice("a", 2, [(2, (*second[:2], "more", *second[2:]))], [])])
    new.close()
    with LakeReader(tmp_path, tables=tables).connect() as connection:
        result = connection.execute("SELECT * FROM events ORDER BY event_id")
        assert [entry[0] for entry in result.description] == [c.name for c in columns]
        assert [found[:4] for found in result.fetchall()] == [
            (time_of(1), "a-1", None, 1),
            (time_of(2), "a-2", "more", 2),
        ]


def time_of(record: int) -> object:
    """The time stamp of `row`, as DuckDB gives it."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=1_795_000_000_000 + record)


def test_a_column_of_another_type_is_refused(tmp_path: Path) -> None:
    """A stored column whose type this version would change is an error that names it."""
    owner(tmp_path).close()
    columns = (*COLUMNS[:2], column("number", "string"), *COLUMNS[3:])
    with pytest.raises(LakeFormatError, match="number"):
        LakeOwner.open(tmp_path, FAST, tables=(TableSpec("events", columns), TABLES[1]))


def test_folder_that_is_a_file(tmp_path: Path) -> None:
    """A path that cannot be a folder is an error with the path and the cause."""
    path = tmp_path / "file"
    path.write_text("x")
    with pytest.raises(LakeError, match=f"{path}: File exists"):
        owner(path)
    with pytest.raises(LakeError, match="Not a directory"):
        owner(path / "lake")


@pytest.mark.parametrize("name", ["a[b", "a%20b", "a|b", "a\\b", "a\nb"])
def test_folder_names_that_the_library_mistakes_are_refused(tmp_path: Path, name: str) -> None:
    """A folder name that the Delta library would decode or choke on is refused before anything."""
    with pytest.raises(LakeError, match="name of a folder"):
        owner(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_unusual_folder_names(tmp_path: Path) -> None:
    """Blanks, quotes, patterns and other scripts in the folder's name are no obstacle."""
    folder = tmp_path / "a b'c\"d *?%#ü日" / "lake"
    lake = owner(folder)
    lake.commit([piece("a", range(1, 10), 9)])
    assert stored(folder, "events") == expected("a", 9, "events")
    lake.close()


@pytest.mark.parametrize("size", [10, 600, 4000])
def test_full_disk_is_said_and_survived(tmp_path: Path, size: int) -> None:
    """A commit that the disk does not take says where and why, and succeeds when there is room."""
    lake = owner(tmp_path)
    lake.commit([piece("a", range(1, 10), 9)])
    made = piece("a", range(10, 2000), 1999)
    with (
        files_limited_to(size),
        pytest.raises(LakeError, match=f"events in {tmp_path}: File too large"),
    ):
        lake.commit([made])
    lake.commit([made])
    for table in ("events", "failed_events"):
        assert stored(tmp_path, table) == expected("a", 1999, table)
    lake.close()


def test_full_disk_while_opening(tmp_path: Path) -> None:
    """A lake that cannot be made says so, and can be made later."""
    with files_limited_to(300), pytest.raises(LakeError, match="File too large"):
        owner(tmp_path)
    lake = owner(tmp_path)
    lake.commit([piece("a", range(1, 10), 9)])
    assert stored(tmp_path, "events") == expected("a", 9, "events")
    lake.close()


def test_memory_is_given_back_where_the_system_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the last of big commits freed memory is returned; other C libraries do no harm."""
    calls: list[int] = []
    lake = owner(tmp_path)
    monkeypatch.setattr(memory, "_TRIM", calls.append)
    lake.commit([piece("a", range(1, 10), 9)])
    lake.maintain()
    lake.commit([piece("a", range(10, 3000), 2999)])
    lake.maintain()
    lake.commit([piece("a", range(3000, 6000), 5999)])
    lake.maintain()
    assert calls == []
    lake.maintain()
    lake.maintain()
    assert calls == [0]
    monkeypatch.setattr(memory, "_TRIM", None)
    lake.commit([piece("a", range(6000, 9000), 8999)])
    lake.maintain()
    lake.maintain()
    lake.close()


def test_tables_are_delta_tables_for_everybody(tmp_path: Path) -> None:
    """Another Delta reader sees the table with its name, partition and short retentions."""
    owner(tmp_path).close()
    table = DeltaTable(tmp_path / "failed_events")
    metadata = table.metadata()
    assert metadata.name == "failed_events"
    assert metadata.partition_columns == ["collector_date"]
    assert metadata.configuration["delta.logRetentionDuration"] == "interval 5 minutes"
    assert metadata.configuration["delta.deletedFileRetentionDuration"] == "interval 5 minutes"

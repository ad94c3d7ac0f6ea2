"""Durable when reported, and mended when a power cut tore the newest commit."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lake.small import expected, owner, piece, stored
from whiteout.lake import LakeError, LakeSettings

DURABLE = LakeSettings()


def newest_commit(folder: Path) -> Path:
    """The log entry of the newest commit to the events."""
    return max((folder / "events" / "_delta_log").glob("*.json"))


def newest_file(folder: Path) -> Path:
    """The newest data file of the events."""
    return max((folder / "events").glob("*/*.parquet"), key=lambda path: path.stat().st_mtime_ns)


def halve(path: Path) -> None:
    """Keep the first half of a file."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    """Keep the name of a file only."""
    path.write_bytes(b"")


def zero(path: Path) -> None:
    """Keep the length of a file only, as some file systems do."""
    path.write_bytes(bytes(path.stat().st_size))


@pytest.mark.parametrize(
    ("what", "tear"),
    [
        (newest_commit, halve),
        (newest_commit, empty),
        (newest_commit, zero),
        (newest_file, halve),
        (newest_file, empty),
        (newest_file, Path.unlink),
    ],
)
def test_torn_newest_commit_is_taken_back_and_replayed(
    tmp_path: Path, what: Callable[[Path], Path], tear: Callable[[Path], None]
) -> None:
    """A commit of which the disk kept only part disappears whole; its records come again once."""
    lake = owner(tmp_path)
    lake.commit([piece("a", range(1, 50), 49)])
    lake.commit([piece("a", range(50, 99), 98)])
    lake.close()
    tear(what(tmp_path))
    lake = owner(tmp_path)
    position = lake.position("a")
    assert position == 49
    lake.commit([piece("a", range(position + 1, 99), 98)])
    for table in ("events", "failed_events"):
        assert stored(tmp_path, table) == expected("a", 98, table)
    lake.close()


@pytest.mark.parametrize("tear", [halve, empty, zero, Path.unlink])
@pytest.mark.parametrize("name", ["_last_checkpoint", "*.checkpoint.parquet"])
def test_torn_checkpoint_is_taken_back(
    tmp_path: Path, name: str, tear: Callable[[Path], None]
) -> None:
    """A torn checkpoint, or pointer to one, costs nothing: the log before it is still there."""
    settings = LakeSettings(durable=False, commits_per_checkpoint=2)
    lake = owner(tmp_path, settings)
    for n in range(1, 4):
        lake.commit([piece("a", range(n * 10 - 9, n * 10 + 1), n * 10)])
    lake.maintain()
    lake.close()
    tear(next((tmp_path / "events" / "_delta_log").glob(name)))
    lake = owner(tmp_path, settings)
    lake.commit([piece("a", range(1, 41), 40)])
    assert stored(tmp_path, "events") == expected("a", 40, "events")
    lake.close()


def test_sound_commits_are_left_alone(tmp_path: Path) -> None:
    """Opening again changes nothing in a lake that is whole."""
    lake = owner(tmp_path)
    lake.commit([piece("a", range(1, 50), 49)])
    lake.close()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "events").rglob("*")}
    owner(tmp_path).close()
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "events").rglob("*")}
    assert after == before


def watch(monkeypatch: pytest.MonkeyPatch) -> set[Path]:
    """The set that fills with what is fsynced."""
    synced: set[Path] = set()
    real = os.fsync

    def watched(fd: int) -> None:
        real(fd)
        synced.add(Path(f"/proc/self/fd/{fd}").readlink())

    monkeypatch.setattr(os, "fsync", watched)
    return synced


def test_commit_returns_after_everything_of_it_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Data file, log entry and the folders that name them are fsynced before commit returns."""
    lake = owner(tmp_path, DURABLE)
    synced = watch(monkeypatch)
    lake.commit([piece("a", range(1, 10), 9)])
    for table in ("events", "failed_events"):
        root = tmp_path / table
        [data] = root.glob("*/*.parquet")
        log = root / "_delta_log"
        want = {data, data.parent, root, log / "00000000000000000001.json", log}
        assert want <= synced
    synced.clear()
    lake.commit([piece("a", [10], 10)])
    log = tmp_path / "events" / "_delta_log"
    assert log / "00000000000000000002.json" in synced
    synced.clear()
    lake._tables[0].checkpoint()
    checkpoint = log / "00000000000000000002.checkpoint.parquet"
    assert synced == {checkpoint, log / "_last_checkpoint", log}
    lake.close()


def test_failing_fsync_is_a_failed_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk does not confirm, commit fails; made again it syncs before it returns."""
    lake = owner(tmp_path, DURABLE)
    calls: list[int] = []

    def broken(fd: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", broken)
        with pytest.raises(LakeError, match="Input/output error"):
            lake.commit([piece("a", range(1, 10), 9)])
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", calls.append)
        lake.commit([piece("a", range(1, 10), 9)])
    assert len(calls) == 10
    assert stored(tmp_path, "events") == expected("a", 9, "events")
    lake.close()


def test_commit_of_a_killed_process_is_synced_on_opening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a predecessor may have left to the cache is on the disk before it counts as covered."""
    lake = owner(tmp_path, LakeSettings(durable=False))
    lake.commit([piece("a", range(1, 10), 9)])
    lake.close()
    synced = watch(monkeypatch)
    owner(tmp_path, DURABLE).close()
    [data] = (tmp_path / "events").glob("*/*.parquet")
    assert data in synced

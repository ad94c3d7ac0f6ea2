"""The table's own log on disk: what a commit did, making it durable, and mending it.

The Delta library writes files without waiting for the disk. `position()` and the deletion of
spool rows rest on a commit being there after a power cut, so the owner fsyncs the files of every
commit before it reports it, and a checkpoint before anything that it replaces is removed. Since
each commit is durable before the next one begins, a cut can tear only the newest; `mend` takes a
torn one back, and its records come again from the spool, which has not let go of them.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

_COMMIT = re.compile(r"(\d{20})\.json")
_CHECKPOINT = re.compile(r"(\d{20})\.checkpoint\.parquet")
_PARQUET_MAGIC = b"PAR1"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Commit:
    """The files that one commit added (path in the table → bytes) and removed."""

    added: dict[str, int] = field(default_factory=dict)
    removed: tuple[str, ...] = ()


class TableLog:
    """The folder `_delta_log` of one table."""

    def __init__(self, table: Path) -> None:
        self.table = table
        self.folder = table / "_delta_log"
        self._hint = self.folder / "_last_checkpoint"
        self._synced_folders: set[Path] = set()

    def commit_path(self, version: int) -> Path:
        """The file of one commit."""
        return self.folder / f"{version:020}.json"

    def _checkpoint_path(self, version: int) -> Path:
        return self.folder / f"{version:020}.checkpoint.parquet"

    def read(self, version: int) -> Commit:
        """What a commit did. Raises `OSError` or `ValueError` where it is absent or torn."""
        added: dict[str, int] = {}
        removed: list[str] = []
        for line in self.commit_path(version).read_bytes().splitlines():
            action = json.loads(line)
            if add := action.get("add"):
                added[unquote(add["path"])] = add["size"]
            elif remove := action.get("remove"):
                removed.append(unquote(remove["path"]))
        return Commit(added, tuple(removed))

    def versions(self) -> tuple[list[int], list[int]]:
        """The versions that have a commit file, and those that have a checkpoint, ascending."""
        commits: list[int] = []
        checkpoints: list[int] = []
        if self.folder.is_dir():
            for path in self.folder.iterdir():
                if match := _COMMIT.fullmatch(path.name):
                    commits.append(int(match[1]))
                elif match := _CHECKPOINT.fullmatch(path.name):
                    checkpoints.append(int(match[1]))
        return sorted(commits), sorted(checkpoints)

    def expired(self, before: int) -> list[Path]:
        """The commits and checkpoints that a checkpoint of version `before` makes superfluous."""
        commits, checkpoints = self.versions()
        return [self.commit_path(v) for v in commits if v < before] + [
            self._checkpoint_path(v) for v in checkpoints if v < before
        ]

    # Durability

    def sync_commit(self, version: int, commit: Commit) -> None:
        """Return when a commit and the files that it added are on the disk."""
        paths = [self.table / path for path in commit.added]
        self._sync(paths)
        for folder in {path.parent for path in paths}:
            sync(folder)
            if folder not in self._synced_folders:
                sync(self.table)
                self._synced_folders.add(folder)
        self._sync([self.commit_path(version), self.folder])

    def sync_checkpoint(self, version: int) -> None:
        """Return when the checkpoint of a version is on the disk."""
        self._sync(
            [
                self._checkpoint_path(version),
                self._hint,
                self.folder,
            ]
        )

    def sync_creation(self) -> None:
        """Return when a table just made is on the disk."""
        self._sync([self.commit_path(0), self.folder, self.table, self.table.parent])

    def sync_folders(self) -> None:
        """Return when what was removed from the folders of the table is gone from the disk."""
        self._sync([*(path for path in self.table.iterdir() if path.is_dir()), self.table])

    @staticmethod
    def _sync(paths: Iterable[Path]) -> None:
        for path in paths:
            sync(path)

    # Mending

    def mend(self) -> None:
        """Take back what a power cut tore: the newest commits and checkpoints, where unsound."""
        self._mend_checkpoints()
        commits, checkpoints = self.versions()
        floor = checkpoints[-1] if checkpoints else -1
        while commits and commits[-1] > floor and not self._sound(commits[-1]):
            version = commits.pop()
            logger.warning("taking back commit %d of %s, torn by a crash", version, self.table)
            self.commit_path(version).unlink()

    def _sound(self, version: int) -> bool:
        try:
            commit = self.read(version)
            if not self.commit_path(version).stat().st_size:
                return False
            return all(
                (self.table / path).stat().st_size == size for path, size in commit.added.items()
            )
        except (OSError, ValueError, KeyError, AttributeError):
            return False

    def _mend_checkpoints(self) -> None:
        _, checkpoints = self.versions()
        while checkpoints and not self._sound_checkpoint(checkpoints[-1]):
            version = checkpoints.pop()
            logger.warning("taking back checkpoint %d of %s", version, self.table)
            self._checkpoint_path(version).unlink()
        if self._hint.exists():
            try:
                named = json.loads(self._hint.read_bytes())["version"]
            except (ValueError, KeyError, TypeError):
                named = None
            if named not in checkpoints:
                # Without this pointer readers look for the newest checkpoint themselves.
                self._hint.unlink()

    def _sound_checkpoint(self, version: int) -> bool:
        with self._checkpoint_path(version).open("rb") as file:
            start = file.read(4)
            file.seek(0, os.SEEK_END)
            file.seek(max(file.tell() - 4, 0))
            return start == file.read(4) == _PARQUET_MAGIC


def sync(path: Path) -> None:
    """Return when a file, or what a folder lists, is on the disk. Raises OSError."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)

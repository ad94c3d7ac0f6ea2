"""Upkeep of one table: few files, a short log, nothing left behind.

Left alone, a table that is appended to every second has 86,400 files and as many log entries after
a day. `step` does one thing that is due and returns, so that whoever appends is never held up for
more than the merging of some 24 MiB:

- Small files of a day are merged into bigger ones, small into medium and medium into large, so
  that a row is rewritten some three times in its life. A day that gets no new rows is merged once
  more, for good.
- A checkpoint every ten commits keeps opening fast.
- Files, log entries and checkpoints that have been replaced are removed after the grace period,
  and only while no reader holds a lease. Removal is done here and not by Delta's `vacuum` and
  `cleanup_metadata`: those write commits of their own, count in hours, and lose sight of files
  whose removal has left the log.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from whiteout.lake.errors import LakeError, explained
from whiteout.lake.locks import removing
from whiteout.lake.settings import LakeSettings
from whiteout.lake.table import LakeTable, partition_of

Clock = Callable[[], float]

# Days turn cold without a commit; that need not be noticed at once.
_LOOK_SECONDS = 60.0
_REST_SECONDS = 60.0
_BLOCKED_WARNING_SECONDS = 3600.0
_LEASE_LOOK_SECONDS = 0.05

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Merged:
    """What a merge left of a day: how many small files, how many bytes in files not yet large."""

    small: int = 0
    loose: int = 0
    files: frozenset[str] = frozenset()


class Upkeep:
    """Keeps one table; its memory of what is due begins anew with the process.

    `clock` gives seconds; only differences count.
    """

    def __init__(self, table: LakeTable, settings: LakeSettings, clock: Clock = time.time) -> None:
        now = clock()
        self._table = table
        self._settings = settings
        self._clock = clock
        self._looked = (-1, now)
        self._merged: dict[str, _Merged] = {}
        self._last_rows: dict[str, float] = {}
        self._seen: set[str] = set(table.live)
        _, checkpoints = table.log.versions()
        self._checkpoint = checkpoints[-1] if checkpoints else -1
        # Replaced files with the time of their replacement; checkpoints likewise.
        self._replaced: dict[str, float] = {}
        self._checkpoints: list[tuple[int, float]] = [(v, now) for v in checkpoints[-1:]]
        self._unknown: dict[Path, float] = {}
        self._next_sweep = now
        self._next_search = now
        self._blocked_since: float | None = None
        self._rest_until = now
        self._note_changes()

    def step(self) -> bool:
        """Do one thing that is due; whether there was one.

        What goes wrong is logged, and upkeep rests for a minute: an untidy table must not stop
        events from being stored.
        """
        now = self._clock()
        if now < self._rest_until:
            return False
        try:
            return self._step()
        except LakeError as error:
            logger.warning("%s; trying again in a minute", error)
            self._rest_until = now + _REST_SECONDS
            return False

    def _step(self) -> bool:
        self._note_changes()
        due = self._due_merge() if self._worth_looking() else None
        if due is not None:
            day, target = due
            self._merge(day, target)
            return True
        if self._table.version - self._checkpoint >= self._settings.commits_per_checkpoint:
            self._checkpoint = self._table.checkpoint()
            self._checkpoints.append((self._checkpoint, self._clock()))
            return True
        return self._sweep()

    def purge(self, patience: float) -> None:
        """Remove from the disk at once what the newest version does not need, old log entries too.

        Waits at most `patience` seconds for readers that hold a lease; then their queries fail,
        because what is to be erased may not stay for as long as somebody looks at it. Nothing
        that another program is about to add to the table is spared. Raises `LakeError`.
        """
        table = self._table
        folder = table.path.parent
        with explained(f"clean the table {table.spec.name}", folder):
            self._checkpoint = table.checkpoint()
            deadline = time.monotonic() + patience
            while True:
                with removing(folder) as alone:
                    if alone or time.monotonic() >= deadline:
                        self._purge(table.files())
                        break
                time.sleep(_LEASE_LOOK_SECONDS)
        now = self._clock()
        self._note_changes()
        self._replaced.clear()
        self._unknown.clear()
        self._checkpoints = [(self._checkpoint, now)]

    def _purge(self, live: Iterable[str]) -> None:
        table = self._table
        kept = {table.path / path for path in live}
        for folder in [f for f in table.path.iterdir() if f.is_dir() and f != table.log.folder]:
            for path in [p for p in folder.iterdir() if p not in kept]:
                path.unlink(missing_ok=True)
            if not any(folder.iterdir()):
                folder.rmdir()
        for entry in [*table.log.expired(self._checkpoint), *table.log.folder.glob("*.tmp")]:
            entry.unlink(missing_ok=True)
        table.sync_removal()

    # Merging

    def _note_changes(self) -> None:
        now = self._clock()
        live = self._table.live.keys()
        for path in live - self._seen:
            self._last_rows[partition_of(path)] = now
        self._seen = set(live)
        for path in self._table.replaced:
            self._replaced.setdefault(path, now)
        self._table.replaced.clear()

    def _days(self) -> dict[str, dict[str, int]]:
        days: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for path, size in self._table.live.items():
            days[partition_of(path)][path] = size
        return days

    def _state(self, files: dict[str, int]) -> _Merged:
        settings = self._settings
        # What is nearly large is not worth another rewriting.
        loose = {p: s for p, s in files.items() if s < settings.target_bytes * 3 // 4}
        return _Merged(
            small=sum(s < settings.small_bytes for s in loose.values()),
            loose=sum(loose.values()),
            files=frozenset(loose),
        )

    def _worth_looking(self) -> bool:
        now = self._clock()
        if self._looked[0] == self._table.version and now < self._looked[1] + _LOOK_SECONDS:
            return False
        self._looked = (self._table.version, now)
        return True

    def _due_merge(self) -> tuple[str, int] | None:
        settings = self._settings
        now = self._clock()
        for day, files in self._days().items():
            state = self._state(files)
            before = self._merged.get(day, _Merged())
            if len(state.files) < 2 or state.files == before.files:
                continue
            if state.loose - before.loose >= settings.target_bytes:
                return day, settings.target_bytes
            if state.small - before.small >= settings.small_files:
                return day, settings.small_bytes
            quiet = now - self._last_rows.get(day, float("-inf"))
            if quiet >= settings.cold_seconds:
                return day, settings.target_bytes
        return None

    def _merge(self, day: str, target: int) -> None:
        self._table.compact(day, target)
        now = self._clock()
        for path in self._table.replaced:
            self._replaced.setdefault(path, now)
        self._table.replaced.clear()
        # Merging brings no new rows.
        self._seen = set(self._table.live)
        self._merged[day] = self._state(self._days().get(day, {}))

    # Removing

    def _sweep(self) -> bool:
        now = self._clock()
        if now < self._next_sweep:
            return False
        grace = self._settings.grace_seconds
        data = [path for path, since in self._replaced.items() if now - since >= grace]
        covering = [v for v, since in self._checkpoints if now - since >= grace]
        search = now >= self._next_search
        if not (data or covering or search):
            return False
        with (
            explained(f"clean the table {self._table.spec.name}", self._table.path.parent),
            removing(self._table.path.parent) as alone,
        ):
            if not alone:
                self._warn_blocked(now)
                return False
            self._blocked_since = None
            self._next_sweep = now + grace / 4
            # Asked anew, because a stranger may have restored an older version.
            live = self._table.files() if data or search else {}
            for path in data:
                if path not in live:
                    (self._table.path / path).unlink(missing_ok=True)
                del self._replaced[path]
            if covering:
                for entry in self._table.log.expired(covering[-1]):
                    entry.unlink(missing_ok=True)
                self._checkpoints = [c for c in self._checkpoints if c[0] > covering[-1]]
            if search:
                self._next_search = now + self._settings.orphan_seconds
                self._search(now, live)
        return True

    def _warn_blocked(self, now: float) -> None:
        if self._blocked_since is None:
            self._blocked_since = now
        elif now - self._blocked_since >= _BLOCKED_WARNING_SECONDS:
            logger.warning(
                "replaced files of %s have been kept for %d minutes, because a reader is open",
                self._table.path,
                (now - self._blocked_since) / 60,
            )
            self._blocked_since = now

    def _search(self, now: float, files: Iterable[str]) -> None:
        """Find what no commit names: left over from a crash, or in the making by a stranger."""
        root = self._table.path
        live = {root / path for path in files}
        known = {root / path for path in self._replaced}
        found: dict[Path, float] = {}
        for folder in (root, *(f for f in root.iterdir() if f.is_dir())):
            for path in folder.iterdir():
                if path.is_dir() or path in live or path in known or self._of_log(path):
                    continue
                since = self._unknown.get(path, now)
                if now - since >= self._settings.orphan_seconds:
                    path.unlink(missing_ok=True)
                else:
                    found[path] = since
        self._unknown = found

    def _of_log(self, path: Path) -> bool:
        return path.parent == self._table.log.folder and not path.name.endswith(".tmp")

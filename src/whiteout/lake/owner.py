"""The one writer of the lake.

Exactly once, per table: a record is told apart by the id of its spool file and its number in it.
Each commit records, with the rows and in the same atomic step, how far every file is covered; rows
at or below that are dropped when they come again. So the caller may hand over any records again,
cut into slices differently, as long as each slice holds *every* record of its file between the
position where it starts and its `last`.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from whiteout.lake.arrow import Block, Row
from whiteout.lake.daily_keeper import DailyKeeper
from whiteout.lake.daily_views import has_daily
from whiteout.lake.errors import LakeError, explained
from whiteout.lake.finding import Progress, Sift
from whiteout.lake.format import check_format, write_format
from whiteout.lake.locks import READERS_LOCK, OwnerLock
from whiteout.lake.memory import give_back
from whiteout.lake.rewriting import SCRATCH, Judge, Plan, Removal, Rewriting
from whiteout.lake.settings import LakeSettings
from whiteout.lake.table import TABLES, LakeTable, Part, TableSpec, partition_of
from whiteout.lake.upkeep import Clock, Upkeep

_BIG_COMMIT = 2000

# It fails on these, or writes to one folder and reads from another.
_UNUSABLE = re.compile(r"[\[\]|^\\\x00-\x1f]|%[0-9A-Fa-f]{2}")


@dataclass(slots=True)
class Slice:
    """What came from one spool file: its records up to and including `last`.

    `events` and `failed` pair a record id, ascending, with a row in the order of `EVENT_COLUMNS`
    and `FAILED_COLUMNS`; a record may give several rows, or none. `blocks` are events as
    `LakeOwner.block` makes them, ascending, of records that `events` says nothing of.
    """

    file_id: str
    last: int
    events: list[tuple[int, Row]] = field(default_factory=list)
    failed: list[tuple[int, Row]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """The number of rows."""
        events = len(self.events) + sum(len(block.numbers) for block in self.blocks)
        return events + len(self.failed)


class LakeOwner:
    """Appends to the tables and keeps them; at most one process has it open.

    Not for several threads at once. `commit` and `position` raise `LakeError` for what the disk
    refuses, and may be called again after that.
    """

    def __init__(
        self,
        lock: OwnerLock,
        tables: tuple[LakeTable, LakeTable],
        upkeep: tuple[Upkeep, ...],
        daily: DailyKeeper | None,
    ) -> None:
        self._lock = lock
        self._tables = tables
        self._upkeep = upkeep
        self._daily = daily
        self._big = False
        self._grown = False

    @classmethod
    def open(
        cls,
        folder: Path,
        settings: LakeSettings | None = None,
        *,
        tables: tuple[TableSpec, TableSpec] = TABLES,
        clock: Clock = time.time,
    ) -> LakeOwner:
        """Own the lake in `folder`, which is made if absent: first the events, then the failed.

        Raises `LakeLocked` if another process owns it, `LakeFormatError` if a newer whiteout
        wrote it, `LakeError` if the folder cannot be used.
        """
        settings = settings or LakeSettings()
        found = _UNUSABLE.search(str(folder.absolute()))
        if found:
            raise LakeError(
                f"the lake cannot live in {folder}: the Delta library does not take "
                f"{found[0]!r} in the name of a folder"
            )
        with explained("make the lake", folder):
            folder.mkdir(parents=True, exist_ok=True)
        lock = OwnerLock(folder)
        try:
            check_format(folder)
            with explained("make the lake", folder):
                (folder / READERS_LOCK).touch()
                shutil.rmtree(folder / SCRATCH, ignore_errors=True)
                write_format(folder)
            events, failed = (LakeTable(folder, spec, settings) for spec in tables)
            both = (events, failed)
            daily = DailyKeeper(folder, both, settings, clock) if has_daily(tables) else None
        except BaseException:
            lock.release()
            raise
        return cls(lock, both, tuple(Upkeep(t, settings, clock) for t in both), daily)

    def position(self, file_id: str) -> int:
        """Records of a spool file up to this one are in both tables and need not come again.

        It may lag, because a table records a position only along with rows; what comes again is
        dropped where it already is.
        """
        return min(table.position(file_id) for table in self._tables)

    def commit(self, slices: Sequence[Slice]) -> None:
        """Append what the slices hold, exactly once per table; durable when this returns.

        The tables are committed one after the other; a crash in between is mended by handing the
        same records over again. Raises `LakeValueError` for a row that does not fit.
        """
        events, failed = self._tables
        events.append(_parts([Part(s.file_id, s.last, s.events, s.blocks) for s in slices]))
        failed.append(_parts([Part(s.file_id, s.last, s.failed) for s in slices]))
        self._big = sum(s.rows for s in slices) >= _BIG_COMMIT
        self._grown |= self._big

    def block(self, numbers: Sequence[int], columns: Sequence[Sequence[Any] | None]) -> Block:
        """Events in columns, one for each of `EVENT_COLUMNS`, ready for a slice.

        `numbers` are the records' numbers, ascending; None is a column without any value. Made
        while the rows are still in the cache, this takes a third of the time. Another thread may
        commit meanwhile. Raises `LakeValueError`, which names no record, for a value that does
        not fit.
        """
        return self._tables[0].block(numbers, columns)

    def takes(self, row: Row) -> bool:
        """Whether an event's row fits the columns."""
        return self._tables[0].takes(row)

    def maintain(self) -> None:
        """Do at most one thing per table that is due: merge, checkpoint or remove files.

        A roll-up that is due is begun, and made in the background.

        Cheap when nothing is due: call it after every commit, and now and then while idle. What
        goes wrong is logged and tried again later.
        """
        for upkeep in self._upkeep:
            upkeep.step()
        if self._daily is not None:
            self._daily.step()
        # Not while one big commit follows the other: what is given back is needed again at once.
        if self._grown and not self._big:
            give_back()
            self._grown = False
        self._big = False

    def plan(self, sift: Sift, judge: Judge, progress: Progress | None = None) -> list[Plan]:
        """Find the rows of both tables that `judge` wants out or changed.

        `sift` says of each file whether to look into it, and by which clue. Raises `LakeError`.
        """
        total = sum(len(table.live) for table in self._tables)
        plans: list[Plan] = []
        for table in self._tables:
            before = sum(plan.removal.of for plan in plans)
            plans.append(Rewriting(table).plan(sift, judge, _shifted(progress, before, total)))
        give_back()
        return plans

    def carry_out(self, plans: Sequence[Plan], progress: Progress | None = None) -> None:
        """Write the files anew that a plan names, before anything else is committed.

        After a crash or an error make a new plan. What was removed leaves the disk with the next
        `purge`. Raises `LakeError`.
        """
        total = sum(len(plan.changes) for plan in plans)
        before = 0
        for table, plan in zip(self._tables, plans, strict=True):
            Rewriting(table).carry_out(plan, _shifted(progress, before, total))
            before += len(plan.changes)
        give_back()

    def expire(self, first: str) -> list[Removal]:
        """Take whole days out of both tables, those before `first` (`YYYY-MM-DD`).

        Their files leave the disk with the next `purge`. Raises `LakeError`.
        """
        return [Rewriting(table).expire(first) for table in self._tables]

    def oldest(self) -> str | None:
        """The oldest day of which there is a row, None when there is none."""
        return min((partition_of(path) for t in self._tables for path in t.live), default=None)

    def purge(self, patience: float = 30.0) -> None:
        """Remove from the disk at once what the newest versions do not need, logs included.

        Roll-ups of what was removed are made anew. Readers are waited for `patience` seconds at
        most. Raises `LakeError`.
        """
        for upkeep in self._upkeep:
            upkeep.purge(patience)
        if self._daily is not None:
            self._daily.purge()

    def close(self) -> None:
        """Give up ownership. Nothing is pending: every commit was durable when it returned."""
        if self._daily is not None:
            self._daily.close()
        self._lock.release()


def _shifted(progress: Progress | None, before: int, total: int) -> Progress | None:
    """Progress of a part as one of the whole."""
    if progress is None:
        return None
    return lambda done, _: progress(before + done, total)


def _parts(given: Sequence[Part]) -> list[Part]:
    """One part per spool file that has rows, ascending: a commit has one position per file."""
    parts: dict[str, Part] = {}
    for part in given:
        if not (part.rows or part.blocks):
            continue
        known = parts.setdefault(part.file_id, part)
        if known is not part:
            rows = sorted([*known.rows, *part.rows], key=lambda pair: pair[0])
            blocks = [*known.blocks, *part.blocks]
            parts[part.file_id] = Part(part.file_id, max(known.last, part.last), rows, blocks)
    return list(parts.values())

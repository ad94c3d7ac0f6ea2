"""Rows taken out of a table's files, and whole days of it, so that no copy of them stays.

A file that holds such a row is written anew without it, by the same writer as any other, so that it
has no statistics either. One commit swaps the old file for the new one; it names files and no
predicate, so the log says nothing of whom it was about. What is replaced leaves the disk when
`Upkeep.purge` has run. Each step may be cut off by a crash and be done again: a file without a
match is not touched.
"""

from __future__ import annotations

import json
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from arro3.core import RecordBatch, RecordBatchReader
from deltalake.transaction import AddAction, RemoveAction

from whiteout.lake.errors import LakeError, explained
from whiteout.lake.finding import MEMORY, Clue, Progress, Sift, find_rows
from whiteout.lake.log import TableLog
from whiteout.lake.sql import opened, readable, select_from
from whiteout.lake.table import PARTITION, LakeTable, partition_of

SCRATCH = "scratch"
"""Folder of the lake in which files are written before they belong to a table."""

_ROWS_AT_ONCE = 32_768
_FILES_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of a row: it goes, or some of its columns get other values."""

    gone: bool = True
    columns: Mapping[str, str | None] = field(default_factory=dict)


_GONE = Change()

Judge = Callable[[Mapping[str, Any]], Change | None]
"""Says what is to become of a row; None leaves it as it is."""


@dataclass(slots=True)
class Removal:
    """What is done to one table.

    `rows` go and `changed` ones get other values; `spared` counts those that a clue fitted and
    that stay as they are. `files` are written anew or dropped, out of `of` that there are. `days`
    are those of the rows that go.
    """

    table: str
    rows: int = 0
    changed: int = 0
    spared: int = 0
    files: int = 0
    of: int = 0
    days: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Plan:
    """What is to be done to one table: by file, the rows that change and how.

    `clean` are the files in which nothing was found.
    """

    removal: Removal
    changes: dict[str, dict[int, Change]] = field(default_factory=dict)
    clean: list[Path] = field(default_factory=list)


class Rewriting:
    """Takes rows out of one table. Raises `LakeError`, which quotes no value of a row."""

    def __init__(self, table: LakeTable) -> None:
        self._table = table
        self._scratch = table.path.parent / SCRATCH

    def plan(self, sift: Sift, judge: Judge, progress: Progress | None = None) -> Plan:
        """Look through the newest version for rows that the judge wants changed."""
        root = self._table.path.absolute()
        with self._told(), opened(root, threads=2) as connection:
            self._table.current()
            connection.execute(f"SET memory_limit = '{MEMORY}'")
            plan = Plan(Removal(self._table.spec.name, of=len(self._table.live)))
            paths = sorted(self._table.live)
            for number, (path, clue) in enumerate(
                zip(paths, _sifted(sift, root, paths), strict=True), 1
            ):
                changes = {} if clue is None else self._judged(connection, path, clue, judge, plan)
                if changes:
                    plan.changes[path] = changes
                elif clue is None:
                    plan.clean.append(root / path)
                if progress is not None:
                    progress(number, plan.removal.of)
        plan.removal.files = len(plan.changes)
        return plan

    def _judged(
        self, connection: Any, path: str, clue: Clue, judge: Judge, plan: Plan
    ) -> dict[int, Change]:
        changes: dict[int, Change] = {}
        spec = self._table.spec
        for row, values in find_rows(connection, spec, self._table.path.absolute() / path, clue):
            change = judge(values)
            if change is None:
                plan.removal.spared += 1
            elif change.gone:
                changes[row] = _GONE
                plan.removal.rows += 1
                plan.removal.days.add(partition_of(path))
            else:
                changes[row] = change
                plan.removal.changed += 1
        return changes

    def carry_out(self, plan: Plan, progress: Progress | None = None) -> None:
        """Do what was planned on this very version, with one commit a file."""
        for number, (path, changes) in enumerate(plan.changes.items(), 1):
            with self._told():
                self._rewrite(path, changes)
            if progress is not None:
                progress(number, len(plan.changes))

    def expire(self, first: str) -> Removal:
        """Take out every day before `first` (`YYYY-MM-DD`), in one commit."""
        with self._told():
            table = self._table.current()
            old = {path: size for path, size in self._table.live.items() if _before(path, first)}
            actions = table.get_add_actions(flatten=True)
            counts = zip(
                actions.column("path").to_pylist(),
                actions.column("num_records").to_pylist(),
                strict=True,
            )
            rows = sum(count or 0 for path, count in counts if path in old)
            removal = Removal(self._table.spec.name, rows, files=len(old), of=len(self._table.live))
            removal.days = {partition_of(path) for path in old}
            if old:
                self._table.swap(table, [_removal(path, size) for path, size in old.items()])
            return removal

    def _rewrite(self, path: str, changes: Mapping[int, Change]) -> None:
        table = self._table.current()
        size = self._table.live.get(path)
        if size is None:
            raise LakeError(f"another program changed the table {self._table.path}; try again")
        added = self._written(path, changes)
        self._table.swap(table, [*added, _removal(path, size)])

    def _written(self, path: str, changes: Mapping[int, Change]) -> list[AddAction]:
        """Write a file anew beside the old one; empty when no row is left."""
        source = self._table.path.absolute() / path
        gone = [number for number, change in changes.items() if change.gone]
        kept: list[AddAction] = []
        with self._empty_scratch() as scratch, opened(source, threads=1) as connection:
            connection.execute(f"SET memory_limit = '{MEMORY}'")
            relation = f"({select_from(self._table.spec, [source], marked=True)})"
            count = f"SELECT count(*) FROM {relation}"  # noqa: S608 (paths are quoted)
            (rows,) = connection.execute(count).fetchall()[0]
            if len(gone) < rows:
                connection.execute("CREATE TEMP TABLE gone AS SELECT unnest(?) AS number", [gone])
                select = (
                    f"SELECT * EXCLUDE (filename, file_row_number) "  # noqa: S608
                    f"{_changed_columns(connection, changes)} FROM {relation} "
                    "WHERE file_row_number NOT IN (SELECT number FROM gone)"
                )
                self._table.write_apart(scratch, _stream(connection, select, rows))
                kept = list(_additions(scratch))
            if sum(json.loads(add.stats)["numRecords"] for add in kept) != rows - len(gone):
                raise LakeError(f"a file of the table {self._table.path} was not read whole")
            for add in kept:
                # The same folder, whose name is the day.
                (scratch / add.path).replace(self._table.path / add.path)
        return kept

    @contextmanager
    def _empty_scratch(self) -> Iterator[Path]:
        shutil.rmtree(self._scratch, ignore_errors=True)
        scratch = self._scratch / self._table.spec.name
        scratch.mkdir(parents=True)
        try:
            yield scratch
        finally:
            shutil.rmtree(self._scratch, ignore_errors=True)

    @contextmanager
    def _told(self) -> Iterator[None]:
        folder = self._table.path.parent
        with explained(f"erase from the table {self._table.spec.name}", folder), readable(folder):
            yield


def _sifted(sift: Sift, root: Path, paths: Sequence[str]) -> Iterator[Clue | None]:
    """What is said of each file, in order; some are looked into at once."""
    pool = ThreadPoolExecutor(_FILES_AT_ONCE, "whiteout-sift")
    try:
        yield from pool.map(lambda path: sift(root / path), paths)
    finally:
        pool.shutdown(cancel_futures=True)


def _stream(connection: Any, select: str, rows: int) -> RecordBatchReader:
    """What a SELECT of the rows of one file gives, some thousand rows at a time.

    DuckDB itself would hand over so many at once that wide rows do not fit the memory.
    """

    def batches() -> Iterator[RecordBatch]:
        for start in range(0, rows, _ROWS_AT_ONCE):
            piece = f"file_row_number BETWEEN {start} AND {start + _ROWS_AT_ONCE - 1}"
            yield from RecordBatchReader.from_arrow(connection.sql(f"{select} AND {piece}"))

    schema = RecordBatchReader.from_arrow(connection.sql(f"{select} AND false")).schema
    return RecordBatchReader.from_batches(schema, batches())


def _changed_columns(connection: Any, changes: Mapping[int, Change]) -> str:
    """Hand the changed values to DuckDB; the part of a SELECT that puts them in."""
    columns: defaultdict[str, dict[int, str | None]] = defaultdict(dict)
    for number, change in changes.items():
        for name, value in ({} if change.gone else change.columns).items():
            columns[name][number] = value
    parts = []
    for at, (name, values) in enumerate(columns.items()):
        connection.execute(
            f"CREATE TEMP TABLE changed{at} AS SELECT unnest(?) AS number, unnest(?) AS value",
            [list(values), list(values.values())],
        )
        parts.append(
            f"CASE WHEN file_row_number IN (SELECT number FROM changed{at}) THEN "  # noqa: S608
            f"(SELECT value FROM changed{at} WHERE number = file_row_number) "
            f'ELSE "{name}" END AS "{name}"'
        )
    return f"REPLACE ({', '.join(parts)})" if parts else ""


def _additions(scratch: Path) -> Iterator[AddAction]:
    """What the log of a table that was only written to says of its files."""
    for line in TableLog(scratch).commit_path(1).read_bytes().splitlines():
        if add := json.loads(line).get("add"):
            yield AddAction(
                unquote(add["path"]),
                add["size"],
                add["partitionValues"],
                add["modificationTime"],
                True,  # noqa: FBT003
                add["stats"],
            )


def _removal(path: str, size: int) -> RemoveAction:
    return RemoveAction(
        path=path,
        data_change=True,
        deletion_timestamp=time.time_ns() // 1_000_000,
        size=size,
        partition_values={PARTITION: partition_of(path)},
    )


def _before(path: str, first: str) -> bool:
    return partition_of(path) < first

"""One Delta table of the lake: made, appended to exactly once, compacted, checkpointed.

Every operation opens the table afresh: a handle that is kept grows slow, and work on a stale one
doubles rows or deletes nothing. An application transaction is only recorded by Delta, never
refused; so an append first asks the handle how far each spool file is covered, and then appends on
that same handle. Losing a race against a foreign writer means opening and asking again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from arro3.core import RecordBatchReader
from deltalake import (
    ColumnProperties,
    CommitProperties,
    DeltaTable,
    PostCommitHookProperties,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake import Schema as DeltaSchema
from deltalake.exceptions import CommitFailedError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from whiteout.lake.arrow import ArrowEncoder, Block, Row
from whiteout.lake.errors import LakeError, LakeFormatError, LakeValueError, explained
from whiteout.lake.log import TableLog
from whiteout.lake.settings import LakeSettings
from whiteout.protocol.columns import EVENT_COLUMNS, FAILED_COLUMNS, Column

PARTITION = "collector_date"
STATISTICS = ("collector_tstamp",)
"""The only columns with minimum and maximum in log and files: statistics outlive what they are
taken from, so no column that can identify anybody has any (contract 16)."""

_ATTEMPTS = 5

# A dictionary of values that seldom come twice is worth less than making it costs.
_SELDOM_REPEATED = frozenset({"json", "uuid"})

# The owner checkpoints and cleans itself, when it is due, and syncs what it wrote.
_NO_HOOKS = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TableSpec:
    """Name and columns of a table; `collector_date` has to be among them."""

    name: str
    columns: tuple[Column, ...]


TABLES = (TableSpec("events", EVENT_COLUMNS), TableSpec("failed_events", FAILED_COLUMNS))


@dataclass(slots=True)
class Part:
    """What one spool file gives one table, up to the record `last`.

    `rows` and `blocks` ascend by record, and no record stands in both.
    """

    file_id: str
    last: int
    rows: list[tuple[int, Row]]
    blocks: list[Block] = field(default_factory=list)


def partition_of(path: str) -> str:
    """The day in a file's path inside the table: `collector_date=2026-11-24/part-….parquet`."""
    return path.partition("/")[0].partition("=")[2]


class LakeTable:
    """A table as its owner sees it.

    `live` mirrors the files of the newest version (path → bytes) and `version` its number, so
    that deciding about upkeep costs nothing; `replaced` collects the files that commits removed
    from the table and that are still on the disk. Raises `LakeError` for what the disk refuses.
    """

    def __init__(self, folder: Path, spec: TableSpec, settings: LakeSettings) -> None:
        self.spec = spec
        self.path = folder / spec.name
        self.log = TableLog(self.path)
        self.live: dict[str, int] = {}
        self.replaced: list[str] = []
        self.version = -1
        self._settings = settings
        self._encoder = ArrowEncoder(spec.columns)
        names = {column.name for column in spec.columns}
        self._writer = WriterProperties(
            compression="ZSTD",
            compression_level=1,
            default_column_properties=ColumnProperties(statistics_enabled="NONE"),
            column_properties={
                **{
                    column.name: ColumnProperties(
                        statistics_enabled="NONE", dictionary_enabled=False
                    )
                    for column in spec.columns
                    if column.type in _SELDOM_REPEATED
                },
                **{
                    name: ColumnProperties(statistics_enabled="CHUNK")
                    for name in STATISTICS
                    if name in names
                },
            },
        )
        with explained(f"open the table {spec.name}", folder):
            self.log.mend()
            self._ensure()

    # Making and opening

    def _ensure(self) -> None:
        if not DeltaTable.is_deltatable(str(self.path)):
            self.path.mkdir(parents=True, exist_ok=True)
            self._create(self.path)
            if self._settings.durable:
                self.log.sync_creation()
        table = self.fresh()
        self._evolve(table)
        self._mirror(self.fresh())
        if self._settings.durable and self.log.commit_path(self.version).exists():
            # A process that was killed may have left it to the cache.
            self.log.sync_commit(self.version, self.log.read(self.version))

    def _create(self, folder: Path) -> None:
        DeltaTable.create(
            folder,
            self._encoder.schema,
            partition_by=[PARTITION],
            name=self.spec.name,
            configuration={
                "delta.dataSkippingStatsColumns": ",".join(STATISTICS),
                # For other programs that keep house; the owner goes by its own settings.
                "delta.logRetentionDuration": "interval 5 minutes",
                "delta.deletedFileRetentionDuration": "interval 5 minutes",
                "delta.checkpointInterval": str(self._settings.commits_per_checkpoint),
            },
        )

    def _evolve(self, table: DeltaTable) -> None:
        """Add the columns that this version has and the stored table lacks."""
        stored = {known.name: known for known in table.schema().fields}
        wanted = DeltaSchema.from_arrow(self._encoder.schema).fields
        for wish in wanted:
            if wish.name in stored and stored[wish.name].type != wish.type:
                raise LakeFormatError(
                    f"column {wish.name} of the table {self.path} has another type than this "
                    "version of whiteout stores; keep the folder and start with a new one"
                )
        missing = [wish for wish in wanted if wish.name not in stored]
        if missing:
            table.alter.add_columns(missing, post_commithook_properties=_NO_HOOKS)

    def fresh(self) -> DeltaTable:
        """The newest version, opened now."""
        return DeltaTable(self.path)

    def files(self) -> dict[str, int]:
        """The files of the newest version, read now: path in the table → bytes."""
        return _files(self.fresh())

    def _mirror(self, table: DeltaTable) -> None:
        """Take the list of files from a handle, and from the log what still waits for removal."""
        self.live = _files(table)
        self.version = table.version()
        for number in self.log.versions()[0]:
            self.replaced.extend(self.log.read(number).removed)

    def _settle(self, table: DeltaTable) -> None:
        """Make the commits up to a handle's version durable and mirror them, foreign ones too."""
        try:
            for number in range(self.version + 1, table.version() + 1):
                commit = self.log.read(number)
                if self._settings.durable:
                    self.log.sync_commit(number, commit)
                for path in commit.removed:
                    self.live.pop(path, None)
                self.live.update(commit.added)
                self.replaced.extend(commit.removed)
                self.version = number
        except FileNotFoundError:
            # A foreign writer has cleaned the log in between.
            self._mirror(table)

    # Appending

    def position(self, file_id: str) -> int:
        """The highest record id of a spool file that is covered; 0 if none is."""
        with explained(f"read the table {self.spec.name}", self.path.parent):
            return self.fresh().transaction_version(file_id) or 0

    def append(self, parts: Sequence[Part]) -> None:
        """Append the rows that are not covered yet, exactly once.

        After any error the same call can be made again. Raises `LakeValueError` for a row that
        does not fit, before anything of its piece is written.
        """
        most = self._settings.max_rows_per_file
        for piece in _pieces([self._encoded(part, most) for part in parts], most):
            with explained(f"write the table {self.spec.name}", self.path.parent):
                self._append_once(piece)

    def _append_once(self, parts: Sequence[Part]) -> None:
        for _ in range(_ATTEMPTS):
            table = self.fresh()
            # A foreign commit, or an own one whose fsync failed the first time.
            self._settle(table)
            fresh = [part for part in (_uncovered(p, table) for p in parts) if part.blocks]
            if not fresh:
                return
            batches = [block.batch for part in fresh for block in part.blocks]
            try:
                write_deltalake(
                    table,
                    self._encoder.stream(batches),
                    mode="append",
                    writer_properties=self._writer,
                    commit_properties=CommitProperties(
                        app_transactions=[Transaction(part.file_id, part.last) for part in fresh]
                    ),
                    post_commithook_properties=_NO_HOOKS,
                )
            except CommitFailedError:
                logger.info("another writer was faster on %s, looking again", self.path)
                continue
            self._settle(table)
            return
        raise LakeError(
            f"cannot write the table {self.spec.name} in {self.path.parent}: "
            f"lost the race against another writer {_ATTEMPTS} times"
        )

    def block(self, numbers: Sequence[int], columns: Sequence[Sequence[Any] | None]) -> Block:
        """Rows in columns, ready to be appended. Raises `LakeValueError`, without a record."""
        return Block(numbers, self._encoder.columnar(len(numbers), columns))

    def takes(self, row: Row) -> bool:
        """Whether a row fits the columns."""
        return self._encoder.takes(row)

    def _encoded(self, part: Part, most: int) -> Part:
        """A part whose rows have become blocks."""
        try:
            blocks = [*part.blocks, *self._encoder.blocks(part.rows, most)]
        except LakeValueError as error:
            error.table = self.spec.name
            for record, row in part.rows:
                if error.file_id is None and not self._encoder.takes(row):
                    error.file_id, error.record = part.file_id, record
            raise
        return Part(part.file_id, part.last, [], sorted(blocks, key=lambda b: b.numbers[0]))

    # Taking out

    def current(self) -> DeltaTable:
        """The newest version, opened now; `live` mirrors it when this returns."""
        table = self.fresh()
        self._settle(table)
        return table

    def write_apart(self, folder: Path, stream: RecordBatchReader) -> None:
        """Write rows of this table to an empty folder as this table's own files are written.

        They become commit 1 of a table there, whose files can be moved into this one.
        """
        self._create(folder)
        write_deltalake(
            folder,
            stream,
            mode="append",
            writer_properties=self._writer,
            post_commithook_properties=_NO_HOOKS,
        )

    def swap(self, table: DeltaTable, actions: list[AddAction | RemoveAction]) -> None:
        """Add and remove whole files in one commit on a fresh handle; durable when this returns.

        Raises `CommitFailedError` where another writer was faster.
        """
        table.create_write_transaction(
            actions,
            "append",
            self._encoder.schema,
            [PARTITION],
            post_commithook_properties=_NO_HOOKS,
        )
        self._settle(self.fresh())

    # Upkeep

    def compact(self, day: str, target_bytes: int) -> None:
        """Merge those files of a day that are smaller than `target_bytes`."""
        with explained(f"compact the table {self.spec.name}", self.path.parent):
            table = self.fresh()
            self._settle(table)
            try:
                table.optimize.compact(
                    partition_filters=[(PARTITION, "=", day)],
                    target_size=target_bytes,
                    # One at a time: the loader has one core and little memory.
                    max_concurrent_tasks=1,
                    writer_properties=self._writer,
                    post_commithook_properties=_NO_HOOKS,
                )
            except CommitFailedError:
                logger.info("another writer was faster on %s, compacting later", self.path)
            self._settle(table)

    def checkpoint(self) -> int:
        """Write a checkpoint of the newest version, durable when this returns; its version."""
        with explained(f"checkpoint the table {self.spec.name}", self.path.parent):
            table = self.fresh()
            table.create_checkpoint()
            if self._settings.durable:
                self.log.sync_checkpoint(table.version())
            return table.version()

    def sync_removal(self) -> None:
        """Return when files that were removed from the disk are gone for good."""
        if self._settings.durable:
            self.log.sync_folders()


def _uncovered(part: Part, table: DeltaTable) -> Part:
    covered = table.transaction_version(part.file_id) or 0
    left = (block.after(covered) for block in part.blocks)
    return Part(part.file_id, part.last, [], [block for block in left if block is not None])


def _files(table: DeltaTable) -> dict[str, int]:
    actions = table.get_add_actions(flatten=True)
    paths = actions.column("path").to_pylist()
    sizes = actions.column("size_bytes").to_pylist()
    return {str(path): int(size) for path, size in zip(paths, sizes, strict=True)}


def _pieces(parts: Sequence[Part], limit: int) -> Iterator[list[Part]]:
    """Cut parts into pieces of some `limit` rows, never through a block.

    Each piece but the last of a spool file ends with the last record in it, so that the position
    recorded with it covers just that.
    """
    piece: list[Part] = []
    count = 0
    for part in parts:
        blocks: list[Block] = []
        for block in part.blocks:
            rows = len(block.numbers)
            if count and count + rows > limit:
                if blocks:
                    piece.append(Part(part.file_id, blocks[-1].numbers[-1], [], blocks))
                yield piece
                piece, blocks, count = [], [], 0
            blocks.append(block)
            count += rows
        piece.append(Part(part.file_id, part.last, [], blocks))
    if piece:
        yield piece


def current_files(path: Path) -> list[Path]:
    """The files of the newest version of a table; none where no table was made yet."""
    try:
        table = DeltaTable(path)
    except TableNotFoundError:
        return []
    # Not `file_uris()`, which encodes spaces and the like in the folder's name.
    return [path / name for name in _files(table)]

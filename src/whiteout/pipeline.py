"""Spool to enrich to feed and lake: the one loop that moves events (DESIGN: the way of an event).

Records are read from every spool file, enriched once, shown in the feed at once and committed to
the lake in batches; a thread of its own commits and releases, so that the disk works while the
next batch is read. A record leaves its spool only when the lake has it. The lake commit carries
the position in each file, so a crash at any point neither loses nor doubles an event.
"""

from __future__ import annotations

import gc
import logging
import time
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any, Protocol

import msgspec

from whiteout.enrich import Batch, Enricher, EnrichSettings
from whiteout.feed import FeedError, FeedWriter
from whiteout.lake import LakeError, LakeOwner, LakeSettings, LakeValueError, Slice
from whiteout.privacy import SHOWN_IDENTIFIERS
from whiteout.protocol.columns import (
    CANONICAL_COLUMNS,
    EVENT_INDEX,
    FAILED_COLUMNS,
)
from whiteout.rights import Desk, Store, attend, expire
from whiteout.schemas import Resolver, ResolverSettings, SchemaRegistry
from whiteout.spool import SpoolFile, SpoolReader

_READ = 2_000
_COMMIT_ROWS = 10_000
# What is enriched and made ready for the lake in one go: some 2,000 records of a usual size.
_PORTION_BYTES = 4 * 1024 * 1024
# Nobody can read what rushes past while a backlog is caught up with.
_SHOWN_PER_STEP = 500
_SHOWN_OF_BACKLOG = 20
_IDLE = 0.05
_EXPIRE_SECONDS = 3600.0

_SUMMARY = ("event_id", "event_name", "app_id", "platform", "name_tracker")
_FAILED_HEAD = ("event_id", "app_id", "vendor", "version", "content_type")
_ALLOWANCE = ("mode_declared", "mode_inferred", "server_anonymous", "signal", "redacted")
_EVENT = [(at, column.name, column.type == "ts") for at, column in enumerate(CANONICAL_COLUMNS)]
_EVENT_HEAD = [(EVENT_INDEX[name], name) for name in (*_SUMMARY, *_ALLOWANCE)]
_SHOWN = [(EVENT_INDEX[name], name) for name in SHOWN_IDENTIFIERS]
_encode = msgspec.json.Encoder().encode


logger = logging.getLogger("whiteout.loader")


class Stop(Protocol):
    """Tells the loader to end."""

    def is_set(self) -> bool:
        """Whether it is to end."""

    def wait(self, seconds: float) -> bool:
        """Wait for so many seconds, or until it is to end; whether it is."""


@dataclass(frozen=True, slots=True)
class LoaderSettings:
    """How the loader works; `commit_interval` is in seconds.

    Events older than `retention_days` are removed by and by; 0 keeps them for ever.
    """

    folder: Path
    enrich: EnrichSettings
    lake: LakeSettings = field(default_factory=LakeSettings)
    schemas: ResolverSettings = field(default_factory=ResolverSettings)
    commit_interval: float = 1.0
    feed_size: int = 5_000
    retention_days: int = 0


@dataclass(slots=True)
class _Pending:
    """What was read from one spool file and is not committed yet."""

    source: SpoolFile
    piece: Slice


class Loader:
    """Moves events from the spool files of a data folder into its feed and its lake.

    Raises LakeLocked when another loader owns the lake, LakeError or FeedError when they cannot be
    opened.
    """

    def __init__(self, settings: LoaderSettings) -> None:
        self._settings = settings
        self._lake = LakeOwner.open(settings.folder / "lake", settings.lake)
        self._feed = FeedWriter.open(settings.folder / "feed.db", keep=settings.feed_size)
        self._shown = self._feed.positions()
        self._spool = SpoolReader(settings.folder / "spool")
        self._schemas = Resolver(settings.schemas)
        self._enricher = Enricher(settings.enrich, self._schemas)
        self._last_resort = Enricher(settings.enrich, SchemaRegistry())
        self._positions: dict[str, int] = {}
        self._pending: dict[str, _Pending] = {}
        self._rows = 0
        self._committed_at = time.monotonic()
        self._hand = ThreadPoolExecutor(1, "whiteout-lake")
        self._flight: Future[None] | None = None
        self._desk = Desk(settings.folder)
        self._owned = Store(settings.folder, self._lake, self._feed, self._take_in, self._let_go)
        self._expire_at = time.monotonic()

    def run(self, stop: Stop) -> None:
        """Work until `stop` is set, then drain what the spool still holds."""
        gc.set_threshold(50_000, 20, 100)
        while not stop.is_set():
            # First: what was begun before a crash goes on before anything new is stored.
            self.attend()
            if not self.step():
                stop.wait(_IDLE)
        self.attend()
        self.drain()

    def step(self) -> int:
        """Read and show what is new, and commit when it is time. The number of records read."""
        with _uncollected():
            count = sum(self._take(source) for source in self._spool.files())
        full = self._rows >= _COMMIT_ROWS
        if full or (self._flight is not None and self._flight.done()):
            self._finish()
        due = time.monotonic() - self._committed_at >= self._settings.commit_interval
        if self._flight is None and (full or due):
            self._launch()
        return count

    def drain(self) -> None:
        """Commit everything that the spool files hold now."""
        while True:
            if self.step():
                continue
            self._finish()
            if not self._pending:
                return
            self._launch()

    def attend(self) -> None:
        """Carry out, between two commits, what people have a right to, and what retention wants.

        Raises RightsError besides what a commit raises.
        """
        attend(self._desk, self._owned)
        if self._settings.retention_days and time.monotonic() >= self._expire_at:
            self._expire_at = time.monotonic() + _EXPIRE_SECONDS
            self._empty_hands()
            try:
                expire(self._owned, self._settings.retention_days)
            except (FeedError, LakeError) as error:
                logger.warning("old events cannot be removed, trying again in an hour: %s", error)

    def _take_in(self) -> dict[str, int]:
        """Move into the lake all that was accepted before the call; the positions reached."""
        self._empty_hands()
        for source in self._spool.files():
            left = source.backlog()
            while left > 0 and (count := self._take(source)):
                left -= count
                if self._rows >= _COMMIT_ROWS:
                    self._empty_hands()
        self._empty_hands()
        # What enrichment remembers may be of somebody who is to be forgotten (contract 16).
        self._enricher = Enricher(self._settings.enrich, self._schemas)
        return dict(self._positions)

    def _let_go(self, positions: Mapping[str, int]) -> None:
        """Take out of the spool what the lake has, also what a power cut brought back."""
        for source in self._spool.files():
            source.release(positions.get(source.file_id, 0))

    def _empty_hands(self) -> None:
        """Commit and release what was read."""
        self._finish()
        if self._pending:
            self._launch()
            self._finish()

    def close(self) -> None:
        """Let go of the lake and the feed."""
        self._schemas.close()
        self._hand.shutdown(cancel_futures=True)
        self._lake.close()
        self._feed.close()

    def _launch(self) -> None:
        """Begin to commit what was read; reading goes on meanwhile."""
        self._enricher.tidy(time.time_ns() // 1_000_000)
        self._flight = self._hand.submit(self._store, list(self._pending.values()))
        self._pending = {}
        self._rows = 0
        self._committed_at = time.monotonic()

    def _finish(self) -> None:
        """Wait for the commit under way, if there is one.

        Raises LakeError or SpoolUnavailable when it failed; nothing is released that the lake
        does not have, so nothing is lost.
        """
        flight, self._flight = self._flight, None
        if flight is not None:
            flight.result()

    def _store(self, pending: list[_Pending]) -> None:
        """Commit, and take out of the spool what the lake has."""
        self._commit([entry.piece for entry in pending])
        for entry in pending:
            entry.source.release(entry.piece.last)
        self._lake.maintain()

    def _commit(self, pieces: list[Slice]) -> None:
        """Commit; a record that the table cannot hold becomes a failed event that says so."""
        refused: set[tuple[str, int]] = set()
        while pieces:
            try:
                self._lake.commit(pieces)
            except LakeValueError as error:
                if error.file_id is None or error.record is None:
                    raise
                place = (error.file_id, error.record)
                if place in refused:
                    raise
                refused.add(place)
                self._set_aside(pieces, *place)
            else:
                return

    def _set_aside(self, pieces: list[Slice], file_id: str, record: int) -> None:
        for piece in pieces:
            if piece.file_id == file_id:
                kept = [entry for entry in piece.failed if entry[0] != record]
                kept += [(record, row) for row in self._failure()]
                piece.failed[:] = sorted(kept, key=itemgetter(0))

    def _take(self, source: SpoolFile) -> int:
        file_id = source.file_id
        position = self._positions.get(file_id)
        if position is None:
            position = self._lake.position(file_id)
        records = source.read(position, _READ)
        if not records:
            self._positions[file_id] = position
            return 0
        now = time.time_ns() // 1_000_000
        piece = Slice(file_id, records[-1][0])
        batches = []
        for portion in _portions(records):
            batch = self._enricher.enrich_all(portion, now, file_id)
            batches.append(self._add(piece, batch))
        self._show(piece, batches, _SHOWN_PER_STEP if len(records) < _READ else _SHOWN_OF_BACKLOG)
        self._append(source, piece)
        self._positions[file_id] = piece.last
        return len(records)

    def _add(self, piece: Slice, batch: Batch) -> Batch:
        """Make a batch ready for the lake; a record that does not fit becomes a failed event."""
        events = batch.events
        if events.numbers:
            try:
                piece.blocks.append(self._lake.block(events.numbers, events.values))
            except LakeValueError:
                rows = ((number, events.row(at)) for at, number in enumerate(events.numbers))
                refused = {number for number, row in rows if not self._lake.takes(row)}
                if not refused:
                    raise
                return self._add(piece, self._without(batch, refused))
        piece.failed.extend(batch.failed)
        return batch

    def _without(self, batch: Batch, refused: set[int]) -> Batch:
        failed = [(number, row) for number, row in batch.failed if number not in refused]
        failed += [(number, row) for number in sorted(refused) for row in self._failure()]
        return Batch(batch.events.without(refused), sorted(failed, key=itemgetter(0)))

    def _failure(self) -> list[tuple[Any, ...]]:
        """The failed event that says that a record could not be stored."""
        logger.error("a record could not be stored and is kept as a failed event")
        return self._last_resort.enrich(b"", time.time_ns() // 1_000_000).failed

    def _append(self, source: SpoolFile, piece: Slice) -> None:
        self._rows += piece.rows
        entry = self._pending.get(piece.file_id)
        if entry is None:
            self._pending[piece.file_id] = _Pending(source, piece)
            return
        entry.piece.blocks.extend(piece.blocks)
        entry.piece.failed.extend(piece.failed)
        entry.piece.last = piece.last

    def _show(self, piece: Slice, batches: Sequence[Batch], most: int) -> None:
        """Publish the newest rows of a slice, those that the feed has not shown before."""
        seen = self._shown.get(piece.file_id, 0)
        entries = [
            event_entry(row) if good else failed_entry(row)
            for good, row in _newest(batches, seen, most)
        ]
        position = max(seen, piece.last)
        try:
            self._feed.publish(entries, {piece.file_id: position})
        except FeedError as error:
            logger.warning("the live page misses events: %s", error)
        self._shown[piece.file_id] = position


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cyclic garbage, of which decoded JSON makes none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _portions(records: Sequence[tuple[int, bytes]]) -> Iterator[Sequence[tuple[int, bytes]]]:
    """Records in portions of a moderate size, each of one record at least."""
    start = size = 0
    for end, (_, raw) in enumerate(records):
        if end > start and size + len(raw) > _PORTION_BYTES:
            yield records[start:end]
            start, size = end, 0
        size += len(raw)
    yield records[start:]


def _newest(batches: Sequence[Batch], seen: int, most: int) -> list[tuple[bool, tuple[Any, ...]]]:
    """The newest rows of records beyond `seen`, oldest first, and whether each is an event."""
    newest: list[tuple[int, bool, tuple[Any, ...]]] = []
    for batch in reversed(batches):
        events = batch.events
        left = most - len(newest)
        start = max(bisect_right(events.numbers, seen), len(events) - left)
        rows = [(events.numbers[at], True, events.row(at)) for at in range(start, len(events))]
        rows += [(number, False, row) for number, row in batch.failed[-left:] if number > seen]
        newest = sorted(rows, key=itemgetter(0))[-left:] + newest
        if len(newest) == most:
            break
    return [(good, row) for _, good, row in newest]


def event_entry(row: Sequence[Any]) -> bytes:
    """The feed entry of an event row, as JSON."""
    event = {
        name: _iso(row[at]) if is_time else row[at]
        for at, name, is_time in _EVENT
        if row[at] is not None
    }
    entry = {
        "kind": "event",
        "collector_tstamp": event["collector_tstamp"],
        **{name: row[at] for at, name in _EVENT_HEAD},
        "identifiers": {name: row[at] for at, name in _SHOWN},
        "event": event,
    }
    return _encode(entry)


def failed_entry(row: Sequence[Any]) -> bytes:
    """The feed entry of a failed event row, as JSON."""
    values = {column.name: value for column, value in zip(FAILED_COLUMNS, row, strict=True)}
    entry = {
        "kind": "failed",
        "collector_tstamp": _iso(values["collector_tstamp"]),
        **{name: values[name] for name in (*_FAILED_HEAD, *_ALLOWANCE)},
        "failure": values["failure"],
        "reason": values["reason"],
        "errors": msgspec.Raw(values["errors"].encode()),
        "identifiers": dict.fromkeys(SHOWN_IDENTIFIERS),
        "payload": msgspec.Raw((values["payload"] or "null").encode()),
    }
    return _encode(entry)


def _iso(milliseconds: int) -> str:
    try:
        moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):  # year 0 is one that a device may send (B-40)
        return f"{milliseconds} ms"
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

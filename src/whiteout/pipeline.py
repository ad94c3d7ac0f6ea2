"""Spool to enrich to feed and lake: the one loop that moves events (DESIGN: the way of an event).

Records are read from every spool file, enriched once, shown in the feed at once and committed to
the lake in batches; a thread of its own commits, so that the disk works while the next batch is
read. A record leaves its spool only when the lake has it. The lake commit carries the position in
each file, so a crash at any point neither loses nor doubles an event.
"""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import msgspec

from whiteout.enrich import Enricher, EnrichSettings
from whiteout.feed import FeedError, FeedWriter
from whiteout.lake import LakeOwner, LakeSettings, LakeValueError, Slice
from whiteout.privacy import SHOWN_IDENTIFIERS
from whiteout.protocol.columns import (
    CANONICAL_COLUMNS,
    EVENT_COLUMNS,
    EVENT_INDEX,
    FAILED_COLUMNS,
    FAILED_INDEX,
)
from whiteout.schemas import SchemaRegistry
from whiteout.spool import SpoolFile, SpoolReader

_READ = 2_000
_COMMIT_ROWS = 10_000
_SHOWN_PER_STEP = 100
_IDLE = 0.05

_TIMES = frozenset(c.name for c in (*EVENT_COLUMNS, *FAILED_COLUMNS) if c.type == "ts")
_SUMMARY = ("event_id", "event_name", "app_id", "platform", "name_tracker")
_ALLOWANCE = ("mode_declared", "mode_inferred", "server_anonymous", "signal", "redacted")


logger = logging.getLogger("whiteout.loader")


class Stop(Protocol):
    """Tells the loader to end."""

    def is_set(self) -> bool:
        """Whether it is to end."""

    def wait(self, seconds: float) -> bool:
        """Wait for so many seconds, or until it is to end; whether it is."""


@dataclass(frozen=True, slots=True)
class LoaderSettings:
    """How the loader works; `commit_interval` is in seconds."""

    folder: Path
    enrich: EnrichSettings
    lake: LakeSettings = field(default_factory=LakeSettings)
    commit_interval: float = 1.0
    feed_size: int = 5_000


@dataclass(slots=True)
class _Pending:
    """What was read from one spool file and is not committed yet."""

    source: SpoolFile
    piece: Slice


@dataclass(frozen=True, slots=True)
class _Flight:
    """A commit under way in the lake's thread, and what it covers."""

    work: Future[None]
    pending: list[_Pending]


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
        self._enricher = Enricher(settings.enrich, SchemaRegistry())
        self._last_resort = Enricher(settings.enrich, SchemaRegistry())
        self._positions: dict[str, int] = {}
        self._pending: dict[str, _Pending] = {}
        self._rows = 0
        self._committed_at = time.monotonic()
        self._hand = ThreadPoolExecutor(1, "whiteout-lake")
        self._flight: _Flight | None = None

    def run(self, stop: Stop) -> None:
        """Work until `stop` is set, then drain what the spool still holds."""
        gc.set_threshold(50_000, 20, 100)
        while not stop.is_set():
            if not self.step():
                stop.wait(_IDLE)
        self.drain()

    def step(self) -> int:
        """Read and show what is new, and commit when it is time. The number of records read."""
        count = sum(self._take(source) for source in self._spool.files())
        if self._flight is not None and self._flight.work.done():
            self._land()
        full = self._rows >= _COMMIT_ROWS
        if full:
            self._land()
        due = time.monotonic() - self._committed_at >= self._settings.commit_interval
        if self._flight is None and (full or due):
            self._launch()
        return count

    def drain(self) -> None:
        """Commit everything that the spool files hold now."""
        while self.step() or self._pending or self._flight is not None:
            self._land()
            if self._pending:
                self._launch()

    def close(self) -> None:
        """Let go of the lake and the feed."""
        self._hand.shutdown(cancel_futures=True)
        self._lake.close()
        self._feed.close()

    def _launch(self) -> None:
        """Begin to commit what was read; reading goes on meanwhile."""
        pending = list(self._pending.values())
        pieces = [entry.piece for entry in pending]
        self._flight = _Flight(self._hand.submit(self._store, pieces), pending)
        self._pending = {}
        self._rows = 0
        self._committed_at = time.monotonic()

    def _land(self) -> None:
        """Wait for the commit under way, if there is one, and release from the spool what it holds.

        Raises LakeError when it failed: nothing was released then, so nothing is lost.
        """
        flight, self._flight = self._flight, None
        if flight is not None:
            flight.work.result()
            for entry in flight.pending:
                entry.source.release(entry.piece.last)

    def _store(self, pieces: list[Slice]) -> None:
        """Commit; a record that the table cannot hold becomes a failed event that says so."""
        refused: set[tuple[str, int]] = set()
        while True:
            try:
                if pieces:
                    self._lake.commit(pieces)
                self._lake.maintain()
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
        logger.error("a record could not be stored and is kept as a failed event")
        failure = self._last_resort.enrich(b"", time.time_ns() // 1_000_000)
        for piece in pieces:
            if piece.file_id == file_id:
                piece.events[:] = [entry for entry in piece.events if entry[0] != record]
                kept = [entry for entry in piece.failed if entry[0] != record]
                kept += [(record, row) for row in failure.failed]
                piece.failed[:] = sorted(kept, key=lambda entry: entry[0])

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
        last = records[-1][0]
        piece = Slice(file_id, last, [], [])
        for number, raw in records:
            enriched = self._enricher.enrich(raw, now, f"{file_id}/{number}".encode())
            piece.events.extend((number, row) for row in enriched.events)
            piece.failed.extend((number, row) for row in enriched.failed)
        self._show(piece)
        self._append(source, piece)
        self._positions[file_id] = last
        return len(records)

    def _append(self, source: SpoolFile, piece: Slice) -> None:
        self._rows += len(piece.events) + len(piece.failed)
        entry = self._pending.get(piece.file_id)
        if entry is None:
            self._pending[piece.file_id] = _Pending(source, piece)
            return
        entry.piece.events.extend(piece.events)
        entry.piece.failed.extend(piece.failed)
        entry.piece.last = piece.last

    def _show(self, piece: Slice) -> None:
        """Publish the newest rows of a slice, those that the feed has not shown before."""
        seen = self._shown.get(piece.file_id, 0)
        rows = [(n, True, row) for n, row in piece.events if n > seen]
        rows += [(n, False, row) for n, row in piece.failed if n > seen]
        rows.sort(key=lambda entry: entry[0])
        entries = [
            event_entry(row) if good else failed_entry(row)
            for _, good, row in rows[-_SHOWN_PER_STEP:]
        ]
        position = max(seen, piece.last)
        try:
            self._feed.publish(entries, {piece.file_id: position})
        except FeedError as error:
            logger.warning("the live page misses events: %s", error)
        self._shown[piece.file_id] = position


def event_entry(row: Sequence[Any]) -> bytes:
    """The feed entry of an event row, as JSON."""
    event = _named(EVENT_COLUMNS[: len(CANONICAL_COLUMNS)], row)
    entry = {
        "kind": "event",
        "collector_tstamp": event["collector_tstamp"],
        **{name: row[EVENT_INDEX[name]] for name in (*_SUMMARY, *_ALLOWANCE)},
        "identifiers": {name: row[EVENT_INDEX[name]] for name in SHOWN_IDENTIFIERS},
        "event": event,
    }
    return msgspec.json.encode(entry)


def failed_entry(row: Sequence[Any]) -> bytes:
    """The feed entry of a failed event row, as JSON."""
    values = _named(FAILED_COLUMNS, row)
    entry = {
        "kind": "failed",
        "collector_tstamp": values["collector_tstamp"],
        **{name: row[FAILED_INDEX[name]] for name in ("event_id", "app_id", *_ALLOWANCE)},
        "failure": values["failure"],
        "reason": values["reason"],
        "errors": msgspec.Raw(values["errors"].encode()),
        "identifiers": dict.fromkeys(SHOWN_IDENTIFIERS),
        "payload": msgspec.Raw((values.get("payload") or "null").encode()),
    }
    return msgspec.json.encode(entry)


def _named(columns: Sequence[Any], row: Sequence[Any]) -> dict[str, Any]:
    """The values of a row that are there, by column, times as ISO 8601."""
    return {
        column.name: _iso(value) if column.name in _TIMES else value
        for column, value in zip(columns, row, strict=False)
        if value is not None
    }


def _iso(milliseconds: int) -> str:
    try:
        moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):  # year 0 is one that a device may send (B-40)
        return f"{milliseconds} ms"
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

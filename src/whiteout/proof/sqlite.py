"""The seams of a SQLite file: where a long value goes on in another page.

The raw file holds every page, used, free or in the write-ahead log, but a value that is longer than
a page is cut there, and a text across the cut stands nowhere in one piece. A seam is the end of
one piece and the start of the next. Nothing is opened by SQLite: no lock, no file, no change.
Format: the documentation of SQLite's file format (overflow pages, b-tree cells, WAL frames).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Self

MAGIC = b"SQLite format 3\0"
LOG_MAGIC = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")

_TABLE_LEAF, _INDEX_LEAF, _INDEX_INNER = 13, 10, 2
_LOG_HEADER, _FRAME_HEADER = 32, 24
_GAP = b"\xff\0\xff"
_BATCH = 1 << 20


def seams(path: Path, width: int) -> Iterator[bytes]:
    """The seams of a database with its log, or of a log, `width` bytes to each side; in batches.

    Where a page has several versions in the log, each counts.
    """
    base = path.with_name(path.name.removesuffix("-wal"))
    log = base.with_name(f"{base.name}-wal")
    batch = bytearray()
    with _Pages(base, log) as pages:
        for piece, following in pages.cuts():
            for page in pages.versions(following):
                batch += piece[-width:] + page[4 : 4 + width] + _GAP
            if len(batch) >= _BATCH:
                yield bytes(batch)
                batch.clear()
    if batch:
        yield bytes(batch)


class _File:
    """A file that is read piece by piece; empty when it is absent.

    Not mapped: SQLite may truncate a log at any time, and reading a mapping past its end kills.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._descriptor: int | None = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            self._descriptor = None
        self.size = 0 if self._descriptor is None else os.fstat(self._descriptor).st_size

    def read(self, start: int, size: int) -> bytes:
        """Bytes from an offset; fewer at the end."""
        return b"" if self._descriptor is None else os.pread(self._descriptor, size, start)

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)


class _Pages:
    """All pages of a database and of its log, those of the database by their place in it."""

    def __init__(self, base: Path, log: Path) -> None:
        self._base, self._log = _File(base), _File(log)
        self._frames: dict[int, list[int]] = {}
        head, log_head = self._base.read(0, 100), self._log.read(0, _LOG_HEADER)
        logged = log_head[:4] in LOG_MAGIC
        self._size = 0
        if head.startswith(MAGIC):
            size = int.from_bytes(head[16:18], "big")
            self._size = 65_536 if size == 1 else size
        elif logged:
            self._size = int.from_bytes(log_head[8:12], "big")
        sound = self._size >= 512
        self._usable = self._size - (head[20] if len(head) > 20 else 0)
        self._count = self._base.size // self._size if sound else 0
        if logged and sound:
            step = _FRAME_HEADER + self._size
            for at in range(_LOG_HEADER, self._log.size - step + 1, step):
                number = int.from_bytes(self._log.read(at, 4), "big")
                self._frames.setdefault(number, []).append(at + _FRAME_HEADER)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()
        self._log.close()

    def versions(self, number: int) -> Iterator[bytes]:
        """What stands in a page, in the database and in each frame of the log."""
        if 0 < number <= self._count:
            yield self._base.read((number - 1) * self._size, self._usable)
        for at in self._frames.get(number, ()):
            yield self._log.read(at, self._usable)

    def cuts(self) -> Iterator[tuple[bytes, int]]:
        """Every piece of a value that goes on, and the number of the page where."""
        for number in sorted({*range(1, self._count + 1), *self._frames}):
            for page in self.versions(number):
                following = int.from_bytes(page[:4], "big")
                if self._is_page(following):
                    yield page[4:], following
                yield from self._cells(page, 100 if number == 1 else 0)

    def _is_page(self, number: int) -> bool:
        return 1 < number <= self._count or number in self._frames

    def _cells(self, page: bytes, start: int) -> Iterator[tuple[bytes, int]]:
        kind = page[start] if start < len(page) else 0
        if kind not in (_TABLE_LEAF, _INDEX_LEAF, _INDEX_INNER):
            return
        count = int.from_bytes(page[start + 3 : start + 5], "big")
        array = start + (12 if kind == _INDEX_INNER else 8)
        for place in range(array, min(array + 2 * count, len(page) - 1), 2):
            at = int.from_bytes(page[place : place + 2], "big")
            size, at = _varint(page, at + (4 if kind == _INDEX_INNER else 0))
            if kind == _TABLE_LEAF:
                _, at = _varint(page, at)
            local = self._local(size, table=kind == _TABLE_LEAF)
            following = int.from_bytes(page[at + local : at + local + 4], "big")
            if local < size and self._is_page(following):
                yield page[at : at + local], following

    def _local(self, size: int, *, table: bool) -> int:
        """How many bytes of a value of this size its first page holds."""
        usable = self._usable
        most = usable - 35 if table else (usable - 12) * 64 // 255 - 23
        if size <= most:
            return size
        least = (usable - 12) * 32 // 255 - 23
        fitting = least + (size - least) % (usable - 4)
        return fitting if fitting <= most else least


def _varint(page: bytes, at: int) -> tuple[int, int]:
    """A variable-length integer and the offset behind it; cut short at the end of the page."""
    value = 0
    for index in range(9):
        byte = page[at] if at < len(page) else 0
        at += 1
        if index == 8:
            return value << 8 | byte, at
        value = value << 7 | byte & 127
        if byte < 128:
            break
    return value, at

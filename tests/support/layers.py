"""Every layer of a file in which bytes can hide: the raw one, and those of its format."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.support.parquet_pages import pages

_SQLITE = b"SQLite format 3\0"
_PARQUET = b"PAR1"
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"


def layers(path: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each layer of a file, the raw bytes first.

    Raises what the reader of a format raises: a file that says it is Parquet but cannot be read is
    not passed over.
    """
    data = path.read_bytes()
    yield "raw", data
    yield from _inside(data)
    if data.startswith(_SQLITE):
        yield "rows", _sqlite_rows(path)


def _inside(data: bytes) -> Iterator[tuple[str, bytes]]:
    if data.startswith(_PARQUET):
        yield from _parquet(data)
    elif data.startswith(_GZIP):
        yield from _unpacked("gzip", gzip.decompress(data))
    elif data.startswith(_ZSTD):
        with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
            yield from _unpacked("zstd", stream.read())


def _unpacked(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    yield name, data
    for layer, inner in _inside(data):
        yield f"{name}, {layer}", inner


def _parquet(data: bytes) -> Iterator[tuple[str, bytes]]:
    for name, page in pages(data):
        yield name, page
    file = pq.ParquetFile(pa.BufferReader(data))
    metadata = file.metadata
    yield "metadata", b"\n".join(_flat([metadata.to_dict(), metadata.metadata or {}]))
    table = file.read()
    for name in table.column_names:
        yield f"column {name}", b"\n".join(_flat(table.column(name).to_pylist()))


def _flat(value: Any) -> Iterator[bytes]:
    """The texts and bytes in nested values."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(key)
            yield from _flat(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _flat(item)
    elif isinstance(value, bytes):
        yield value
    elif value is not None:
        yield str(value).encode()


def _sqlite_rows(path: Path) -> bytes:
    """All values of a database and its write-ahead log, in which long ones are cut by no page."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        for suffix in ("", "-wal"):
            source = path.with_name(path.name + suffix)
            if source.exists():
                shutil.copyfile(source, copy.with_name(copy.name + suffix))
        with closing(sqlite3.connect(copy)) as database:
            tables = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            rows = [
                database.execute(f'SELECT * FROM "{name}"').fetchall()
                for (name,) in tables.fetchall()
            ]
        return b"\n".join(_flat(rows))

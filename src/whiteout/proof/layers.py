"""Every layer of a file in which bytes can hide: the raw one, and those of its format.

A layer is a stream of pieces that follow each other, so that files of any size are read in little
memory.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import cramjam

from whiteout.proof import parquet, sqlite

PIECE = 4 * 1024 * 1024
"""Bytes that are read at a time."""

Pieces = Iterator[bytes]
Unpack = Callable[[BinaryIO], Pieces]

_GZIP = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"


class UnreadableError(Exception):
    """A file, or a layer of it, cannot be read, so nobody knows what stands in it."""


def layers(path: Path, width: int) -> Iterator[tuple[str, Pieces]]:
    """Name and pieces of each layer of a file; the raw bytes first, under an empty name.

    `width` is the longest text that must not be cut. Each layer is to be read before the next one.
    Raises UnreadableError for a file that says it has a format and has not, and OSError.
    """
    with path.open("rb") as file:
        yield "", _pieces(file)
        file.seek(0)
        yield from _inside(file)
        file.seek(0)
        if file.read(16) == sqlite.MAGIC or _is_lone_log(path):
            yield "across pages", sqlite.seams(path, width)


def parquet_chunks(path: Path) -> list[parquet.Chunk]:
    """The column chunks of a file; none when it is not Parquet. Raises UnreadableError."""
    with path.open("rb") as file:
        if file.read(4) != parquet.MAGIC:
            return []
        try:
            return parquet.chunks(file)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise UnreadableError(f"no sound Parquet file ({type(error).__name__})") from None


def _is_lone_log(path: Path) -> bool:
    """Whether a file is the log of a database that is not there; else it is read with that."""
    base = path.name.removesuffix("-wal")
    return base != path.name and not path.with_name(base).exists()


def _pieces(file: BinaryIO) -> Pieces:
    while piece := file.read(PIECE):
        yield piece


def _inside(file: BinaryIO) -> Iterator[tuple[str, Pieces]]:
    head = file.read(4)
    file.seek(0)
    if head == parquet.MAGIC:
        yield from _parquet(file)
    elif head.startswith(_GZIP):
        yield from _unpacked("gzip", file, _gunzipped)
    elif head == _ZSTD:
        yield from _unpacked("zstd", file, _unzstd)


def _unpacked(name: str, file: BinaryIO, unpack: Unpack) -> Iterator[tuple[str, Pieces]]:
    """The unpacked bytes, and the layers of what they are; only those are held in memory."""
    stream = unpack(file)
    head = next(stream, b"")
    packed = head.startswith((parquet.MAGIC, _GZIP, _ZSTD))
    if not packed:
        yield name, chain((head,), stream)
        return
    whole = b"".join((head, *stream))
    yield name, iter((whole,))
    for layer, pieces in _inside(BytesIO(whole)):
        yield f"{name}, {layer}", pieces


def _gunzipped(file: BinaryIO) -> Pieces:
    """The bytes of one gzip member after the other."""
    unpacker = zlib.decompressobj(wbits=31)
    started = False
    try:
        while data := unpacker.unconsumed_tail or unpacker.unused_data or file.read(PIECE):
            if unpacker.eof:
                if not data.startswith(_GZIP[:2]):
                    return  # what stands behind the last member is seen in the raw layer
                unpacker, started = zlib.decompressobj(wbits=31), False
            started = True
            if piece := unpacker.decompress(data, PIECE):
                yield piece
    except zlib.error:
        raise UnreadableError("no sound gzip data") from None
    if started and not unpacker.eof:
        raise UnreadableError("gzip data that is cut short")


def _unzstd(file: BinaryIO) -> Pieces:
    try:
        yield bytes(cramjam.zstd.decompress(file.read()))
    except cramjam.DecompressionError:
        raise UnreadableError("no sound zstd data") from None


def _parquet(file: BinaryIO) -> Iterator[tuple[str, Pieces]]:
    try:
        for chunk in parquet.chunks(file):
            for name, page in parquet.pages(file, chunk):
                yield f"{name} of {chunk.column}", iter((page,))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise UnreadableError(f"no sound Parquet data ({type(error).__name__})") from None

"""The pages of a Parquet file, dictionaries included, each decompressed, read piece by piece.

The reader of a Parquet library returns values only; a proof that bytes are absent needs the pages.
Statistics stand in the headers and the footer as they are, so they need nothing but the raw file.
Format: the specification of Apache Parquet, with all structures in Thrift's compact protocol.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import cramjam

MAGIC = b"PAR1"

_PAGE_TYPES = {0: "data page", 1: "index page", 2: "dictionary page", 3: "data page"}
_TYPE, _SIZE, _COMPRESSED_SIZE, _DATA_V2 = 1, 2, 3, 8
_DEFINITION_LEVELS, _REPETITION_LEVELS, _IS_COMPRESSED = 5, 6, 7
_CONVERTED, _LOGICAL, _DECIMAL = 6, 10, 5
_TRANSPARENT = frozenset({0, 2, 3, 4, 8})
"""Encodings that leave a text whole: plain, dictionaries, run lengths."""
_NUMBERS = frozenset({1, 2, 4, 5})
"""Physical types that are numbers: INT32, INT64, FLOAT, DOUBLE."""

_Decompress = Callable[[bytes, int], bytes]


def _hadoop_lz4(data: bytes, size: int) -> bytes:
    """LZ4 in blocks, each behind its two lengths, as older writers frame it."""
    out, at = bytearray(), 0
    while len(out) < size:
        plain, packed = (int.from_bytes(data[at + i : at + i + 4], "big") for i in (0, 4))
        if not plain:
            raise ValueError("an LZ4 block of no length")
        block = data[at + 8 : at + 8 + packed]
        out += bytes(cramjam.lz4.decompress_block(block, output_len=plain))
        at += 8 + packed
    return bytes(out)


_CODECS: dict[int, _Decompress] = {
    0: lambda data, _: data,
    1: lambda data, _: bytes(cramjam.snappy.decompress_raw(data)),
    2: lambda data, _: bytes(cramjam.gzip.decompress(data)),
    4: lambda data, _: bytes(cramjam.brotli.decompress(data)),
    5: _hadoop_lz4,
    6: lambda data, size: bytes(cramjam.zstd.decompress(data, output_len=size)),
    7: lambda data, size: bytes(cramjam.lz4.decompress_block(data, output_len=size)),
}


@dataclass(frozen=True, slots=True)
class Chunk:
    """One column of one row group: its path in the schema, and where and how it is written.

    `scaled` tells that some column of the file holds numbers times a power of ten.
    """

    column: str
    numeric: bool
    transparent: bool
    scaled: bool
    codec: int
    start: int
    size: int


def chunks(file: BinaryIO) -> list[Chunk]:
    """The column chunks of a file. Raises ValueError when its footer cannot be read."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - 8, 0))
    tail = file.read(8)
    length = int.from_bytes(tail[:4], "little")
    if len(tail) < 8 or tail[4:] != MAGIC or length > size - 8:
        raise ValueError("no footer")
    file.seek(size - 8 - length)
    footer = _Compact(file.read(length)).struct()
    scaled = any(
        element.get(_CONVERTED) == _DECIMAL or _DECIMAL in element.get(_LOGICAL, ())
        for element in footer[2]
    )
    return [_chunk(column[3], scaled=scaled) for group in footer[4] for column in group[1]]


def _chunk(metadata: dict[int, Any], *, scaled: bool) -> Chunk:
    start = metadata[9]
    if metadata.get(11):
        start = min(start, metadata[11])
    return Chunk(
        column=b".".join(metadata[3]).decode("utf-8", "replace"),
        numeric=metadata[1] in _NUMBERS,
        transparent=_TRANSPARENT.issuperset(metadata[2]),
        scaled=scaled,
        codec=metadata[4],
        start=start,
        size=metadata[7],
    )


def pages(file: BinaryIO, chunk: Chunk) -> Iterator[tuple[str, bytes]]:
    """Name and uncompressed bytes of each page of a column chunk. Raises ValueError."""
    file.seek(chunk.start)
    data = file.read(chunk.size)
    at = 0
    while at < len(data):
        reader = _Compact(data, at)
        header = reader.struct()
        end = reader.at + header[_COMPRESSED_SIZE]
        page = _decompressed(data[reader.at : end], header, chunk.codec)
        yield _PAGE_TYPES.get(header[_TYPE], "page"), page
        at = end


def _decompressed(body: bytes, header: dict[int, Any], codec: int) -> bytes:
    second = header.get(_DATA_V2, {})
    if not second.get(_IS_COMPRESSED, True):
        return body
    levels = second.get(_DEFINITION_LEVELS, 0) + second.get(_REPETITION_LEVELS, 0)
    size = header[_SIZE] - levels
    if not size or codec not in _CODECS:
        if size:
            raise ValueError(f"compression {codec} is not known")
        return body[:levels]
    try:
        return body[:levels] + _CODECS[codec](body[levels:], size)
    except cramjam.DecompressionError:
        # Without the cause: who knows what it quotes.
        raise ValueError("a page cannot be decompressed") from None


class _Compact:
    """A reader of Thrift's compact protocol that keeps field numbers in place of names."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data = data
        self.at = at

    def struct(self) -> dict[int, Any]:
        """The fields of a struct by their numbers. Raises ValueError."""
        fields: dict[int, Any] = {}
        number = 0
        while (head := self._byte()) != 0:
            number = number + (head >> 4) if head >> 4 else self._zigzag()
            fields[number] = self._value(head & 15, member=True)
        return fields

    def _value(self, kind: int, *, member: bool) -> Any:  # noqa: PLR0911 (one for each type)
        match kind:
            case 1 | 2:
                return kind == 1 if member else self._byte() == 1
            case 3:
                return self._byte()
            case 4 | 5 | 6:
                return self._zigzag()
            case 7:
                return self._take(8)
            case 8:
                return self._take(self._varint())
            case 9 | 10:
                return self._list()
            case 12:
                return self.struct()
        raise ValueError(f"type {kind} of the compact protocol does not occur in Parquet")

    def _list(self) -> list[Any]:
        head = self._byte()
        size = self._varint() if head >> 4 == 15 else head >> 4
        return [self._value(head & 15, member=False) for _ in range(size)]

    def _zigzag(self) -> int:
        value = self._varint()
        return value >> 1 ^ -(value & 1)

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    def _byte(self) -> int:
        if self.at >= len(self._data):
            raise ValueError("a structure is cut short")
        self.at += 1
        return self._data[self.at - 1]

    def _take(self, size: int) -> bytes:
        self.at += size
        return self._data[self.at - size : self.at]

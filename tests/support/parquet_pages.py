"""The pages of a Parquet file, dictionaries and statistics included, each decompressed.

The reader of a Parquet library returns values only; a proof that bytes are absent needs the pages.
Format: the specification of Apache Parquet, with page headers in Thrift's compact protocol.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_PAGE_TYPES = {0: "data page", 1: "index page", 2: "dictionary page", 3: "data page"}
_TYPE, _SIZE, _COMPRESSED_SIZE, _DATA_V2 = 1, 2, 3, 8
_DEFINITION_LEVELS, _REPETITION_LEVELS, _IS_COMPRESSED = 5, 6, 7
_CODECS = {"LZ4": "lz4_raw"}


def pages(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and uncompressed bytes of each page of a Parquet file, and its header as it stands."""
    metadata = pq.read_metadata(pa.BufferReader(data))
    for group in range(metadata.num_row_groups):
        for index in range(metadata.num_columns):
            column = metadata.row_group(group).column(index)
            start = column.data_page_offset
            if column.dictionary_page_offset is not None:
                start = min(start, column.dictionary_page_offset)
            chunk = data[start : start + column.total_compressed_size]
            for name, page in _pages(chunk, column.compression):
                yield f"{name} of {column.path_in_schema}", page


def _pages(chunk: bytes, compression: str) -> Iterator[tuple[str, bytes]]:
    at = 0
    while at < len(chunk):
        reader = _Compact(chunk, at)
        header = reader.struct()
        body = chunk[reader.at : reader.at + header[_COMPRESSED_SIZE]]
        name = _PAGE_TYPES.get(header[_TYPE], "page")
        yield f"header of {name}", chunk[at : reader.at]
        yield name, _decompressed(body, header, compression)
        at = reader.at + header[_COMPRESSED_SIZE]


def _decompressed(body: bytes, header: dict[int, Any], compression: str) -> bytes:
    second = header.get(_DATA_V2, {})
    if compression == "UNCOMPRESSED" or not second.get(_IS_COMPRESSED, True):
        return body
    levels = second.get(_DEFINITION_LEVELS, 0) + second.get(_REPETITION_LEVELS, 0)
    size = header[_SIZE] - levels
    if size == 0:
        return body[:levels]
    codec = pa.Codec(_CODECS.get(compression, compression.lower()))
    content: bytes = codec.decompress(body[levels:], size, asbytes=True)
    return body[:levels] + content


class _Compact:
    """A reader of Thrift's compact protocol that keeps field numbers in place of names."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self.at = at

    def struct(self) -> dict[int, Any]:
        """The fields of a struct by their numbers."""
        fields: dict[int, Any] = {}
        number = 0
        while (head := self._byte()) != 0:
            number = number + (head >> 4) if head >> 4 else self._zigzag()
            fields[number] = self._value(head & 15, member=True)
        return fields

    def _value(self, kind: int, *, member: bool) -> Any:
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
        message = f"type {kind} of the compact protocol does not occur in page headers"
        raise ValueError(message)

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
        self.at += 1
        return self._data[self.at - 1]

    def _take(self, size: int) -> bytes:
        self.at += size
        return self._data[self.at - size : self.at]

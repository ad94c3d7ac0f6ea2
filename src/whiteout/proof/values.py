"""Values of a Parquet file that its pages do not show as text: numbers, and encoded texts."""

from __future__ import annotations

import re
import struct
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from whiteout.proof.layers import Pieces, UnreadableError
from whiteout.proof.parquet import Chunk, pages

_ROWS = 2_000
_GLOB = re.compile(r"([*?\[])")
_NUMERIC = re.compile(r"(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|DOUBLE|FLOAT|DECIMAL.*)\Z")


def hidden_texts(path: Path, chunks: Sequence[Chunk]) -> Iterator[tuple[str, Pieces]]:
    """The values of each column whose encoding takes texts apart (`DELTA_…`), as text.

    Raises UnreadableError.
    """
    tops = {c.column.partition(".")[0] for c in chunks if not c.transparent and not c.numeric}
    if not tops:
        return
    for name, _ in _columns(path):
        if name.partition(".")[0] in tops:
            yield name, _texts(path, name)


def found_numbers(
    path: Path, chunks: Sequence[Chunk], wanted: Collection[int]
) -> Iterator[tuple[str, int]]:
    """Where a column of numbers holds one of those that are wanted: column and number.

    Columns inside lists and structures count as text, not here. Raises UnreadableError.
    """
    if not wanted or not _may_hold(path, chunks, wanted):
        return
    names = [name for name, kind in _columns(path) if _NUMERIC.match(kind)]
    if not names:
        return
    marks = ", ".join(str(number) for number in sorted(wanted))
    select = ", ".join(
        f"list(DISTINCT CAST({_quoted(name)} AS HUGEINT)) FILTER ({_quoted(name)} IN ({marks}))"
        for name in names
    )
    for row in _rows(path, f"SELECT {select} FROM $"):  # noqa: S608 (quoted)
        for name, numbers in zip(names, row, strict=True):
            yield from ((name, number) for number in numbers or ())


def _may_hold(path: Path, chunks: Sequence[Chunk], wanted: Collection[int]) -> bool:
    """Whether the bytes of some page of numbers let it hold one; most files need no more."""
    numeric = [chunk for chunk in chunks if chunk.numeric]
    if any(chunk.scaled or not chunk.transparent for chunk in numeric):
        return True
    written = re.compile(b"|".join(re.escape(raw) for n in sorted(wanted) for raw in _written(n)))
    with path.open("rb") as file:
        return any(
            written.search(page) is not None for chunk in numeric for _, page in pages(file, chunk)
        )


def _written(number: int) -> Iterator[bytes]:
    """A number as pages write it; the four bytes of a small one begin its eight too."""
    yield number.to_bytes(4 if number < 2**32 else 8, "little")
    yield struct.pack("<f", number)
    yield struct.pack("<d", number)


def _columns(path: Path) -> list[tuple[str, str]]:
    return [(name, kind) for name, kind, *_ in _rows(path, "DESCRIBE SELECT * FROM $")]


def _texts(path: Path, name: str) -> Pieces:
    rows = _rows(path, f"SELECT CAST({_quoted(name)} AS VARCHAR) FROM $")  # noqa: S608 (quoted)
    batch: list[bytes] = []
    for (value,) in rows:
        if value is not None:
            batch.append(value.encode("utf-8", "surrogatepass"))
        if len(batch) >= _ROWS:
            yield b"\n".join((*batch, b""))
            batch.clear()
    yield b"\n".join(batch)


def _rows(path: Path, query: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a query over a file, which stands in it as `$`. Raises UnreadableError."""
    # Here, because the loader imports this room, seldom searches, and has to stay small.
    import duckdb  # noqa: PLC0415

    file = "'" + _GLOB.sub(r"[\1]", str(path.absolute())).replace("'", "''") + "'"
    source = f"read_parquet({file}, hive_partitioning = false)"
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "temp_directory": "",
    }
    try:
        with duckdb.connect(":memory:", config=config) as connection:
            connection.execute(query.replace("FROM $", f"FROM {source}", 1))
            while rows := connection.fetchmany(_ROWS):
                yield from rows
    except duckdb.Error as error:
        # Without the cause, which may quote what stands in the file.
        raise UnreadableError(f"DuckDB cannot read it ({type(error).__name__})") from None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

"""The byte search: whether a text stands anywhere in a folder, in whatever form it was written."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from whiteout.proof.family import WIDEST, Family
from whiteout.proof.forms import Pattern, patterns
from whiteout.proof.layers import UnreadableError, layers, parquet_chunks
from whiteout.proof.matcher import Matcher
from whiteout.proof.values import found_numbers, hidden_texts

Progress = Callable[[int, int], None]
"""Is told how many bytes of how many were read from files so far."""

UNKNOWN = "unknown canary"
"""Ends the name of a needle with which others begin: reported where none of those stands."""

_TRIES = 3
_PAUSE = 0.2


class SearchError(Exception):
    """A file could not be searched; the text says which and why."""


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """A needle that came up: its name, the file and layer where it stands, and its form."""

    name: str
    place: str
    form: str


class Searcher:
    """Looks for some needles, each by a name, again and again.

    `needles` are pairs of a name and a pattern, and `numbers` names of those that stand in columns
    of numbers; `of` makes both from texts. `families` are the secrets that begin as the needle of
    that name does, none of their forms longer than `WIDEST`.
    """

    def __init__(
        self,
        needles: Iterable[tuple[str, Pattern]],
        numbers: Mapping[int, str] = MappingProxyType({}),
        families: Mapping[str, Family] = MappingProxyType({}),
    ) -> None:
        self._matcher = Matcher(needles)
        self._numbers = numbers
        self._families = families
        self._width = max(self._matcher.longest, WIDEST if families else 0)

    @classmethod
    def of(cls, needles: Mapping[str, str]) -> Searcher:
        """A search for texts by their names. Raises NeedleError for one that is too short."""
        return cls(
            [(name, pattern) for name, text in needles.items() for pattern in patterns(text)],
            {int(text): name for name, text in needles.items() if is_number(text)},
        )

    def data(self, data: bytes, place: str) -> list[Found]:
        """Every needle in some bytes, each once per form."""
        return self._pieces(iter((data,)), place)

    def folder(self, folder: Path, *, progress: Progress | None = None) -> list[Found]:
        """Every needle in the names and in all layers of all files under a folder.

        Files that come and go while it searches are no error; one that is there and cannot be read
        raises SearchError.
        """
        found: set[Found] = set()
        entries = list(_entries(folder))
        total = sum(size or 0 for _, size in entries)
        done = 0
        for number, (path, size) in enumerate(entries, 1):
            place = str(path.relative_to(folder))
            if named := self.data(os.fsencode(place), f"name of entry {number}"):
                found.update(named)
                place = f"entry {number}"
            if size is None:
                continue
            found.update(self.file(path, place))
            done += size
            if progress is not None:
                progress(done, total)
        return sorted(found)

    def file(self, path: Path, place: str) -> list[Found]:
        """Every needle in all layers of a file, each once per layer and form.

        A file that is gone holds none. One that is being written may need a second look; if it
        still cannot be read after that, raises SearchError.
        """
        for attempt in range(_TRIES):
            try:
                return self._file(path, place)
            except FileNotFoundError:
                return []
            except UnreadableError as error:
                if attempt == _TRIES - 1:
                    raise SearchError(f"{place} cannot be searched: {error}") from None
            except OSError as error:
                raise SearchError(f"{place} cannot be read: {error.strerror}") from None
            time.sleep(_PAUSE)
        raise AssertionError("unreachable")  # pragma: no cover

    def _file(self, path: Path, place: str) -> list[Found]:
        found: set[Found] = set()
        for layer, pieces in layers(path, self._width):
            found.update(self._pieces(pieces, f"{place} ({layer})" if layer else place))
        chunks = parquet_chunks(path)
        for column, pieces in hidden_texts(path, chunks):
            found.update(self._pieces(pieces, f"{place} (values of {column})"))
        for column, number in found_numbers(path, chunks, self._numbers):
            found.add(Found(self._numbers[number], f"{place} (values of {column})", "number"))
        return sorted(found)

    def _pieces(self, pieces: Iterator[bytes], place: str) -> list[Found]:
        """The needles in pieces that follow each other, across their borders too."""
        found: set[tuple[str, str]] = set()
        keep = max(self._width - 1, 0)
        data = next(pieces, b"")
        for piece in pieces:
            # What begins near the end is looked at with the next piece, when all of it is there.
            settled = max(len(data) - keep, 0)
            found.update(self._found(data, settled))
            data = data[settled:] + piece
        found.update(self._found(data, len(data)))
        return [Found(name, place, form) for name, form in sorted(found)]

    def _found(self, data: bytes, settled: int) -> Iterator[tuple[str, str]]:
        for hit in self._matcher.find(data, settled):
            family = self._families.get(hit.name)
            member = None if family is None else family.member(data, hit)
            yield (hit.name, hit.form) if member is None else member


def search_folder(
    folder: Path, needles: Mapping[str, str], *, progress: Progress | None = None
) -> list[Found]:
    """Every needle that stands anywhere under a folder, in any form, sorted.

    `needles` are texts by the names under which they are reported; what is found repeats no text.
    A file whose name holds one is called by its number in the search.
    Looked for in the names and bytes of all files, and with compression undone: in the pages,
    dictionaries and statistics of Parquet, in gzip and zstd, in SQLite across its pages, the free
    ones and the log included. Memory does not grow with the files. Raises NeedleError for a text
    of fewer than six bytes, and SearchError for a file that cannot be read.
    """
    return Searcher.of(needles).folder(folder, progress=progress)


def _entries(folder: Path) -> Iterator[tuple[Path, int | None]]:
    """The regular files under a folder with their sizes, and the folders, in a settled order."""
    for parent, folders, names in os.walk(folder, onerror=_refuse):
        folders.sort()
        yield from ((Path(parent, name), None) for name in folders)
        for name in sorted(names):
            path = Path(parent, name)
            try:
                status = path.stat()
            except FileNotFoundError:
                continue
            if stat.S_ISREG(status.st_mode):
                yield path, status.st_size


def _refuse(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise SearchError(f"a folder cannot be read: {error.strerror}") from None


def is_number(text: str) -> bool:
    """Whether a text is a whole number that a column of numbers can hold."""
    return text.isdecimal() and text.isascii() and len(text) <= 18

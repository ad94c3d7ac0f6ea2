"""What `whiteout export` writes: a person's data as JSON, or a table as Parquet or enriched TSV."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import click

from whiteout.lake import TableFiles, table_files
from whiteout.rights import Selector, person_copy
from whiteout.spool import SpoolError, SpoolReader

_SUFFIX = {"parquet": "parquet", "tsv": "tsv"}
_SHOWN_EVERY = 0.2


class ExportError(Exception):
    """Nothing can be exported like this; the text says why."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be exported of a table: its form, where to, and from which day to which."""

    form: str
    table: str
    output: str | None
    since: str | None
    until: str | None


def export_person(folder: Path, selector: Selector, output: str | None) -> None:
    """Write what is stored about somebody as one JSON document, to a file or standard output.

    Raises ExportError, and what the lake raises.
    """
    with _target(output) as target:
        for piece in person_copy(folder, selector, Progress("looking through files")):
            target.write(piece)
    waiting = _waiting(folder)
    if waiting:
        click.echo(
            f"{waiting} records wait in the spool and are not in the copy yet; "
            "with `whiteout up` they get into the lake.",
            err=True,
        )


def export_table(folder: Path, wish: Wish) -> None:
    """Write a table to a file, or a file a day into a folder that exists or ends with a slash.

    Raises ExportError, and what the lake raises.
    """
    if wish.form == "tsv" and wish.table != "events":
        raise ExportError("enriched TSV is a form of events; use --format parquet")
    output = wish.output
    if output is None and wish.form == "parquet":
        raise ExportError("name a file or a folder with --output: Parquet is not for a terminal")
    with table_files(folder / "lake", wish.table, wish.since, wish.until) as files:
        if output is not None and (output.endswith("/") or Path(output).is_dir()):
            _each_day(files, wish.form, Path(output))
        elif wish.form == "parquet":
            with _draft(Path(str(output))) as draft:
                files.parquet(list(files.days), draft)
        else:
            with _target(output) as target:
                _write_tsv(files, list(files.days), target)


def _each_day(files: TableFiles, form: str, folder: Path) -> None:
    with _refused(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    told = Progress("writing days")
    for number, day in enumerate(files.days, 1):
        path = folder / f"{files.spec.name}-{day}.{_SUFFIX[form]}"
        if form == "parquet":
            with _draft(path) as draft:
                files.parquet([day], draft)
        else:
            with _target(str(path)) as target:
                _write_tsv(files, [day], target)
        told(number, len(files.days))


def _write_tsv(files: TableFiles, days: list[str], target: BinaryIO) -> None:
    told = Progress("writing days")
    for number, day in enumerate(days, 1):
        target.writelines(f"{line}\n".encode() for line in files.tsv(day))
        told(number, len(days))


class Progress:
    """Shows on a terminal how far something is."""

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._quiet = not sys.stderr.isatty()
        self._next = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Tell that so many of so many are done."""
        moment = time.monotonic()
        if self._quiet or (moment < self._next and done < total):
            return
        self._next = moment + _SHOWN_EVERY
        click.echo(f"\r\033[K{self._doing} {done}/{total}", nl=done >= total, err=True)


@contextmanager
def _target(output: str | None) -> Iterator[BinaryIO]:
    """Standard output, or a file that is there only once it is whole."""
    if output is None or output == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with _draft(Path(output)) as draft, draft.open("r+b") as file:
        yield file


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """A file of another name, readable by its owner alone, that gets its name in the end."""
    draft = path.with_name(f".{path.name}.part")
    with _refused(path.parent):
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield draft
        with _refused(path.parent):
            draft.chmod(0o600)
            draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _refused(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ExportError(f"cannot write into {folder}: {error.strerror}") from None


def _waiting(folder: Path) -> int:
    """The number of records that are not in the lake yet."""
    reader = SpoolReader(folder / "spool")
    try:
        return sum(file.backlog() for file in reader.files())
    except SpoolError:
        return 0
    finally:
        reader.close()

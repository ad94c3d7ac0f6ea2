"""What can go wrong in the lake.

    LakeError
    ├── LakeLocked        another process owns the lake
    ├── LakeFormatError   written by a whiteout that this one does not understand
    └── LakeValueError    a row does not fit its columns

Messages name folders, tables and columns, never a value of a row.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deltalake.exceptions import DeltaError

_OS_ERROR = re.compile(r"\(os error (\d+)\)")


class LakeError(Exception):
    """The lake cannot do what was asked; the message says where and why."""


class LakeLocked(LakeError):
    """Another process owns the lake."""


class LakeFormatError(LakeError):
    """The lake was written in a format that this version does not understand."""


class LakeValueError(LakeError, ValueError):
    """A row does not fit the columns of its table.

    `table` names the table, `file_id` and `record` the spool record that gave the row, so that
    the caller can set it aside; they are None where the row came from no commit.
    """

    table: str | None = None
    file_id: str | None = None
    record: int | None = None


@contextmanager
def explained(doing: str, folder: Path) -> Iterator[None]:
    """Turn what the disk or the Delta library raises inside into a `LakeError`."""
    try:
        yield
    except (OSError, DeltaError) as error:
        raise LakeError(f"cannot {doing} in {folder}: {_cause(error)}") from error


def _cause(error: OSError | DeltaError) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    # The library wraps system errors in text, in either class; of other texts only the kind is
    # told, because they may quote what a row holds.
    number = _OS_ERROR.search(str(error))
    return os.strerror(int(number.group(1))) if number else type(error).__name__

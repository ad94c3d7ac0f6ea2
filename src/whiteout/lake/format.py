"""Which format a lake has, in a file of its own, so that an older whiteout keeps its hands off."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

from whiteout.lake.errors import LakeFormatError, explained

FORMAT: Final = 1
FORMAT_FILE: Final = "format.json"
DRAFT: Final = ".tmp"
"""Ends the name of a file that is not whole yet."""


def check_format(folder: Path) -> None:
    """Raise `LakeFormatError` if the lake is in a format newer than this version understands."""
    path = folder / FORMAT_FILE
    with explained("read the format of the lake", folder):
        if not path.exists():
            return
        text = path.read_bytes()
    try:
        found = json.loads(text)["format"]
    except (ValueError, KeyError, TypeError):
        found = None
    if not isinstance(found, int):
        raise LakeFormatError(f"{path} does not say which format the lake has")
    if found > FORMAT:
        raise LakeFormatError(
            f"the lake {folder} has format {found}, and this version of whiteout understands up "
            f"to {FORMAT}: use a newer version, or another data folder"
        )


def write_format(folder: Path) -> None:
    """Mark a new lake, atomically. Raises `OSError`."""
    path = folder / FORMAT_FILE
    if path.exists():
        return
    write_json(path, {"format": FORMAT})


def write_json(path: Path, content: object) -> None:
    """Write a small file of the lake, whole or not at all. Raises `OSError`."""
    draft = path.with_name(path.name + DRAFT)
    with draft.open("w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)

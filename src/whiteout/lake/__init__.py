"""The lake: the Delta tables `events` and `failed_events`, written by one process, read by many."""

from __future__ import annotations

from whiteout.lake.arrow import Block
from whiteout.lake.daily_files import ROLL_UPS, roll_up_day
from whiteout.lake.errors import LakeError, LakeFormatError, LakeLocked, LakeValueError
from whiteout.lake.export import TableFiles, table_files
from whiteout.lake.finding import Clue, Progress, Sift, look_through
from whiteout.lake.log import sync
from whiteout.lake.owner import LakeOwner, Slice
from whiteout.lake.reader import LakeReader
from whiteout.lake.rewriting import Change, Judge, Plan, Removal
from whiteout.lake.settings import LakeSettings

__all__ = [
    "ROLL_UPS",
    "Block",
    "Change",
    "Clue",
    "Judge",
    "LakeError",
    "LakeFormatError",
    "LakeLocked",
    "LakeOwner",
    "LakeReader",
    "LakeSettings",
    "LakeValueError",
    "Plan",
    "Progress",
    "Removal",
    "Sift",
    "Slice",
    "TableFiles",
    "look_through",
    "roll_up_day",
    "sync",
    "table_files",
]

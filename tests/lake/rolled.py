"""Roll-ups made at once, which a loader makes when a day has rested."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from whiteout.lake import ROLL_UPS, LakeOwner, LakeSettings, roll_up_day
from whiteout.lake.daily_files import DailyFolder, by_day
from whiteout.lake.table import TABLES, current_files

SOON = LakeSettings(durable=False, daily_rest_seconds=0)
"""Every day is due at once."""


def roll_ups(lake: Path) -> dict[str, str]:
    """The name of the roll-up of each day that has one."""
    return {roll_up_day(path): path.name for path in (lake / ROLL_UPS).glob("*.parquet")}


def wanted(lake: Path) -> set[Path]:
    """The roll-ups that count now, were they there."""
    events, failed = (
        [f"{path.parent.name}/{path.name}" for path in current_files(lake / spec.name)]
        for spec in TABLES
    )
    folder = DailyFolder(lake)
    return set(folder.wanted(by_day(events, failed), folder.funnel()).values())


def settled(owner: LakeOwner, lake: Path) -> None:
    """Let the owner keep house until there is a roll-up of every day, and no other."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        owner.maintain()
        if set((lake / ROLL_UPS).glob("20*")) == wanted(lake):
            return
        time.sleep(0.02)
    raise AssertionError(roll_ups(lake))


def roll_up(lake: Path, funnel: Sequence[str] | None = None) -> None:
    """Make the roll-ups of a lake that nobody owns."""
    settings = LakeSettings(
        durable=False, daily_rest_seconds=0, funnel=None if funnel is None else tuple(funnel)
    )
    owner = LakeOwner.open(lake, settings)
    settled(owner, lake)
    owner.close()

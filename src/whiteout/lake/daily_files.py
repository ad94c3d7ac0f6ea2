"""Where roll-ups lie, and which of them count.

A roll-up is one file for one day, `lake/daily/DAY-DIGEST.parquet`. The digest is over the names of
the lake's files of that day, which never change, and over what is counted. So a roll-up that is
there under the right name is right, and nothing has to be told that another one is not any more:
after new events, a merge of files, an erasure or another funnel, the name that is looked for is
another. Days without a roll-up of the right name are counted from their events.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from whiteout.lake.daily import definition
from whiteout.lake.errors import LakeError, explained
from whiteout.lake.format import DRAFT, write_json
from whiteout.lake.table import partition_of

ROLL_UPS: Final = "daily"
"""Folder of the lake with the roll-ups."""

_FUNNEL: Final = "funnel.json"


@dataclass(frozen=True, slots=True)
class DayFiles:
    """The files of a day in both tables, by their names inside the tables."""

    events: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def by_day(events: Iterable[str], failed: Iterable[str]) -> dict[str, DayFiles]:
    """The files of both tables by day."""
    days: defaultdict[str, DayFiles] = defaultdict(DayFiles)
    for name in events:
        days[partition_of(name)].events.append(name)
    for name in failed:
        days[partition_of(name)].failed.append(name)
    return dict(days)


class DailyFolder:
    """The roll-ups of a lake. Raises `LakeError` for what the disk refuses."""

    def __init__(self, lake: Path) -> None:
        self.path = lake / ROLL_UPS

    def funnel(self) -> tuple[str, ...]:
        """The pages of the funnel that is counted, as the owner of the lake was told."""
        path = self.path / _FUNNEL
        with explained("read the roll-ups", self.path.parent):
            try:
                text = path.read_bytes()
            except FileNotFoundError:
                return ()
        try:
            pages = json.loads(text)["pages"]
        except (ValueError, KeyError, TypeError):
            pages = None
        if not isinstance(pages, list) or not all(isinstance(page, str) for page in pages):
            raise LakeError(f"{path} does not say which pages the funnel has; remove it")
        return tuple(pages)

    def keep_funnel(self, pages: Sequence[str]) -> None:
        """Write down which funnel is counted, for whoever reads."""
        if self.funnel() == tuple(pages):
            return
        with explained("write the roll-ups", self.path.parent):
            self.path.mkdir(exist_ok=True)
            write_json(self.path / _FUNNEL, {"pages": list(pages)})

    def wanted(self, days: Mapping[str, DayFiles], funnel: Sequence[str]) -> dict[str, Path]:
        """Under which name the roll-up of each day has to lie."""
        counted = definition(funnel)
        return {
            day: self.path / f"{day}-{_digest(counted, files)}.parquet"
            for day, files in days.items()
        }

    def stored(self) -> set[Path]:
        """The roll-ups that are there, whether they count or not."""
        return {path for path in self._entries() if path.suffix == ".parquet"}

    def remove_drafts(self) -> None:
        """Remove what a process that was killed left half written."""
        for path in self._entries():
            if path.suffix == DRAFT:
                path.unlink(missing_ok=True)

    def _entries(self) -> list[Path]:
        with explained("read the roll-ups", self.path.parent):
            return list(self.path.iterdir()) if self.path.is_dir() else []


def roll_up_day(roll_up: Path) -> str:
    """The day that a roll-up is of."""
    return roll_up.name[: len("2026-11-24")]


def _digest(counted: str, files: DayFiles) -> str:
    names = [counted]
    names += [f"events/{name}" for name in sorted(files.events)]
    names += [f"failed_events/{name}" for name in sorted(files.failed)]
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:32]

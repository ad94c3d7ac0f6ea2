"""The search after an erasure: every file of the data folder, every form of the identifier.

A file of the lake never changes once it is written. So one in which nothing was found when the
erasure looked for its rows, and that is still there, was searched in its final state already.
"""

from __future__ import annotations

import os
from collections.abc import Container, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

from whiteout.feed import FeedReader
from whiteout.lake import ROLL_UPS, Clue, look_through, roll_up_day
from whiteout.proof.search import Searcher
from whiteout.protocol.folders import REQUESTS
from whiteout.rights.judge import Judge
from whiteout.rights.receipt import BYTES, VALUES
from whiteout.spool import SpoolReader

_ENTRIES = 1_000
_RECORDS = 500
_HELD = -1


@dataclass(slots=True)
class Verification:
    """What the search came to: how, over how much, and where the identifier still stands.

    `spared` are rows and entries in which it is part of longer values of somebody else, `later`
    tells that events hold it which were accepted after the request.
    """

    method: str = BYTES
    files: int = 0
    bytes: int = 0
    spared: int = 0
    later: bool = False
    found: list[str] = field(default_factory=list)


class Verifier:
    """Searches one data folder. Raises SearchError, LakeError and SpoolError."""

    def __init__(self, folder: Path, judge: Judge, *, unmistakable: bool) -> None:
        self._folder = folder
        self._judge = judge
        self._searcher = judge.searcher
        self._exact = unmistakable and judge.searcher is not None
        self._result = Verification(BYTES if self._exact else VALUES)

    def run(self, clean: AbstractSet[Path]) -> Verification:
        """Search everything but the files that are known to be `clean`, which count as searched."""
        result = self._result
        suspects: dict[str, list[Path]] = {"lake": [], "daily": [], "feed": [], "spool": []}
        for path, size in _files(self._folder):
            result.files += 1
            result.bytes += size
            place = path.relative_to(self._folder)
            if path.absolute() in clean or place.parts[0] == REQUESTS:
                continue
            if self._searcher is None or self._hit(self._searcher, path, place):
                self._sort(path, place, suspects)
        days = self._look_into_tables(suspects["lake"])
        self._look_at_roll_ups(suspects["daily"], days)
        if suspects["feed"]:
            self._look_into_feed()
        if suspects["spool"]:
            self._look_into_spool()
        return result

    def _hit(self, searcher: Searcher, path: Path, place: Path) -> bool:
        return bool(searcher.data(os.fsencode(place), "") or searcher.file(path, str(place)))

    def _sort(self, path: Path, place: Path, suspects: dict[str, list[Path]]) -> None:
        """Put a file where it may hold, with good reason, what it was found to hold."""
        of_lake = place.parts[0] == "lake" and path.suffix == ".parquet"
        if of_lake and place.parts[1] == ROLL_UPS:
            suspects["daily"].append(path)
        elif of_lake and "_delta_log" not in place.parts:
            suspects["lake"].append(path)
        elif place.name.startswith("feed.db"):
            suspects["feed"].append(path)
        elif place.parts[0] == "spool" and ".corrupt-" not in place.name:
            suspects["spool"].append(path)
        elif self._exact:
            self._result.found.append(str(place))

    def _look_into_tables(self, files: list[Path]) -> set[str]:
        """Whether rows of other people explain what files of the tables were found to hold.

        The days of such rows.
        """
        spared = {path.absolute(): 0 for path in files}
        lake = self._folder / "lake"
        for table in ("events", "failed_events") if files else ():
            for path, values in look_through(lake, table, lambda p: self._clue(p, spared)):
                if self._judge.change(values) is not None:
                    spared[path] = _HELD
                elif spared[path] != _HELD:
                    spared[path] += 1
        for path, count in spared.items():
            self._judged(path, count)
        return {path.parent.name.partition("=")[2] for path, count in spared.items() if count > 0}

    def _look_at_roll_ups(self, files: list[Path], days: Container[str]) -> None:
        """A roll-up may hold what is part of longer values in the events of its day."""
        for path in files:
            if self._exact and roll_up_day(path) not in days:
                self._result.found.append(str(path.relative_to(self._folder)))

    def _clue(self, path: Path, suspects: Container[Path]) -> Clue | None:
        return self._judge.clue(path) if path in suspects else None

    def _judged(self, path: Path, spared: int) -> None:
        if spared == _HELD or (spared == 0 and self._exact):
            self._result.found.append(str(path.relative_to(self._folder.absolute())))
        else:
            self._result.spared += spared

    def _look_into_feed(self) -> None:
        reader = FeedReader(self._folder / "feed.db")
        spared = cursor = 0
        try:
            while entries := reader.after(cursor, _ENTRIES):
                cursor = entries[-1][0]
                for _, raw in entries:
                    if not self._judge.may_hold(raw):
                        continue
                    spared += 1
                    if self._judge.entry(raw):
                        self._result.found.append("feed.db")
                        return
        finally:
            reader.close()
        self._judged(self._folder.absolute() / "feed.db", spared)

    def _look_into_spool(self) -> None:
        """What is in the spool was accepted later; nothing else may be there."""
        reader = SpoolReader(self._folder / "spool")
        try:
            for file in reader.files():
                position = 0
                while records := file.read(position, _RECORDS):
                    position = records[-1][0]
                    if any(self._judge.may_hold(raw) for _, raw in records):
                        self._result.later = True
        finally:
            reader.close()
        if not self._result.later and self._exact:
            self._result.found.append("spool")


def _files(folder: Path) -> Iterator[tuple[Path, int]]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(parent, name)
            try:
                yield path, path.stat().st_size
            except FileNotFoundError:
                continue

"""Roll-ups as the owner of the lake keeps them.

A day that has no roll-up and whose files have rested for a while gets one, in a thread of its own,
one day at a time. Nothing depends on its being there: what is missing is counted from the events.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from whiteout.lake.daily_files import DailyFolder, DayFiles, by_day, roll_up_day
from whiteout.lake.daily_making import make_roll_up
from whiteout.lake.errors import LakeError, explained
from whiteout.lake.locks import removing
from whiteout.lake.log import sync
from whiteout.lake.settings import LakeSettings
from whiteout.lake.table import LakeTable

Clock = Callable[[], float]

_KNOWN = float("inf")

logger = logging.getLogger(__name__)


class DailyKeeper:
    """Keeps the roll-ups of a lake. `clock` gives seconds; only differences count.

    Not for several threads at once. Raises `LakeError` when it is made and from `purge`.
    """

    def __init__(
        self,
        lake: Path,
        tables: tuple[LakeTable, LakeTable],
        settings: LakeSettings,
        clock: Clock = time.time,
    ) -> None:
        self._lake = lake
        self._tables = tables
        self._settings = settings
        self._clock = clock
        self._folder = DailyFolder(lake)
        if settings.funnel is not None:
            self._folder.keep_funnel(settings.funnel)
        self._funnel = self._folder.funnel()
        self._folder.remove_drafts()
        self._hand = ThreadPoolExecutor(1, "whiteout-daily")
        self._flight: Future[None] | None = None
        self._versions: tuple[int, ...] = ()
        self._days: dict[str, DayFiles] = {}
        self._wanted: dict[str, Path] = {}
        self._changed: dict[str, float] = {}
        self._untidy = True

    def step(self) -> None:
        """Begin the roll-up of a day that is due, or remove those that do not count any more.

        Cheap when there is nothing to do. What goes wrong is logged; the day is counted from its
        events then.
        """
        if self._flight is not None:
            if not self._flight.done():
                return
            self._flight.result()
            self._flight = None
        try:
            self._look()
            day = self._due()
            if day is not None:
                self._untidy = True
                self._flight = self._hand.submit(self._try, day, self._days[day], self._wanted[day])
            elif self._untidy:
                self._tidy()
        except LakeError as error:
            logger.warning("%s", error)
            self._untidy = False

    def purge(self) -> None:
        """Remove the roll-ups that do not count any more, and make anew those of their days.

        When this returns, none holds anything of an older version of the lake. Raises `LakeError`.
        """
        if self._flight is not None:
            self._flight.result()
            self._flight = None
        self._look()
        had = {roll_up_day(path) for path in self._remove()}
        for day in sorted(had & self._wanted.keys()):
            if not self._wanted[day].exists():
                self._try(day, self._days[day], self._wanted[day])

    def close(self) -> None:
        """End, after the roll-up that is being made."""
        self._hand.shutdown(cancel_futures=True)

    def _look(self) -> None:
        versions = tuple(table.version for table in self._tables)
        if versions == self._versions:
            return
        self._versions = versions
        events, failed = (table.live for table in self._tables)
        self._days = by_day(events, failed)
        wanted = self._folder.wanted(self._days, self._funnel)
        now = self._clock()
        for day in wanted.keys() | self._wanted.keys():
            if wanted.get(day) != self._wanted.get(day):
                self._changed[day] = now
                self._untidy = True
        self._wanted = wanted

    def _due(self) -> str | None:
        rested = self._clock() - self._settings.daily_rest_seconds
        for day, path in self._wanted.items():
            if self._changed[day] <= rested:
                # Also where it will fail: not again before the day changes.
                self._changed[day] = _KNOWN
                if not path.exists():
                    return day
        return None

    def _tidy(self) -> None:
        with explained("remove old roll-ups", self._lake), removing(self._lake) as alone:
            if alone:
                self._remove()

    def _remove(self) -> set[Path]:
        """Remove what does not count; what that was."""
        with explained("remove old roll-ups", self._lake):
            old = self._folder.stored() - set(self._wanted.values())
            for path in old:
                path.unlink(missing_ok=True)
            if old and self._settings.durable:
                sync(self._folder.path)
        self._untidy = False
        return old

    def _try(self, day: str, files: DayFiles, target: Path) -> None:
        durable = self._settings.durable
        try:
            make_roll_up(self._lake, files, self._funnel, target, durable=durable)
        except LakeError as error:
            logger.warning("there is no roll-up of %s: %s", day, error)

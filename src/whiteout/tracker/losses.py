"""Tells about events that are lost: once in the log, each time to the program."""

from __future__ import annotations

from whiteout.tracker.log import failed, logger
from whiteout.tracker.options import Options


class Losses:
    """Reports of one tracker."""

    def __init__(self, options: Options) -> None:
        self._call = options.on_drop
        self._warned: set[str] = set()

    def report(self, count: int, why: str) -> None:
        """So many events are lost, for this reason."""
        if count < 1:
            return
        if why not in self._warned:
            self._warned.add(why)
            logger.warning("events are lost: %s", why)
        if self._call is not None:
            try:
                self._call(count, why)
            except Exception as error:  # noqa: BLE001  # a stranger's code
                failed("on_drop", error)

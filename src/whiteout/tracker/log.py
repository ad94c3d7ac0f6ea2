"""Messages to the developer, through `logging` and never with anything that identifies.

An exception is told by its kind and the place where it was raised: its text may hold anything.
"""

from __future__ import annotations

import logging
from pathlib import PurePath

logger = logging.getLogger("whiteout.tracker")
"""The logger of all trackers."""

logger.addHandler(logging.NullHandler())


def describe(error: BaseException) -> str:
    """The kind of an exception, and where it came from."""
    trace = error.__traceback__
    if trace is None:
        return type(error).__name__
    while trace.tb_next is not None:
        trace = trace.tb_next
    place = PurePath(trace.tb_frame.f_code.co_filename).name
    return f"{type(error).__name__} at {place}:{trace.tb_lineno}"


def failed(what: str, error: BaseException) -> None:
    """Tell that something failed, for a reason that is not the tracker's to raise."""
    logger.error("%s failed: %s", what, describe(error))

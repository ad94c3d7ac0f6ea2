"""The tracker of the request that is being served, for code that has no request at hand."""

from __future__ import annotations

from contextvars import ContextVar

from whiteout.tracker import Tracker
from whiteout.web.visits import Visit

CURRENT: ContextVar[Visit | None] = ContextVar("whiteout_visit", default=None)
"""The visit of this context."""


def current_tracker() -> Tracker | None:
    """The tracker of the current request; None outside of one."""
    visit = CURRENT.get()
    return None if visit is None else visit.tracker


def request_tracker() -> Tracker:
    """The tracker of the current request, as a dependency of FastAPI: `Depends(request_tracker)`.

    Raises RuntimeError where no middleware is installed.
    """
    tracker = current_tracker()
    if tracker is None:
        raise RuntimeError("there is no request with a tracker: is the middleware installed?")
    return tracker

"""The page view id (R78, R79, W6)."""

from __future__ import annotations

from whiteout.tracker.ids import new_id


class PageViewId:
    """The id that the events of one page view share. Its owner locks."""

    def __init__(self) -> None:
        self._id = ""
        self._used = False
        self._viewed = False
        self.preserved = False

    def current(self) -> str:
        """The id for something that happens now."""
        if not self._id:
            self._id = new_id()
        self._used = True
        return self._id

    def view(self) -> None:
        """A page is viewed: the second one with an id gets a new one (R79)."""
        if self._viewed and not self.preserved:
            self.rotate()
        self._viewed = True

    def rotate(self) -> None:
        """Make a new id, unless the present one was never used."""
        if self._used:
            self._id, self._used, self._viewed = new_id(), False, False

"""What a program asks of the visit and the page, and changes about them (2.4, R64, R78)."""

from __future__ import annotations

from whiteout.tracker import checks
from whiteout.tracker.places import Key
from whiteout.tracker.tracking import Way
from whiteout.tracker.visit import Visit
from whiteout.tracker.visitor import Visitor


class Looks:
    """Session, page view and ids of a tracker. Getters tell nothing but what events carry (W7)."""

    _visitor: Visitor
    _way: Way

    @property
    def _waits(self) -> bool:
        """Whether nothing may be decided yet."""
        return False

    def new_session(self) -> None:
        """Start a new session (R64)."""
        visitor = self._visitor
        with visitor.lock:
            if self._waits or not visitor.settle() or not visitor.session.has_ids:
                return
            visitor.session.start()
        self._way.tell()

    def set_visitor_cookie_timeout(self, seconds: int) -> None:
        """For how long a visitor is known from now on."""
        checks.whole(0)("the argument of set_visitor_cookie_timeout", seconds)
        with self._visitor.lock:
            self._visitor.session.lifetime = seconds

    def set_cookie_path(self, path: str) -> None:
        """Another path for cookies; their names change with it (R23)."""
        checked = checks.cookie_attribute("the argument of set_cookie_path", path)
        with self._visitor.lock:
            self._visitor.places.set_path(checked or "/")
            self._visitor.session.look_again()

    def preserve_page_view_id(self) -> None:
        """Keep the page view id over page views; a change of privacy still renews it (W6)."""
        self._visitor.view.preserved = True

    def get_page_view_id(self) -> str:
        """The page view id of an event that would happen now."""
        with self._visitor.lock:
            return self._visitor.view.current()

    def get_cookie_name(self, basename: Key) -> str:
        """The full name of the state key `id`, `ses` or `as`."""
        return self._visitor.places.name(basename)

    def get_domain_user_id(self) -> str:
        """The id of the visitor that events carry now; empty when they carry none (W7)."""
        visit = self._visit()
        return "" if visit is None else visit.user

    def get_domain_session_id(self) -> str:
        """The id of the session that events carry now; empty when they carry none."""
        visit = self._visit()
        return "" if visit is None else visit.session

    def get_domain_session_index(self) -> int:
        """The number of the session that events carry now; 0 when they carry none."""
        visit = self._visit()
        return 0 if visit is None else visit.count

    def get_user_id(self) -> str | None:
        """The site's own user id, while events carry it."""
        visitor = self._visitor
        with visitor.lock:
            level = visitor.level if not self._waits and visitor.settle() else None
            return visitor.user_id if level is not None and not level.anonymous else None

    def _visit(self) -> Visit | None:
        visitor = self._visitor
        with visitor.lock:
            if self._waits or not visitor.settle() or not visitor.session.has_ids:
                return None
            return visitor.session.refresh()

"""Events by keyword calls, with the names of the browser tag in snake_case (5.1, 7.3, 7.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from whiteout.tracker.entities import read_entity
from whiteout.tracker.events import (
    CmpVisible,
    ConsentGranted,
    ConsentPreferences,
    ConsentWithdrawn,
    Context,
    Event,
    LinkClick,
    PagePing,
    PageView,
    ScreenView,
    SelfDescribing,
    StructuredEvent,
    Timestamp,
)
from whiteout.tracker.log import failed


class Calls:
    """The tracking calls of a tracker. None of them raises; each returns what `track` returns."""

    def track(self, event: Event) -> str | None:
        """Track an event."""
        del event
        return None

    def _made(self, kind: type[Event], **members: Any) -> str | None:
        try:
            return self.track(kind(**members))
        except Exception as error:  # noqa: BLE001  # whatever was handed in
            failed("track", error)
            return None

    def track_page_view(
        self,
        url: str | None = None,
        title: str | None = None,
        referrer: str | None = None,
        *,
        context: Context = None,
        timestamp: Timestamp = None,
    ) -> str | None:
        """A page was viewed."""
        return self.track(PageView(url, title, referrer, context=context, timestamp=timestamp))

    def track_page_ping(  # noqa: PLR0913
        self,
        url: str | None = None,
        title: str | None = None,
        referrer: str | None = None,
        *,
        min_x: int | None = None,
        max_x: int | None = None,
        min_y: int | None = None,
        max_y: int | None = None,
        context: Context = None,
        timestamp: Timestamp = None,
    ) -> str | None:
        """A page is still being read."""
        return self._made(
            PagePing,
            url=url,
            title=title,
            referrer=referrer,
            min_x=min_x,
            max_x=max_x,
            min_y=min_y,
            max_y=max_y,
            context=context,
            timestamp=timestamp,
        )

    def track_struct_event(
        self,
        category: str,
        action: str,
        label: str | None = None,
        property: str | None = None,  # noqa: A002  # the field's word
        value: float | None = None,
        *,
        context: Context = None,
        timestamp: Timestamp = None,
    ) -> str | None:
        """Something with a category and an action happened."""
        return self.track(
            StructuredEvent(
                category, action, label, property, value, context=context, timestamp=timestamp
            )
        )

    def track_self_describing_event(
        self,
        event: Mapping[str, Any] | object,
        *,
        context: Context = None,
        timestamp: Timestamp = None,
    ) -> str | None:
        """An event of a schema of its own: an `Entity`, or a mapping with `schema` and `data`."""
        try:
            entity = read_entity(event)
        except ValueError as error:
            failed("track", error)
            return None
        return self._made(
            SelfDescribing,
            schema=entity.schema,
            data=entity.data,
            context=context,
            timestamp=timestamp,
        )

    def track_screen_view(
        self,
        name: str | None = None,
        id: str | None = None,  # noqa: A002  # the field's word
        *,
        context: Context = None,
        timestamp: Timestamp = None,
    ) -> str | None:
        """A screen of an application was viewed."""
        return self._made(ScreenView, name=name, id=id, context=context, timestamp=timestamp)

    def track_link_click(
        self,
        target_url: str,
        element_id: str | None = None,
        element_classes: Sequence[str] | None = None,
        element_target: str | None = None,
        element_content: str | None = None,
        *,
        context: Context = None,
        timestamp: Timestamp = None,
    ) -> str | None:
        """A link was clicked."""
        return self._made(
            LinkClick,
            target_url=target_url,
            element_id=element_id,
            element_classes=element_classes,
            element_target=element_target,
            element_content=element_content,
            context=context,
            timestamp=timestamp,
        )

    def track_consent_allow(self, **preferences: Any) -> str | None:
        """The visitor allowed everything; members are those of `ConsentPreferences` (R160)."""
        return self._made(ConsentPreferences, **{**preferences, "event_type": "allow_all"})

    def track_consent_selected(self, **preferences: Any) -> str | None:
        """The visitor allowed a selection."""
        return self._made(ConsentPreferences, **{**preferences, "event_type": "allow_selected"})

    def track_consent_pending(self, **preferences: Any) -> str | None:
        """The visitor has not decided yet."""
        return self._made(ConsentPreferences, **{**preferences, "event_type": "pending"})

    def track_consent_implicit(self, **preferences: Any) -> str | None:
        """Consent was taken to be given."""
        return self._made(ConsentPreferences, **{**preferences, "event_type": "implicit_consent"})

    def track_consent_deny(self, **preferences: Any) -> str | None:
        """The visitor denied everything."""
        return self._made(ConsentPreferences, **{**preferences, "event_type": "deny_all"})

    def track_consent_expired(self, **preferences: Any) -> str | None:
        """A consent has expired."""
        return self._made(ConsentPreferences, **{**preferences, "event_type": "expired"})

    def track_consent_withdrawn(self, **about: Any) -> str | None:
        """The visitor withdrew consent; with the member `all`, in the older form (R166)."""
        if "all" in about:
            return self._made(ConsentWithdrawn, **about)
        return self._made(ConsentPreferences, **{**about, "event_type": "withdrawn"})

    def track_consent_granted(
        self,
        id: str | None = None,  # noqa: A002  # the field's word
        version: str | None = None,
        name: str | None = None,
        description: str | None = None,
        *,
        expiry: str | datetime | None = None,
        context: Context = None,
        timestamp: Timestamp = None,
    ) -> str | None:
        """The visitor consented to a document, in the older form (R165)."""
        return self._made(
            ConsentGranted,
            id=id,
            version=version,
            name=name,
            description=description,
            expiry=expiry,
            context=context,
            timestamp=timestamp,
        )

    def track_cmp_visible(
        self, elapsed_time: float, *, context: Context = None, timestamp: Timestamp = None
    ) -> str | None:
        """A consent banner became visible, after so many milliseconds (R162)."""
        return self._made(
            CmpVisible, elapsed_time=elapsed_time, context=context, timestamp=timestamp
        )

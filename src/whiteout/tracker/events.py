"""Typed events (6.3; R117-R119, R160-R166). `Tracker.track` takes them.

Every event may have entities (`context`) and a time (`timestamp`): epoch milliseconds, a datetime,
or a `TrueTimestamp`; without one it is now (R112).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import Any, ClassVar

from whiteout.tracker.encoding import to_json
from whiteout.tracker.entities import Entity, entity_text, schema_of, without_none


@dataclass(frozen=True, slots=True)
class TrueTimestamp:
    """A time that is known to be true, in epoch milliseconds: sent as `ttm` instead of `dtm`."""

    value: int | float | datetime


Timestamp = int | float | datetime | TrueTimestamp | Mapping[str, Any] | None
Context = Iterable[Entity | Mapping[str, Any]] | None


@dataclass(slots=True)
class Event:
    """What all events have. `code` is the parameter `e`."""

    _: KW_ONLY
    context: Context = None
    timestamp: Timestamp = None

    code: ClassVar[str] = "ue"

    def parameters(self) -> dict[str, object]:
        """The event's own parameters of the tracker protocol."""
        return {}

    def self_describing(self) -> tuple[str, str] | None:
        """Schema and JSON text of a self-describing event; None for any other."""
        return None

    def entities(self) -> list[str]:
        """The event's entities as JSON texts."""
        return [entity_text(one) for one in self.context or ()]


@dataclass(slots=True)
class PageView(Event):
    """A page was viewed."""

    url: str | None = None
    title: str | None = None
    referrer: str | None = None

    code: ClassVar[str] = "pv"

    def parameters(self) -> dict[str, object]:
        """Address, title and referrer."""
        return {"url": self.url, "page": self.title, "refr": self.referrer}


@dataclass(slots=True)
class PagePing(Event):
    """A page is still being read; offsets are pixels of scrolling, and 0 is one (W36)."""

    url: str | None = None
    title: str | None = None
    referrer: str | None = None
    min_x: int | None = None
    max_x: int | None = None
    min_y: int | None = None
    max_y: int | None = None

    code: ClassVar[str] = "pp"

    def parameters(self) -> dict[str, object]:
        """Address, title, referrer and offsets."""
        return {
            "url": self.url,
            "page": self.title,
            "refr": self.referrer,
            "pp_mix": self.min_x,
            "pp_max": self.max_x,
            "pp_miy": self.min_y,
            "pp_may": self.max_y,
        }


@dataclass(slots=True)
class StructuredEvent(Event):
    """Something with a category and an action."""

    category: str
    action: str
    label: str | None = None
    property: str | None = None
    value: float | None = None

    code: ClassVar[str] = "se"

    def parameters(self) -> dict[str, object]:
        """The five fields; 0 is a value (R118)."""
        return {
            "se_ca": self.category,
            "se_ac": self.action,
            "se_la": self.label,
            "se_pr": self.property,
            "se_va": self.value,
        }


@dataclass(slots=True)
class SelfDescribing(Event):
    """An event of a schema of its own (R119)."""

    schema: str
    data: Mapping[str, Any]

    def self_describing(self) -> tuple[str, str] | None:
        """Schema and data."""
        text = entity_text(Entity(self.schema, self.data))
        return self.schema, text


@dataclass(slots=True)
class _Own(Event):
    """A self-describing event of the protocol's vendor."""

    schema: ClassVar[str] = ""

    def data(self) -> dict[str, Any]:
        """The event's data."""
        return {}

    def self_describing(self) -> tuple[str, str] | None:
        """Schema and data, without members that are None."""
        data = to_json(without_none(self.data()))
        return self.schema, f'{{"schema":"{self.schema}","data":{data}}}'


@dataclass(slots=True)
class ScreenView(_Own):
    """A screen of an application was viewed; `name` or `id` says which."""

    name: str | None = None
    id: str | None = None

    schema: ClassVar[str] = schema_of("screen_view")

    def data(self) -> dict[str, Any]:
        """Name and id. Raises ValueError without both."""
        if self.name is None and self.id is None:
            raise ValueError("a screen view has a name or an id")
        return {"name": self.name, "id": self.id}


@dataclass(slots=True)
class LinkClick(_Own):
    """A link was clicked."""

    target_url: str
    element_id: str | None = None
    element_classes: Sequence[str] | None = None
    element_target: str | None = None
    element_content: str | None = None

    schema: ClassVar[str] = schema_of("link_click", "1-0-1")

    def data(self) -> dict[str, Any]:
        """Where the link leads, and what it looks like."""
        classes = self.element_classes
        return {
            "targetUrl": self.target_url,
            "elementId": self.element_id,
            "elementClasses": None if classes is None else list(classes),
            "elementTarget": self.element_target,
            "elementContent": self.element_content,
        }


@dataclass(slots=True)
class ConsentPreferences(_Own):
    """A choice about consent (R160, R161).

    `event_type` is allow_all, allow_selected, pending, implicit_consent, deny_all, expired or
    withdrawn.
    """

    event_type: str
    basis_for_processing: str
    consent_url: str
    consent_version: str
    consent_scopes: Sequence[str]
    domains_applied: Sequence[str]
    gdpr_applies: bool | None = None

    schema: ClassVar[str] = schema_of("consent_preferences")

    def data(self) -> dict[str, Any]:
        """What was chosen, and under which terms."""
        return {
            "eventType": self.event_type,
            "basisForProcessing": self.basis_for_processing,
            "consentUrl": self.consent_url,
            "consentVersion": self.consent_version,
            "consentScopes": list(self.consent_scopes),
            "domainsApplied": list(self.domains_applied),
            "gdprApplies": self.gdpr_applies,
        }


@dataclass(slots=True)
class CmpVisible(_Own):
    """A consent banner became visible, so many milliseconds after it was asked for (R162)."""

    elapsed_time: float

    schema: ClassVar[str] = schema_of("cmp_visible")

    def data(self) -> dict[str, Any]:
        """The time it took."""
        return {"elapsedTime": self.elapsed_time}


@dataclass(slots=True)
class _ConsentDocument(_Own):
    """An event with the entity of a document, where both its id and version are known (R166)."""

    id: str | None = None
    version: str | None = None
    name: str | None = None
    description: str | None = None

    def entities(self) -> list[str]:
        """The caller's entities, then the document (R167)."""
        found = _Own.entities(self)
        if self.id and self.version:
            data = without_none(
                {
                    "id": self.id,
                    "version": self.version,
                    "name": self.name,
                    "description": self.description,
                }
            )
            found.append(entity_text(Entity(schema_of("consent_document"), data)))
        return found


@dataclass(slots=True)
class ConsentGranted(_ConsentDocument):
    """Consent to a document was given, until `expiry` (R165)."""

    expiry: str | datetime | None = None

    schema: ClassVar[str] = schema_of("consent_granted")

    def data(self) -> dict[str, Any]:
        """Until when."""
        return {"expiry": self.expiry}


@dataclass(slots=True)
class ConsentWithdrawn(_ConsentDocument):
    """Consent to a document, or to `all` of them, was withdrawn (R166)."""

    all: bool = False

    schema: ClassVar[str] = schema_of("consent_withdrawn")

    def data(self) -> dict[str, Any]:
        """Whether all of it."""
        return {"all": self.all}

"""Which requests are anonymised although they do not ask for it (A-52, E-20)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from whiteout.collector.codec import loads
from whiteout.collector.cookies import has_cookie
from whiteout.collector.request import Request
from whiteout.collector.settings import Enforcement, EnforcementSettings
from whiteout.privacy import JSON_PARAMETERS, decode_base64url
from whiteout.protocol.envelope import EnvelopeProblem, open_envelope
from whiteout.protocol.iglu import NotSelfDescribingError, matches, self_describing
from whiteout.protocol.paths import SUPPORTED, TP1, adapter_of
from whiteout.protocol.querystring import BadQueryError, parse_query

_STRICTNESS = {
    mode: rank
    for rank, mode in enumerate(
        (Enforcement.HEADER, Enforcement.UNLESS_CONSENT, Enforcement.ALWAYS)
    )
}
_Events = list[dict[str, Any]]


class Enforcer:
    """Decides about requests, where the decision is not the same for all."""

    def __init__(self, settings: EnforcementSettings) -> None:
        self._settings = settings
        modes = (settings.default, *settings.paths.values(), *settings.apps.values())
        self._strictest = _strictest(modes)

    def anonymises(self, request: Request) -> bool:
        """Whether a request is to be anonymous. Of what its events ask for the strictest holds."""
        settings = self._settings
        mode = settings.paths.get(request.asked, settings.default)
        events: _Events | None = None
        if settings.apps:
            events = _events(request)
            mode = self._strictest if not events else _strictest(self._modes(events, mode))
        if mode is not Enforcement.UNLESS_CONSENT:
            return mode is Enforcement.ALWAYS
        return not self._consented(request, events)

    def _modes(self, events: _Events, otherwise: Enforcement) -> Iterable[Enforcement]:
        for event in events:
            app = event.get("aid")
            yield self._settings.apps.get(app, otherwise) if isinstance(app, str) else otherwise

    def _consented(self, request: Request, events: _Events | None) -> bool:
        settings = self._settings
        if settings.cookie is not None and has_cookie(request, settings.cookie):
            return True
        if not settings.documents:
            return False
        found = _events(request) if events is None else events
        return bool(found) and all(self._proves_consent(event) for event in found)

    def _proves_consent(self, event: dict[str, Any]) -> bool:
        return any(
            data.get("basisForProcessing") == "consent"
            and isinstance(document := data.get("documentId"), str)
            and document in self._settings.documents
            for data in _gdpr(event)
        )


def _strictest(modes: Iterable[Enforcement]) -> Enforcement:
    return max(modes, key=_STRICTNESS.__getitem__)


def _events(request: Request) -> _Events:
    """The parameters of every event, as the pipeline will see them; none of an unreadable one."""
    adapter = adapter_of(request.path)
    try:
        query = parse_query(request.query)
        if adapter not in SUPPORTED:
            return []
        if request.body is None or adapter == TP1:
            return [dict(query)]
        events = open_envelope(request.body, loads)
    except (BadQueryError, EnvelopeProblem):
        return []
    given = {name: value for name, value in query.items() if value}
    if not all(isinstance(event, dict) for event in events):
        return []
    return [{**event, **given} for event in events]


def _gdpr(event: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """The data of every entity `gdpr` of an event."""
    for name in ("co", "cx"):
        text = event.get(name)
        if not isinstance(text, str):
            continue
        try:
            raw = text.encode()
            _, entities = self_describing(
                loads(decode_base64url(raw) if JSON_PARAMETERS[name] else raw)
            )
        except (ValueError, RecursionError):
            continue
        for entity in entities if isinstance(entities, list) else ():
            try:
                key, data = self_describing(entity)
            except NotSelfDescribingError:
                continue
            if matches(key, "gdpr") and isinstance(data, dict):
                yield data

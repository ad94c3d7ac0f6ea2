"""Sound entities and self-describing events, read without an object for each event (B-50 to B-55).

Anything that is not usual is left to `NestedParts`, which says what it is.
"""

from __future__ import annotations

from whiteout.enrich.identity import Places, holds
from whiteout.enrich.known import KnownSchemas, schema_key
from whiteout.enrich.nested import (
    Item,
    NestedParts,
    decode_base64,
    decode_contexts,
    decode_unstruct,
    encode,
)
from whiteout.enrich.settings import Validator
from whiteout.privacy import Mode, NotBase64Error
from whiteout.protocol.iglu import CONTEXTS, SNOWPLOW, UNSTRUCT_EVENT, SchemaKey

_CONTEXTS = frozenset(f"iglu:{SNOWPLOW}/contexts/jsonschema/1-0-{addition}" for addition in (0, 1))
_SURELY_FITS = 128


Found = tuple[str | None, str | None, SchemaKey | None, Mode | None, bool, bool, bool]
"""What `NestedParts` tells of one sound event: the columns `contexts` and `unstruct_event`, the
schema of the event, the declared mode, and `validated`, `user` and `session`."""

NOTHING: Found = (None, None, None, None, True, False, False)


_Closed = tuple[Validator, bool, Places | None]
"""Validator of a schema, whether it identifies as a whole, and where else identifiers are."""


class QuickNested:
    """Reads the self-describing JSON of sound events."""

    def __init__(self, schemas: KnownSchemas, *, strict: bool) -> None:
        self._schemas = schemas
        self._strict = strict
        self._closed: dict[str, _Closed] = {}

    def read(
        self, contexts: str | None, coded: str | None, event: str | None, coded_event: str | None
    ) -> Found | None:
        """What the parameters `co`, `cx`, `ue_pr` and `ue_px` hold; None when it is not sound."""
        try:
            if event is None and coded_event is None:
                if coded is None:
                    if contexts is None:
                        return NOTHING
                    found = self._entities(contexts)
                elif contexts is None:
                    found = self._entities(decode_base64(coded).decode())
                else:
                    found = None
            elif event is None or coded_event is None:
                found = self._event(contexts, coded, event, coded_event)
            else:
                found = None
        except (ValueError, RecursionError, NotBase64Error):
            found = None
        return self._any(contexts, coded, event, coded_event) if found is None else found

    def _entities(self, text: str) -> Found | None:
        value = decode_contexts(text)
        items = value.data
        if value.schema not in _CONTEXTS or not items:
            return None
        carried = self._carried(items)
        if carried is None:
            return None
        value.schema = CONTEXTS
        return (encode(value).decode(), None, None, None, True, *carried)

    def _event(
        self, contexts: str | None, coded: str | None, event: str | None, coded_event: str | None
    ) -> Found | None:
        if event is None:
            event = decode_base64(coded_event or "").decode()
        value = decode_unstruct(event)
        carried = self._carried([value.data])
        if carried is None or value.schema != UNSTRUCT_EVENT:
            return None
        key = schema_key(value.data.schema)
        if key is None or max(map(len, key)) > _SURELY_FITS:
            return None
        entities = self.read(contexts, coded, None, None)
        if entities is None:
            return None
        kept, _, _, declared, validated, user, session = entities
        written = encode(value).decode()
        return kept, written, key, declared, validated, carried[0] or user, carried[1] or session

    def _carried(self, items: list[Item]) -> tuple[bool, bool] | None:
        """Whether sound items hold a user and a session; None when one needs a closer look."""
        user = session = False
        for item in items:
            known = self._closed.get(item.schema)
            if known is None:
                known = self._look_up(item.schema)
                if known is None:
                    return None
            validate, identifies, places = known
            if validate(item.data):
                return None
            if places is None:
                continue
            if identifies or (places.user and holds(item.data, places.user)):
                user = True
            if places.session and holds(item.data, places.session):
                session = True
        return user, session

    def _look_up(self, uri: str) -> _Closed | None:
        """What there is to know of a schema that allows only what it names; None of any other."""
        known = self._schemas.find(uri)
        if known is None or known.validate is None or known.places is None or known.declares:
            return None
        self._closed[uri] = found = (
            known.validate,
            known.identifies,
            None if known.plain else known.places,
        )
        return found

    def _any(
        self, contexts: str | None, coded: str | None, event: str | None, coded_event: str | None
    ) -> Found | None:
        parts = NestedParts(self._schemas, strict=self._strict)
        parts.read_all(event, coded_event, contexts, coded)
        if parts.faults or (parts.key is not None and max(map(len, parts.key)) > _SURELY_FITS):
            return None
        return (
            parts.contexts,
            parts.unstruct,
            parts.key,
            parts.declared,
            parts.validated,
            parts.user,
            parts.session,
        )

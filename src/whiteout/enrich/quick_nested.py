"""Sound entities and self-describing events, read without an object for each event (B-50 to B-55).

Anything that is not usual is left to `NestedParts`, which says what it is.
"""

from __future__ import annotations

import msgspec

from whiteout.enrich.identity import Places, holds
from whiteout.enrich.known import KnownSchemas, schema_key
from whiteout.enrich.nested import (
    Item,
    NestedParts,
    decode_base64,
    decode_unstruct,
    encode,
)
from whiteout.enrich.settings import Validator
from whiteout.privacy import Mode, NotBase64Error
from whiteout.protocol.iglu import CONTEXTS, SNOWPLOW, UNSTRUCT_EVENT, SchemaKey

_CONTEXTS = frozenset(f"iglu:{SNOWPLOW}/contexts/jsonschema/1-0-{addition}" for addition in (0, 1))
_SURELY_FITS = 128
_MOST_KNOWN = 4_096
_LONGEST_KNOWN = 1_024
_WRAPPER = (b'{"schema":"%s","data":[' % CONTEXTS.encode(), b"]}")


class _RawContexts(msgspec.Struct, gc=False):
    """Entities that are not decoded yet."""

    schema: str
    data: list[msgspec.Raw]


_decode_contexts = msgspec.json.Decoder(_RawContexts).decode
_decode_item = msgspec.json.Decoder(Item).decode

_Entity = tuple[bytes, bool, bool]
"""A sound entity as it is kept, and whether it holds a user and a session."""

Found = tuple[str | None, str | None, SchemaKey | None, Mode | None, bool, bool, bool]
"""What `NestedParts` tells of one sound event: the columns `contexts` and `unstruct_event`, the
schema of the event, the declared mode, and `validated`, `user` and `session`."""

NOTHING: Found = (None, None, None, None, True, False, False)


_Closed = tuple[Validator, bool, Places | None]
"""Validator of a schema, whether it identifies as a whole, and where else identifiers are."""


class QuickNested:
    """Reads the self-describing JSON of sound events.

    The events of one page share most of their entities, to the byte: the page, the browser. They
    are remembered, a bounded number of them.
    """

    def __init__(self, schemas: KnownSchemas, *, strict: bool) -> None:
        self._schemas = schemas
        self._strict = strict
        self._closed: dict[str, _Closed] = {}
        self._known: dict[bytes, _Entity] = {}

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
        value = _decode_contexts(text)
        if value.schema not in _CONTEXTS or not value.data:
            return None
        kept = []
        user = session = False
        for raw in map(bytes, value.data):
            entity = self._known.get(raw) or self._entity(raw)
            if entity is None:
                return None
            kept.append(entity[0])
            user |= entity[1]
            session |= entity[2]
        before, after = _WRAPPER
        whole = (before + b",".join(kept) + after).decode()
        return (whole, None, None, None, True, user, session)

    def _entity(self, raw: bytes) -> _Entity | None:
        """An entity that nobody remembers; None when it needs a closer look."""
        item = _decode_item(raw)
        carried = self._carried(item)
        if carried is None:
            return None
        entity = (encode(item), *carried)
        # A session counts its events, so it never comes twice.
        if not entity[2] and len(raw) <= _LONGEST_KNOWN:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[raw] = entity
        return entity

    def _event(
        self, contexts: str | None, coded: str | None, event: str | None, coded_event: str | None
    ) -> Found | None:
        if event is None:
            event = decode_base64(coded_event or "").decode()
        value = decode_unstruct(event)
        carried = self._carried(value.data)
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

    def _carried(self, item: Item) -> tuple[bool, bool] | None:
        """Whether a sound item holds a user and a session; None when it needs a closer look."""
        known = self._closed.get(item.schema) or self._look_up(item.schema)
        if known is None:
            return None
        validate, identifies, places = known
        if validate(item.data):
            return None
        if places is None:
            return False, False
        user = identifies or (bool(places.user) and holds(item.data, places.user))
        return user, bool(places.session) and holds(item.data, places.session)

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
        if parts.faults or parts.replaced:
            return None
        if parts.key is not None and max(map(len, parts.key)) > _SURELY_FITS:
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

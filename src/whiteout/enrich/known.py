"""Schemas as events name them: their keys, validators, and the identifiers in their data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from whiteout.enrich.identity import NO_PLACES, Places, is_identifier, places_of
from whiteout.enrich.settings import SchemaLookup, Validator
from whiteout.protocol.iglu import SNOWPLOW, SchemaKey, parse_uri

OWN_VENDOR = "io.whiteout"
"""Vendor of the schemas that whiteout's own trackers use (contract 8)."""

_DECLARATION = "privacy_state"
_OPEN = frozenset({"contexts", "unstruct_event"})
_LONGEST_URI = 300
_MOST = 4_096


@lru_cache(maxsize=2048)
def _parsed(uri: str) -> SchemaKey | None:
    return parse_uri(uri)


def schema_key(uri: str) -> SchemaKey | None:
    """The parts of an Iglu URI, remembered; None for anything else (E-1)."""
    return _parsed(uri) if len(uri) <= _LONGEST_URI else None


@dataclass(slots=True)
class Known:
    """A schema that an event named.

    `validate` is None for an unknown schema. `places` is None where any member may hold an
    identifier or be nested deeply. `identifies` tells that the data is an identifier as a whole,
    `declares` that it says in which mode the tracker is (contract 9). `plain` tells that nothing
    needs to be known of valid data.
    """

    key: SchemaKey
    validate: Validator | None
    places: Places | None
    identifies: bool
    declares: bool
    plain: bool


class KnownSchemas:
    """Finds schemas by their URIs. Only those with a validator are remembered.

    So what strangers name costs no memory, and a schema that becomes known later is found then.
    """

    def __init__(self, lookup: SchemaLookup) -> None:
        self._lookup = lookup
        self._known: dict[str, Known] = {}

    def find(self, uri: str) -> Known | None:
        """The schema of an Iglu URI; None for anything else."""
        found = self._known.get(uri)
        return self._look_up(uri) if found is None else found

    def _look_up(self, uri: str) -> Known | None:
        key = schema_key(uri)
        if key is None:
            return None
        validator = self._lookup.validator(key)
        # Our own schemas of these vendors allow no other members than those they name, nor do they
        # nest, but for the wrappers, in which anything may stand.
        closed = (
            validator is not None
            and not getattr(validator, "foreign", False)
            and key.vendor in (SNOWPLOW, OWN_VENDOR)
            and key.name not in _OPEN
        )
        places = places_of(key.vendor, key.name) if closed else None
        identifies = is_identifier(uri)
        declares = key.vendor == OWN_VENDOR and key.name == _DECLARATION
        plain = places == NO_PLACES and not identifies and not declares
        known = Known(key, validator, places, identifies, declares, plain)
        if validator is not None and len(self._known) < _MOST:
            self._known[uri] = known
        return known

"""Schemas that whiteout did not write: what valid data holds is looked for all the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.enrich.records import NOW, SNOWPLOW, Row, columns, contexts, entity, page_view
from whiteout.enrich import Enricher, EnrichSettings, Violation
from whiteout.protocol.iglu import SchemaKey

SETTINGS = EnrichSettings(v_collector="c", v_etl="e")


class Anything:
    """The validator of a schema that allows everything."""

    def __init__(self, *, foreign: bool) -> None:
        self.foreign = foreign

    def __call__(self, _data: Any) -> Sequence[Violation]:
        """Never anything wrong."""
        return ()


class Lookup:
    """Knows every schema."""

    def __init__(self, *, foreign: bool) -> None:
        self._known = Anything(foreign=foreign)

    def validator(self, _key: SchemaKey) -> Anything:
        """The same for all."""
        return self._known


def enriched(*, foreign: bool, quick: bool) -> Row:
    """A page view with an entity of the protocol's vendor that nests a user id."""
    data = {"inner": {"email": "alice@shop.example", "userId": "alice"}}
    record = page_view(co=contexts(entity(f"{SNOWPLOW}/gadget/jsonschema/1-0-0", data)))
    enricher = Enricher(SETTINGS, Lookup(foreign=foreign))
    if quick:
        return columns(enricher.enrich_all([(1, record)], NOW, "file").events.row(0))
    return columns(enricher.enrich(record, NOW).events[0])


@pytest.mark.parametrize("quick", [True, False])
def test_a_foreign_schema_of_a_known_vendor_may_hold_anything(quick: bool) -> None:
    """Contract 9: only of our own schemas it is known where identifiers stand in valid data."""
    found = enriched(foreign=True, quick=quick)
    assert (found["mode_inferred"], found["validated"]) == ("identified", True)
    assert enriched(foreign=False, quick=quick)["mode_inferred"] == "anonymous"

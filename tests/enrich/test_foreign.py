"""Schemas that whiteout did not write: what valid data holds is looked for all the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tests.enrich.records import NOW, SNOWPLOW, Row, columns, contexts, entity, page_view
from whiteout.enrich import Enricher, EnrichSettings, Violation
from whiteout.enrich.superseded import VALIDATION_INFO
from whiteout.protocol.iglu import UNSTRUCT_EVENT, SchemaKey, parse_uri

NAMED, NEWER = (f"iglu:com.example/order/jsonschema/1-0-{n}" for n in (0, 2))
AGENT = "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0"
SETTINGS = EnrichSettings(v_collector="c", v_etl="e")


class Anything:
    """The validator of a schema that allows everything."""

    def __init__(self, *, foreign: bool, instead: SchemaKey | None = None) -> None:
        self.foreign = foreign
        self.instead = instead

    def __call__(self, _data: Any) -> Sequence[Violation]:
        """Never anything wrong."""
        return ()


class Lookup:
    """Knows every schema."""

    def __init__(self, *, foreign: bool, instead: SchemaKey | None = None) -> None:
        self._known = Anything(foreign=foreign, instead=instead)

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


@pytest.mark.parametrize("quick", [True, False])
def test_b_54_a_superseded_schema_is_rewritten_and_told(quick: bool) -> None:
    """B-54: entity and event are stored under the newer version, and the event says so once."""
    key = parse_uri(NEWER)
    enricher = Enricher(SETTINGS, Lookup(foreign=True, instead=key))
    unstruct = {"schema": UNSTRUCT_EVENT, "data": entity(NAMED, {"id": 1})}
    entities = contexts(entity(NAMED, {"id": 2}))
    record = page_view(e="ue", ue_pr=json.dumps(unstruct), co=entities, ua=AGENT)
    if quick:
        found = columns(enricher.enrich_all([(1, record)], NOW, "file").events.row(0))
    else:
        found = columns(enricher.enrich(record, NOW).events[0])
    assert json.loads(found["unstruct_event"])["data"]["schema"] == NEWER
    assert [item["schema"] for item in json.loads(found["contexts"])["data"]] == [NEWER]
    assert (found["event_version"], found["validated"]) == ("1-0-2", True)
    derived = json.loads(found["derived_contexts"])["data"]
    told = [item["data"] for item in derived if item["schema"] == VALIDATION_INFO]
    assert told == [{"originalSchema": NAMED, "validatedWith": "1-0-2"}]
    assert len(derived) > 1


def test_b_54_without_a_newer_schema_nothing_is_added() -> None:
    """B-54: an event whose schemas are current is stored as it names them."""
    record = page_view(co=contexts(entity(NAMED, {"id": 2})), ua=AGENT)
    found = columns(Enricher(SETTINGS, Lookup(foreign=True)).enrich(record, NOW).events[0])
    assert NAMED in found["contexts"]
    assert "validation_info" not in found["derived_contexts"]

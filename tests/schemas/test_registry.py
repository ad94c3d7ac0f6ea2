"""Which schemas are known (E-3, B-56) and what they allow (E-18, E-19, contract 9)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from whiteout.privacy import IDENTIFIERS, ZERO_UUID, Mode
from whiteout.protocol.iglu import CONTEXTS, UNSTRUCT_EVENT, SchemaKey, parse_uri
from whiteout.schemas import SchemaRegistry
from whiteout.schemas.definitions import DEFINITIONS

_SNOWPLOW = "iglu:com.snowplowanalytics.snowplow"
_UUID = "1f1b8a1e-0b1a-4c0e-9d6a-0f4a3c1f0c11"


def key(uri: str) -> SchemaKey:
    """The key of a URI that is one."""
    parsed = parse_uri(uri)
    assert parsed is not None
    return parsed


def keywords(uri: str, data: Any) -> list[str]:
    """The keywords that data violates."""
    validator = SchemaRegistry().validator(key(uri))
    assert validator is not None
    return [fault.keyword for fault in validator(data)]


@pytest.mark.parametrize("uri", sorted(DEFINITIONS))
def test_every_definition_is_a_schema(uri: str) -> None:
    """Each bundled definition has a proper URI and compiles (E-1, E-12)."""
    registry = SchemaRegistry()
    validator = registry.validator(key(uri))
    assert validator is not None
    assert registry.validator(key(uri)) is validator
    assert registry.definition(key(uri)) == DEFINITIONS[uri]
    assert key(uri) in set(registry)
    assert json.loads(json.dumps(DEFINITIONS[uri])) == DEFINITIONS[uri]


def test_wrappers_are_known() -> None:
    """The wrappers under which whiteout stores entities and events are among them (B-55)."""
    assert {CONTEXTS, UNSTRUCT_EVENT} <= DEFINITIONS.keys()


@pytest.mark.parametrize(
    "uri",
    [
        f"{_SNOWPLOW}/web_page/jsonschema/1-0-1",
        f"{_SNOWPLOW}/page_view/jsonschema/1-0-0",
        f"{_SNOWPLOW}/web_page/avro/1-0-0",
        "iglu:com.acme/web_page/jsonschema/1-0-0",
    ],
)
def test_e_3_unknown_schemas_are_none_and_cost_nothing(uri: str) -> None:
    """A look-up is for the exact key; an unknown one is None and not remembered (E-3, E-17)."""
    registry = SchemaRegistry()
    assert registry.validator(key(uri)) is None
    assert registry.definition(key(uri)) is None
    assert registry._validators == {}


def session(**members: Any) -> dict[str, Any]:
    """A session that is valid in version 1-0-2."""
    return {
        "userId": _UUID,
        "sessionId": _UUID,
        "sessionIndex": 1,
        "storageMechanism": "COOKIE_1",
        **members,
    }


@pytest.mark.parametrize(
    ("version", "members", "faults"),
    [
        ("1-0-2", {}, []),
        ("1-0-2", {"userId": ZERO_UUID, "previousSessionId": None, "firstEventId": None}, []),
        ("1-0-2", {"userId": "0123456789abcdef"}, []),
        ("1-0-2", {"eventIndex": 5, "firstEventTimestamp": "2026-11-24T06:20:00.123Z"}, []),
        ("1-0-0", {"previousSessionId": None}, []),
        ("1-0-1", {"previousSessionId": _UUID, "firstEventId": _UUID}, []),
        ("1-0-0", {}, ["required"]),
        ("1-0-1", {}, ["required"]),
        ("1-0-0", {"previousSessionId": None, "firstEventId": None}, ["additionalProperties"]),
        ("1-0-1", {"previousSessionId": None, "eventIndex": 1}, ["additionalProperties"]),
        ("1-0-2", {"userId": None}, ["type"]),
        ("1-0-2", {"userId": ""}, ["pattern"]),
        ("1-0-2", {"userId": _UUID.upper()}, ["pattern"]),
        ("1-0-2", {"sessionId": ""}, ["format"]),
        ("1-0-2", {"sessionId": None}, ["type"]),
        ("1-0-2", {"sessionIndex": -1}, ["minimum"]),
        ("1-0-2", {"sessionIndex": 2**31}, ["maximum"]),
        ("1-0-2", {"sessionIndex": 1.0}, ["type"]),
        ("1-0-2", {"storageMechanism": "COOKIE_2"}, ["enum"]),
        ("1-0-2", {"firstEventTimestamp": "now"}, ["format"]),
    ],
)
def test_e_18_client_session(version: str, members: dict[str, Any], faults: list[str]) -> None:
    """The session entity allows what E-18 says, version by version."""
    uri = f"{_SNOWPLOW}/client_session/jsonschema/{version}"
    assert keywords(uri, session(**members)) == faults


@pytest.mark.parametrize("mode", [*Mode, "secret"])
@pytest.mark.parametrize("signal", [None, "gpc", 5])
def test_contract_9_privacy_state(mode: str, signal: Any) -> None:
    """A tracker of ours declares one of the five modes and a signal or none (contract 9)."""
    faults = keywords(
        "iglu:io.whiteout/privacy_state/jsonschema/1-0-0", {"mode": str(mode), "signal": signal}
    )
    expected = (["enum"] if mode == "secret" else []) + (["type"] if signal == 5 else [])
    assert sorted(faults) == sorted(expected)


def test_every_entity_field_of_the_table_of_identifiers_is_defined() -> None:
    """A member that holds an identifier exists in a schema of that entity (F-P10)."""
    for row in IDENTIFIERS:
        for place in row.entity_fields:
            members = {
                name
                for uri, definition in DEFINITIONS.items()
                if uri.startswith(f"iglu:{place.vendor}/{place.name}/")
                for name in definition["properties"]
            }
            assert place.field in members, place


def test_l_7_no_text_is_copied() -> None:
    """Our definitions carry no descriptions (L-7)."""
    assert '"description": "' not in json.dumps(list(DEFINITIONS.values()))
    assert not list(Path(__file__).parent.glob("*.json"))

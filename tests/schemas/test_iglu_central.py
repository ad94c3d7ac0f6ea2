"""Our definitions and the published ones agree (L-7).

The published schemas are test data beside the checkout. Where they are not there, this file is not
collected.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.schemas.published import PUBLISHED
from whiteout.protocol.iglu import SchemaKey, parse_uri
from whiteout.schemas import FolderRegistry, RegistryError, SchemaRegistry, compile_schema, lint
from whiteout.schemas.definitions import DEFINITIONS

_TEXTS = ("", "x", "x" * 17, "x" * 300, "x" * 70_000, "no uri", "https://a.example/")
_UUIDS = ("1f1b8a1e-0b1a-4c0e-9d6a-0f4a3c1f0c11", "1F1B8A1E-0B1A-4C0E-9D6A-0F4A3C1F0C11")
_TIMES = ("2026-11-24T06:20:00.123Z", "2026-11-24")
_NUMBERS = (-1, 0, 1, 91, 181, 1001, 2**31 - 1, 2**31, 2**63 - 1, 2**63, 0.5, 1.0, -200.5)
_URIS = ("iglu:com.acme/a-b/jsonschema/1-0-0", "iglu:com.acme/a/jsonschema/1-0")
_LISTS: tuple[list[Any], ...] = ([], ["x"], ["x" * 5000], [1], [None])
_ODD: tuple[Any, ...] = (None, True, False, *_LISTS, {}, {"a": "b"}, {"a": 5})
_VALUES: tuple[Any, ...] = (*_TEXTS, *_UUIDS, *_TIMES, *_NUMBERS, *_URIS, *_ODD)


def published() -> list[SchemaKey]:
    """Keys of our definitions that are published as well."""
    keys = [key for uri in sorted(DEFINITIONS) if (key := parse_uri(uri)) is not None]
    return [key for key in keys if (PUBLISHED / "/".join(key)).is_file()]


_KEYS = published()


def pair(key: SchemaKey) -> tuple[dict[str, Any], Any, Any]:
    """The published schema, its validator and ours."""
    theirs: dict[str, Any] = json.loads((PUBLISHED / "/".join(key)).read_text())
    return theirs, compile_schema(theirs), SchemaRegistry().validator(key)


def candidates(schema: dict[str, Any]) -> list[Any]:
    """Values for a place of a schema: the odd ones, and those that it names."""
    values = [*_VALUES, *schema.get("enum", ())]
    if schema.get("type") in ("array", ["array", "null"]):
        values += [[item] for item in candidates(schema["items"])]
    if isinstance(schema.get("properties"), dict):
        values += instances(schema)
    for limit in ("maxLength", "minLength"):
        if limit in schema:
            values += ["y" * schema[limit], "y" * (schema[limit] + 1)]
    for limit in ("maximum", "minimum"):
        if limit in schema:
            values += [schema[limit] - 1, schema[limit], schema[limit] + 1]
    return values


def fitting(schema: dict[str, Any]) -> Any:
    """The first value that a place of a schema allows."""
    validate = compile_schema(schema)
    return next(value for value in candidates(schema) if not validate(value))


def instances(schema: dict[str, Any]) -> list[Any]:
    """Objects in which one member at a time is odd, missing or too much."""
    members: dict[str, Any] = schema.get("properties", {})
    whole = {name: fitting(member) for name, member in members.items()}
    required = {name: whole[name] for name in schema.get("required", ())}
    found: list[Any] = [whole, required, {**whole, "stranger": 1}, {**required, "stranger": "x"}]
    for name, member in members.items():
        found.append({k: v for k, v in whole.items() if k != name})
        found += ({**required, name: value} for value in candidates(member))
    return found


@pytest.mark.parametrize("key", _KEYS, ids="/".join)
def test_l_7_definitions_agree_with_the_published_ones(key: SchemaKey) -> None:
    """For each member of each schema, the same values are valid and the same are not (L-7)."""
    schema, theirs, ours = pair(key)
    if schema["type"] == "array":
        checked = [[], *([item] for item in instances(schema["items"])), *_ODD]
    else:
        checked = [*instances(schema), *_VALUES]
    verdicts = {True: 0, False: 0}
    for data in checked:
        assert bool(ours(data)) == bool(theirs(data)), data
        verdicts[not ours(data)] += 1
    assert all(verdicts.values())


@pytest.mark.parametrize("key", _KEYS, ids="/".join)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_l_7_definitions_agree_on_random_data(key: SchemaKey, data: st.DataObject) -> None:
    """Random mixtures of members are valid in both or in neither (L-7)."""
    schema, theirs, ours = pair(key)
    names = sorted({*schema.get("properties", {}), "stranger"})
    instance = data.draw(st.dictionaries(st.sampled_from(names), st.sampled_from(_VALUES)))
    assert bool(ours(instance)) == bool(theirs(instance))


def test_e_6_the_published_folder_is_a_registry() -> None:
    """E-6, E-12, E-15: every published schema can be used, but for the one that leads elsewhere."""
    shelf, unusable = FolderRegistry(PUBLISHED.parent), []
    files = [file for file in PUBLISHED.rglob("*") if file.is_file()]
    for file in files:
        key = parse_uri("iglu:" + "/".join(file.parts[-4:]))
        assert key is not None
        try:
            found = shelf.fetch(key)
        except RegistryError:
            unusable.append(key.uri)
        else:
            assert [one for one in lint(found) if one.level == "error"] == []
    assert unusable == ["iglu:com.snowplowanalytics.self-desc/schema/jsonschema/1-0-0"]
    assert len(files) > len(_KEYS)

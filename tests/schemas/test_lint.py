"""What the lint says of a schema document (E-1, E-12 to E-15)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.schemas.registry_server import KEY
from whiteout.schemas import SchemaRegistry, document, key_of, lint

CLOSED: dict[str, Any] = {
    "type": "object",
    "properties": {"a": {"type": "string", "maxLength": 5}},
    "additionalProperties": False,
}


@pytest.mark.parametrize("key", list(SchemaRegistry()), ids=lambda key: key.uri)
def test_our_own_schemas_have_no_errors(key: Any) -> None:
    """E-12: every schema that whiteout brings can be used as a document of a registry."""
    definition = SchemaRegistry().definition(key)
    assert definition is not None
    made = document(key, definition)
    assert key_of(made) == key
    assert [finding for finding in lint(made) if finding.level == "error"] == []


def test_a_sound_schema_has_no_findings() -> None:
    """E-12: a closed schema with limits passes without a word."""
    assert lint(document(KEY, CLOSED)) == []


@pytest.mark.parametrize(
    ("made", "path", "words"),
    [
        ([], "$", "no JSON object"),
        ({"type": "object"}, "$.self", "does not name vendor"),
        ({**document(KEY, CLOSED), "self": {"vendor": 1}}, "$.self", "does not name vendor"),
        (document(KEY._replace(name="n" * 200), CLOSED), "$.self", "not asked for"),
        (document(KEY, {"type": "banana"}), "$", "not a draft-4 schema"),
        (document(KEY, {"$ref": "http://x.example"}), "$", "another document"),
    ],
)
def test_errors_name_place_and_reason(made: Any, path: str, words: str) -> None:
    """E-1, E-12, E-15: what makes a schema unusable is an error."""
    assert any(
        (finding.level, finding.path) == ("error", path) and words in finding.message
        for finding in lint(made)
    )


def test_a_schema_has_a_size() -> None:
    """E-11: a document that registries may not answer with is an error."""
    assert "more than 1048576 bytes" in lint(document(KEY, CLOSED), 2_000_000)[0].message


@pytest.mark.parametrize(
    ("member", "path", "words"),
    [
        ({"type": "string"}, "$.properties.a", "without maxLength"),
        ({"type": ["integer", "null"]}, "$.properties.a", "without maximum"),
        ({"type": "string", "format": "phone"}, "$.properties.a.format", "not checked"),
        ({"const": 5}, "$.properties.a.const", "draft 6"),
        (
            {"type": "array", "items": {"type": "object", "properties": {}}},
            "$.properties.a.items.additionalProperties",
            "any further member",
        ),
    ],
)
def test_warnings_name_what_could_hold_anything(
    member: dict[str, Any], path: str, words: str
) -> None:
    """E-13: what lets anything pass, or is never checked, is a warning."""
    made = document(KEY, {**CLOSED, "properties": {"a": member}})
    found = [(finding.level, finding.path, words in finding.message) for finding in lint(made)]
    assert ("warning", path, True) in found


def test_more_warnings() -> None:
    """E-12: a foreign meta schema, open objects, and required members without a schema."""
    made = {**document(KEY, {**CLOSED, "required": ["b"]}), "$schema": "other"}
    del made["additionalProperties"]
    assert {finding.path for finding in lint(made)} == {
        "$.$schema",
        "$.additionalProperties",
        "$.required",
    }


def test_findings_are_bounded() -> None:
    """E-12: of a hopeless schema a hundred findings are told."""
    members = {f"m{count}": {"type": "string"} for count in range(500)}
    assert len(lint(document(KEY, {**CLOSED, "properties": members}))) == 100

"""The schema dialect (E-12 to E-16, F-P11)."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whiteout.schemas import BadSchemaError, SchemaFault, compile_schema

_FORMATS = {
    "date-time": ("2026-11-24T06:20:00.123Z", "yesterday"),
    "date": ("2026-11-24", "24.11.2026"),
    "time": ("06:20:00Z", "noon"),
    "email": ("a@b.example", "a"),
    "hostname": ("a.example", "-a_"),
    "ipv4": ("203.0.113.9", "203.0.113"),
    "ipv6": ("2001:db8::1", "203.0.113.9"),
    "uri": ("https://a.example/x", "no uri"),
    "uuid": ("1F1B8a1e-0b1a-0c0e-0d6a-0f4a3c1f0c11", "1f1b8a1e0b1a0c0e0d6a0f4a3c1f0c11"),
}


def told(schema: dict[str, Any], data: Any) -> list[tuple[str, str, str, str]]:
    """Path, keyword, place and rule of each fault."""
    return [(f.path, f.keyword, f.place, f.rule) for f in compile_schema(schema)(data)]


@pytest.mark.parametrize("name", _FORMATS)
def test_e_13_formats_are_asserted(name: str) -> None:
    """Each format of the dialect is asserted, and does not concern what is no text (E-13)."""
    good, bad = _FORMATS[name]
    validate = compile_schema({"format": name})
    assert validate(good) == []
    assert validate(5) == []
    (fault,) = validate(bad)
    assert (fault.keyword, fault.rule) == ("format", f"not of the format {name}")


def test_e_13_format_beside_a_pattern() -> None:
    """A format keeps what stands beside it, and one in a list of values is no format (E-13)."""
    schema = {"allOf": [{"maxLength": 40}], "format": "uuid", "pattern": "^1"}
    validate = compile_schema(schema)
    assert validate(_FORMATS["uuid"][0]) == []
    assert {fault.keyword for fault in validate("2")} == {"format", "pattern"}
    assert compile_schema({"enum": [{"format": "uuid"}]})({"format": "uuid"}) == []


def test_e_13_unknown_formats_are_ignored() -> None:
    """A format that the dialect does not know asserts nothing (E-13)."""
    assert compile_schema({"format": "colour"})("x") == []


@pytest.mark.parametrize(
    ("schema", "data"),
    [
        ({"type": "integer"}, 1.0),
        ({"type": "integer"}, "1"),
        ({"type": "integer"}, True),
        ({"type": "number"}, "1"),
        ({"type": "boolean"}, 1),
        ({"type": "null"}, ""),
        ({"type": "string"}, None),
        ({"exclusiveMinimum": True, "minimum": 1}, 1),
    ],
)
def test_e_12_nothing_is_coerced(schema: dict[str, Any], data: Any) -> None:
    """Draft 4 semantics: nothing is coerced, and 1.0 is no integer (E-12)."""
    assert compile_schema(schema)(data)


def test_e_14_patterns_are_searched_in_ascii() -> None:
    """A pattern is searched for, its classes are ASCII, and look-around is read (E-14)."""
    assert compile_schema({"pattern": "b"})("abc") == []
    assert compile_schema({"pattern": r"^\d$"})("٣")
    validate = compile_schema({"pattern": "^(?=a).b$"})
    assert validate("ab") == []
    assert validate("bb")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "colour"},
        {"pattern": "("},
        {"properties": 5},
        {"$ref": "#/definitions/none"},
        {"$ref": "https://a.example/schema"},
        {"items": [{"properties": {"a": {"$ref": "other.json#/x"}}}]},
    ],
)
def test_e_15_bad_schemas_are_refused(schema: dict[str, Any]) -> None:
    """A schema that violates draft 4, or refers to another document, is refused (E-12, E-15)."""
    with pytest.raises(BadSchemaError):
        compile_schema(schema)


def test_e_12_self_and_schema_say_nothing_about_data() -> None:
    """The members `self` and `$schema` do not validate, and local references work (E-12, E-15)."""
    validate = compile_schema(
        {
            "$schema": "http://iglucentral.com/schemas/com.snowplowanalytics.self-desc/x#",
            "self": {"vendor": "com.acme"},
            "definitions": {"a": {"type": "string"}},
            "properties": {"a": {"$ref": "#/definitions/a"}},
        }
    )
    assert validate({"a": "x"}) == []
    assert validate({"a": 5})[0].keyword == "type"


def test_e_16_fault_names_path_and_keyword() -> None:
    """A fault has a JSONPath, the keyword and the value; place and rule do without it (E-16)."""
    schema = {
        "type": "object",
        "properties": {
            "plain": {"type": "string", "maxLength": 3},
            "any": {"additionalProperties": {"type": ["string", "boolean"]}},
            "odd-name": {"items": {"enum": ["A", "B"]}},
        },
        "required": ["plain", "missing"],
        "additionalProperties": False,
    }
    data = {"plain": "long", "any": {"it's": 5, "b": 1}, "odd-name": ["A", "C"], "secret": 1}
    assert told(schema, data) == [
        ("$", "required", "$", "required member missing is missing"),
        ("$.plain", "maxLength", "$.plain", "longer than 3 characters"),
        ("$.any['it\\'s']", "type", "$.any.*", "not of type boolean, string"),
        ("$.any.b", "type", "$.any.*", "not of type boolean, string"),
        ("$['odd-name'][1]", "enum", "$['odd-name'][1]", "not one of A, B"),
        ("$", "additionalProperties", "$", "has a member that the schema does not allow"),
    ]
    messages = [fault.message for fault in compile_schema(schema)(data)]
    assert any("secret" in message for message in messages)
    assert any("long" in message for message in messages)


@pytest.mark.parametrize(
    ("schema", "data", "rule"),
    [
        ({"minLength": 2}, "x", "shorter than 2 characters"),
        ({"minimum": 2}, 1, "less than 2"),
        ({"maximum": 2}, 3, "greater than 2"),
        ({"minimum": 2, "exclusiveMinimum": True}, 2, "not greater than 2"),
        ({"maximum": 2, "exclusiveMaximum": True}, 2, "not less than 2"),
        ({"minItems": 1}, [], "fewer than 1 items"),
        ({"maxItems": 0}, [1], "more than 0 items"),
        ({"minProperties": 1}, {}, "fewer than 1 members"),
        ({"maxProperties": 0}, {"a": 1}, "more than 0 members"),
        ({"multipleOf": 2}, 3, "not a multiple of 2"),
        ({"uniqueItems": True}, [1, 1], "has equal items"),
        ({"pattern": "a"}, "b", "does not match the pattern of the schema"),
        ({"not": {}}, 1, "violates not"),
        ({"anyOf": [{"type": "null"}]}, 1, "violates anyOf"),
    ],
)
def test_f_p11_rules_quote_the_schema_only(schema: dict[str, Any], data: Any, rule: str) -> None:
    """Each kind of fault is told in the words of the schema (F-P11)."""
    (fault,) = compile_schema(schema)(data)
    assert fault.rule.rstrip(".0") == rule.rstrip(".0")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
)
def test_validators_never_raise(data: Any) -> None:
    """A validator never raises, whatever a decoder returns."""
    schema = {"type": "object", "properties": {"a": {"type": "integer", "minimum": 1}}}
    assert all(isinstance(fault, SchemaFault) for fault in compile_schema(schema)(data))


def test_deep_data_is_a_fault() -> None:
    """Data that is nested too deeply to be checked is told as that."""
    data: Any = []
    for _ in range(400):
        data = [data]
    assert told({"type": "object"}, data) == [
        ("$", "depth", "$", "nested too deeply"),
    ]


def test_large_data_gives_one_fault_quickly() -> None:
    """Of large data the first fault is told, in no time; of small data fifty at most."""
    validate = compile_schema({"properties": {"a": {"items": {"type": "string"}}}})
    started = time.thread_time()
    assert len(validate({"a": [1] * 500_000})) == 1
    assert time.thread_time() - started < 1
    assert len(validate({"a": [1] * 900})) == 50

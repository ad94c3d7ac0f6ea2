"""The schema dialect: JSON Schema draft 4 with its formats asserted (E-12 to E-15).

An integer is a JSON number without a fraction part (`1.0` is none), nothing is coerced, `uuid` is
asserted too, unknown formats are ignored, and references to other documents are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import jsonschema_rs

from whiteout.schemas.faults import SchemaFault

Validator = Callable[[Any], list[SchemaFault]]
"""Checks data against one schema; an empty list says that it is valid."""

Definition = dict[str, Any]
"""A schema as plain data."""

MAX_FAULTS = 50
"""Most faults that are told of one piece of data."""

_LARGE = 1_000
"""Number of values from which on only the first fault is looked for: telling all of them took
10 s and 1 GB for an array of 700,000 wrong items."""

_UUID_PATTERN = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NOT_VALIDATING = ("$schema", "self")
_NOT_SCHEMAS = ("enum", "default")

_RULES: dict[str, tuple[str, str]] = {
    "maxLength": ("longer than {} characters", "limit"),
    "minLength": ("shorter than {} characters", "limit"),
    "maximum": ("greater than {}", "limit"),
    "minimum": ("less than {}", "limit"),
    "exclusiveMaximum": ("not less than {}", "limit"),
    "exclusiveMinimum": ("not greater than {}", "limit"),
    "maxItems": ("more than {} items", "limit"),
    "minItems": ("fewer than {} items", "limit"),
    "maxProperties": ("more than {} members", "limit"),
    "minProperties": ("fewer than {} members", "limit"),
    "multipleOf": ("not a multiple of {}", "multiple_of"),
    "type": ("not of type {}", "types"),
    "enum": ("not one of {}", "options"),
    "format": ("not of the format {}", "format"),
    "required": ("required member {} is missing", "property"),
}
_RULES_WITHOUT_DETAIL: dict[str, str] = {
    "pattern": "does not match the pattern of the schema",
    "additionalProperties": "has a member that the schema does not allow",
    "uniqueItems": "has equal items",
}

_TOO_DEEP = SchemaFault("$", "depth", "nested too deeply", "$", "nested too deeply")
"""The one thing about decoded JSON that the checker cannot cope with: more than 255 levels."""


class BadSchemaError(ValueError):
    """A schema cannot be used: it violates draft 4, or refers to another document."""


def compile_schema(definition: Definition) -> Validator:
    """A validator for a schema (E-12 to E-15). Raises BadSchemaError.

    The validator takes what a JSON decoder returns and never raises for it. Of large data it tells
    the first fault only.
    """
    _refuse_remote_references(definition)
    bare = {k: v for k, v in definition.items() if k not in _NOT_VALIDATING}
    checker = _checker(_with_uuid_pattern(bare))
    names = frozenset(_member_names(definition))
    is_valid = checker.is_valid

    def validate(data: Any) -> list[SchemaFault]:
        try:
            if is_valid(data):
                return []
            return [_fault(error, names) for error in _errors(checker, data)]
        except ValueError:
            return [_TOO_DEEP]

    return validate


def _checker(definition: Definition) -> jsonschema_rs.Draft4Validator:
    # The linear-time engine reads most patterns; those with look-around need the other one.
    engines = (jsonschema_rs.RegexOptions(), jsonschema_rs.FancyRegexOptions())
    failure: Exception | None = None
    for engine in engines:
        try:
            return jsonschema_rs.Draft4Validator(
                definition, validate_formats=True, offline=True, pattern_options=engine
            )
        except ValueError as error:
            failure = error
    raise BadSchemaError(f"not a draft-4 schema: {str(failure).partition(chr(10))[0]}")


def _errors(
    checker: jsonschema_rs.Draft4Validator, data: Any
) -> Iterator[jsonschema_rs.ValidationError]:
    if _is_large(data):
        try:
            checker.validate(data)
        except jsonschema_rs.ValidationError as error:
            yield error
    else:
        yield from islice(checker.iter_errors(data), MAX_FAULTS)


def _is_large(data: Any) -> bool:
    count = 0
    pending = [data]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            count += len(value)
            if count > _LARGE:
                return True
            pending += value
    return False


def _fault(error: jsonschema_rs.ValidationError, names: frozenset[str]) -> SchemaFault:
    kind = error.kind
    keyword = kind.name
    details = kind.as_dict()
    if keyword == "pattern" and details["pattern"] == _UUID_PATTERN:
        keyword, details = "format", {"format": "uuid"}
    path: list[str | int] = error.instance_path
    place = _json_path(p if isinstance(p, int) or p in names else "*" for p in path)
    return SchemaFault(_json_path(path), keyword, error.message, place, _rule(keyword, details))


def _rule(keyword: str, details: Mapping[str, Any]) -> str:
    if keyword in _RULES:
        text, detail = _RULES[keyword]
        value = details[detail]
        return text.format(", ".join(map(str, value)) if isinstance(value, list) else value)
    return _RULES_WITHOUT_DETAIL.get(keyword, f"violates {keyword}")


def _json_path(parts: Iterable[str | int]) -> str:
    text = "$"
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part == "*" or _PLAIN_NAME.fullmatch(part):
            text += f".{part}"
        else:
            quoted = part.replace("\\", "\\\\").replace("'", "\\'")
            text += f"['{quoted}']"
    return text


def _refuse_remote_references(node: Any) -> None:
    if isinstance(node, Mapping):
        reference = node.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#"):
            raise BadSchemaError("a schema must not refer to another document")
        for value in node.values():
            _refuse_remote_references(value)
    elif isinstance(node, list):
        for value in node:
            _refuse_remote_references(value)


def _with_uuid_pattern(node: Any) -> Any:
    """Draft 4 knows no format `uuid`, so it becomes a pattern (E-13)."""
    if isinstance(node, list):
        return [_with_uuid_pattern(value) for value in node]
    if not isinstance(node, Mapping):
        return node
    copy = {
        key: value if key in _NOT_SCHEMAS else _with_uuid_pattern(value)
        for key, value in node.items()
    }
    if copy.get("format") == "uuid":
        del copy["format"]
        copy["allOf"] = [*copy.get("allOf", []), {"pattern": _UUID_PATTERN}]
    return copy


def _member_names(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        properties = node.get("properties")
        if isinstance(properties, Mapping):
            yield from properties
        for value in node.values():
            yield from _member_names(value)
    elif isinstance(node, list):
        for value in node:
            yield from _member_names(value)

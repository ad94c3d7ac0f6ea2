"""What is wrong with a schema document, and what could be better about it (E-1, E-12 to E-15)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from whiteout.protocol.iglu import SchemaKey, parse_uri
from whiteout.schemas.dialect import BadSchemaError, compile_schema
from whiteout.schemas.documents import META
from whiteout.schemas.registries import LONGEST_SCHEMA, is_askable

FORMATS = frozenset(
    {"date-time", "date", "time", "email", "hostname", "ipv4", "ipv6", "uri", "uuid"}
)
"""Formats that are checked (E-13); another one is let pass with any text."""

_LATER = {"const": 6, "contains": 6, "propertyNames": 6, "if": 7, "then": 7, "else": 7}
_MOST = 100


class Finding(NamedTuple):
    """One finding: `error` where the schema cannot be used, else `warning`; where, and what."""

    level: str
    path: str
    message: str


def key_of(document: object) -> SchemaKey | None:
    """The key that a document names in `self`; None when it names none."""
    named = document.get("self") if isinstance(document, dict) else None
    if not isinstance(named, dict) or not all(isinstance(part, str) for part in named.values()):
        return None
    parts = [named.get(part, "") for part in SchemaKey._fields]
    return parse_uri("iglu:" + "/".join(parts))


def lint(document: Any, size: int = 0) -> list[Finding]:
    """Findings about a schema document of `size` bytes, errors first; at most a hundred."""
    found = [*_errors(document, size)]
    if isinstance(document, dict):
        found += _warnings(document, "$")
    return sorted(found[:_MOST], key=lambda finding: finding.level)


def _errors(document: Any, size: int) -> Iterator[Finding]:
    if not isinstance(document, dict):
        yield Finding("error", "$", "is no JSON object")
        return
    key = key_of(document)
    if key is None:
        yield Finding("error", "$.self", "does not name vendor, name, format and version")
    elif not is_askable(key):
        text = "is a name that registries are not asked for: too long, or it looks like an id"
        yield Finding("error", "$.self", text)
    if size > LONGEST_SCHEMA:
        yield Finding("error", "$", f"has more than {LONGEST_SCHEMA} bytes")
    try:
        compile_schema(document)
    except BadSchemaError as error:
        yield Finding("error", "$", str(error))
    except RecursionError:
        yield Finding("error", "$", "is nested too deeply")


def _warnings(node: dict[str, Any], path: str) -> Iterator[Finding]:
    if path == "$" and node.get("$schema") != META:
        yield Finding("warning", "$.$schema", f"is not {META}")
    yield from _of_keywords(node, path)
    members = node.get("properties")
    if isinstance(members, dict):
        if node.get("additionalProperties", True) is True:
            text = "is not false: any further member is let pass, with whatever it identifies"
            yield Finding("warning", f"{path}.additionalProperties", text)
        required = node.get("required")
        for name in required if isinstance(required, list) else ():
            if name not in members:
                yield Finding("warning", f"{path}.required", f"names {name!r}, which has no schema")
        for name, member in members.items():
            if isinstance(member, dict):
                yield from _warnings(member, f"{path}.properties.{name}")
    if isinstance(node.get("items"), dict):
        yield from _warnings(node["items"], f"{path}.items")


def _of_keywords(node: dict[str, Any], path: str) -> Iterator[Finding]:
    kinds = node.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    bounded = {"maxLength", "enum", "format", "pattern"} & node.keys()
    if "string" in kinds and not bounded:
        yield Finding("warning", path, "is a text without maxLength")
    if {"integer", "number"} & {*map(str, kinds)} and "maximum" not in node and "enum" not in node:
        yield Finding("warning", path, "is a number without maximum")
    wanted = node.get("format")
    if isinstance(wanted, str) and wanted not in FORMATS:
        yield Finding("warning", f"{path}.format", f"{wanted!r} is not checked")
    for name, draft in _LATER.items():
        if name in node:
            text = f"is a keyword of draft {draft}; draft 4 takes no notice of it"
            yield Finding("warning", f"{path}.{name}", text)

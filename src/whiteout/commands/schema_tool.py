"""What `whiteout schema` does: tell which schemas there are, show one, and look for mistakes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from whiteout.config import Config
from whiteout.protocol.iglu import SchemaKey, parse_uri
from whiteout.registries import registries_of
from whiteout.schemas import (
    Definition,
    Finding,
    RegistryError,
    SchemaNotFound,
    SchemaRegistry,
    document,
    find,
    key_of,
    lint,
)

_PARTS = len(SchemaKey._fields)


class SchemaToolError(Exception):
    """What was asked for cannot be done; the text says why, and the next step."""


@dataclass(slots=True)
class Linted:
    """How many documents were looked at, and what was found in each."""

    documents: int = 0
    findings: list[tuple[str, Finding]] = field(default_factory=list)

    @property
    def errors(self) -> int:
        """How many findings make a schema unusable."""
        return sum(finding.level == "error" for _, finding in self.findings)

    def facts(self) -> dict[str, Any]:
        """The same as JSON can hold it."""
        found = [{"schema": name, **finding._asdict()} for name, finding in self.findings]
        return {"documents": self.documents, "errors": self.errors, "findings": found}


def listed(vendor: str | None = None) -> list[str]:
    """The URIs of the schemas that whiteout brings, those of one vendor where it is named."""
    return sorted(key.uri for key in SchemaRegistry() if vendor in (None, key.vendor))


def shown(config: Config, uri: str) -> Definition:
    """A schema as a document, our own or a registry's. Raises SchemaToolError."""
    key = parse_uri(uri)
    if key is None:
        text = f"{uri} is no Iglu URI: it takes iglu:VENDOR/NAME/jsonschema/MODEL-REVISION-ADDITION"
        raise SchemaToolError(text)
    try:
        return document(key, find(registries_of(config), key))
    except SchemaNotFound:
        asked = ", ".join(config.registries)
        where = f"nor does {asked}" if asked else "and no registry is configured: see --registries"
        raise SchemaToolError(f"whiteout does not bring {uri}, {where}") from None
    except RegistryError as error:
        raise SchemaToolError(f"{uri} is not known: {error}") from None


def linted(config: Config, places: Iterable[str]) -> Linted:
    """Findings about schemas, each named by a file, a folder of files, `-`, or a URI.

    Raises SchemaToolError when something cannot be read at all.
    """
    result = Linted()
    for place in places:
        for name, raw in _documents(config, place):
            result.documents += 1
            result.findings += ((name, finding) for finding in _findings(name, raw))
    return result


def _findings(name: str, raw: bytes) -> list[Finding]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        return [Finding("error", "$", f"is not JSON: {error}")]
    findings = lint(found, len(raw))
    stands, named = parse_uri("iglu:" + "/".join(Path(name).parts[-_PARTS:])), key_of(found)
    if stands is not None and named is not None and stands != named:
        text = f"names {named.uri}, but stands where {stands.uri} is looked for"
        findings.insert(0, Finding("error", "$.self", text))
    return findings


def _documents(config: Config, place: str) -> Iterator[tuple[str, bytes]]:
    if place == "-":
        yield place, sys.stdin.buffer.read()
        return
    if place.startswith("iglu:"):
        yield place, json.dumps(shown(config, place)).encode()
        return
    path = Path(place)
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    if not files:
        raise SchemaToolError(f"the folder {place} has no files")
    for file in files:
        try:
            yield str(file), file.read_bytes()
        except OSError as error:
            raise SchemaToolError(f"{file} cannot be read: {error.strerror}") from None

"""Write the identifier table as the TypeScript module that the browser tag is built with.

Usage: `python scripts/tag_identifiers.py` writes it, `--check` says whether it is up to date.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from whiteout.privacy.identifiers import (
    BY_PARAMETER,
    IDENTIFIERS,
    SESSION_ENTITIES,
    ZERO_UUID,
    Identifier,
)
from whiteout.protocol.parameters import PARAMETERS

TARGET = Path(__file__).parents[1] / "tag" / "src" / "generated" / "identifiers.ts"
"""The module."""

# A user agent set by hand is sent only while identified (contract 2), and the parameters of
# plug-in detection, which no tracker sends any more, would tell one browser from the next.
_TRAITS = re.compile(r"ua|f_\w+")
_ENDINGS = ("id", "name", "number", "address", "date", "ip", "idfa", "mail")
_REPLACEMENTS = {"zero": "ZERO_UUID", "null": "null"}


def module() -> str:
    """The text of the module."""
    blocks = [
        "// Written by scripts/tag_identifiers.py from the identifier table. Do not edit.",
        _constant("ZERO_UUID", "Stands where a schema demands an id.", json.dumps(ZERO_UUID)),
        _constant(
            "ANONYMOUS_PARAMETERS",
            "Parameters that an anonymous event may have, the session apart.",
            f"/^(?:{_pattern()})$/",
        ),
        _constant(
            "SESSION_PARAMETERS",
            "Parameters that an anonymous event has only with session tracking.",
            f"/^(?:{'|'.join(_session_parameters())})$/",
        ),
        _constant(
            "IDENTIFYING_ENTITIES",
            "Entities, by vendor and name, that are nothing but an identifier.",
            f"/^iglu:(?:{_entities(pair for row in IDENTIFIERS for pair in row.entities)})\\//",
        ),
        _constant(
            "SESSION_ENTITIES",
            "Entities that are nothing but a session.",
            f"/^iglu:(?:{_entities(SESSION_ENTITIES)})\\//",
        ),
        _constant(
            "ENTITY_FIELDS",
            "What a member of a known entity is replaced by.",
            _fields(row for row in IDENTIFIERS if not row.with_session),
            ": Record<string, Record<string, string | null>>",
        ),
        _constant(
            "IDENTIFYING_KEYS",
            "Members of any JSON that hold an identifier: the names, without separators.",
            _keys(),
        ),
    ]
    return "\n\n".join(blocks) + "\n"


def _constant(name: str, doc: str, value: str, kind: str = "") -> str:
    return f"/** {doc} */\nexport const {name}{kind} = {value};"


def _session_parameters() -> list[str]:
    return [name for row in IDENTIFIERS if row.with_session for name in row.parameters]


def _pattern() -> str:
    """A pattern for the allowed names. A prefix that no identifier has stands for all its names."""
    names = sorted(
        row.name
        for row in PARAMETERS
        if row.name not in BY_PARAMETER and not _TRAITS.fullmatch(row.name)
    )
    parts = []
    for prefix, group in groupby(names, key=lambda name: name.rpartition("_")[0]):
        ends = [name.rpartition("_")[2] for name in group]
        if not prefix:
            parts += ends
        elif any(name.startswith(f"{prefix}_") for name in BY_PARAMETER):
            parts.append(f"{prefix}_(?:{'|'.join(ends)})")
        else:
            parts.append(f"{prefix}_\\w+")
    return "|".join(parts)


def _entities(pairs: Iterable[tuple[str, str]]) -> str:
    """A pattern for entities, those of one vendor put together."""
    parts = []
    for vendor, group in groupby(sorted(pairs), key=lambda pair: pair[0]):
        names = [name for _, name in group]
        alternatives = names[0] if len(names) == 1 else f"(?:{'|'.join(names)})"
        parts.append(f"{re.escape(vendor)}\\/{alternatives}")
    return "|".join(parts)


def _fields(rows: Iterable[Identifier]) -> str:
    """Members of entities and what replaces them."""
    entities: dict[str, list[str]] = {}
    for row in rows:
        for place in row.entity_fields:
            # The others are found by their names, like those of any JSON.
            if place.replacement in _REPLACEMENTS:
                value = _REPLACEMENTS[place.replacement]
                entities.setdefault(place.name, []).append(f"{place.field}: {value}")
    lines = [f"  {name}: {{ {', '.join(fields)} }}," for name, fields in entities.items()]
    return "\n".join(["{", *lines, "}"])


def _keys() -> str:
    """A pattern for spelled names: some as a whole, some as the end of a longer one."""
    endings = sorted({ending for row in IDENTIFIERS for ending in row.json_endings})
    shortest = [e for e in endings if not any(e != o and e.endswith(o) for o in endings)]
    names = {
        key
        for row in IDENTIFIERS
        if not row.with_session
        for key in (*row.json_keys, *(p.replace("_", "") for p in row.parameters))
        if not key.endswith(tuple(shortest))
    }
    return f"/^(?:{_grouped(names)}|.*(?:{_grouped(shortest)}))$/"


def _grouped(names: Iterable[str]) -> str:
    """Alternatives, those with one of the usual endings put together."""
    groups: dict[str, list[str]] = {}
    for name in sorted(names):
        ending = next((e for e in _ENDINGS if name.endswith(e) and name != e), "")
        groups.setdefault(ending, []).append(name.removesuffix(ending))
    parts = []
    for ending, starts in groups.items():
        many = len(starts) > 1 and ending
        parts.append(
            f"(?:{'|'.join(starts)}){ending}" if many else "|".join(s + ending for s in starts)
        )
    return "|".join(parts)


def main() -> int:
    """Write the module, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether it is up to date")
    arguments = parser.parse_args()
    text = module()
    if arguments.check:
        stale = not TARGET.exists() or TARGET.read_text() != text
        if stale:
            print(f"{TARGET.name} is stale: run python scripts/tag_identifiers.py")
        return int(stale)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Write the identifier table as the TypeScript module that the browser tag is built with.

Usage: `python scripts/tag_identifiers.py` writes it, `--check` says whether it is up to date.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
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
_REPLACEMENTS = {"zero": ZERO_UUID, "null": None}


def module() -> str:
    """The text of the module."""
    blocks = [
        "// Written by scripts/tag_identifiers.py from the identifier table. Do not edit.",
        _constant(
            "ANONYMOUS_PARAMETERS",
            "Parameters that an anonymous event may have, the session apart.",
            f"/^(?:{_pattern()})$/",
        ),
        _constant(
            "SESSION_PARAMETERS",
            "Parameters that an anonymous event has only with session tracking.",
            f"/^(?:{'|'.join(p for row in IDENTIFIERS if row.with_session for p in row.parameters)})$/",
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
            "What stands in a member of a known entity when it is anonymous; undefined: nothing.",
            _fields(row for row in IDENTIFIERS if not row.with_session),
            ": Record<string, Record<string, string | null | undefined>>",
        ),
        _constant(
            "IDENTIFYING_KEYS",
            "Members of any JSON that hold an identifier: the names, without separators.",
            _keys(),
        ),
        _constant("ZERO_UUID", "Stands where a schema demands an id.", json.dumps(ZERO_UUID)),
    ]
    return "\n\n".join(blocks) + "\n"


def _constant(name: str, doc: str, value: str, kind: str = "") -> str:
    return f"/** {doc} */\nexport const {name}{kind} = {value};"


def _pattern() -> str:
    """A pattern for the allowed names, with names of one prefix put together."""
    names = sorted(
        row.name
        for row in PARAMETERS
        if row.name not in BY_PARAMETER and not _TRAITS.fullmatch(row.name)
    )
    parts = []
    for prefix, group in groupby(names, key=lambda name: name.rpartition("_")[0]):
        ends = [name.rpartition("_")[2] for name in group]
        parts.append(f"{prefix}_(?:{'|'.join(ends)})" if prefix else "|".join(ends))
    return "|".join(parts)


def _entities(pairs: object) -> str:
    assert hasattr(pairs, "__iter__")
    return "|".join(sorted(re.escape(f"{vendor}/{name}").replace("/", "\\/") for vendor, name in pairs))


def _fields(rows: object) -> str:
    assert hasattr(rows, "__iter__")
    entities: dict[str, list[str]] = {}
    for row in rows:
        assert isinstance(row, Identifier)
        for place in row.entity_fields:
            value = (
                json.dumps(_REPLACEMENTS[place.replacement])
                if place.replacement in _REPLACEMENTS
                else "undefined"
            )
            entities.setdefault(place.name, []).append(f"{place.field}: {value}")
    lines = [f"  {name}: {{ {', '.join(fields)} }}," for name, fields in entities.items()]
    return "\n".join(["{", *lines, "}"])


def _keys() -> str:
    """A pattern for spelled names: some as a whole, some as the end of a longer one."""
    endings = sorted({ending for row in IDENTIFIERS for ending in row.json_endings})
    shortest = [e for e in endings if not any(e != o and e.endswith(o) for o in endings)]
    names = sorted(
        {
            key
            for row in IDENTIFIERS
            if not row.with_session
            for key in (*row.json_keys, *(p.replace("_", "") for p in row.parameters))
            if not key.endswith(tuple(shortest))
        }
    )
    return f"/^(?:{'|'.join(names)}|.*(?:{'|'.join(shortest)}))$/"


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

"""Rules of pseudonymisation, as they are written and read (C-13 to C-15, C-24)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from whiteout.enrich.jsonpath import Path
from whiteout.privacy.pseudonyms import LENGTH
from whiteout.protocol.columns import CANONICAL_COLUMNS, EVENT_INDEX, Column


class Strategy(StrEnum):
    """What is done to a value."""

    PSEUDONYMISE = "pseudonymise"
    REDACT = "redact"
    COARSEN = "coarsen"


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """What is done to a column, by its place in the table."""

    column: str
    place: int
    strategy: Strategy


@dataclass(frozen=True, slots=True)
class EntityRule:
    """What is done to a place in the data of all JSON with certain schemas, in one column."""

    column: str
    place: int
    schemas: re.Pattern[str]
    path: Path
    strategy: Strategy


@dataclass(frozen=True, slots=True)
class PiiRules:
    """All rules, in the order in which they apply (C-19)."""

    columns: tuple[ColumnRule, ...] = ()
    entities: tuple[EntityRule, ...] = ()


JSON_COLUMNS = ("unstruct_event", "contexts", "derived_contexts")
COARSE_COLUMNS = ("user_ipaddress", "useragent", "page_url", "page_referrer")
"""The columns that can be coarsened; in JSON, addresses and URLs can be."""

_COLUMNS: dict[str, Column] = {column.name: column for column in CANONICAL_COLUMNS}
# Without these nothing could be told about an event, or it could not be read.
_NEEDED = frozenset(
    {
        *("app_id", "event", "event_vendor", "event_name", "event_format", "event_version"),
        *("etl_tstamp", "derived_tstamp", "platform"),
        *JSON_COLUMNS,
    }
)
_CRITERION = re.compile(
    r"iglu:([\w.\-]+)/([\w\-]+)/([\w\-]+)/((?:[1-9][0-9]*|\*)(?:-(?:[0-9]+|\*)){2})"
)
_ENTITY = re.compile(rf"({'|'.join(JSON_COLUMNS)})\s+(\S+)\s+(.*)")
_WHOLES = {
    whole: tuple(f"{prefix}_url{part}" for part in ("path", "query", "fragment"))
    for whole, prefix in (("page_url", "page"), ("page_referrer", "refr"))
}


def parse_rules(texts: Iterable[str]) -> PiiRules:
    """Read rules such as `user_id=pseudonymise` and `contexts SCHEMA PATH=redact`.

    A schema is an Iglu URI in which `*` may stand for parts of the version, a path a JSONPath.
    Raises ValueError, which names the field and what it takes instead.
    """
    columns: list[ColumnRule] = []
    entities: list[EntityRule] = []
    for text in texts:
        name, mark, word = (part.strip() for part in text.rpartition("="))
        if not mark:
            raise ValueError(f"FIELD=STRATEGY, and {text!r} has no `=`")
        strategy = _strategy(name, word)
        match = _ENTITY.fullmatch(name)
        if match is not None:
            entities.append(_entity_rule(match[1], match[2], match[3], strategy))
        else:
            columns.append(_column_rule(name, strategy))
    _check_twice([rule.column for rule in columns])
    _check_wholes({rule.column: rule.strategy for rule in columns})
    return PiiRules(tuple(columns), tuple(entities))


def _strategy(name: str, word: str) -> Strategy:
    try:
        return Strategy(word)
    except ValueError:
        raise ValueError(f"one of {', '.join(Strategy)} for {name!r}, not {word!r}") from None


def _column_rule(name: str, strategy: Strategy) -> ColumnRule:
    column = _COLUMNS.get(name)
    if column is None:
        near = difflib.get_close_matches(name, _COLUMNS, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"names of columns, and there is no column {name!r}{hint}")
    if name in JSON_COLUMNS:
        raise ValueError(f"`{name} SCHEMA PATH={strategy}` for a place in {name}")
    if name in _NEEDED or not column.nullable:
        raise ValueError(f"columns that may be empty; {name} is needed in every event")
    if strategy is Strategy.PSEUDONYMISE:
        if column.type != "string":
            raise ValueError(f"`{name}=redact`, as {name} is no text that could be pseudonymised")
        if column.max_length is not None and column.max_length < LENGTH:
            raise ValueError(
                f"`{name}=redact`, as {name} holds only {column.max_length} characters"
                f" and a pseudonym has {LENGTH}"
            )
    if strategy is Strategy.COARSEN and name not in COARSE_COLUMNS:
        raise ValueError(
            f"`coarsen` for {', '.join(COARSE_COLUMNS)} only; for {name} pseudonymise or redact"
        )
    return ColumnRule(name, EVENT_INDEX[name], strategy)


def _entity_rule(column: str, schema: str, path: str, strategy: Strategy) -> EntityRule:
    match = _CRITERION.fullmatch(schema)
    if match is None:
        raise ValueError(
            f"a schema such as iglu:com.acme/user/jsonschema/1-*-* for {column}, not {schema!r}"
        )
    *parts, version = match.groups()
    numbers = "-".join("[0-9]+" if part == "*" else part for part in version.split("-"))
    pattern = re.compile("iglu:" + "/".join(map(re.escape, parts)) + "/" + numbers)
    return EntityRule(column, EVENT_INDEX[column], pattern, Path(path), strategy)


def _check_twice(names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"one rule for each column, and {name} has {names.count(name)}")


def _check_wholes(rules: dict[str, Strategy]) -> None:
    """A URL stands in a column whole and in others in parts: hidden in one, it must be in all."""
    for whole, parts in _WHOLES.items():
        named = [part for part in parts if part in rules]
        if whole not in rules:
            if named:
                raise ValueError(f"a rule for {whole} too, which holds {named[0]} as well")
            continue
        # What is coarse keeps the path.
        needed = parts[1:] if rules[whole] is Strategy.COARSEN else parts
        missing = [part for part in needed if part not in rules]
        if missing:
            raise ValueError(
                f"rules for {', '.join(missing)} too, which {'hold' if missing[1:] else 'holds'}"
                f" parts of {whole}"
            )

"""Pseudonymisation: fields are replaced by pseudonyms, removed, or made coarse (C.3, F-P13).

It comes last, so that it finds what was derived too (C-3, F-P14), and no table of what stood for
what is kept anywhere (C-22). Should it fail, so does the event.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from whiteout.enrich import places as at
from whiteout.enrich.jsonpath import GONE
from whiteout.enrich.pii_rules import ColumnRule, EntityRule, Strategy
from whiteout.enrich.setters import Row
from whiteout.enrich.settings import PiiSettings
from whiteout.privacy import (
    BY_COLUMN,
    ZERO_UUID,
    AddressPolicy,
    Pseudonym,
    coarse_user_agent,
    keep_address,
    pseudonyms,
    scrub_url,
)
from whiteout.protocol.parameters import PARAMETERS

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://")


def _coarse_address(text: str) -> str | None:
    return keep_address(text, AddressPolicy.TRUNCATED)


def _coarse_url(text: str) -> str | None:
    return scrub_url(text, keep_campaign=False) or None


def _coarse_text(text: str) -> str | None:
    """An address truncated, a URL up to its path, and nothing of anything else."""
    return _coarse_url(text) if _URL.match(text) else _coarse_address(text)


_COARSE: dict[str, Callable[[str], str | None]] = {
    "user_ipaddress": _coarse_address,
    "useragent": coarse_user_agent,
    "page_url": _coarse_url,
    "page_referrer": _coarse_url,
}


class Pii:
    """Applies the rules to rows.

    Pseudonyms are remembered no longer than for one batch: what is remembered is a table of who is
    who.
    """

    def __init__(self, settings: PiiSettings) -> None:
        self._settings = settings
        self._columns = settings.rules.columns
        self._entities = settings.rules.entities

    def row(self, row: Row, now: int) -> None:
        """Change one row. Raises KeysUnavailable."""
        name = self._pseudonym(row[at.COLLECTOR_TSTAMP], row[at.APP_ID], now)
        for rule in self._columns:
            value = row[rule.place]
            row[rule.place] = _changed(rule, value, name)
            if value is not None and _is_told(rule):
                row[at.REDACTED] = _told(rule, row[at.REDACTED])
        for entity in self._entities:
            row[entity.place] = self._nested(entity, row[entity.place], name)

    def columns(self, columns: list[Sequence[Any] | None], now: int) -> None:
        """Change many rows, given a column each. Raises KeysUnavailable."""
        times = columns[at.COLLECTOR_TSTAMP] or ()
        apps = columns[at.APP_ID] or (None,) * len(times)
        known: dict[tuple[int, str | None], Pseudonym] = {}
        names = []
        for received, app in zip(times, apps, strict=True):
            name = known.get((received, app))
            if name is None:
                name = known[received, app] = self._pseudonym(received, app, now)
            names.append(name)
        for rule in self._columns:
            values = columns[rule.place]
            if values is None:
                continue
            pairs = zip(values, names, strict=True)
            columns[rule.place] = [_changed(rule, value, name) for value, name in pairs]
            if _is_told(rule):
                columns[at.REDACTED] = [
                    told if value is None else _told(rule, told)
                    for value, told in zip(values, columns[at.REDACTED] or (), strict=True)
                ]
        for entity in self._entities:
            texts = columns[entity.place]
            if texts is not None:
                pairs = zip(texts, names, strict=True)
                columns[entity.place] = [self._nested(entity, text, name) for text, name in pairs]

    def _pseudonym(self, received: int, app: str | None, now: int) -> Pseudonym:
        if self._settings.compatible is not None:
            return self._settings.compatible
        site = app or "" if self._settings.per_site else ""
        return pseudonyms(self._settings.keys.key(received, now), site)

    def _nested(self, rule: EntityRule, text: str | None, name: Pseudonym) -> str | None:
        if text is None or rule.schemas.search(text) is None:
            return text
        whole = _decode(text)
        items = whole["data"]
        for item in items if isinstance(items, list) else [items]:
            if rule.schemas.fullmatch(item["schema"]):
                rule.path.change(item["data"], lambda value: self._node(rule, value, name))
        return _encode(whole).decode()

    def _node(self, rule: EntityRule, value: Any, name: Pseudonym) -> Any:
        """What stands for a value that a path names; of what holds others, for those (C-17)."""
        if value is None or rule.strategy is Strategy.REDACT:
            return GONE if rule.strategy is Strategy.REDACT else None
        if self._settings.compatible is not None:
            return _compatible_node(value, name)
        if isinstance(value, dict):
            return {
                key: new
                for key, item in value.items()
                if (new := self._node(rule, item, name)) is not GONE
            }
        if isinstance(value, list):
            new_items = (self._node(rule, item, name) for item in value)
            return [new for new in new_items if new is not GONE]
        # A number can be somebody's number as well.
        text = value if isinstance(value, str) else _encode(value).decode()
        if rule.strategy is Strategy.PSEUDONYMISE:
            return text if text == ZERO_UUID else name(text)
        return _coarse_text(text) or GONE


def _compatible_node(value: Any, name: Pseudonym) -> Any:
    """Texts, and texts that stand in a list, and nothing else (C-17)."""
    if isinstance(value, str):
        return name(value)
    if isinstance(value, list):
        return [name(item) if isinstance(item, str) else item for item in value]
    return value


def _changed(rule: ColumnRule, value: Any, name: Pseudonym) -> Any:
    if value is None or rule.strategy is Strategy.REDACT:
        return None
    if rule.strategy is Strategy.COARSEN:
        return _COARSE[rule.column](value)
    return value if value == ZERO_UUID else name(value)


def _is_told(rule: ColumnRule) -> bool:
    """Whether it is told that a rule removed something: of identifiers it is (contract 9)."""
    return rule.strategy is Strategy.REDACT and rule.column in BY_COLUMN


def _told(rule: ColumnRule, redacted: Sequence[str]) -> list[str]:
    return sorted({*redacted, BY_COLUMN[rule.column].name})


def hidden_parameters(settings: PiiSettings | None) -> frozenset[str]:
    """The parameters that a failed event must not hold: those that fill what rules name (F-P11)."""
    if settings is None:
        return frozenset()
    rules = settings.rules
    named = {rule.column for rule in rules.columns} | {rule.column for rule in rules.entities}
    return frozenset(row.name for row in PARAMETERS if named.intersection(row.columns))

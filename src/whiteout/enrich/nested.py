"""Entities and self-describing events: read, checked against their schemas, written (B-50 to B-55).

What is right is read by typed decoders in one go; what they refuse is looked at again, slowly, to
say what is wrong and where.
"""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from itertools import islice
from typing import Any

import msgspec

from whiteout.enrich.explain import explain, json_fault
from whiteout.enrich.faults import MAX_FAULTS, Fault, quoted
from whiteout.enrich.identity import holds, look_through
from whiteout.enrich.known import Known, KnownSchemas, schema_key
from whiteout.enrich.settings import Violation
from whiteout.privacy import MAX_DEPTH, Mode, NotBase64Error, decode_base64url, forbidden_columns
from whiteout.protocol.iglu import CONTEXTS, UNSTRUCT_EVENT, SchemaKey, matches

_STANDARD_ALPHABET = bytes.maketrans(b"-_", b"+/")
_MAY_BE_EMPTY = "1-0-1"
_DEPTH_OF_DATA = 3


class Item(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """Self-describing JSON, with no member beside its two."""

    schema: str
    data: Any


class Contexts(msgspec.Struct, gc=False):
    """Entities in their wrapper."""

    schema: str
    data: list[Item]


class Unstruct(msgspec.Struct, gc=False):
    """A self-describing event in its wrapper."""

    schema: str
    data: Item


decode_contexts = msgspec.json.Decoder(Contexts).decode
decode_unstruct = msgspec.json.Decoder(Unstruct).decode
encode = msgspec.json.Encoder().encode


class NestedParts:
    """What was read of one event's self-describing JSON.

    `strict` makes what names an unknown schema a fault (contract 12). `contexts` and `unstruct` are
    the columns, `key` is the schema of the self-describing event. `validated` stays true while
    every part was checked, `readable` while every part could be read. `replaced` are the schemas
    that were superseded, each with what stands in its place (B-54). `declared` is the mode that
    the tracker declared, the most restrictive one if there are several. `user` tells whether there
    is a user or network identifier, `session` whether there is a session.
    """

    __slots__ = (
        "_schemas",
        "_strict",
        "contexts",
        "declared",
        "faults",
        "key",
        "readable",
        "replaced",
        "session",
        "unstruct",
        "user",
        "validated",
    )

    def __init__(self, schemas: KnownSchemas, *, strict: bool) -> None:
        self._schemas = schemas
        self._strict = strict
        self.contexts: str | None = None
        self.unstruct: str | None = None
        self.key: SchemaKey | None = None
        self.declared: Mode | None = None
        self.validated = True
        self.readable = True
        self.replaced: list[tuple[str, SchemaKey]] = []
        self.user = False
        self.session = False
        self.faults: list[Fault] = []

    def read_all(
        self, event: str | None, coded_event: str | None, contexts: str | None, coded: str | None
    ) -> None:
        """Read the parameters `ue_pr`, `ue_px`, `co` and `cx`; of two the later wins (B-31)."""
        if event is not None:
            self.read_unstruct("ue_pr", event, encoded=False)
        if coded_event is not None:
            self.read_unstruct("ue_px", coded_event, encoded=True)
        if contexts is not None:
            self.read_contexts("co", contexts, encoded=False)
        if coded is not None:
            self.read_contexts("cx", coded, encoded=True)

    def read_contexts(self, name: str, text: str, *, encoded: bool) -> None:
        """Read the entities in the parameter `name`."""
        raw = self._decoded(name, text) if encoded else text
        if raw is None:
            return
        try:
            value = decode_contexts(raw)
        except (ValueError, RecursionError):
            self._refuse(name, raw, "contexts")
            return
        key = schema_key(value.schema)
        if key is None or not matches(key, "contexts"):
            self._refuse(name, raw, "contexts")
        elif not value.data:
            if key.version < _MAY_BE_EMPTY:
                self._add(json_fault("no_entities", f"{name}.data"))
        elif self._check_all(name, value.data):
            value.schema = CONTEXTS
            self.contexts = encode(value).decode()

    def _check_all(self, name: str, items: list[Item]) -> bool:
        """Whether all items are right."""
        find = self._schemas.find
        good = True
        for index, item in enumerate(items):
            known = find(item.schema)
            if known is None:
                self._no_uri(item, name, index)
                good = False
            elif known.plain and known.validate is not None and not known.validate(item.data):
                continue
            elif not self._check(known, item, name, index):
                good = False
            elif known.declares:
                self._declare(item.data)
        return good

    def read_unstruct(self, name: str, text: str, *, encoded: bool) -> None:
        """Read the self-describing event in the parameter `name`."""
        raw = self._decoded(name, text) if encoded else text
        if raw is None:
            return
        try:
            value = decode_unstruct(raw)
        except (ValueError, RecursionError):
            self._refuse(name, raw, "unstruct_event")
            return
        key = schema_key(value.schema)
        if key is None or not matches(key, "unstruct_event"):
            self._refuse(name, raw, "unstruct_event")
            return
        item = value.data
        known = self._schemas.find(item.schema)
        if known is None:
            self._no_uri(item, name, None)
        elif self._check(known, item, name, None):
            self.key = schema_key(item.schema)
            value.schema = UNSTRUCT_EVENT
            self.unstruct = encode(value).decode()

    def _decoded(self, name: str, text: str) -> str | None:
        try:
            return decode_base64(text).decode()
        except NotBase64Error:
            self._unreadable(json_fault("not_base64", name))
        except UnicodeDecodeError as error:
            self._unreadable(json_fault("not_utf8", name, position=error.start))
        return None

    def _check(self, known: Known, item: Item, name: str, index: int | None) -> bool:
        """Whether an item is right; adds what is wrong with it, and what it carries."""
        data, places = item.data, known.places
        violations = () if known.validate is None else known.validate(data)
        if places is not None and not violations:
            if places.user and holds(data, places.user):
                self.user = True
            if places.session and holds(data, places.session):
                self.session = True
            self.user |= known.identifies
            return True
        return self._look_through(known, violations, item, _place(name, index))

    def _look_through(
        self, known: Known, violations: Sequence[Violation], item: Item, place: str
    ) -> bool:
        """What `_check` does with data that may hold anything."""
        if _is_too_deep(item.data, _DEPTH_OF_DATA):
            self._unreadable(json_fault("too_deep", f"{place}.data"))
            return False
        user, session = look_through(item.data)
        self.user |= user or known.identifies
        self.session |= session
        if known.validate is None:
            self.validated = False
            if self._strict:
                quote = quoted(item.schema)
                self._add(json_fault("unknown_schema", f"{place}.schema", quote=quote))
                return False
        for violation in violations:
            self._add(
                Fault(
                    f"{place}.data{violation.place[1:]}",
                    violation.keyword,
                    f"violates its schema: {violation.rule}",
                    quote=quoted(violation.message),
                    exact=f"{place}.data{violation.path[1:]}",
                    schema=known.key.uri,
                )
            )
        if violations:
            return False
        instead: SchemaKey | None = getattr(known.validate, "instead", None)
        if instead is not None:
            self.replaced.append((item.schema, instead))
            item.schema = instead.uri
        return True

    def _no_uri(self, item: Item, name: str, index: int | None) -> None:
        where = f"{_place(name, index)}.schema"
        self._unreadable(json_fault("INVALID_IGLUURI", where, quote=quoted(item.schema)))

    def _declare(self, data: Any) -> None:
        try:
            mode = Mode(data["mode"])
        except (KeyError, TypeError, ValueError):
            return
        if self.declared is None or _strictness(mode) > _strictness(self.declared):
            self.declared = mode

    def _add(self, fault: Fault) -> None:
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(fault)

    def _unreadable(self, fault: Fault) -> None:
        self.readable = False
        self._add(fault)

    def _refuse(self, name: str, raw: str, wrapper: str) -> None:
        reasons = list(islice(explain(name, raw, wrapper), MAX_FAULTS))
        for reason in reasons or [json_fault("not_self_describing", name)]:
            self._unreadable(reason)


def decode_base64(text: str) -> bytes:
    """The bytes of base64url text. Raises NotBase64Error."""
    # The strict decoder is quick; what it refuses may still be base64url with an odd ending.
    raw = text.encode()
    try:
        padded = raw.translate(_STANDARD_ALPHABET) + b"=" * (-len(raw) % 4)
        return binascii.a2b_base64(padded, strict_mode=True)
    except binascii.Error:
        return decode_base64url(raw)


def _is_too_deep(data: Any, depth: int) -> bool:
    """Whether data that stands at `depth` holds containers that are nested too deeply (B-20)."""
    level = [data]
    while True:
        level = [value for value in level if isinstance(value, (dict, list))]
        if not level:
            return False
        depth += 1
        if depth > MAX_DEPTH:
            return True
        level = [
            member
            for value in level
            for member in (value.values() if isinstance(value, dict) else value)
        ]


def _place(name: str, index: int | None) -> str:
    return f"{name}.data" if index is None else f"{name}.data[{index}]"


def _strictness(mode: Mode) -> int:
    return len(forbidden_columns(mode))

"""Self-describing JSON without what identifies (F-P4, F-P6, F-P10; contracts 7, 11 and 13)."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import isfinite
from typing import Any, Final

from whiteout.privacy.addresses import parse_address
from whiteout.privacy.agents import coarse_user_agent
from whiteout.privacy.findings import Findings
from whiteout.privacy.identifiers import ZERO_UUID, EntityField, Identifier
from whiteout.privacy.keys import (
    Kind,
    entity_field,
    entity_identifier,
    identifier_of,
    is_session,
    kind_of,
)
from whiteout.privacy.members import Name, name_of
from whiteout.privacy.prose import scrub_text
from whiteout.privacy.urls import scrub_url

JSON_PARAMETERS: dict[str, bool] = {"co": False, "cx": True, "ue_pr": False, "ue_px": True}
"""Parameters that hold self-describing JSON, and whether it is base64url-encoded there."""

VERSIONS: frozenset[str] = frozenset({"tv", "cv"})
"""Parameters that hold a version, in which four numbers with dots between them are no address."""

MAX_DEPTH = 40
"""Deepest nesting of JSON that is read (B-20)."""

GONE: Final = object()
"""What `Scrubber.walk` returns for a value of which nothing may stay."""

_ADDRESS = re.compile(r"[0-9A-Fa-f:.\[\]]{2,64}(?:%\w{1,16})?(?:\]?:[0-9]{1,5})?")
_MEMBER = re.compile(r"[\"']\s*:")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_COUNT = re.compile(r"[0-9]{1,9}")

REPLACEMENTS: dict[str, Any] = {"zero": ZERO_UUID, "null": None, "absent": GONE}
"""What stands where an identifier was, by the name that the table has for it (contract 10)."""

_ORDINARY = re.compile(r"[\w \-,]*", re.ASCII)


class TooDeepError(ValueError):
    """JSON is nested deeper than `MAX_DEPTH` (B-20)."""


class Scrubber:
    """Walks decoded JSON and returns a copy that an anonymous event may hold.

    `findings` is told which identifiers were found and removed; `session` tells whether a session
    was found and kept. `loads` and `dumps` read and write JSON that stands in text.
    """

    def __init__(
        self,
        findings: Findings,
        *,
        keep_session: bool,
        loads: Callable[[bytes], Any],
        dumps: Callable[[Any], bytes],
    ) -> None:
        self._findings = findings
        self._keep_session = keep_session
        self._loads = loads
        self._dumps = dumps
        self.session = False

    def walk(self, value: Any, depth: int = 1) -> Any:
        """A copy of `value` without identifiers, or `GONE`. Raises TooDeepError."""
        if isinstance(value, str):
            return self.text(value, depth)
        if isinstance(value, dict):
            return self._object(value, depth)
        if isinstance(value, list):
            _check(depth)
            items = (self.walk(item, depth + 1) for item in value)
            return [item for item in items if item is not GONE]
        if isinstance(value, float) and not isfinite(value):
            return GONE
        return value

    def text(self, text: str, depth: int = 1, *, version: bool = False) -> str:
        """Text without what identifies; JSON in it is read, and text that is an address goes.

        `version` tells that four numbers with dots between them are no address here.
        """
        if _ORDINARY.fullmatch(text) and "eyJ" not in text:
            return self._findings.without_values(text)
        if not version and _ADDRESS.fullmatch(text) and parse_address(text) is not None:
            self._findings.note("user_ipaddress")
            return ""
        if text.lstrip().startswith(("{", "[", '"')):
            return self._embedded(text, depth)
        return scrub_text(text, self._findings)

    def keeps(self, identifier: Identifier, value: object) -> bool:
        """Whether a value is the tracker's own session, and sessions are kept (contract 7)."""
        if not (self._keep_session and is_own_session(identifier, value)):
            return False
        self.session = True
        return True

    def _embedded(self, text: str, depth: int) -> str:
        """JSON in text: read and scrubbed; what looks like it and cannot be read goes."""
        try:
            value = self._loads(text.encode())
        except (ValueError, RecursionError):
            broken = text.lstrip()[:1] != '"' and _MEMBER.search(text) is not None
            return "" if broken else scrub_text(text, self._findings)
        try:
            kept = self.walk(value, depth + 1)
        except TooDeepError:
            return ""
        if kept == value:
            return text
        return "" if kept is GONE else self._dumps(kept).decode()

    def _object(self, value: dict[str, Any], depth: int, outer: Kind | None = None) -> Any:
        """A copy of an object; `outer` is the kind of the entity whose data it is."""
        _check(depth)
        kind = kind_of(value.get("schema"))
        whole = None if kind is None else entity_identifier(kind)
        if whole is not None:
            self._findings.carries(whole, value)
            return GONE
        names = [name_of(key) for key in value]
        named = _named(value, names)
        result: dict[str, Any] = {}
        for (key, item), name in zip(value.items(), names, strict=True):
            if kind is not None and key == "data" and isinstance(item, dict):
                kept = self._object(item, depth + 1, kind)
                if kept is GONE:
                    return GONE
            elif named is not None and name.is_value:
                kept = self.member(named, item)
            else:
                kept = self._member(name, item, depth, kind or outer)
            if kept is not GONE and name.clean and self._findings.without_values(key) == key:
                result[key] = kept
        if kind is not None and is_session(kind) and not self._keep_session:
            self._findings.note("domain_sessionid")
            return GONE
        return result

    def _member(self, name: Name, item: Any, depth: int, kind: Kind | None) -> Any:
        place = None if kind is None else entity_field(kind, name.spelled)
        if place is not None:
            return self.field(*place, item)
        if name.identifier is not None:
            return self.member(name.identifier, item)
        if not isinstance(item, str):
            return self.walk(item, depth + 1)
        if name.is_url:
            campaign = not name.is_referrer
            return scrub_url(item, keep_campaign=campaign, findings=self._findings)
        if name.is_user_agent:
            return coarse_user_agent(item)
        return self.text(item, depth + 1, version=name.is_version)

    def field(self, identifier: Identifier, place: EntityField, item: Any) -> Any:
        """What stays of an identifier in a member of a known entity (contract 10)."""
        if self.keeps(identifier, item):
            return item
        self._findings.carries(identifier, item)
        return REPLACEMENTS[place.replacement]

    def member(self, identifier: Identifier, item: Any) -> Any:
        """Keep the tracker's session where sessions are kept; remove any other identifier.

        Whether there is one (`true`, `false`) identifies nobody and stays.
        """
        if isinstance(item, bool) or self.keeps(identifier, item):
            return item
        self._findings.carries(identifier, item)
        return GONE


def is_own_session(identifier: Identifier, value: object) -> bool:
    """Whether a value is a session as a tracker makes one: a UUID, or a count (B-35, B-39)."""
    if not identifier.with_session:
        return False
    pattern = _UUID if identifier.name == "domain_sessionid" else _COUNT
    return pattern.fullmatch(str(value)) is not None and value != ZERO_UUID


def _named(value: dict[str, Any], names: list[Name]) -> Identifier | None:
    """The identifier that an object names beside its value: `{"name": "email", "value": …}`."""
    for name in names:
        if name.is_value:
            break
    else:
        return None
    pairs = zip(value.values(), names, strict=True)
    words = (item for item, name in pairs if name.is_naming and isinstance(item, str))
    return next((found for word in words if (found := identifier_of(word)) is not None), None)


def _check(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise TooDeepError

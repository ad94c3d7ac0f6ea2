"""Whether an event is somebody's: looked at value by value, JSON and what is nested in it too."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec

from whiteout.lake import Change, Clue
from whiteout.privacy import MAX_DEPTH, NotBase64Error, decode_base64url, identifier_of
from whiteout.proof.forms import SHORTEST, patterns
from whiteout.proof.search import Searcher
from whiteout.rights.selector import Selector

IT = "it"
"""The name under which the identifier is searched for: nothing that is reported repeats it."""

_ENCODED = frozenset({"cx", "ue_px"})
_SPELLED_OUT = ("plain", "URL", "JSON", "HTML")
_CODED_TEXT = ("base64 of text", "base64url of text")
_JOINTS = ".@-+"
_TOKEN = re.compile(r"[A-Za-z0-9+/_-]{8,}")
_GONE = Change()

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class Judge:
    """Says of each event whether it is that of a selector."""

    def __init__(self, selector: Selector) -> None:
        self._selector = selector
        self._kind = selector.kind
        long_enough = len(selector.value.encode()) >= SHORTEST
        self.searcher = Searcher.of({IT: selector.value}) if long_enough else None
        self._word = re.compile(re.escape(selector.value), re.IGNORECASE)
        self._edited = False

    def change(self, values: Mapping[str, Any]) -> Change | None:
        """What is to become of a row, given its values by column; None leaves it as it is."""
        if any(self._selector.same(values.get(name)) for name in self._kind.columns):
            return _GONE
        edits: dict[str, str | None] = {}
        for name, text in values.items():
            if not isinstance(text, str) or not text:
                continue
            self._edited = False
            nested = _nested(text)
            if nested is None:
                if self._selector.unmistakable and self._mentioned(text):
                    return _GONE
            elif self._walk(nested, None, 0):
                return _GONE
            elif self._edited:
                edits[name] = _encode(nested).decode()
        return Change(gone=False, columns=edits) if edits else None

    def clue(self, file: Path) -> Clue | None:
        """By what to find the rows of a file in the lake; None when nothing of it is in the file.

        Raises SearchError.
        """
        value = self._selector.value
        spellings = (value, value.lower(), value.upper()) if self._selector.is_uuid else (value,)
        equal = dict.fromkeys(self._kind.columns, tuple(dict.fromkeys(spellings)))
        if self.searcher is None:
            return Clue(equal, parts=nested_parts(value), nested_only=True)
        forms = {found.form for found in self.searcher.file(file, "")}
        if not forms:
            return None
        parts: dict[bool, list[str]] = {True: [], False: []}
        for pattern in patterns(value):
            if pattern.form in forms:
                with suppress(UnicodeDecodeError):
                    parts[pattern.folded].append(pattern.raw.decode())
        return Clue(equal, parts[False], parts[True])

    def entry(self, raw: bytes) -> bool:
        """Whether an entry of the feed is that of the selector, or points at it."""
        if not self.may_hold(raw):
            return False
        entry = _decode(raw)
        values = dict(entry.get("event") or {})
        for name in ("event_id", "errors", "payload", "reason"):
            value = entry.get(name)
            text = value if isinstance(value, str | None) else _encode(value).decode()
            values.setdefault(name, text)
        return self.change(values) is not None

    def may_hold(self, raw: bytes) -> bool:
        """Whether the identifier stands in some bytes in any form, somebody else's included."""
        if self.searcher is not None:
            return bool(self.searcher.data(raw, ""))
        return any(part.encode() in raw for part in nested_parts(self._selector.value))

    def _walk(self, value: Any, member: str | None, depth: int) -> bool:
        """Whether decoded JSON is the selector's; references in it are taken out on the way."""
        if depth > MAX_DEPTH:
            return False
        if isinstance(value, dict):
            return self._walk_members(value, depth)
        if isinstance(value, list):
            return any(self._walk(item, member, depth + 1) for item in value)
        if isinstance(value, str):
            return self._walk_text(value, member, depth)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value) == self._selector.value and self._named(member)
        return False

    def _walk_members(self, value: dict[str, Any], depth: int) -> bool:
        found = False
        for member, item in list(value.items()):
            if self._refers(member, item):
                self._edited = True
                if self._kind.name == "event":
                    del value[member]
                else:
                    value[member] = None
            elif self._walk(item, member, depth + 1) or self._is_member(member):
                found = True
        return found

    def _is_member(self, member: str) -> bool:
        return self._selector.unmistakable and self._mentioned(member)

    def _refers(self, member: str, item: Any) -> bool:
        """Whether a member points at the selector from an event that is not its own."""
        if self._kind.reference is None or not self._selector.same(item):
            return False
        identifier = identifier_of(member)
        if identifier is not None and identifier.name == self._kind.reference:
            return True
        return self._kind.name == "event" and not self._kind.names(member)

    def _walk_text(self, text: str, member: str | None, depth: int) -> bool:
        if self._selector.same(text):
            return self._selector.unmistakable or self._named(member)
        nested = _nested(_unwrapped(text) if member in _ENCODED else text)
        if nested is None:
            return self._selector.unmistakable and self._mentioned(text)
        edited = self._edited
        found = self._walk(nested, member, depth + 1)
        # What is wrapped in text is not edited in place: then all of it goes.
        found = found or (self._edited and not edited)
        self._edited = edited
        return found

    def _named(self, member: str | None) -> bool:
        return member is not None and self._kind.names(member)

    def _mentioned(self, text: str) -> bool:
        """Whether the identifier stands in a text as a word of its own, or written in code."""
        if self.searcher is None:
            return False
        hits = self.searcher.data(text.encode("utf-8", "surrogatepass"), "")
        if not hits:
            return False
        coded = [hit.form for hit in hits if not hit.form.startswith(_SPELLED_OUT)]
        if any(not form.startswith(_CODED_TEXT) for form in coded):
            return True
        if coded and any(self._stands_alone(inner) for inner in _decoded(text)):
            return True
        if len(coded) == len(hits):
            return False
        plain = unquote(text)
        variants = (text, plain, unquote(plain))
        return self._selector.is_uuid or any(self._stands_alone(v) for v in variants)

    def _stands_alone(self, text: str) -> bool:
        return any(
            not _continues(text[match.end() : match.end() + 2])
            and not _continues(text[max(match.start() - 2, 0) : match.start()][::-1])
            for match in self._word.finditer(text)
        )


def nested_parts(value: str) -> tuple[str, ...]:
    """How a value stands in JSON: as text, as a number, in JSON in text, and in base64."""
    quoted = _encode(value).decode()
    parts = [quoted, _encode(quoted).decode()[1:-1]]
    if value.isdecimal():
        parts.append(f":{value}")
    for shift in range(3):
        coded = binascii.b2a_base64(bytes(shift) + quoted.encode(), newline=False).rstrip(b"=")
        core = coded[(0, 2, 3)[shift] : (shift + len(quoted.encode())) * 8 // 6].decode()
        parts += [core, core.translate(str.maketrans("+/", "-_"))]
    return tuple(dict.fromkeys(parts))


def _continues(neighbours: str) -> bool:
    """Whether the text beside a find, nearest character first, makes it a part of something."""
    if not neighbours:
        return False
    if neighbours[0].isalnum() or neighbours[0] == "_":
        return True
    return neighbours[0] in _JOINTS and neighbours[1:2].isalnum()


def _nested(text: str | bytes | None) -> Any:
    """What JSON holds that is an object or a list; None for any other text."""
    if not text:
        return None
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if raw.lstrip()[:1] not in (b"{", b"["):
        return None
    try:
        return _decode(raw)
    except (ValueError, RecursionError):
        return None


def _decoded(text: str) -> Iterator[str]:
    """What stands in base64 in a text.

    The last character of an identifier may share one of base64 with what follows, so that only
    decoding tells one identifier from its neighbour.
    """
    for token in _TOKEN.findall(text):
        for start in range(4):
            raw = _unwrapped(token[start : len(token) - (len(token) - start) % 4])
            yield (raw or b"").decode(errors="replace")


def _unwrapped(text: str) -> bytes | None:
    try:
        return decode_base64url(text.encode())
    except NotBase64Error:
        return None

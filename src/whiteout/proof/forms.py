"""How a text may be written: every form in which a byte search must know it again."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote, quote_plus
from uuid import UUID

SHORTEST = 6
"""Bytes below which a text is not looked for: it would be found everywhere by chance."""

DIGESTS = ("md5", "sha1", "sha256")
"""The functions by which a text may have been hashed."""


_ESCAPED = ("URL", "JSON", "HTML")
_OF_TEXT = frozenset({"plain", "hex", *_ESCAPED})
"""Kinds of forms of which a UUID has no more than other texts."""
_SIMPLE = re.compile(r"[A-Za-z0-9_.\-]*")


class NeedleError(ValueError):
    """A text is too short to be looked for; the message does not repeat it."""


class Pattern(NamedTuple):
    """Bytes to look for; `folded` ones are given in lower case and stand for any mixture of cases.

    `form` says in words what they are to the text: `plain`, `base64`, `SHA-256, hex`, …
    """

    form: str
    raw: bytes
    folded: bool


def kind_of(form: str) -> str:
    """The first word of a form: `plain`, `URL`, `hex` and so on."""
    return form.partition(" ")[0].rstrip(",").removesuffix("url")


def patterns(text: str, *, hashed: bool = True, kind: str | None = None) -> list[Pattern]:
    """Every form of a text, each of them once; with `kind` only the forms of that kind.

    Plain, as part of a URL, of JSON and of HTML, UTF-16, hex, and base64 at each of the three
    alignments; as they are, in lower and in upper case. A UUID also without dashes and as sixteen
    bytes of either order. When `hashed`, MD5, SHA-1 and SHA-256 of all of these spellings, in hex,
    base64 and bytes. Raises NeedleError for fewer than `SHORTEST` bytes.
    """
    raw = text.encode("utf-8", "surrogatepass")
    if len(raw) < SHORTEST:
        raise NeedleError(
            f"a text of {len(raw)} bytes cannot be searched for: with fewer than {SHORTEST} it "
            "would be found by chance"
        )
    uuid = _uuid(text)
    found = list(_texts(text, kind))
    if uuid is not None and kind not in _OF_TEXT:
        found += (p for p in uuid_patterns(uuid) if kind in (None, kind_of(p.form)))
    if hashed:
        found += digests(text)
    return list(dict.fromkeys(pattern for pattern in found if len(pattern.raw) >= SHORTEST))


def uuid_patterns(digits: str) -> Iterator[Pattern]:
    """How a UUID, or its first bytes, may be written besides its text; `digits` without dashes."""
    big = bytes.fromhex(digits)
    little = UUID(digits.ljust(32, "0")).bytes_le[: len(big)]
    yield Pattern("without dashes", digits.lower().encode(), folded=True)
    yield Pattern("bytes", big, folded=False)
    yield Pattern("bytes, little-endian", little, folded=False)
    yield from _base64("bytes", big)
    yield from _base64("bytes, little-endian", little)
    yield from _base64("without dashes", digits.lower().encode())
    yield from _base64("without dashes, in upper case", digits.upper().encode())


def _uuid(text: str) -> str | None:
    """The 32 hex digits of a UUID, or None for other text."""
    digits = text.replace("-", "")
    if len(text) not in (32, 36) or len(digits) != 32:
        return None
    try:
        return UUID(digits).hex
    except ValueError:
        return None


def _cases(text: str) -> Iterator[tuple[str, bytes]]:
    """The text as it is, and in lower and upper case where that differs, with a word for it."""
    yield "", _bytes(text)
    lower, upper = text.lower(), text.upper()
    if lower != text:
        yield " in lower case", _bytes(lower)
    if upper not in (text, lower):
        yield " in upper case", _bytes(upper)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _texts(text: str, kind: str | None) -> Iterator[Pattern]:
    if kind in (None, "plain"):
        yield from _plain("plain", text)
    if kind in (None, *_ESCAPED) and _SIMPLE.fullmatch(text) is None:
        for form, escaped in _escaped(text):
            if escaped != text:
                yield from _plain(form, escaped)
    for case, raw in _cases(text):
        if kind in (None, "hex"):
            yield Pattern(f"hex{case}", raw.hex().encode(), folded=True)
        if kind in (None, "URL"):
            percent = "".join(f"%{byte:02x}" for byte in raw)
            yield Pattern(f"URL{case}", percent.encode(), folded=True)
        if kind in (None, "base64"):
            yield from _base64(f"text{case}", raw)


def _plain(form: str, text: str) -> Iterator[Pattern]:
    """A text in any mixture of ASCII cases, and in the cases of other letters."""
    for _, raw in _cases(text):
        yield Pattern(form, raw.lower(), folded=True)
        for order in ("utf-16-le", "utf-16-be"):
            wide = raw.decode("utf-8", "surrogatepass").encode(order, "surrogatepass")
            yield Pattern(f"{form}, UTF-16", wide.lower(), folded=True)


def _escaped(text: str) -> Iterator[tuple[str, str]]:
    """The text as it stands inside other formats, where that differs."""
    once = quote(text, safe="", errors="replace")
    yield from (("URL", once), ("URL", quote_plus(text, errors="replace")))
    yield from (("URL", quote(text, errors="replace")), ("URL, twice", quote(once, safe="")))
    for ascii_only in (True, False):
        inner = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield from (("JSON", inner), ("JSON", inner.replace("/", r"\/")))
        yield "JSON in JSON", json.dumps(inner, ensure_ascii=ascii_only)[1:-1]
    yield "HTML", html.escape(text)


def _base64(what: str, raw: bytes, shifts: Iterable[int] = range(3)) -> Iterator[Pattern]:
    """The characters of base64 that depend on these bytes alone, wherever in a text they stand."""
    for shift in shifts:
        encoded = base64.b64encode(bytes(shift) + raw).rstrip(b"=")
        start, stop = (0, 2, 3)[shift], (shift + len(raw)) * 8 // 6
        core = encoded[start:stop]
        yield Pattern(f"base64 of {what}", core, folded=False)
        yield Pattern(
            f"base64url of {what}", core.translate(bytes.maketrans(b"+/", b"-_")), folded=False
        )


def digests(text: str) -> Iterator[Pattern]:
    """Digests of the text in its cases, and of a UUID in its other spellings."""
    uuid = _uuid(text)
    spellings = [raw for _, raw in _cases(text)]
    if uuid is not None:
        spellings += [uuid.encode(), uuid.upper().encode(), bytes.fromhex(uuid)]
    for name in DIGESTS:
        label = name.upper().replace("SHA", "SHA-")
        for raw in spellings:
            digest = hashlib.new(name, raw, usedforsecurity=False).digest()
            yield Pattern(f"{label}, hex", digest.hex().encode(), folded=True)
            yield Pattern(f"{label}, bytes", digest, folded=False)
            yield from _base64(label, digest, shifts=(0,))

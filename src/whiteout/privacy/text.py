"""Small readings of untrusted text (B-44, R121; contract 11)."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any, NoReturn

_ALPHABET = re.compile(rb"[A-Za-z0-9_\-+/]*={0,2}\s*")
_POSITION = re.compile(r"\b(?:byte|char|position) (\d{1,9})")


class NotBase64Error(ValueError):
    """Text is not base64url."""


def decode_base64url(text: bytes) -> bytes:
    """Decode base64url, with or without padding (B-44). Raises NotBase64Error."""
    if not _ALPHABET.fullmatch(text):
        raise NotBase64Error
    bare = text.rstrip().rstrip(b"=").translate(bytes.maketrans(b"+/", b"-_"))
    try:
        return base64.urlsafe_b64decode(bare + b"=" * (-len(bare) % 4))
    except binascii.Error:
        raise NotBase64Error from None


def encode_base64url(raw: bytes) -> bytes:
    """Encode as base64url without padding (R121)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def error_position(error: Exception) -> int | None:
    """The offset that a decoder's error names, and nothing else of its text."""
    if isinstance(error, UnicodeDecodeError):
        return error.start
    match = _POSITION.search(str(error))
    return None if match is None else int(match[1])


def load_json(raw: bytes) -> Any:
    """Decode JSON that is strict UTF-8. Raises ValueError or RecursionError.

    Numbers that JSON does not have (`NaN`, `Infinity`) are no JSON.
    """
    return json.loads(raw.decode(), parse_constant=_no_number)


def dump_json(value: Any) -> bytes:
    """Encode as compact JSON. Raises ValueError for what no JSON can hold."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")

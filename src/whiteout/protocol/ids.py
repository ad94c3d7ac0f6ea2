"""Ids as the protocol writes them: version 4 UUIDs in lower case (R44, R108)."""

from __future__ import annotations

import re

_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VISITOR = re.compile(rf"{_UUID.pattern}|[0-9a-f]{{16}}")


def as_uuid(digits: str) -> str:
    """A version 4 UUID from 32 hex digits in lower case.

    Six of their bits give way to version and variant.
    """
    variant = _VARIANT[digits[16]]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def uuid_or_empty(text: str) -> str:
    """A UUID in lower case as it is; any other text is nothing (W26)."""
    return text if _UUID.fullmatch(text) else ""


def visitor_or_empty(text: str) -> str:
    """A UUID or sixteen hex digits, which is what a visitor's id may be (R36, W26)."""
    return text if _VISITOR.fullmatch(text) else ""

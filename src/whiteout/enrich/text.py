"""Text that fits into a column (B-34, B-48)."""

from __future__ import annotations

import re

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


def tsv_safe(text: str) -> str | None:
    """Text without control characters, a tab as four spaces; None when nothing is left (B-34)."""
    if not text.isprintable():
        text = _CONTROLS.sub("", text.replace("\t", "    "))
    return text or None


def is_longer(text: str, limit: int) -> bool:
    """Whether text has more than `limit` UTF-16 code units (B-48)."""
    length = len(text)
    if length * 2 <= limit:
        return False
    if length > limit or text.isascii():
        return length > limit
    return len(text.encode("utf-16-le")) > limit * 2


def cut(text: str, longest: int) -> str:
    """Text of at most `longest` characters; what is cut ends in an ellipsis."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"

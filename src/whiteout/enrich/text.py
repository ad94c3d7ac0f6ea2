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


def fitted(text: str, limit: int) -> str | None:
    """Text without control characters, cut to `limit` UTF-16 code units; None when it is empty."""
    safe = tsv_safe(text)
    if safe is None or not is_longer(safe, limit):
        return safe
    units = safe.encode("utf-16-le", "replace")[: limit * 2]
    return units.decode("utf-16-le", "ignore") or None


def cut(text: str, longest: int) -> str:
    """Text of at most `longest` characters; what is cut ends in an ellipsis."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"

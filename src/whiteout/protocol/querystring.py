"""Query strings of GET requests (B-6, B-7)."""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

_SEPARATORS = re.compile("[&;]")
_ILLEGAL = re.compile(r'[\x00-\x20"<>\\^`{|}\x7f]|%(?![0-9A-Fa-f]{2})')
MAX_PAIRS = 1_000
"""Most pairs that are read of one query string."""


class BadQueryError(ValueError):
    """A query string cannot be part of a URI; `position` is the offset of the first fault."""

    def __init__(self, position: int) -> None:
        super().__init__(f"illegal character in the query string at position {position}")
        self.position = position


def parse_query(query: str) -> dict[str, str | None]:
    """The parameters of a query string: form-decoded, the last of equal names wins (B-7).

    A name without `=` has the value None. Raises BadQueryError for text that no URI can hold (B-6)
    and for more than `MAX_PAIRS` pairs.
    """
    fault = _ILLEGAL.search(query)
    if fault is not None:
        raise BadQueryError(fault.start())
    pairs = [pair for pair in _SEPARATORS.split(query) if pair]
    if len(pairs) > MAX_PAIRS:
        raise BadQueryError(len("&".join(pairs[:MAX_PAIRS])))
    result: dict[str, str | None] = {}
    for pair in pairs:
        name, mark, value = pair.partition("=")
        result[unquote_plus(name)] = unquote_plus(value) if mark else None
    return result


def first_value(query: str, name: str) -> str | None:
    """The first value of one parameter, decoded, without judging the rest of the query (A-38)."""
    for pair in _SEPARATORS.split(query):
        key, mark, value = pair.partition("=")
        if mark and unquote_plus(key) == name:
            return unquote_plus(value)
    return None

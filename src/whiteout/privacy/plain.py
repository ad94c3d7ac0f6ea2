"""Texts from which nothing has to be removed, looked at all at once (F-P4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

# Of every text that scrubbing would change, one of these stands in it as a byte of UTF-8; so do
# harmless ones. 0xEF begins the at signs of other scripts.
_ODD = bytes([*range(10), *range(11, 32), 127, 0xEF, *b'@%?=\\{["'])
ODD = r"\"\\\x00-\x1f\x7f@%?={\[\ufe6b\uff20"
"""Characters of which one stands in every text that takes a closer look for no other reason."""

_CONTACT = re.compile(":(?<=[osplOSPL\N{LATIN SMALL LETTER LONG S}]:)")
_IPV4 = re.compile(r"\.[0-9]{1,3}\.[0-9]{1,3}\.")
_IPV6 = re.compile(r":[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}(?::|\n|\Z)")
_HARD_TO_SAY = re.compile(r"[\\\x00-\x1f\x7f]|[\"'][^%]*%|%[^\"']*[\"']")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_VALUE = re.compile(r"[0-9a-z_\-]+")
_ROUNDS = 4


def nothing_odd(joined: str) -> bool:
    """Whether scrubbing leaves each of these texts as it is, but for values of identifiers.

    There is a line feed between the texts. False also where only a closer look would tell.
    """
    try:
        raw = joined.encode()
    except UnicodeEncodeError:
        return False
    return len(raw.translate(None, _ODD)) == len(raw) and nothing_looks_odd(joined)


def nothing_looks_odd(joined: str) -> bool:
    """The same for texts without any of the `ODD` characters."""
    return (
        not ("J" in joined and "eyJ" in joined)
        and (joined.count("/") < 2 or "//" not in joined)
        and (joined.count(".") < 3 or _IPV4.search(joined) is None)
        and (
            ":" not in joined or (_CONTACT.search(joined) is None and _IPV6.search(joined) is None)
        )
    )


def could_hide(text: str, values: Iterable[str]) -> bool:
    """Whether one of these values, in lower case, could show up in a text while it is scrubbed.

    That the value does not stand there as it is has been found out before. True also where it is
    hard to say.
    """
    if _HARD_TO_SAY.search(text) or not all(map(_VALUE.fullmatch, values)):
        return True
    for _ in range(_ROUNDS):
        plain = unquote(text)
        if plain == text:
            return False
        folded = plain.lower()
        if _CONTROL.search(plain) or any(value in folded for value in values):
            return True
        text = plain
    return True

"""Pseudonyms: keyed hashes that cannot be guessed back, and those of older systems (C-16, C-23).

A pseudonym is not anonymous: who has the key can recognise a person, so no key may live for long.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable

_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")

LENGTH = 64
"""Characters of a pseudonym."""

Pseudonym = Callable[[str], str]
"""Gives the pseudonym of a value."""


def pseudonyms(key: bytes, site: str = "") -> Pseudonym:
    """Pseudonyms by HMAC-SHA-256 in lower-case hexadecimal, of a site by a key of its own.

    The pseudonym of a UUID has the form of a UUID (version 8), so that it fits where one must be.
    """
    own = hmac.digest(key, site.encode("utf-8", "surrogatepass"), "sha256")

    def pseudonym(value: str) -> str:
        found = hmac.digest(own, value.encode("utf-8", "surrogatepass"), "sha256").hex()
        if _UUID.fullmatch(value) is None:
            return found
        return f"{found[:8]}-{found[8:12]}-8{found[13:16]}-a{found[17:20]}-{found[20:32]}"

    return pseudonym


COMPATIBLE_HASHES: dict[str, Callable[..., hashlib._Hash]] = {
    "MD5": hashlib.md5,
    "SHA-1": hashlib.sha1,
    "SHA-256": hashlib.sha256,
    "SHA-384": hashlib.sha384,
    "SHA-512": hashlib.sha512,
}
"""The hashes of older systems. All are weak here: with the salt, which never changes, every value
can be found by trying."""


def compatible_pseudonyms(name: str, salt: str) -> Pseudonym:
    """Pseudonyms as older systems make them: a plain hash of value and salt (C-16)."""
    function = COMPATIBLE_HASHES[name]

    def pseudonym(value: str) -> str:
        text = (value + salt).encode("utf-8", "surrogatepass")
        return function(text, usedforsecurity=False).hexdigest()

    return pseudonym

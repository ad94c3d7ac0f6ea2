"""What the name of a JSON member says about its value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from whiteout.privacy.findings import Findings
from whiteout.privacy.identifiers import Identifier
from whiteout.privacy.keys import identifier_of, spelling
from whiteout.privacy.prose import scrub_text

_URL = ("url", "uri", "href", "src", "referrer", "referer")
_REFERRER = ("referrer", "referer")
_USER_AGENT = frozenset({"ua", "useragent"})
_NAMING = frozenset({"name", "key", "field", "id", "elementid", "nodename", "label", "type"})
_VALUE = frozenset({"value", "values", "val"})
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Name:
    """A member's name, read once.

    `clean` tells whether the name itself holds nothing that identifies. A member that `is_naming`
    names what a member that `is_value` holds, as in `{"name": "email", "value": "…"}`.
    """

    spelled: str
    identifier: Identifier | None
    clean: bool
    is_url: bool
    is_referrer: bool
    is_user_agent: bool
    is_version: bool
    is_naming: bool
    is_value: bool


def name_of(key: str) -> Name:
    """Read the name of a member; the readings of ordinary names are remembered."""
    return _remembered(key) if len(key) <= _LONGEST else _read(key)


def _read(key: str) -> Name:
    spelled = spelling(key)
    return Name(
        spelled=spelled,
        identifier=identifier_of(key),
        clean=scrub_text(key, Findings()) == key,
        is_url=spelled.endswith(_URL),
        is_referrer=spelled.endswith(_REFERRER),
        is_user_agent=spelled in _USER_AGENT,
        is_version=spelled.endswith("version"),
        is_naming=spelled in _NAMING,
        is_value=spelled in _VALUE,
    )


_remembered = lru_cache(maxsize=4096)(_read)

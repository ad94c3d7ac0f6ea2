"""Which values may hold an identifier at all: patterns that a database applies to whole columns.

They only narrow down; whether a value does hold one, `checks` asks the rules of privacy. So they
may be too wide, and must never be too narrow: a test holds them to the rules.
"""

from __future__ import annotations

from functools import lru_cache

from whiteout.privacy import IDENTIFIERS, ZERO_UUID
from whiteout.privacy.identifiers import SESSION_ENTITIES
from whiteout.privacy.keys import spelling

_AT = "@\N{FULLWIDTH COMMERCIAL AT}\N{SMALL COMMERCIAL AT}"
_ADDRESS = r"\[?[0-9A-Fa-f]*[:.][0-9A-Fa-f]*[:.]"

TEXT = rf"[{_AT}%=?\\]|eyJ|//|(?i:mailto|sip|sms|tel|xmpp):|^\s*{_ADDRESS}|^\s*[{{\[\"]"
"""Text that is more than words."""

PLAIN_URL = r"https?://[A-Za-z0-9.\-]{1,255}(?::[0-9]{1,5})?(?:/[A-Za-z0-9_.\-~/+,!$*()]*)?"
"""A whole URL of which everything may stay."""

USER_INFO = r"[@]|%(?:25)*40|_sp"
"""A URL of an identified event that may hold what even such a one must not."""

SEPARATORS = ("_", "-", ".", " ")
"""What names of members are bared of before `names_in_json` is applied."""

_VALUE = r"(?:\"(?:0*[^0\"]|0{1,31}\"|0{33})|[0-9\-\[{])"
_ODD_KEY = r"\"[^\"]*[^A-Za-z0-9_\-. \"][^\"]*\"\s*:"

IN_JSON = (
    rf"[{_AT}%=\\]|eyJ|\"{_ADDRESS}|(?i:mailto|sip|sms|tel|xmpp):"
    rf"|(?i:\"values?[0-9]*\"|\"val[0-9]*\")\s*:|{_ODD_KEY}"
)
"""JSON of which a value, or an unusual name, may hold or hide an identifier."""


@lru_cache(maxsize=2)
def names_in_json(*, session: bool) -> str:
    """A pattern of JSON in which a member or an entity may be an identifier by its name.

    For text in lower case and without `SEPARATORS`. With `session` those names do not count that
    stand for the session alone.
    """
    rows = [row for row in IDENTIFIERS if not (session and row.with_session)]
    names: set[str] = set()
    endings: set[str] = set()
    for row in rows:
        fields = (place.field for place in row.entity_fields)
        places = (*row.json_keys, *row.parameters, *row.columns, *row.headers, *fields)
        names.update(map(spelling, (*places, *row.cookies, *row.url_parameters)))
        endings.update(row.json_endings)
    names -= {"via"}
    entities = {kind for row in rows for kind in row.entities}
    if not session:
        entities |= SESSION_ENTITIES
    kinds = sorted(f"{spelling(vendor)}[0-9]*/{spelling(name)}" for vendor, name in entities)
    keys = f'(?:{"|".join(sorted(names))}|[^"]*(?:{"|".join(sorted(endings))}))[0-9]*'
    return rf"\"{keys}\"\s*:\s*{_VALUE}|iglu:(?:{'|'.join(kinds)})[0-9]*/"


ABSENT = ("", ZERO_UUID, "unknown")
"""What stands in a column for no value (contract 10)."""

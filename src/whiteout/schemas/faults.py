"""What is wrong with data that violates a schema (B-78, E-16; F-P11)."""

from __future__ import annotations

from typing import NamedTuple


class SchemaFault(NamedTuple):
    """One violation of a schema, told twice: in full, and without anything of the data.

    `path` (JSONPath) and `message` may quote the data. `place` is the same path in which every
    member name that the schema does not define is `*`, and `rule` says which rule is broken in the
    words of the schema alone, so both may be kept of an anonymous event.
    """

    path: str
    keyword: str
    message: str
    place: str
    rule: str

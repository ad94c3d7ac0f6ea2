"""What a visitor decided about consent (contract 6).

Precedence: an opt-out, and Do Not Track where it is respected, always win; below them an explicit
call of the site, Global Privacy Control, this decision, and the configured default.
"""

from __future__ import annotations

from enum import StrEnum


class Consent(StrEnum):
    """The decision, of which any may follow upon any other."""

    UNKNOWN = "unknown"
    DENIED = "denied"
    GRANTED = "granted"

    @classmethod
    def read(cls, value: object) -> Consent:
        """A decision from its name, True, False or None. Raises ValueError for anything else.

        Only exactly True, and no other true value, is a consent.
        """
        if value is None:
            return cls.UNKNOWN
        if isinstance(value, bool):
            return cls.GRANTED if value else cls.DENIED
        if isinstance(value, str) and value in cls.__members__.values():
            return cls(value)
        raise ValueError("consent is granted, denied or unknown")

"""How the text of a parameter becomes a value (B-35 to B-42; B.5).

Each reader takes the parameter's text and returns the value, or raises `BadValueError`. An absent
number is written `null` (B-35, B-36).
"""

from __future__ import annotations

import re
from math import isinf

from whiteout.protocol.parameters import EVENT_CODES, PLATFORMS

_INT = re.compile(r"([+-]?)0*([0-9]{1,10})")
_LONG = re.compile(r"([+-]?)0*([0-9]{1,19})")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,10})?")
_DIMENSIONS = re.compile(r"0*([0-9]{1,10})x0*([0-9]{1,10})")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_JAVA_UUID = re.compile("-".join(["([0-9A-Fa-f]{1,16})"] * 5))
_GROUPS = (8, 4, 4, 4, 12)
_INT32 = 2**31
_EARLIEST = -62_167_219_200_000
_LATEST = 253_402_300_799_999
_LONGEST_UUID = 36
_LONGEST_NUMBER = 1_000
_SURELY_INT32 = 10

SURELY_A_TIME = 15
"""So many digits may be too late a time; fewer never are."""


class BadValueError(ValueError):
    """Text is not a value of the kind that is wanted."""


BOOLEANS = {"0": False, "1": True}
"""How truth is written (B-37)."""


def read_int(text: str) -> int | None:
    """A whole number of 32 bits with sign (B-35)."""
    if len(text) < _SURELY_INT32 and text.isascii() and text.isdigit():
        return int(text)
    match = _INT.fullmatch(text)
    if match is None:
        _expect_null(text)
        return None
    value = int(match[1] + match[2])
    if not -_INT32 <= value < _INT32:
        raise BadValueError
    return value


def read_decimal(text: str) -> float | None:
    """A decimal number (B-36), as far as a double holds it."""
    if len(text) > _LONGEST_NUMBER or _DECIMAL.fullmatch(text) is None:
        _expect_null(text)
        return None
    value = float(text)
    if isinf(value):
        raise BadValueError
    return value


def read_bool(text: str) -> bool:
    """`1` or `0` (B-37)."""
    value = BOOLEANS.get(text)
    if value is None:
        raise BadValueError
    return value


def read_dimensions(text: str) -> tuple[int, int]:
    """Width and height, joined by `x` (B-38)."""
    match = _DIMENSIONS.fullmatch(text)
    if match is None:
        raise BadValueError
    width, height = int(match[1]), int(match[2])
    if width >= _INT32 or height >= _INT32:
        raise BadValueError
    return width, height


def read_uuid(text: str) -> str:
    """A UUID in its usual form, in lower case (B-39)."""
    if _UUID.fullmatch(text) is None:
        text = text.lower()
        if _UUID.fullmatch(text) is None:
            raise BadValueError
    return text


def read_network_id(text: str) -> str:
    """A network user id: five groups of hexadecimal digits, filled up with zeros (B-8)."""
    if _UUID.fullmatch(text) is not None:
        return text
    match = _JAVA_UUID.fullmatch(text) if len(text) <= _LONGEST_UUID else None
    if match is None:
        raise BadValueError
    groups = zip(match.groups(), _GROUPS, strict=True)
    return "-".join(group.lower().zfill(size)[-size:] for group, size in groups)


def read_timestamp(text: str) -> int:
    """Milliseconds since the epoch, within the years 0 to 9999 (B-40)."""
    if len(text) < SURELY_A_TIME and text.isascii() and text.isdigit():
        return int(text)
    match = _LONG.fullmatch(text)
    if match is None:
        raise BadValueError
    value = int(match[1] + match[2])
    if not is_timestamp(value):
        raise BadValueError
    return value


def is_timestamp(value: int) -> bool:
    """Whether milliseconds since the epoch lie within the years 0 to 9999 (B-40, B-58)."""
    return _EARLIEST <= value <= _LATEST


def read_event(text: str) -> str:
    """The event that a code names (B-41)."""
    name = EVENT_CODES.get(text)
    if name is None:
        raise BadValueError
    return name


def read_platform(text: str) -> str:
    """A platform code (B-42)."""
    if text not in PLATFORMS:
        raise BadValueError
    return text


def _expect_null(text: str) -> None:
    if len(text) > len("null") or text.lower() != "null":
        raise BadValueError

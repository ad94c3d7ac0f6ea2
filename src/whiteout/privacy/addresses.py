"""Network addresses: read strictly, shortened before anything keeps them (A-54, A-58, C-12)."""

from __future__ import annotations

import re
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address

_WRITTEN = re.compile(
    r'\s*"?(?:\[(?P<boxed>[0-9A-Fa-f:.]{2,45})(?:%[\w.\-]{1,32})?\](?::[0-9]{1,5})?'
    r"|(?P<v4>[0-9.]{7,15})(?::[0-9]{1,5})?"
    r'|(?P<v6>[0-9A-Fa-f.]{0,4}:[0-9A-Fa-f:.]{1,40})(?:%[\w.\-]{1,32})?)"?\s*'
)

_MAPPED = "::FFFF:"
# The second and third group of a 6to4 address are the IPv4 address.
_SIX_TO_FOUR = 7
_TWO_OCTETS_OF_A_GROUP = 3


class AddressPolicy(StrEnum):
    """How much of a visitor's address is kept."""

    FULL = "full"
    TRUNCATED = "truncated"
    NONE = "none"


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address, with brackets, a zone or a port around it or not; None for anything else.

    An IPv4 address mapped into IPv6 is the IPv4 address.
    """
    match = _WRITTEN.fullmatch(text)
    if match is None:
        return None
    try:
        address = ip_address(match["boxed"] or match["v4"] or match["v6"])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def keep_address(text: str | None, policy: AddressPolicy) -> str | None:
    """The part of an address that a policy keeps, in RFC 5952 form; None when nothing is kept.

    `truncated` zeroes the last octet of an IPv4 address and the last 80 bits of an IPv6 address;
    eight more where these would be the last octet of the IPv4 address inside (6to4). What is not
    an address is never passed through.
    """
    if text is None or policy is AddressPolicy.NONE:
        return None
    address = parse_address(text)
    if address is None:
        return None
    if policy is AddressPolicy.FULL:
        return str(address)
    return str(type(address)(int(address) >> _cut(address) << _cut(address)))


def mask_address(text: str | None, octets: int, segments: int) -> str | None:
    """An address with its last parts written as `x` (C-6 to C-8); None for anything else (C-12).

    `octets` of an IPv4 address and `segments` of an IPv6 address, which is written with all its
    eight groups. An IPv4 address inside (mapped, 6to4) loses its last `octets` too.
    """
    address = None if text is None else parse_address(text)
    if text is None or address is None:
        return None
    if isinstance(address, IPv4Address):
        prefix = _MAPPED if _MAPPED in text else ""
        return prefix + ".".join(_masked(str(address).split("."), octets))
    if address.sixtofour is not None and octets:
        segments = max(segments, _SIX_TO_FOUR - (octets < _TWO_OCTETS_OF_A_GROUP))
    groups = [f"{int(group, 16):x}" for group in address.exploded.split(":")]
    return ":".join(_masked(groups, segments))


def _masked(parts: list[str], count: int) -> list[str]:
    kept = len(parts) - count
    return [part if place < kept else "x" for place, part in enumerate(parts)]


def _cut(address: IPv4Address | IPv6Address) -> int:
    """How many bits of an address `truncated` zeroes."""
    if isinstance(address, IPv4Address):
        return 8
    return 80 if address.sixtofour is None else 88

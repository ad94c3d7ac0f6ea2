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


def _cut(address: IPv4Address | IPv6Address) -> int:
    """How many bits of an address `truncated` zeroes."""
    if isinstance(address, IPv4Address):
        return 8
    return 80 if address.sixtofour is None else 88

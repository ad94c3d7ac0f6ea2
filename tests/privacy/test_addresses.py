"""Network addresses (A-54, A-58, C-12, F-P12)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whiteout.privacy import AddressPolicy, keep_address, parse_address

addresses = st.ip_addresses()


@pytest.mark.parametrize(
    ("text", "full", "truncated"),
    [
        ("203.0.113.77", "203.0.113.77", "203.0.113.0"),
        (" 203.0.113.77 ", "203.0.113.77", "203.0.113.0"),
        ("203.0.113.77:5678", "203.0.113.77", "203.0.113.0"),
        ('"203.0.113.77"', "203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2::7", "2001:db8:1:2::7", "2001:db8:1::"),
        ("2001:DB8:0:0:0:0:0:7", "2001:db8::7", "2001:db8::"),
        ("[2001:db8::1]", "2001:db8::1", "2001:db8::"),
        ("[2001:db8::1]:443", "2001:db8::1", "2001:db8::"),
        ('"[2001:db8::1]:443"', "2001:db8::1", "2001:db8::"),
        ("2001:db8::1%eth0", "2001:db8::1", "2001:db8::"),
        ("[fe80::1%eth0]:80", "fe80::1", "fe80::"),
        ("::ffff:203.0.113.77", "203.0.113.77", "203.0.113.0"),
        ("[::ffff:203.0.113.77]:80", "203.0.113.77", "203.0.113.0"),
        ("2002:cb00:714d::1", "2002:cb00:714d::1", "2002:cb00:7100::"),
        ("64:ff9b::203.0.113.77", "64:ff9b::cb00:714d", "64:ff9b::"),
        ("::1", "::1", "::"),
    ],
)
def test_addresses_are_read_and_shortened(text: str, full: str, truncated: str) -> None:
    """A-54, A-58: one octet or 80 bits go, and no more of a 6to4 address stays than of IPv4."""
    assert keep_address(text, AddressPolicy.FULL) == full
    assert keep_address(text, AddressPolicy.TRUNCATED) == truncated
    assert keep_address(text, AddressPolicy.NONE) is None


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "unknown", "localhost", "example.com", "hello;goodbye", "777.2.23.1"),
        *("1.2.3", "1.2.3.4.5", "1.2.3.4:", "1.2.3.4:port", "1.2.3.4:123456", "1.2.3.4%eth0"),
        *("010.1.1.1", "1.2.3.4 5.6.7.8", "1.2.3.4, 5.6.7.8", "[::1", "::1]", "[::1]x", "[]"),
        *("2001:db8::zz", "2001:db8::1:", "1:2:3", "12:30:45", "::ffff:300.1.1.1", "12345"),
        *("\u0661.2.3.4", "1.2.3.4\x00", "[::1]:port", "9" * 10_000, ":" * 10_000),
    ],
)
def test_what_is_no_address_is_never_passed_through(text: str) -> None:
    """C-12, F-P12: anything but an address is nothing."""
    assert parse_address(text) is None
    assert keep_address(text, AddressPolicy.FULL) is None


def test_absent_address() -> None:
    """A-58: no address, nothing kept."""
    assert keep_address(None, AddressPolicy.FULL) is None


@given(st.text() | st.from_regex(r"[\[\]0-9a-f:.%\" ]{0,40}", fullmatch=True))
def test_only_addresses_come_out(text: str) -> None:
    """C-12: whatever comes in, what comes out is an address in its canonical form."""
    for policy in AddressPolicy:
        kept = keep_address(text, policy)
        assert kept is None or str(ip_address(kept)) == kept


@given(addresses)
def test_every_address_is_read(address: IPv4Address | IPv6Address) -> None:
    """A-54: every address reads as itself, IPv4 in IPv6 as IPv4."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    assert parse_address(str(address)) == (mapped or address)


@given(addresses, st.integers(min_value=0))
def test_truncated_addresses_do_not_tell_neighbours_apart(
    address: IPv4Address | IPv6Address, host: int
) -> None:
    """A-58: addresses that differ only in the bits that go become one, and stay so."""
    bits = 8 if isinstance(address, IPv4Address) else 80
    neighbour = type(address)(int(address) >> bits << bits | host % 2**bits)
    kept = keep_address(str(address), AddressPolicy.TRUNCATED)
    assert kept is not None
    if not isinstance(address, IPv6Address) or int(address) >> 32 != 0xFFFF:
        other = keep_address(str(neighbour), AddressPolicy.TRUNCATED)
        assert other == kept or "ffff" in str(neighbour)
    assert keep_address(kept, AddressPolicy.TRUNCATED) == kept

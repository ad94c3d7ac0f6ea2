"""Addresses of which parts are written as x (C-6 to C-12, F-P12)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from whiteout.privacy import mask_address

VECTORS = [
    ("0.23.0.20", 1, 1, "0.23.0.x"),
    ("168.192.102.4", 2, 2, "168.192.x.x"),
    ("54.242.102.43", 3, 3, "54.x.x.x"),
    ("94.15.213.171", 4, 4, "x.x.x.x"),
    ("::1", 3, 3, "0:0:0:0:0:x:x:x"),
    ("4b0c:0:0:0:880c:99a8:4b0:4411", 1, 1, "4b0c:0:0:0:880c:99a8:4b0:x"),
    ("4b0c::880c:99a8:4b0:4411", 2, 2, "4b0c:0:0:0:880c:99a8:x:x"),
    ("2605:2700:0:3::4713:93e3", 4, 4, "2605:2700:0:3:x:x:x:x"),
    ("2605:2700:0:3::4713:93e3", 4, 6, "2605:2700:x:x:x:x:x:x"),
    ("2605:2700:0:3::4713:93e3", 4, 8, "x:x:x:x:x:x:x:x"),
    ("f334::40cb:152.16.24.142", 4, 2, "f334:0:0:0:0:40cb:x:x"),
    ("::192.168.0.1", 4, 1, "0:0:0:0:0:0:c0a8:x"),
    ("::FFFF:152.16.24.123", 2, 4, "::FFFF:152.16.x.x"),
]
NO_ADDRESSES = [
    *(("777.2", 1, 1), ("777.2.23", 4, 4), ("999.123.777.2", 3, 3), ("hello;goodbye", 3, 3)),
    *(("", 4, 4), ("2700:zzzz::gggg", 4, 6), ("unknown", 1, 1), (None, 2, 2)),
]


@pytest.mark.parametrize(("text", "octets", "segments", "masked"), VECTORS)
def test_addresses_keep_their_first_parts(
    text: str, octets: int, segments: int, masked: str
) -> None:
    """C-7, C-8, C-10: octets from the right, or segments of all eight groups, become x."""
    assert mask_address(text, octets, segments) == masked


@pytest.mark.parametrize(("text", "octets", "segments"), NO_ADDRESSES)
def test_what_is_no_address_is_never_passed_on(
    text: str | None, octets: int, segments: int
) -> None:
    """C-12: where the vectors of C-10 are no addresses, nothing is kept of them."""
    assert mask_address(text, octets, segments) is None


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("[2001:db8::1]", "2001:db8:0:0:x:x:x:x"),
        ("[2001:db8::1]:443", "2001:db8:0:0:x:x:x:x"),
        ("2001:db8::1%eth0", "2001:db8:0:0:x:x:x:x"),
        ("1.2.3.4:5678", "1.2.3.x"),
        ("::ffff:1.2.3.4", "1.2.3.x"),
    ],
)
def test_brackets_zones_and_ports_hide_nothing(text: str, masked: str) -> None:
    """C-11, F-P12: an address is masked in whatever form it is written."""
    assert mask_address(text, 1, 4) == masked


@pytest.mark.parametrize(
    ("octets", "segments", "masked"),
    [
        (1, 1, "2002:cb00:x:x:x:x:x:x"),
        (2, 5, "2002:cb00:x:x:x:x:x:x"),
        (3, 6, "2002:x:x:x:x:x:x:x"),
        (0, 2, "2002:cb00:7107:0:0:0:x:x"),
    ],
)
def test_an_address_inside_an_address(octets: int, segments: int, masked: str) -> None:
    """C-12: a 6to4 address hides the octets of the IPv4 address that is in it."""
    assert mask_address("2002:cb00:7107::1", octets, segments) == masked


@given(st.ip_addresses(), st.integers(0, 4), st.integers(0, 8))
def test_what_is_masked_tells_nothing_of_its_last_parts(
    address: IPv4Address | IPv6Address, octets: int, segments: int
) -> None:
    """C-7: two addresses that differ in masked parts alone have the same form."""
    assume(isinstance(address, IPv4Address) or address.ipv4_mapped is None)
    cut = octets if isinstance(address, IPv4Address) else 2 * segments
    other = ip_address(address.packed[: len(address.packed) - cut] + bytes(cut))
    masked = mask_address(str(address), octets, segments)
    assert masked is not None
    assert masked == mask_address(str(other), octets, segments)
    assert masked.count("x") >= (octets if isinstance(address, IPv4Address) else segments)


@given(st.text(max_size=60), st.integers(1, 4), st.integers(1, 8))
def test_any_text_is_an_address_or_nothing(text: str, octets: int, segments: int) -> None:
    """C-12: no other text comes through."""
    masked = mask_address(text, octets, segments)
    if masked is not None:
        assert set(masked) <= set("0123456789abcdefF.:x")
        assert masked.endswith("x")

"""Whose address is kept, and how much of it (A-53, A-57, A-58)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from ipaddress import ip_network
from typing import Any

import pytest

from tests.collector.conftest import Start
from tests.collector.edge import ANONYMOUS, EVENT, JSON, TP2, Edge, envelope
from whiteout.collector import CollectorSettings
from whiteout.privacy import AddressPolicy

FULL = AddressPolicy.FULL
PROXIES = (ip_network("10.0.0.0/8"), ip_network("2001:db8:ffff::/48"))


async def address(
    edge: Edge, client: Sequence[Any] | None, *headers: tuple[str, str]
) -> str | None:
    """The address that is stored of a request from this peer."""
    await edge.request("POST", TP2, JSON, *headers, body=envelope(EVENT), client=client)
    return edge.identified()[0].address


@pytest.mark.parametrize(
    ("peer", "policy", "kept"),
    [
        ("203.0.113.77", AddressPolicy.FULL, "203.0.113.77"),
        ("203.0.113.77", AddressPolicy.TRUNCATED, "203.0.113.0"),
        ("203.0.113.77", AddressPolicy.NONE, None),
        ("2001:db8:1:2:3:4:5:6", AddressPolicy.FULL, "2001:db8:1:2:3:4:5:6"),
        ("2001:db8:1:2:3:4:5:6", AddressPolicy.TRUNCATED, "2001:db8:1::"),
        ("2001:db8:1:2:3:4:5:6", AddressPolicy.NONE, None),
        ("::ffff:203.0.113.77", AddressPolicy.TRUNCATED, "203.0.113.0"),
        ("fe80::1%eth0", AddressPolicy.FULL, "fe80::1"),
        ("no address", AddressPolicy.FULL, None),
        ("", AddressPolicy.FULL, None),
    ],
)
async def test_a_58_how_much_is_kept(
    start: Start, peer: str, policy: AddressPolicy, kept: str | None
) -> None:
    """A-58: full, truncated or nothing, before the record exists."""
    assert await address(start(CollectorSettings(address=policy)), (peer, 1)) == kept


@pytest.mark.parametrize("client", [None, [None, 0], ("", None)])
async def test_a_53_a_peer_without_address(edge: Edge, client: Sequence[Any] | None) -> None:
    """A-53: behind a Unix socket there is no address, and that is no error."""
    assert await address(edge, client) is None


async def test_a_58_default_is_truncated(edge: Edge) -> None:
    """A-58: by default the last octet is not kept, in the record or anywhere else in it."""
    assert await address(edge, ("203.0.113.77", 1)) == "203.0.113.0"
    assert b"203.0.113.77" not in edge.raw()[0]


@pytest.mark.parametrize(
    "name", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP", "True-Client-IP"]
)
async def test_a_57_nobody_is_trusted_by_default(start: Start, name: str) -> None:
    """A-57, F-P17: a client cannot choose its address by any header."""
    edge = start(CollectorSettings(address=FULL))
    assert await address(edge, ("203.0.113.77", 1), (name, "192.0.2.1")) == "203.0.113.77"
    assert b"192.0.2.1" not in edge.raw()[0]


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("10.0.0.1", ["192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", ["198.51.100.9, 192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", ["192.0.2.1, 10.9.9.9, 10.8.8.8"], "192.0.2.1"),
        ("10.0.0.1", ["198.51.100.9", "192.0.2.1, 10.8.8.8"], "192.0.2.1"),
        ("10.0.0.1", ["10.7.7.7"], "10.7.7.7"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["", "192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", ["192.0.2.1, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["192.0.2.1, <script>"], "10.0.0.1"),
        ("10.0.0.1", ["192.0.2.1:4711"], "192.0.2.1"),
        ("10.0.0.1", ['"[2001:db8::5]:4711"'], "2001:db8::5"),
        ("2001:db8:ffff::1", ["2001:db8::5"], "2001:db8::5"),
        ("::ffff:10.0.0.1", ["192.0.2.1"], "192.0.2.1"),
        ("203.0.113.77", ["192.0.2.1"], "203.0.113.77"),
        ("garbage", ["192.0.2.1"], None),
    ],
)
async def test_a_57_trusted_proxies(
    start: Start, peer: str, forwarded: list[str], found: str | None
) -> None:
    """A-57: `X-Forwarded-For` is read from the right, past trusted hops, and only from those."""
    edge = start(CollectorSettings(address=FULL, trusted_proxies=PROXIES))
    headers = [("X-Forwarded-For", text) for text in forwarded]
    assert await address(edge, (peer, 1), *headers) == found


async def test_a_57_a_long_chain_costs_little(start: Start) -> None:
    """A-57: a chain of trusted hops as long as headers can be does not hold up the loop."""
    edge = start(CollectorSettings(address=FULL, trusted_proxies=PROXIES))
    chain = ("X-Forwarded-For", ",".join(["10.1.1.1"] * 100_000))
    began = time.perf_counter()
    assert await address(edge, ("10.0.0.1", 1), chain) == "10.1.1.1"
    assert time.perf_counter() - began < 1


async def test_a_58_none_under_anonymity(start: Start) -> None:
    """A-58, A-48: an anonymous record has no address, whatever the policy and the proxies."""
    edge = start(CollectorSettings(address=FULL, trusted_proxies=PROXIES))
    forwarded = ("X-Forwarded-For", "192.0.2.1")
    await edge.request("POST", TP2, JSON, ANONYMOUS, forwarded, body=b"", client=("10.0.0.1", 1))
    assert not hasattr(edge.anonymous(), "address")
    assert b"192.0.2." not in edge.raw()[0]
    assert b"10.0.0." not in edge.raw()[0]


async def test_a_55_no_address_can_be_derived_later(start: Start) -> None:
    """A-55: the address is decided once; no forwarding header is kept that tells another."""
    edge = start(CollectorSettings(address=FULL, trusted_proxies=PROXIES))
    told = ("X-Forwarded-For", "198.51.100.9, 203.0.113.7")
    assert await address(edge, ("10.0.0.1", 1), told, ("Forwarded", "for=198.51.100.8")) == (
        "203.0.113.7"
    )
    (raw,) = edge.raw()
    assert b"198.51.100" not in raw
    assert b"orwarded" not in raw

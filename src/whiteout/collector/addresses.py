"""Whose address a request has: the peer's, or what a trusted proxy says (A-53, A-57, A-58)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network

from whiteout.privacy import AddressPolicy, keep_address, parse_address

_MOST_HOPS = 32


class AddressReader:
    """Finds the visitor's address and shortens it before anything else sees it."""

    def __init__(
        self, policy: AddressPolicy, trusted: tuple[IPv4Network | IPv6Network, ...]
    ) -> None:
        self._policy = policy
        self._trusted = trusted
        self._keep = lru_cache(maxsize=4096)(lambda text: keep_address(text, policy))

    def address(self, peer: str | None, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
        """The part of the visitor's address that is kept; None when nothing is."""
        if self._policy is AddressPolicy.NONE or peer is None:
            return None
        if self._trusted and self._is_trusted(peer):
            peer = self._forwarded(peer, headers)
        return self._keep(peer[:64])

    def _forwarded(self, peer: str, headers: Iterable[tuple[bytes, bytes]]) -> str:
        """Walk `X-Forwarded-For` from the right, past the trusted hops (A-57)."""
        chain = ",".join(v.decode("latin-1") for k, v in headers if k == b"x-forwarded-for")
        for hop in reversed(chain.rsplit(",", _MOST_HOPS)):
            if parse_address(hop) is None:
                break
            peer = hop.strip()
            if not self._is_trusted(peer):
                break
        return peer

    def _is_trusted(self, text: str) -> bool:
        address = parse_address(text)
        return address is not None and any(address in network for network in self._trusted)

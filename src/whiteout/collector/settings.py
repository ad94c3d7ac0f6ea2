"""Settings of the collector (A-29, A-25, A-45, A-46, A-52, A-57, A-58)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network

from whiteout.privacy import AddressPolicy, Policy


@dataclass(frozen=True, slots=True)
class CookieSettings:
    """The network user id cookie (A-29). `expiration` is in seconds; no `domains` is host-only."""

    enabled: bool = True
    name: str = "sp"
    expiration: int = 365 * 24 * 3600
    domains: tuple[str, ...] = ()
    fallback_domain: str | None = None
    secure: bool = True
    http_only: bool = True
    same_site: str = "None"


@dataclass(frozen=True, slots=True)
class CollectorSettings:
    """How a collector treats requests.

    `body_limit` is in bytes, `body_timeout` and `cors_max_age` in seconds. Bodies that have arrived
    in part may hold `body_memory` bytes together. `opt_out_cookie` is the name of a cookie and a
    pattern for its whole value: a browser that has it is not recorded (A-45). `trusted_proxies` are
    networks whose `X-Forwarded-For` is believed (A-57).
    """

    cookie: CookieSettings = field(default_factory=CookieSettings)
    policy: Policy = field(default_factory=Policy)
    keep_session: bool = True
    address: AddressPolicy = AddressPolicy.TRUNCATED
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    opt_out_cookie: tuple[str, re.Pattern[str]] | None = None
    body_limit: int = 2 * 1024 * 1024
    body_timeout: float = 25.0
    body_memory: int = 128 * 1024 * 1024
    oversized_status: int = 422
    cors_max_age: int = 3600

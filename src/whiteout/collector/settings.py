"""Settings of the collector (A-11, A-23 to A-29, A-36, A-45, A-46, A-52, A-57, A-58, A-74)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

from whiteout.privacy import AddressPolicy, Policy

OPT_OUT: tuple[str, re.Pattern[str]] = ("whiteout_opt_out", re.compile("1"))
"""The cookie of a browser that does not want to be recorded: its name, and what its value is."""


class Enforcement(StrEnum):
    """Which requests are anonymised although nothing in them asks for it (A-52)."""

    HEADER = "header"
    ALWAYS = "always"
    UNLESS_CONSENT = "unless-consent"


class AgentPolicy(StrEnum):
    """How much of a user agent an anonymous event keeps (C-38)."""

    KEEP = "keep"
    COARSE = "coarse"
    DROP = "drop"


class UrlPolicy(StrEnum):
    """How much of its page's URL an anonymous event keeps, beyond what is removed anyway (B-68)."""

    CAMPAIGN = "campaign"
    PATH = "path"
    ORIGIN = "origin"


class ReferrerPolicy(StrEnum):
    """How much of a referrer an anonymous event keeps (B-69)."""

    PATH = "path"
    ORIGIN = "origin"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class CookieSettings:
    """The network user id cookie (A-29). `expiration` is in seconds; no `domains` is host-only.

    `delete_on_anonymous`: an anonymous request that carries it is answered with its end (A-36).
    """

    enabled: bool = True
    name: str = "sp"
    expiration: int = 365 * 24 * 3600
    domains: tuple[str, ...] = ()
    fallback_domain: str | None = None
    secure: bool = True
    http_only: bool = True
    same_site: str = "None"
    delete_on_anonymous: bool = False


@dataclass(frozen=True, slots=True)
class AnonymousSettings:
    """What an anonymous event may keep (F-P4, F-P10, F-P21).

    `seconds`: its times are told in steps of so many seconds, 0 for as they are.
    """

    keep_session: bool = True
    agent: AgentPolicy = AgentPolicy.COARSE
    url: UrlPolicy = UrlPolicy.CAMPAIGN
    referrer: ReferrerPolicy = ReferrerPolicy.PATH
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class EnforcementSettings:
    """Which requests are anonymised whatever they say (A-52, E-20).

    `paths` and `apps` say otherwise for requests to a path and for events of an app id. Consent is
    proved by a cookie, as its name and a pattern for its whole value, or in every event by the
    entity `gdpr` with the basis `consent` and one of these `documents`.
    """

    default: Enforcement = Enforcement.HEADER
    paths: Mapping[str, Enforcement] = field(default_factory=dict)
    apps: Mapping[str, Enforcement] = field(default_factory=dict)
    cookie: tuple[str, re.Pattern[str]] | None = None
    documents: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RootResponse:
    """What `/` is answered (A-11)."""

    status: int = 302
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""


@dataclass(frozen=True, slots=True)
class CollectorSettings:
    """How a collector treats requests.

    `body_limit` is in bytes, `body_timeout` and `cors_max_age` in seconds. Bodies that have arrived
    in part may hold `body_memory` bytes together. `opt_out_cookie` is the name of a cookie and a
    pattern for its whole value: a browser that has it is not recorded (A-45). `trusted_proxies` are
    networks whose `X-Forwarded-For` is believed (A-57). `cors_origins` are the only origins whose
    pages may read answers, none for any (A-23). `paths` maps paths to those that they stand for
    (A-6), and `redirect_hosts` are where `/r/…` may lead (A-74). `gpc_since` is the day since which
    Global Privacy Control is honoured, as `YYYY-MM-DD` (S1).
    """

    cookie: CookieSettings = field(default_factory=CookieSettings)
    policy: Policy = field(default_factory=Policy)
    enforcement: EnforcementSettings = field(default_factory=EnforcementSettings)
    anonymous: AnonymousSettings = field(default_factory=AnonymousSettings)
    address: AddressPolicy = AddressPolicy.TRUNCATED
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    opt_out_cookie: tuple[str, re.Pattern[str]] | None = OPT_OUT
    body_limit: int = 2 * 1024 * 1024
    body_timeout: float = 25.0
    body_memory: int = 128 * 1024 * 1024
    oversized_status: int = 422
    cors_origins: tuple[str, ...] = ()
    cors_headers: tuple[str, ...] = ()
    cors_max_age: int = 3600
    paths: Mapping[str, str] = field(default_factory=dict)
    redirect_hosts: tuple[str, ...] = ()
    root: RootResponse | None = None
    gpc_since: str = "2026-11-24"

"""How records are enriched, and what is handed in for it (contracts 10 and 12, B-43)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from whiteout.enrich.pii_rules import PiiRules
from whiteout.privacy import AddressPolicy, Pseudonym, UrlRules
from whiteout.protocol.campaigns import USUAL_PARAMETERS
from whiteout.protocol.iglu import SchemaKey


class KeysUnavailable(Exception):
    """The keys of pseudonyms cannot be read or written; the text says where and what to do."""


class KeySource(Protocol):
    """Hands out the keys of pseudonyms, which change and are destroyed as time goes by (C-23)."""

    def key(self, received: int, now: int) -> bytes:
        """The key for an event received at a time; both are epoch milliseconds.

        Raises KeysUnavailable.
        """

    def tidy(self, now: int) -> None:
        """Destroy the keys whose time has passed. Raises KeysUnavailable."""


@dataclass(frozen=True, slots=True)
class PiiSettings:
    """Which places are pseudonymised, and how (C.3, F-P13).

    `keys` hands out the keys. `per_site`: a value has another pseudonym in each application.
    `compatible` makes pseudonyms in the way of an older system instead, without any key (C-16).
    """

    rules: PiiRules
    keys: KeySource
    per_site: bool = True
    compatible: Pseudonym | None = None


@dataclass(frozen=True, slots=True)
class DerivedSettings:
    """What is derived of an event's URLs and user agent.

    `campaigns` are pairs of a field and the parameter that fills it, the more important first;
    `click_networks` are parameters of click identifiers, with their networks, beside those that are
    known; `click_ids` keeps the identifiers themselves (B-70, B-71). `referrers` tells where
    visitors came from, `internal_hosts` which hosts are the site itself (B-67). `user_agents` fills
    the columns of browser, system and device, `bots` tells programs from people (C-35).
    """

    campaigns: tuple[tuple[str, str], ...] = USUAL_PARAMETERS
    click_networks: tuple[tuple[str, str], ...] = ()
    click_ids: bool = False
    referrers: bool = True
    internal_hosts: tuple[str, ...] = ()
    user_agents: bool = True
    bots: bool = True


@dataclass(frozen=True, slots=True)
class AddressMask:
    """How many octets of IPv4 and segments of IPv6 addresses are written as `x` (C-6)."""

    octets: int
    segments: int


NOTHING_DERIVED = DerivedSettings(campaigns=(), referrers=False, user_agents=False, bots=False)
"""Without any enrichment."""


@dataclass(frozen=True, slots=True)
class EnrichSettings:
    """How records become events.

    `v_collector` and `v_etl` name the collector and the pipeline, each with its version.
    `reject_batch`: one bad event refuses its whole request (B-18). `unknown_schemas`: what names an
    unknown schema is kept unchecked, or fails. `trust_tracker_ip`: believe the parameter `ip`
    (B-43), of which `address` says how much is kept. `sentinel`: what stands for the network user
    id and the address of a server-anonymous event, nothing or the protocol's words for it.
    """

    v_collector: str
    v_etl: str
    reject_batch: bool = False
    unknown_schemas: Literal["accept", "fail"] = "accept"
    trust_tracker_ip: bool = False
    address: AddressPolicy = AddressPolicy.TRUNCATED
    sentinel: Literal["null", "zero"] = "null"
    url_rules: UrlRules | None = None
    mask: AddressMask | None = None
    derived: DerivedSettings = DerivedSettings()
    pii: PiiSettings | None = None


class Violation(Protocol):
    """How data violates a schema.

    `path` (JSONPath) and `message` may quote the data; `place` and `rule` say the same in the
    schema's words alone.
    """

    @property
    def path(self) -> str:
        """Where, exactly."""

    @property
    def keyword(self) -> str:
        """Keyword of the schema that is violated."""

    @property
    def message(self) -> str:
        """What is wrong, with the value."""

    @property
    def place(self) -> str:
        """Where, without names that the schema does not define."""

    @property
    def rule(self) -> str:
        """What is wrong, without the value."""


Validator = Callable[[Any], Sequence[Violation]]
"""Checks data against one schema; nothing is returned for valid data."""


class SchemaLookup(Protocol):
    """Finds the validator of a schema.

    A validator with the attribute `foreign` set is one of a schema that whiteout did not write:
    what valid data may hold is not known then.
    """

    def validator(self, key: SchemaKey) -> Validator | None:
        """The validator; None when the schema is unknown."""

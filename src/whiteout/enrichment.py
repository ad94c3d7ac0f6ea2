"""How records become events, as the configuration says."""

from __future__ import annotations

from pathlib import Path

from whiteout import __version__
from whiteout.config import Config, pairs
from whiteout.enrich import (
    AddressMask,
    DerivedSettings,
    EnrichSettings,
    PiiSettings,
    parse_rules,
)
from whiteout.keyring import Keyring, KeyringSettings
from whiteout.privacy import AddressPolicy, UrlRules, compatible_pseudonyms

_MOST_OCTETS = 4


def enrich_settings(config: Config) -> EnrichSettings:
    """The part of the configuration that enrichment needs."""
    return EnrichSettings(
        reject_batch=config.batch == "reject",
        unknown_schemas="fail" if config.unknown_schemas == "fail" else "accept",
        trust_tracker_ip=config.trust_tracker_ip,
        address=AddressPolicy(config.address),
        v_collector=f"whiteout-{__version__}",
        v_etl=f"whiteout-{__version__}",
        sentinel="zero" if config.sentinel == "zero" else "null",
        url_rules=UrlRules(frozenset(config.url_removed), frozenset(config.url_masked)),
        mask=_mask(config),
        derived=DerivedSettings(
            campaigns=pairs(config.campaigns),
            click_networks=pairs(config.click_networks),
            click_ids=config.click_ids,
            referrers=config.referrers,
            internal_hosts=config.internal_hosts,
            user_agents=config.user_agents,
            bots=config.bots,
        ),
        pii=_pii(config),
    )


def _mask(config: Config) -> AddressMask | None:
    """What addresses lose; where one of the two numbers is not given, the other stands for it."""
    octets = config.address_octets or min(config.address_segments, _MOST_OCTETS)
    segments = config.address_segments or octets
    return AddressMask(octets, segments) if octets else None


def _pii(config: Config) -> PiiSettings | None:
    if not config.pii:
        return None
    file = Path(config.pii_key_file or config.folder / "keys" / "pseudonyms.json")
    name, _, salt = (config.pii_hash or "").partition(":")
    return PiiSettings(
        rules=parse_rules(config.pii),
        keys=Keyring(KeyringSettings(file, config.pii_key_days, config.pii_key_kept)),
        per_site=config.pii_per_site,
        compatible=compatible_pseudonyms(name, salt) if name else None,
    )

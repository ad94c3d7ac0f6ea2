"""The options of how requests become events; enrichments in the order in which they work."""

from __future__ import annotations

from whiteout import checks
from whiteout.option import Option
from whiteout.protocol.campaigns import USUAL_PARAMETERS

ENRICH_OPTIONS: tuple[Option, ...] = (
    Option(
        "pipeline.trust_tracker_ip",
        False,
        checks.switch,
        "Whether an address that a tracker sends replaces that of the request.",
        "BOOL",
    ),
    Option(
        "pipeline.sentinel",
        "null",
        checks.choice("null", "zero"),
        "How absence is stored: as null, or as the protocol's zero UUID and `unknown`.",
        "null|zero",
    ),
    Option(
        "enrich.url_removed",
        (),
        checks.parameters,
        "Parameters that are removed from URLs before anything else is done with them.",
        "NAME,...",
    ),
    Option(
        "enrich.url_masked",
        (),
        checks.parameters,
        "Parameters of URLs whose values are replaced by ***.",
        "NAME,...",
    ),
    Option(
        "enrich.address_octets",
        0,
        checks.integer(0, 4),
        "Octets of IPv4 addresses that are stored as x, after collector.address; 0 for none.",
        "COUNT",
    ),
    Option(
        "enrich.address_segments",
        0,
        checks.integer(0, 8),
        "Segments of IPv6 addresses that are stored as x; 0 for as many as octets.",
        "COUNT",
    ),
    Option(
        "enrich.campaigns",
        tuple(f"{field}={name}" for field, name in USUAL_PARAMETERS),
        checks.campaigns,
        "Parameters of page URLs that fill mkt_*; of those for one field the first wins.",
        "FIELD=NAME,...",
    ),
    Option(
        "enrich.click_networks",
        (),
        checks.click_networks,
        "Further parameters of page URLs that hold click identifiers, with their networks.",
        "NAME=NETWORK,...",
    ),
    Option(
        "enrich.click_ids",
        False,
        checks.switch,
        "Whether identified events keep click identifiers in mkt_clickid.",
        "BOOL",
    ),
    Option(
        "enrich.referrers",
        True,
        checks.switch,
        "Whether refr_medium, refr_source and refr_term are filled.",
        "BOOL",
    ),
    Option(
        "enrich.internal_hosts",
        (),
        checks.domains,
        "Hosts, with all below them, that are the site itself when they are the referrer.",
        "HOST,...",
    ),
    Option(
        "enrich.user_agents",
        True,
        checks.switch,
        "Whether browser, system and device are read from the user agent.",
        "BOOL",
    ),
    Option(
        "enrich.bots",
        True,
        checks.switch,
        "Whether events say if their user agent is a bot's.",
        "BOOL",
    ),
    Option(
        "enrich.pii",
        (),
        checks.pii,
        "Fields that are pseudonymised, redacted or coarsened: columns, and places in entities.",
        "FIELD=STRATEGY,...",
    ),
    Option(
        "enrich.pii_key_file",
        None,
        checks.optional,
        "File for the keys of pseudonyms, made when it is needed; keys/pseudonyms.json in the data "
        "folder without it.",
        "FILE",
    ),
    Option(
        "enrich.pii_key_days",
        1,
        checks.integer(1, 3660),
        "Days for which a key makes pseudonyms; after them a value has another one.",
        "DAYS",
    ),
    Option(
        "enrich.pii_key_kept",
        1,
        checks.integer(0, 365),
        "Days after these before the key is destroyed, for events that come late.",
        "DAYS",
    ),
    Option(
        "enrich.pii_per_site",
        True,
        checks.switch,
        "Whether a value has another pseudonym in each application (app_id).",
        "BOOL",
    ),
    Option(
        "compat.pii_hash",
        None,
        checks.pii_hash,
        "Pseudonyms as an older system makes them, by a hash with a salt that never changes.",
        "HASH:SALT",
        secret=True,
    ),
)
"""What is believed, left out of every event, derived, and pseudonymised."""

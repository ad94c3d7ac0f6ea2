"""Profiles: what a configuration has to be for a purpose, as a table (S3 to S5).

A profile is a choice of the operator. It sets what nobody set, refuses to start with what
contradicts it, and lists what software cannot see to. It states facts about a configuration and
draws no legal conclusion from them (S13).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

Values = Mapping[str, Any]
"""The values of options by the names of their fields."""

DAYS_IN_25_MONTHS = 760
"""What 25 months have at least."""
DAYS_IN_13_MONTHS = 395
"""What 13 months have at least."""


class Status(StrEnum):
    """What is known about a requirement."""

    MET = "met"
    NOT_MET = "not met"
    YOURS = "yours to do"


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a profile asks of one option: `needs` in words, `meets` of the values of all options.

    `preset` is the value that the profile gives the option where nothing else does and the usual
    default does not meet it.
    """

    option: str
    asks: str
    rule: str
    needs: str
    meets: Callable[[Values], bool]
    preset: Any


@dataclass(frozen=True, slots=True)
class Profile:
    """A named set of requirements; `yours` are those that no setting can meet."""

    name: str
    about: str
    rule: str
    requirements: tuple[Requirement, ...]
    yours: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assessed:
    """One requirement, and whether a configuration meets it."""

    status: Status
    asks: str
    rule: str
    option: str | None = None
    value: Any = None
    source: str | None = None
    needs: str | None = None

    def facts(self) -> dict[str, Any]:
        """The same as JSON can hold it."""
        return asdict(self)


def _one_of(option: str, *allowed: object) -> Callable[[Values], bool]:
    return lambda values: values[option] in allowed


def _always(option: str) -> Callable[[Values], bool]:
    return lambda values: all(text.endswith("=always") for text in values[option])


_ADDRESS = Requirement(
    "address",
    "Addresses are shortened before anything is done with them, or not kept",
    "S3",
    "truncated or none",
    _one_of("address", "truncated", "none"),
    "truncated",
)
_TRACKER_IP = Requirement(
    "trust_tracker_ip",
    "No address is taken from what a tracker says",
    "S3",
    "false",
    lambda values: not values["trust_tracker_ip"],
    preset=False,
)
_OPT_OUT = Requirement(
    "opt_out_cookie",
    "Whoever objects is not recorded at all: /privacy/opt-out sets a cookie that stops it",
    "S3",
    "the name of a cookie and a pattern",
    lambda values: values["opt_out_cookie"] is not None,
    "whiteout_opt_out=1",
)
_PLAIN_URL = Requirement(
    "anonymous_url",
    "Campaign parameters and click ids of page URLs are removed before anything is stored",
    "S3",
    "path or origin",
    _one_of("anonymous_url", "path", "origin"),
    "path",
)

_CLICK_IDS = Requirement(
    "click_ids",
    "No identifier is kept that an advertiser gave a click",
    "S3",
    "false",
    lambda values: not values["click_ids"],
    preset=False,
)
_PII_HASH = Requirement(
    "pii_hash",
    "Pseudonyms are made with keys that are destroyed, not with a salt that never changes",
    "S4",
    "none",
    lambda values: values["pii_hash"] is None,
    None,
)

_CNIL = Profile(
    "cnil",
    "What the French authority asks of audience measurement that does without consent",
    "S3",
    (
        Requirement(
            "anonymous",
            "Statistics are anonymous: no user id and no id of a browser is kept",
            "S3",
            "always",
            _one_of("anonymous", "always"),
            "always",
        ),
        Requirement(
            "anonymous_paths",
            "No path is an exception to that",
            "S3",
            "no other mode than always",
            _always("anonymous_paths"),
            (),
        ),
        Requirement(
            "anonymous_apps",
            "No app is an exception to that",
            "S3",
            "no other mode than always",
            _always("anonymous_apps"),
            (),
        ),
        Requirement(
            "cookie",
            "The collector sets no cookie: it would be renewed at every visit",
            "S3",
            "false",
            lambda values: not values["cookie"],
            preset=False,
        ),
        _PLAIN_URL,
        _ADDRESS,
        _TRACKER_IP,
        _OPT_OUT,
        Requirement(
            "campaigns",
            "No campaign is read from the URLs of pages",
            "S3",
            "none",
            lambda values: not values["campaigns"],
            (),
        ),
        Requirement(
            "click_networks",
            "No advertising network is read from them either",
            "S3",
            "none",
            lambda values: not values["click_networks"],
            (),
        ),
        _CLICK_IDS,
        _PII_HASH,
        Requirement(
            "pii_key_days",
            "Pseudonyms link nobody's events for longer than 13 months",
            "S3",
            f"{DAYS_IN_13_MONTHS} days at most, with those of enrich.pii_key_kept",
            lambda values: values["pii_key_days"] + values["pii_key_kept"] <= DAYS_IN_13_MONTHS,
            1,
        ),
        Requirement(
            "redirect_hosts",
            "Nobody is followed from one site to another",
            "S3",
            "no hosts",
            lambda values: not values["redirect_hosts"],
            (),
        ),
        Requirement(
            "retention_days",
            "Events are deleted after 25 months at most",
            "S3",
            f"1 to {DAYS_IN_25_MONTHS} days",
            lambda values: 1 <= values["retention_days"] <= DAYS_IN_25_MONTHS,
            DAYS_IN_25_MONTHS,
        ),
    ),
    (
        "Measure for the publisher of the site alone, and for nothing but its audience.",
        "Tell visitors about the measurement, and offer /privacy/opt-out on every page.",
        "Let tags keep cookies for 13 months from the first visit at most, or none: docs/tag.md.",
        "Combine the events with no other data, and give them to nobody.",
        "Keep this assessment, with its date, as the proof of the configuration.",
    ),
)

_UK = Profile(
    "uk-statistics",
    "What the United Kingdom asks of statistics about one's own service",
    "S5",
    (
        Requirement(
            "cookie_same_site",
            "The collector's cookie is one of the first party",
            "S5",
            "Lax or Strict, or no cookie at all (collector.cookie = false)",
            lambda values: not values["cookie"] or values["cookie_same_site"] in ("Lax", "Strict"),
            "Lax",
        ),
        _ADDRESS,
        _TRACKER_IP,
        _OPT_OUT,
        Requirement(
            "gpc",
            "Who objects by a signal of the browser is heard",
            "S5",
            "anonymise or drop",
            _one_of("gpc", "anonymise", "drop"),
            "anonymise",
        ),
        _CLICK_IDS,
    ),
    (
        "Use the events for statistics about how your own service is used, and only to improve it.",
        "Tell visitors clearly what is collected and why, before or when it begins.",
        "Offer an easy way to object on every page, such as a link to /privacy/opt-out.",
        "Publish and use aggregates, and give the events to nobody but who helps you with that.",
        "Serve the collector under your own domain.",
    ),
)

_GPC_STRICT = Profile(
    "gpc-strict",
    "Signals of browsers are obeyed as widely as they can be meant",
    "S4",
    (
        Requirement(
            "gpc",
            "Sec-GPC: 1 takes every identifier away, or the event itself",
            "S1",
            "anonymise or drop",
            _one_of("gpc", "anonymise", "drop"),
            "anonymise",
        ),
        Requirement(
            "dnt",
            "DNT: 1 does the same",
            "S2",
            "anonymise or drop",
            _one_of("dnt", "anonymise", "drop"),
            "anonymise",
        ),
        Requirement(
            "anonymous_session",
            "Events of such a visit are not linked to each other",
            "S4",
            "drop",
            _one_of("anonymous_session", "drop"),
            "drop",
        ),
        Requirement(
            "anonymous_user_agent",
            "Of the browser no more than its family is kept",
            "S4",
            "coarse or drop",
            _one_of("anonymous_user_agent", "coarse", "drop"),
            "coarse",
        ),
        _PLAIN_URL,
        Requirement(
            "anonymous_referrer",
            "Of the page before, its site is kept at most",
            "S4",
            "origin or none",
            _one_of("anonymous_referrer", "origin", "none"),
            "origin",
        ),
        Requirement(
            "cookie_on_anonymous",
            "A cookie that the browser has of the collector is removed",
            "S4",
            "delete",
            _one_of("cookie_on_anonymous", "delete"),
            "delete",
        ),
        _ADDRESS,
        _TRACKER_IP,
        _OPT_OUT,
        _CLICK_IDS,
        _PII_HASH,
        Requirement(
            "pii_per_site",
            "A pseudonym links the events of one site alone",
            "S1",
            "true",
            lambda values: values["pii_per_site"],
            preset=True,
        ),
    ),
    (
        "Set respectGlobalPrivacyControl and respectDoNotTrack in the tags of your pages too.",
        "Give no event to others that was collected while a signal was set.",
        "Say in your privacy notice that these signals are obeyed, and how.",
    ),
)

PROFILES: dict[str, Profile] = {profile.name: profile for profile in (_CNIL, _UK, _GPC_STRICT)}
"""Every profile by its name."""


def presets(profile: Profile, values: Values, unset: Sequence[str]) -> dict[str, Any]:
    """What a profile sets of the options that nothing sets, where the defaults do not meet it."""
    return {
        requirement.option: requirement.preset
        for requirement in profile.requirements
        if requirement.option in unset and not requirement.meets(values)
    }


def contradictions(profile: Profile, values: Values) -> Iterator[Requirement]:
    """The requirements that values do not meet."""
    return (one for one in profile.requirements if not one.meets(values))


def assessment(profile: Profile, values: Values, sources: Mapping[str, str]) -> list[Assessed]:
    """Each requirement of a profile, and whether it is met; `sources` say where values are from."""
    return [
        *(
            Assessed(
                Status.MET if one.meets(values) else Status.NOT_MET,
                one.asks,
                one.rule,
                one.option,
                values[one.option],
                sources[one.option],
                one.needs,
            )
            for one in profile.requirements
        ),
        *(Assessed(Status.YOURS, text, profile.rule) for text in profile.yours),
    ]

"""The options of whiteout, as one table.

The command line, the environment, the configuration file and the reference page are read off it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_network

Value = str | int | float | bool | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its TOML key, its flag, its environment variable, its default and its meaning.

    `check` turns text, or a TOML value, into the option's value and raises ValueError with what it
    takes instead.
    """

    key: str
    default: Value
    check: Callable[[object], Value]
    doc: str
    takes: str
    secret: bool = False

    @property
    def name(self) -> str:
        """Name of the field of `Config`."""
        return self.key.rpartition(".")[2]

    @property
    def flag(self) -> str:
        """Name on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def env(self) -> str:
        """Name in the environment."""
        return "WHITEOUT_" + self.name.upper()


def _string(value: object) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("a text that is not empty")
    return value


def _optional(value: object) -> str | None:
    return None if value in (None, "") else _string(value)


def _integer(low: int, high: int) -> Callable[[object], int]:
    def check(value: object) -> int:
        good = isinstance(value, int) and not isinstance(value, bool)
        if isinstance(value, str) and re.fullmatch(r"\d{1,15}", value.strip()):
            value, good = int(value), True
        if not good or not low <= int(str(value)) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(str(value))

    return check


def _seconds(low: float, high: float) -> Callable[[object], float]:
    def check(value: object) -> float:
        try:
            number = float(str(value)) if not isinstance(value, bool) else -1.0
        except ValueError:
            number = -1.0
        if not low <= number <= high:
            raise ValueError(f"a number of seconds from {low:g} to {high:g}")
        return number

    return check


def _switch(value: object) -> bool:
    text = str(value).strip().lower()
    if text in ("true", "1", "yes", "on"):
        return True
    if text in ("false", "0", "no", "off"):
        return False
    raise ValueError("true or false")


def _choice(*choices: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        text = str(value).strip().lower()
        for choice in choices:
            if choice.lower() == text:
                return choice
        raise ValueError(f"one of {', '.join(choices)}")

    return check


def _list(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise ValueError("texts, separated by commas")


def _domains(value: object) -> tuple[str, ...]:
    domains = tuple(part.lower().lstrip(".") for part in _list(value))
    if not all(re.fullmatch(r"[a-z0-9.\-]+", part) for part in domains):
        raise ValueError("host names, separated by commas")
    return domains


def _networks(value: object) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(part, strict=False)) for part in _list(value))
    except ValueError:
        raise ValueError("networks such as 10.0.0.0/8, separated by commas") from None


def _cookie_name(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_\-.]{1,64}", value):
        raise ValueError("letters, digits, `_`, `-` and `.`")
    return value


def _opt_out(value: object) -> str | None:
    text = _optional(value)
    if text is None:
        return None
    name, mark, pattern = text.partition("=")
    try:
        re.compile(pattern)
    except re.error:
        mark = ""
    if not mark or not re.fullmatch(r"[A-Za-z0-9_\-.]{1,64}", name):
        raise ValueError("NAME=PATTERN, where PATTERN is a regular expression for the value")
    return text


_SIGNAL = _choice("ignore", "anonymise", "drop")

OPTIONS: tuple[Option, ...] = (
    Option("host", "127.0.0.1", _string, "Address to listen on.", "ADDRESS"),
    Option("port", 9090, _integer(1, 65535), "Port to listen on.", "PORT"),
    Option("data", "whiteout-data", _string, "Folder that holds all data.", "FOLDER"),
    Option("workers", 1, _integer(1, 64), "Collector processes.", "COUNT"),
    Option(
        "token",
        None,
        _optional,
        "Secret that opens the pages from elsewhere than this machine.",
        "SECRET",
        secret=True,
    ),
    Option(
        "collector.gpc",
        "anonymise",
        _SIGNAL,
        "What to do with requests that carry Sec-GPC: 1.",
        "ignore|anonymise|drop",
    ),
    Option(
        "collector.dnt",
        "ignore",
        _SIGNAL,
        "What to do with requests that carry DNT: 1.",
        "ignore|anonymise|drop",
    ),
    Option(
        "collector.anonymous",
        "header",
        _choice("header", "always"),
        "Which requests are anonymised: those that ask for it, or all.",
        "header|always",
    ),
    Option(
        "collector.anonymous_session",
        "keep",
        _choice("keep", "drop"),
        "Whether an anonymous event may keep a session that is tied to nobody.",
        "keep|drop",
    ),
    Option(
        "collector.address",
        "truncated",
        _choice("full", "truncated", "none"),
        "How much of the visitor's network address is kept of identified events.",
        "full|truncated|none",
    ),
    Option(
        "collector.trusted_proxies",
        (),
        _networks,
        "Networks whose X-Forwarded-For header is believed.",
        "NETWORK,...",
    ),
    Option(
        "collector.opt_out_cookie",
        None,
        _opt_out,
        "Browsers with this cookie are not recorded at all.",
        "NAME=PATTERN",
    ),
    Option("collector.cookie", True, _switch, "Whether the collector sets its cookie.", "BOOL"),
    Option("collector.cookie_name", "sp", _cookie_name, "Name of that cookie.", "NAME"),
    Option(
        "collector.cookie_lifetime",
        365 * 24 * 3600,
        _integer(1, 400 * 24 * 3600),
        "Lifetime of that cookie in seconds.",
        "SECONDS",
    ),
    Option(
        "collector.cookie_domains",
        (),
        _domains,
        "Domains that the cookie may be set for, the first that fits the page.",
        "DOMAIN,...",
    ),
    Option(
        "collector.cookie_fallback_domain",
        None,
        _optional,
        "Domain of the cookie where none of those fits.",
        "DOMAIN",
    ),
    Option("collector.cookie_secure", True, _switch, "Attribute Secure.", "BOOL"),
    Option("collector.cookie_http_only", True, _switch, "Attribute HttpOnly.", "BOOL"),
    Option(
        "collector.cookie_same_site",
        "None",
        _choice("None", "Lax", "Strict"),
        "Attribute SameSite.",
        "None|Lax|Strict",
    ),
    Option(
        "collector.body_limit",
        2 * 1024 * 1024,
        _integer(1024, 64 * 1024 * 1024),
        "Largest request body in bytes.",
        "BYTES",
    ),
    Option(
        "collector.body_timeout",
        25.0,
        _seconds(0.1, 600),
        "Seconds that a request body may take to arrive.",
        "SECONDS",
    ),
    Option(
        "collector.header_timeout",
        5.0,
        _seconds(0.1, 600),
        "Seconds that the headers of a request may take to arrive.",
        "SECONDS",
    ),
    Option(
        "collector.idle_timeout",
        75.0,
        _seconds(0.1, 3600),
        "Seconds that a connection stays open between two requests.",
        "SECONDS",
    ),
    Option(
        "collector.cors_max_age",
        3600,
        _integer(0, 86400),
        "Seconds for which a browser may remember a preflight.",
        "SECONDS",
    ),
    Option(
        "pipeline.unknown_schemas",
        "accept",
        _choice("accept", "fail"),
        "Whether events with schemas that are not known are kept, unchecked.",
        "accept|fail",
    ),
    Option(
        "pipeline.trust_tracker_ip",
        False,
        _switch,
        "Whether an address that a tracker sends replaces that of the request.",
        "BOOL",
    ),
    Option(
        "pipeline.sentinel",
        "null",
        _choice("null", "zero"),
        "How absence is stored: as null, or as the protocol's zero UUID and `unknown`.",
        "null|zero",
    ),
    Option(
        "pipeline.commit_interval",
        1.0,
        _seconds(0.1, 60),
        "Seconds between commits to the lake.",
        "SECONDS",
    ),
    Option(
        "pipeline.feed_size",
        5000,
        _integer(100, 100_000),
        "Newest events that the live page can look back on.",
        "COUNT",
    ),
    Option(
        "compat.batch",
        "event",
        _choice("event", "reject"),
        "Whether a bad event fails alone or with its whole batch.",
        "event|reject",
    ),
    Option(
        "compat.oversized",
        422,
        _integer(400, 499),
        "Status of the answer to a body that is too large: 422, or 413 as older collectors.",
        "STATUS",
    ),
)
"""Every option."""

BY_NAME: dict[str, Option] = {option.name: option for option in OPTIONS}
"""Each option by the name of its field."""

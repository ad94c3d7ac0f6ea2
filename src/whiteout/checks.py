"""Checks of options: each turns text, or a TOML value, into a value of the option.

Every check raises ValueError with what the option takes instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from ipaddress import ip_network

from whiteout.privacy import COMPATIBLE_HASHES
from whiteout.profiles import PROFILES
from whiteout.protocol.campaigns import CAMPAIGN_FIELDS
from whiteout.protocol.paths import RESERVED, is_event_path

_COOKIE_NAME = r"[A-Za-z0-9_\-.]{1,64}"
_NAME = r"[A-Za-z0-9!#$%&'*+.^_`|~\-]{1,100}"
_PARAMETER = r"[^\s=&;#?,]{1,100}"
_MOST_PAGES = 20
_EVENT_PATH = r"/[^/\s?#,=]{1,200}/[^/\s?#,=]{1,200}"


def string(value: object) -> str:
    """A text."""
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("a text that is not empty")
    return value


def optional(value: object) -> str | None:
    """A text, or nothing."""
    return None if value in (None, "") else string(value)


def integer(low: int, high: int) -> Callable[[object], int]:
    """The check of a whole number between two others."""

    def check(value: object) -> int:
        good = isinstance(value, int) and not isinstance(value, bool)
        if isinstance(value, str) and re.fullmatch(r"\d{1,15}", value.strip()):
            value, good = int(value), True
        if not good or not low <= int(str(value)) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(str(value))

    return check


def seconds(low: float, high: float) -> Callable[[object], float]:
    """The check of a number of seconds between two others."""

    def check(value: object) -> float:
        try:
            number = float(str(value)) if not isinstance(value, bool) else -1.0
        except ValueError:
            number = -1.0
        if not low <= number <= high:
            raise ValueError(f"a number of seconds from {low:g} to {high:g}")
        return number

    return check


def switch(value: object) -> bool:
    """True or false."""
    text = str(value).strip().lower()
    if text in ("true", "1", "yes", "on"):
        return True
    if text in ("false", "0", "no", "off"):
        return False
    raise ValueError("true or false")


def choice(*choices: str) -> Callable[[object], str]:
    """The check of one word out of several."""

    def check(value: object) -> str:
        text = str(value).strip().lower()
        for choice in choices:
            if choice.lower() == text:
                return choice
        raise ValueError(f"one of {', '.join(choices)}")

    return check


def texts(value: object) -> tuple[str, ...]:
    """Texts, separated by commas or as a list."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise ValueError("texts, separated by commas")


def pages(value: object) -> tuple[str, ...]:
    """Patterns of page paths."""
    found = texts(value)
    if len(found) > _MOST_PAGES or not all(re.fullmatch(r"[/%][^\0]*", page) for page in found):
        raise ValueError(f"paths such as /cart or /product/%, {_MOST_PAGES} at most")
    return found


def domains(value: object) -> tuple[str, ...]:
    """Host names, in lower case and without a leading dot."""
    domains = tuple(part.lower().lstrip(".") for part in texts(value))
    if not all(re.fullmatch(r"[a-z0-9.\-]+", part) for part in domains):
        raise ValueError("host names, separated by commas")
    return domains


def networks(value: object) -> tuple[str, ...]:
    """Networks of addresses."""
    try:
        return tuple(str(ip_network(part, strict=False)) for part in texts(value))
    except ValueError:
        raise ValueError("networks such as 10.0.0.0/8, separated by commas") from None


def cookie_name(value: object) -> str:
    """The name of a cookie."""
    if not isinstance(value, str) or not re.fullmatch(_COOKIE_NAME, value):
        raise ValueError("letters, digits, `_`, `-` and `.`")
    return value


def cookie(value: object) -> str | None:
    """The name of a cookie and a pattern for its value, or nothing."""
    text = optional(value)
    if text is None:
        return None
    name, mark, pattern = text.partition("=")
    try:
        re.compile(pattern)
    except re.error:
        mark = ""
    if not mark or not re.fullmatch(_COOKIE_NAME, name):
        raise ValueError("NAME=PATTERN, where PATTERN is a regular expression for the value")
    return text


def origins(value: object) -> tuple[str, ...]:
    """Origins of pages: scheme, host and port."""
    found = tuple(part.lower().rstrip("/") for part in texts(value))
    if not all(re.fullmatch(r"[a-z][a-z0-9+.\-]*://[a-z0-9.\-_\[\]:]+", part) for part in found):
        raise ValueError("origins such as https://shop.example, separated by commas")
    return found


def header_names(value: object) -> tuple[str, ...]:
    """Names of HTTP headers."""
    found = texts(value)
    if not all(re.fullmatch(_NAME, part) for part in found):
        raise ValueError("names of headers, separated by commas")
    return found


def header_lines(value: object) -> tuple[str, ...]:
    """Whole HTTP headers, `Name: value`."""
    found = texts(value)
    if not all(re.fullmatch(rf"{_NAME}: ?[\x20-\x7e]*", part) for part in found):
        raise ValueError("headers such as Location: https://shop.example, separated by commas")
    return found


def paths(value: object) -> tuple[str, ...]:
    """Event paths and those that they stand for, `/a/b=/c/d` (A-6)."""
    found = texts(value)
    if not all(re.fullmatch(f"{_EVENT_PATH}={_EVENT_PATH}", part) for part in found):
        raise ValueError("pairs of paths such as /my/path=/com.snowplowanalytics.snowplow/tp2")
    taken = [part for part in found if not is_event_path(part.partition("=")[0])]
    if taken:
        raise ValueError("paths that do not begin with " + ", ".join(sorted(RESERVED)))
    return found


def modes(*choices: str, path: bool) -> Callable[[object], tuple[str, ...]]:
    """The check of event paths, or else of app ids, with a word for each: `NAME=WORD`."""
    named = _EVENT_PATH if path else "[^=,]{1,255}"

    def check(value: object) -> tuple[str, ...]:
        found = texts(value)
        if not all(re.fullmatch(f"{named}=(?:{'|'.join(choices)})", part) for part in found):
            what = "/path/of-events" if path else "app"
            raise ValueError(f"pairs such as {what}={choices[0]}, with one of {', '.join(choices)}")
        return found

    return check


def campaigns(value: object) -> tuple[str, ...]:
    """Fields of a campaign, each with a parameter of URLs that fills it (B-70)."""
    found = texts(value)
    if not all(re.fullmatch(rf"(?:{'|'.join(CAMPAIGN_FIELDS)})={_PARAMETER}", t) for t in found):
        raise ValueError(
            f"pairs such as source=utm_source, each for one of {', '.join(CAMPAIGN_FIELDS)}"
        )
    return found


def click_networks(value: object) -> tuple[str, ...]:
    """Parameters of URLs that hold click identifiers, each with its network (B-71)."""
    found = texts(value)
    if not all(re.fullmatch(rf"{_PARAMETER}=[^=,]{{1,64}}", text) for text in found):
        raise ValueError("pairs such as fbclid=Meta, separated by commas")
    return found


def parameters(value: object) -> tuple[str, ...]:
    """Names of parameters of URLs, in lower case."""
    found = tuple(text.lower() for text in texts(value))
    if not all(re.fullmatch(_PARAMETER, text) for text in found):
        raise ValueError("names of parameters of URLs, separated by commas")
    return found


def pii(value: object) -> tuple[str, ...]:
    """Rules of pseudonymisation (C-13, C-24)."""
    found = texts(value)
    if found:
        # Here, because every command reads its options, and few need all of enrichment for that.
        from whiteout.enrich import parse_rules  # noqa: PLC0415

        parse_rules(found)
    return found


def pii_hash(value: object) -> str | None:
    """A hash of an older system with its salt, or nothing (C-16)."""
    text = optional(value)
    if text is None:
        return None
    name, _, salt = text.partition(":")
    if name not in COMPATIBLE_HASHES or not salt:
        raise ValueError(f"HASH:SALT, where HASH is one of {', '.join(COMPATIBLE_HASHES)}")
    return text


def profile(value: object) -> str | None:
    """The name of a profile, or nothing."""
    return None if value in (None, "") else choice(*PROFILES)(value)


def registries(value: object) -> tuple[str, ...]:
    """Addresses and folders of registries of schemas."""
    found = texts(value)
    if found:
        # Here, as above: it brings the validator along.
        from whiteout.schemas import registry_at  # noqa: PLC0415

        for place in found:
            registry_at(place)
    return found


def registry_keys(value: object) -> tuple[str, ...]:
    """API keys, each with the host that it is for."""
    found = texts(value)
    if not all(re.fullmatch(r"[A-Za-z0-9.\-:]+=[\x21-\x2b\x2d-\x7e]+", part) for part in found):
        raise ValueError("pairs such as registry.example=KEY, separated by commas")
    return found


def vendors(value: object) -> tuple[str, ...]:
    """Vendors of schemas."""
    found = texts(value)
    if not all(re.fullmatch(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*", part) for part in found):
        raise ValueError("vendors such as com.acme, separated by commas")
    return found


def day(value: object) -> str:
    """A day."""
    try:
        return (
            value.isoformat() if type(value) is date else date.fromisoformat(str(value)).isoformat()
        )
    except ValueError:
        raise ValueError("a day such as 2027-01-31") from None


def status(value: object) -> int:
    """A status of HTTP that ends a request, or 0 for none."""
    number = integer(0, 599)(value)
    if 0 < number < 200:
        raise ValueError("0, or a status from 200 to 599")
    return number


def body(value: object) -> str:
    """A text that may be empty."""
    return "" if value == "" else string(value)

"""Checks of option values; each returns the value or raises ConfigurationError."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from inspect import iscoroutinefunction
from typing import Any
from urllib.parse import urlsplit

from whiteout.privacy import StorageStrategy
from whiteout.tracker import browser
from whiteout.tracker.errors import ConfigurationError
from whiteout.tracker.transport import Transport

Check = Callable[[str, Any], Any]
"""Checks a value of the option with this name."""

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_ATTRIBUTE = re.compile(r"[\x21-\x3a\x3c-\x7e]*")
_URL = re.compile(r"[\x21-\x7e]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")

_STRATEGIES = {
    spelling: strategy
    for strategy in StorageStrategy
    for spelling in (strategy.value, _CAMEL.sub("_", strategy.value).lower())
}


def wrong(name: str, must: str) -> ConfigurationError:
    """The error that says what an option must be."""
    return ConfigurationError(f"{name} must be {must}")


def text(name: str, value: Any) -> str:
    """Text."""
    if not isinstance(value, str):
        raise wrong(name, f"text, not {type(value).__name__}")
    return value


def text_or_none(name: str, value: Any) -> str | None:
    """Text or None; empty text is None."""
    return text(name, value) or None if value is not None else None


def flag(name: str, value: Any) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise wrong(name, "True or False")
    return value


def whole(least: int) -> Check:
    """A whole number that is not below `least`."""

    def check(name: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise wrong(name, f"a whole number, at least {least}")
        return value

    return check


def one_of(values: Collection[str], *, fold: bool = False) -> Check:
    """One of a few words; `fold` for any case."""

    def check(name: str, value: Any) -> str:
        word = value.lower() if fold and isinstance(value, str) else value
        if not isinstance(word, str) or word not in values:
            raise wrong(name, "one of " + ", ".join(sorted(values)))
        return word

    return check


def strategy(name: str, value: Any) -> StorageStrategy:
    """A storage strategy, in the protocol's spelling or in snake_case (R24)."""
    found = _STRATEGIES.get(value) if isinstance(value, str) else None
    if found is None:
        raise wrong(name, "one of " + ", ".join(sorted(_STRATEGIES)))
    return found


def statuses(name: str, value: Any) -> frozenset[int]:
    """HTTP status codes."""
    if not isinstance(value, Iterable) or isinstance(value, (str, bytes)):
        raise wrong(name, "a list of HTTP status codes")
    found = frozenset(value)
    if not all(isinstance(code, int) and 100 <= code <= 599 for code in found):
        raise wrong(name, "a list of HTTP status codes")
    return found


def headers(name: str, value: Any) -> dict[str, str]:
    """HTTP headers that cannot split a request."""
    if not isinstance(value, Mapping):
        raise wrong(name, "a mapping from header names to text")
    for key, item in value.items():
        if not (isinstance(key, str) and _TOKEN.fullmatch(key)):
            raise wrong(name, "a mapping whose keys are header names")
        if not (isinstance(item, str) and _HEADER_VALUE.fullmatch(item)):
            raise wrong(name, "a mapping whose values are printable text")
    return dict(value)


def texts(name: str, value: Any) -> tuple[str, ...]:
    """A list of texts."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise wrong(name, "a list of texts")
    found = tuple(value)
    if not all(isinstance(item, str) for item in found):
        raise wrong(name, "a list of texts")
    return found


def called(name: str, value: Any) -> Any:
    """Something to call, or None."""
    if value is not None and not callable(value):
        raise wrong(name, "something that can be called")
    return value


def cookie_prefix(name: str, value: Any) -> str:
    """What may stand in front of a cookie's name."""
    if not _TOKEN.fullmatch(text(name, value)):
        raise wrong(name, "text that a cookie's name may hold")
    return str(value)


def cookie_attribute(name: str, value: Any) -> str | None:
    """A domain or path of a cookie."""
    if value is not None and not _ATTRIBUTE.fullmatch(text(name, value)):
        raise wrong(name, "text without blanks, semicolons and control characters")
    return value or None


def cookie_name(name: str, value: Any) -> str | None:
    """The name of a cookie, or None."""
    found = text_or_none(name, value)
    if found is not None and not _TOKEN.fullmatch(found):
        raise wrong(name, "the name of a cookie")
    return found


def transport(name: str, value: Any) -> Any:
    """What sends requests, or None."""
    if value is None:
        return None
    if not isinstance(value, Transport):
        raise wrong(name, "a transport, with send and close")
    if iscoroutinefunction(value.send) and not browser.is_here():
        raise ConfigurationError(f"{name} must not be asynchronous here: nobody awaits it")
    return value


def path(name: str, value: Any) -> str:
    """The path of a request."""
    if not _URL.fullmatch(text(name, value)) or not value.startswith("/") or "#" in value:
        raise wrong(name, "a path that begins with `/`")
    return str(value)


def endpoint(value: Any, protocol: str, port: int | None) -> str:
    """The address of a collector, with its scheme and without a slash at the end (R4)."""
    if not isinstance(value, str) or not _URL.fullmatch(value):
        raise wrong("endpoint", "the address of a collector, such as `https://c.example.com`")
    url = value if value.startswith("http") and "://" in value else f"{protocol}://{value}"
    url = url.rstrip("/")
    try:
        parts = urlsplit(url)
        known = parts.port
    except ValueError:
        raise wrong("endpoint", "an address with a valid host and port") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise wrong("endpoint", "an http or https address with a host")
    if parts.query or parts.fragment or parts.username is not None:
        raise wrong("endpoint", "an address without credentials, query and fragment")
    if port is not None and known is None:
        url = f"{parts.scheme}://{parts.netloc}:{port}{parts.path}"
    elif port is not None and known != port:
        raise ConfigurationError("endpoint and port name two different ports")
    return url

"""A user agent coarse enough to be shared by very many people (C-38, F-P6; contract 13)."""

from __future__ import annotations

import re
from functools import lru_cache

_BOT = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|headless|preview|monitor|curl/|wget/|python", re.IGNORECASE
)
_VERSION = r"([0-9]{1,3})(?![0-9])"
_FAMILIES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("Edge", rf"Edg(?:e|A|iOS)?/{_VERSION}"),
        ("Opera", rf"(?:OPR|OPiOS|Opera)/{_VERSION}"),
        ("Samsung Internet", rf"SamsungBrowser/{_VERSION}"),
        ("Firefox", rf"(?:Firefox|FxiOS)/{_VERSION}"),
        ("Chrome", rf"(?:Chrome|CriOS|Chromium)/{_VERSION}"),
        ("Safari", rf"Version/{_VERSION}[0-9.]* (?:Mobile/\w+ )?Safari/"),
    )
)
_SYSTEMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("iOS", r"iPhone|iPad|iPod"),
        ("Android", r"Android"),
        ("Windows", r"Windows"),
        ("ChromeOS", r"CrOS"),
        ("macOS", r"Macintosh|Mac OS X"),
        ("Linux", r"Linux|X11"),
    )
)
_COARSE = re.compile(
    rf"(?:Bot|Other|(?:{'|'.join(name for name, _ in _FAMILIES)})/[0-9]{{1,3}})"
    rf"; (?:{'|'.join(name for name, _ in _SYSTEMS)}|Other); (?:desktop|mobile|tablet|other)"
)
_LONGEST = 1_000


def coarse_user_agent(user_agent: str) -> str:
    """Family and major version of the browser, family of the system, class of the device.

    The form is `Chrome/140; Windows; desktop`. Every part comes from a closed list or is a number
    of at most three digits, so no text of the original can pass. Text of this form stays.
    """
    return _coarse(user_agent[:_LONGEST])


@lru_cache(maxsize=2048)
def _coarse(text: str) -> str:
    if _COARSE.fullmatch(text):
        return text
    if _BOT.search(text):
        return "Bot; Other; other"
    family = "Other"
    for name, pattern in _FAMILIES:
        match = pattern.search(text)
        if match is not None:
            family = f"{name}/{int(match.group(1))}"
            break
    system = next((name for name, pattern in _SYSTEMS if pattern.search(text)), "Other")
    return f"{family}; {system}; {_device(text, system)}"


def _device(text: str, system: str) -> str:
    if "iPad" in text or "Tablet" in text or (system == "Android" and "Mobile" not in text):
        return "tablet"
    if system in {"iOS", "Android"} or "Mobile" in text:
        return "mobile"
    return "other" if system == "Other" else "desktop"

"""Browser, system and device, from the user agent (C-34, C-35, C-38)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from whiteout.enrich.bots import is_bot
from whiteout.enrich.setters import LIMITS
from whiteout.enrich.text import fitted, tsv_safe
from whiteout.privacy import coarse_user_agent
from whiteout.protocol.columns import EVENT_INDEX
from whiteout.protocol.iglu import CONTEXTS, SNOWPLOW

if TYPE_CHECKING:
    from ua_parser import Resolver

AGENT_COLUMNS = tuple(
    EVENT_INDEX[name]
    for name in (
        *("br_name", "br_family", "br_version", "br_type", "br_renderengine"),
        *("os_name", "os_family", "os_manufacturer"),
        *("dvce_type", "dvce_ismobile", "derived_contexts"),
    )
)
"""The columns that come of a user agent."""

AgentValues = tuple[Any, ...]
"""Their values."""

NO_AGENT: AgentValues = (None,) * len(AGENT_COLUMNS)
LONGEST_AGENT = 512
"""Characters of a user agent that are looked at."""

_UA_PARSER = f"iglu:{SNOWPLOW}/ua_parser_context/jsonschema/1-0-0"
_BOT_DETECTION = f"iglu:{SNOWPLOW}/bot_detection/jsonschema/1-0-1"
_OTHER = "Other"
_COARSE = re.compile(r"([^/;]+)(?:/([0-9]+))?; ([^;]+); (\w+)")
_ENGINES = (
    ("Trident", re.compile(r"Trident/|MSIE ")),
    ("EdgeHTML", re.compile(r"Edge/")),
    ("Presto", re.compile(r"Presto/")),
    ("Blink", re.compile(r"(?:Chrome|Chromium)/(?!1?[0-9]\.|2[0-7]\.)")),
    ("WebKit", re.compile(r"AppleWebKit/")),
    ("Gecko", re.compile(r"Gecko/")),
)
_MANUFACTURERS = (
    ("Windows", "Microsoft"),
    ("Mac OS", "Apple"),
    ("macOS", "Apple"),
    ("iOS", "Apple"),
    ("iPadOS", "Apple"),
    ("tvOS", "Apple"),
    ("watchOS", "Apple"),
    ("ATV OS X", "Apple"),
    ("Android", "Google"),
    ("Chrome", "Google"),
    ("Chromecast", "Google"),
    ("Tizen", "Samsung"),
    ("HarmonyOS", "Huawei"),
    ("webOS", "LG"),
)
_NO_VERSION: tuple[str | None, ...] = (None,) * 4
_DEVICES = {"desktop": "Computer", "mobile": "Mobile", "tablet": "Tablet"}
_TEXT_LIMITS = tuple(LIMITS[place] or 0 for place in AGENT_COLUMNS[:9])


@lru_cache(maxsize=1)
def _resolver() -> Resolver:
    """The parser with its native core, whose time is proportional to the length of the text."""
    from ua_parser.loaders import load_lazy_builtins  # noqa: PLC0415 (a fraction of a second)
    from ua_parser.regex import Resolver as Native  # noqa: PLC0415

    return Native(load_lazy_builtins())


class Agents:
    """Reads user agents. `columns` fills all columns, `bots` tells programs from people."""

    def __init__(self, *, columns: bool, bots: bool) -> None:
        self._columns = columns
        self._bots = bots
        if columns:
            # Were the parser not there, this says so before any event is taken.
            _resolver()

    def read(self, user_agent: str | None) -> AgentValues:
        """The values of `AGENT_COLUMNS` for the user agent of an identified request."""
        text = _clean(user_agent)
        if not text or not (self._columns or self._bots):
            return NO_AGENT
        bot = is_bot(text)
        if not self._columns:
            return self._values((None,) * 9, None, None, bot=bot)
        coarse = coarse_user_agent(text)
        device = None if bot else _DEVICES.get(coarse.rpartition("; ")[2])
        names, entity = _parsed(text)
        engine = next((name for name, mark in _ENGINES if mark.search(text)), None)
        return self._row(names, engine, device, entity, bot=bot)

    def read_coarse(self, user_agent: str | None) -> AgentValues:
        """The values of `AGENT_COLUMNS` for an anonymous request: the coarse form alone (C-38)."""
        text = _clean(user_agent)
        if not text or not (self._columns or self._bots):
            return NO_AGENT
        coarse = coarse_user_agent(text)
        bot = is_bot(coarse)
        match = _COARSE.fullmatch(coarse)
        if match is None or not self._columns:
            return self._values((None,) * 9, None, None, bot=bot)
        family, major, system, device = match.groups()
        known = None if family in (_OTHER, "Bot") else family
        os_family = None if system == _OTHER else system
        entity = {
            "useragentFamily": known or _OTHER,
            "useragentMajor": major,
            "useragentMinor": None,
            "useragentVersion": _joined(known or _OTHER, major),
            "osFamily": system,
            "osVersion": system,
            "deviceFamily": _OTHER,
        }
        names = (known, major, major, os_family, None)
        return self._row(names, None, _DEVICES.get(device), entity, bot=bot)

    def _row(
        self,
        names: tuple[str | None, ...],
        engine: str | None,
        device: str | None,
        entity: dict[str, str | None],
        *,
        bot: bool,
    ) -> AgentValues:
        family, major, version, system, system_major = names
        mobile = None if device is None else device != "Computer"
        kind = "Browser (mobile)" if mobile else "Browser"
        if bot:
            kind = "Robot"
        elif family is None or device is None:
            kind = ""
        texts = (
            *(family and _joined(family, major), family, version, kind, engine),
            *(system and _joined(system, system_major), system, _manufacturer(system), device),
        )
        return self._values(texts, mobile, entity, bot=bot)

    def _values(
        self,
        texts: tuple[str | None, ...],
        mobile: bool | None,  # noqa: FBT001 (the value of a column)
        entity: dict[str, str | None] | None,
        *,
        bot: bool,
    ) -> AgentValues:
        entities: list[dict[str, object]] = []
        if entity is not None:
            entities.append({"schema": _UA_PARSER, "data": entity})
        if self._bots:
            entities.append({"schema": _BOT_DETECTION, "data": {"bot": bot, "indicators": []}})
        derived = msgspec.json.encode({"schema": CONTEXTS, "data": entities}).decode()
        kept = (fitted(text or "", limit) for text, limit in zip(texts, _TEXT_LIMITS, strict=True))
        return (*kept, mobile, derived if entities else None)


def _clean(user_agent: str | None) -> str:
    text = (tsv_safe(user_agent or "") or "")[:LONGEST_AGENT]
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _parsed(text: str) -> tuple[tuple[str | None, ...], dict[str, str | None]]:
    """What is known of browser and system, and the entity.

    Known are the browser's family, major and whole version, the system's family and major version.
    """
    from ua_parser import Domain  # noqa: PLC0415 (only where user agents are read)

    found = _resolver()(text, Domain.ALL)
    browser, system, device = found.user_agent, found.os, found.device
    family = os_family = None
    version = os_version = _NO_VERSION
    if browser is not None:
        family = browser.family
        version = (browser.major, browser.minor, browser.patch, browser.patch_minor)
    if system is not None:
        os_family = system.family
        os_version = (system.major, system.minor, system.patch, system.patch_minor)
    entity = {
        "useragentFamily": family or _OTHER,
        "useragentMajor": version[0],
        "useragentMinor": version[1],
        "useragentPatch": version[2],
        "useragentVersion": _joined(family or _OTHER, _dotted(version)),
        "osFamily": os_family or _OTHER,
        "osMajor": os_version[0],
        "osMinor": os_version[1],
        "osPatch": os_version[2],
        "osPatchMinor": os_version[3],
        "osVersion": _joined(os_family or _OTHER, _dotted(os_version)),
        "deviceFamily": _OTHER if device is None else device.family,
    }
    return (family, version[0], _dotted(version), os_family, os_version[0]), entity


def _dotted(version: tuple[str | None, ...]) -> str | None:
    """The parts of a version up to the first that is not known."""
    known: list[str] = []
    for part in version:
        if not part:
            break
        known.append(part)
    return ".".join(known) or None


def _joined(name: str, version: str | None) -> str:
    return name if version is None else f"{name} {version}"


def _manufacturer(system: str | None) -> str | None:
    if system is None:
        return None
    return next((maker for name, maker in _MANUFACTURERS if system.startswith(name)), None)

"""One typed configuration: flags win over the environment, it over the file, that over defaults."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

from whiteout.option import Option, Value
from whiteout.options import OPTIONS
from whiteout.profiles import PROFILES, contradictions, presets

__all__ = ["OPTIONS", "Config", "ConfigError", "Setting", "from_values", "load"]

_TABLE = re.compile(r"\s*\[\s*([A-Za-z0-9_. ]+?)\s*\]")
_KEY = re.compile(r"\s*([A-Za-z0-9_. ]+?)\s*=")

FILE_NAME = "whiteout.toml"
"""The configuration file that is read from the working folder when none is named."""


class ConfigError(ValueError):
    """The configuration is wrong; the text names the place and what it takes instead."""


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration in force; a field for each row of `OPTIONS`, which says what it means."""

    host: str
    port: int
    profile: str | None
    data: str
    workers: int
    token: str | None = field(repr=False)
    official_tracker: str | None
    tls_certificate: str | None
    tls_key: str | None
    hsts: int
    stop_delay: float
    stop_unhealthy: bool
    access_log: bool
    log_format: str
    gpc: str
    dnt: str
    anonymous: str
    anonymous_paths: tuple[str, ...]
    anonymous_apps: tuple[str, ...]
    consent_cookie: str | None
    consent_documents: tuple[str, ...]
    anonymous_session: str
    anonymous_user_agent: str
    anonymous_url: str
    anonymous_referrer: str
    anonymous_time: int
    address: str
    trusted_proxies: tuple[str, ...]
    opt_out_cookie: str | None
    gpc_since: str
    cookie: bool
    cookie_name: str
    cookie_lifetime: int
    cookie_domains: tuple[str, ...]
    cookie_fallback_domain: str | None
    cookie_secure: bool
    cookie_http_only: bool
    cookie_same_site: str
    cookie_on_anonymous: str
    body_limit: int
    body_timeout: float
    header_timeout: float
    idle_timeout: float
    paths: tuple[str, ...]
    redirect_hosts: tuple[str, ...]
    root_status: int
    root_headers: tuple[str, ...]
    root_body: str
    cors_origins: tuple[str, ...]
    cors_headers: tuple[str, ...]
    cors_max_age: int
    unknown_schemas: str
    registries: tuple[str, ...]
    registry_keys: tuple[str, ...] = field(repr=False)
    registry_vendors: tuple[str, ...]
    registry_cache: float
    trust_tracker_ip: bool
    sentinel: str
    url_removed: tuple[str, ...]
    url_masked: tuple[str, ...]
    address_octets: int
    address_segments: int
    campaigns: tuple[str, ...]
    click_networks: tuple[str, ...]
    click_ids: bool
    referrers: bool
    internal_hosts: tuple[str, ...]
    user_agents: bool
    bots: bool
    pii: tuple[str, ...]
    pii_key_file: str | None
    pii_key_days: int
    pii_key_kept: int
    pii_per_site: bool
    commit_interval: float
    feed_size: int
    retention_days: int
    funnel: tuple[str, ...]
    batch: str
    pii_hash: str | None = field(repr=False)
    oversized: int

    @property
    def folder(self) -> Path:
        """The data folder."""
        return Path(self.data)

    @property
    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The trusted proxies."""
        return tuple(ip_network(text) for text in self.trusted_proxies)

    def as_values(self) -> dict[str, Any]:
        """Every option's value by its name, as JSON can hold it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a value of the configuration came from."""

    option: Option
    value: Value
    source: str


def load(
    flags: Mapping[str, object],
    environ: Mapping[str, str] | None = None,
    file: Path | None = None,
    *,
    contradictory: bool = False,
) -> tuple[Config, list[Setting]]:
    """Read the configuration and tell where each value came from.

    `flags` holds what the command line says, by option name. `file` must exist when it is named;
    else `WHITEOUT_CONFIG`, else `whiteout.toml` in the working folder is read if there is one.
    Raises ConfigError, unless `contradictory` is allowed also for what contradicts the profile.
    """
    environ = os.environ if environ is None else environ
    path = file or (Path(environ["WHITEOUT_CONFIG"]) if environ.get("WHITEOUT_CONFIG") else None)
    if path is None and Path(FILE_NAME).is_file():
        path = Path(FILE_NAME)
    written, lines = ({}, {}) if path is None else _read_file(path)
    settings = []
    for option in OPTIONS:
        source, value = "default", option.default
        for place, found in (
            (_place(path, option.key, lines), written.get(option.key)),
            (f"environment variable {option.env}", environ.get(option.env)),
            (f"flag {option.flag}", flags.get(option.name)),
        ):
            if found is not None:
                source, value = place, _checked(option, place, found)
        settings.append(Setting(option, value, source))
    settings = _profiled(settings, contradictory=contradictory)
    values: dict[str, Any] = {setting.option.name: setting.value for setting in settings}
    return Config(**values), settings


def from_values(values: Mapping[str, Any]) -> Config:
    """The configuration that `Config.as_values` wrote, as another process receives it."""
    names = {f.name for f in fields(Config)}
    plain: dict[str, Any] = {
        k: tuple(v) if isinstance(v, list) else v for k, v in values.items() if k in names
    }
    return Config(**plain)


def _checked(option: Option, place: str, value: object) -> Value:
    try:
        return option.check(value)
    except ValueError as error:
        shown = "" if option.secret else f" {value!r}"
        message = f"{place}: the value{shown} cannot be used; it takes {error}"
        raise ConfigError(message) from None


def _profiled(settings: list[Setting], *, contradictory: bool) -> list[Setting]:
    """The settings with what their profile sets. Raises ConfigError for what contradicts it."""
    by_name = {setting.option.name: setting for setting in settings}
    chosen = by_name["profile"]
    if chosen.value is None:
        return settings
    profile = PROFILES[str(chosen.value)]
    values: dict[str, Any] = {name: setting.value for name, setting in by_name.items()}
    unset = [name for name, setting in by_name.items() if setting.source == "default"]
    preset = presets(profile, values, unset)
    for name, value in preset.items():
        by_name[name] = Setting(by_name[name].option, value, f"profile {profile.name}")
    wrong = list(contradictions(profile, {**values, **preset}))
    if wrong and not contradictory:
        told = [
            f"  {by_name[one.option].source}: {by_name[one.option].option.key} is "
            f"{plain(by_name[one.option].value)}, and needs to be {one.needs} ({one.rule}). "
            f"{one.asks}."
            for one in wrong
        ]
        head = f"{chosen.source}: the profile {profile.name} is contradicted by"
        raise ConfigError("\n".join([head, *told, "Change these, or choose no such profile."]))
    return list(by_name.values())


def plain(value: object) -> str:
    """The value of an option as it is written."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, tuple) else f"{value}"


def _place(path: Path | None, key: str, lines: Mapping[str, int]) -> str:
    line = f", line {lines[key]}" if key in lines else ""
    return f"file {path}{line}, key {key}"


def _read_file(path: Path) -> tuple[dict[str, object], dict[str, int]]:
    """What a file says by keys, and in which lines they stand. Raises ConfigError."""
    try:
        text = path.read_bytes().decode()
        document = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"file {path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"file {path} is not TOML: {error}") from None
    found = dict(_flatten(document, ""))
    known = [option.key for option in OPTIONS]
    for key in found:
        if key not in known:
            raise ConfigError(_unknown(path, key, known))
    return found, _lines(text)


def _lines(text: str) -> dict[str, int]:
    """The line of each key, as far as it stands in a line of its own, the first being 1."""
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _TABLE.match(line):
            table = f"{header[1].replace(' ', '')}."
        elif key := _KEY.match(line):
            found.setdefault(table + key[1].replace(" ", ""), number)
    return found


def _flatten(table: Mapping[str, object], prefix: str) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            found.extend(_flatten(value, f"{prefix}{key}."))
        else:
            found.append((prefix + key, value))
    return found


def pairs(texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """What stands on either side of the equals sign in each value `NAME=VALUE` of an option."""
    return tuple((name, value) for name, _, value in (text.partition("=") for text in texts))


def _unknown(path: Path, key: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    hint = f"; did you mean {near[0]}?" if near else "; `whiteout config` lists all keys"
    return f"file {path}: there is no option {key}{hint}"

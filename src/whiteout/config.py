"""One typed configuration: flags win over the environment, it over the file, that over defaults."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

from whiteout.options import OPTIONS, Option, Value

__all__ = ["OPTIONS", "Config", "ConfigError", "Setting", "from_values", "load"]

FILE_NAME = "whiteout.toml"
"""The configuration file that is read from the working folder when none is named."""


class ConfigError(ValueError):
    """The configuration is wrong; the text names the place and what it takes instead."""


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration in force; a field for each row of `OPTIONS`, which says what it means."""

    host: str
    port: int
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
    trust_tracker_ip: bool
    sentinel: str
    commit_interval: float
    feed_size: int
    batch: str
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
) -> tuple[Config, list[Setting]]:
    """Read the configuration and tell where each value came from.

    `flags` holds what the command line says, by option name. `file` must exist when it is named;
    else `WHITEOUT_CONFIG`, else `whiteout.toml` in the working folder is read if there is one.
    Raises ConfigError.
    """
    environ = os.environ if environ is None else environ
    path = file or (Path(environ["WHITEOUT_CONFIG"]) if environ.get("WHITEOUT_CONFIG") else None)
    if path is None and Path(FILE_NAME).is_file():
        path = Path(FILE_NAME)
    written = {} if path is None else _read_file(path)
    settings = []
    for option in OPTIONS:
        source, value = "default", option.default
        for place, found in (
            (f"file {path}, key {option.key}", written.get(option.key)),
            (f"environment variable {option.env}", environ.get(option.env)),
            (f"flag {option.flag}", flags.get(option.name)),
        ):
            if found is not None:
                source, value = place, _checked(option, place, found)
        settings.append(Setting(option, value, source))
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


def _read_file(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            document = tomllib.load(file)
    except OSError as error:
        raise ConfigError(f"file {path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"file {path} is not TOML: {error}") from None
    found = dict(_flatten(document, ""))
    known = [option.key for option in OPTIONS]
    for key in found:
        if key not in known:
            raise ConfigError(_unknown(path, key, known))
    return found


def _flatten(table: Mapping[str, object], prefix: str) -> list[tuple[str, object]]:
    pairs: list[tuple[str, object]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            pairs.extend(_flatten(value, f"{prefix}{key}."))
        else:
            pairs.append((prefix + key, value))
    return pairs


def _unknown(path: Path, key: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    hint = f"; did you mean {near[0]}?" if near else "; `whiteout config` lists all keys"
    return f"file {path}: there is no option {key}{hint}"

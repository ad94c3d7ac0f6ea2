"""Where schemas are looked for, as the configuration says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from whiteout.config import Config, ConfigError, pairs
from whiteout.protocol.iglu import SchemaKey
from whiteout.schemas import (
    Definition,
    Registry,
    Resolver,
    ResolverSettings,
    document,
    registry_at,
)


def registries_of(config: Config) -> tuple[Registry, ...]:
    """The registries of a configuration, in the order in which they are asked."""
    keys = dict(pairs(config.registry_keys))
    return tuple(registry_at(place, keys) for place in config.registries)


def resolver_settings(config: Config) -> ResolverSettings:
    """The settings of the look-up of schemas."""
    return ResolverSettings(
        registries=registries_of(config),
        vendors=frozenset(config.registry_vendors),
        cache=config.registry_cache,
    )


def registries_in(file: Path) -> tuple[Registry, ...]:
    """The registries of a resolver's configuration file, in the order of their priority (E-9).

    Raises ConfigError.
    """
    try:
        document = json.loads(file.read_bytes())
        entries = sorted(document["data"]["repositories"], key=itemgetter("priority"))
        return tuple(_registry(entry["connection"]) for entry in entries)
    except OSError as error:
        raise ConfigError(f"file {file} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"file {file} cannot be used: {error}") from None
    except (KeyError, TypeError, AttributeError, RecursionError):
        raise ConfigError(
            f"file {file} is no configuration of a resolver: it takes self-describing JSON whose "
            "data has repositories, each with a priority and a connection"
        ) from None


def registries_of_environment(environ: Mapping[str, str]) -> tuple[Registry, ...]:
    """The registry that Micro's own variables name (D-31). Raises ConfigError."""
    place = environ.get("MICRO_IGLU_REGISTRY_URL")
    if not place:
        return ()
    try:
        return (_registry({"http": {"uri": place, "apikey": environ.get("MICRO_IGLU_API_KEY")}}),)
    except ValueError as error:
        text = f"environment variable MICRO_IGLU_REGISTRY_URL cannot be used: it takes {error}"
        raise ConfigError(text) from None


class SchemaFinder:
    """Finds schemas for an event loop, in a thread of its own."""

    def __init__(self, settings: ResolverSettings) -> None:
        self._settings = settings
        self._resolver: Resolver | None = None
        self._thread = ThreadPoolExecutor(1, "whiteout-schema-finder")

    async def find(self, key: SchemaKey) -> Definition | None:
        """A schema as a document, our own or a registry's; None when there is none."""
        found = await asyncio.get_running_loop().run_in_executor(self._thread, self._look, key)
        return None if found is None else document(key, found)

    def close(self) -> None:
        """Find nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        if self._resolver is not None:
            self._resolver.close()

    def _look(self, key: SchemaKey) -> Definition | None:
        if self._resolver is None:
            self._resolver = Resolver(self._settings)
        return self._resolver.definition(key)


def _registry(connection: Mapping[str, Any]) -> Registry:
    if "http" not in connection:
        return registry_at(str(connection["embedded"]["path"]))
    place, key = str(connection["http"]["uri"]), connection["http"].get("apikey")
    if "://" not in place:
        raise ValueError(f"{place} is no address")
    return registry_at(place, {urlsplit(place).hostname or "": str(key)} if key else None)

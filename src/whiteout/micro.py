"""`whiteout micro`: a collector with its events in memory, for tests to ask about (D-1 to D-3).

A request is answered once its events are to be seen. Nothing is written to disk.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from whiteout import __version__
from whiteout.app import collector_settings
from whiteout.collector import Collector
from whiteout.config import Config, Setting
from whiteout.enrich import Enricher, EnrichSettings, Record, correlate, read_record, shows_requests
from whiteout.enrichment import enrich_settings
from whiteout.live import (
    MemoryWindow,
    MicroEvent,
    MicroRequest,
    bad_event,
    good_event,
    micro_app,
    of_anonymous,
    of_identified,
    of_row,
)
from whiteout.logs import set_up_logs
from whiteout.observer import Observer, Receive, Scope, Send
from whiteout.protocol.columns import EVENT_COLUMNS, EVENT_INDEX, FAILED_COLUMNS
from whiteout.protocol.record import (
    AnonymousRequest,
    IdentifiedRequest,
    RecordError,
    encode_identified,
)
from whiteout.registries import SchemaFinder, resolver_settings
from whiteout.schemas import Registry, Resolver
from whiteout.server import address_of, check_certificate, listen
from whiteout.spool import Done, SpoolUnavailable
from whiteout.worker import serving

DEFAULTS: dict[str, Any] = {"batch": "reject", "unknown_schemas": "fail", "sentinel": "zero"}
"""What an instance for tests does unless it is told otherwise (contracts 10 and 12)."""

COLLECTOR = f"whiteout-micro-{__version__}"
"""What events name as their collector (B-62)."""

_SCHEMA_SECONDS = 10.0
_SAMPLE = encode_identified(
    IdentifiedRequest(0, "/i", "e=pv&p=web&tv=x&url=https://a.example/", user_agent="Mozilla/5.0"),
    None,
)
_EVENT_NAMES = [column.name for column in EVENT_COLUMNS]
_FAILED_NAMES = [column.name for column in FAILED_COLUMNS]
_SERVER_ANONYMOUS = EVENT_INDEX["server_anonymous"]


@dataclass(frozen=True, slots=True)
class MicroSettings:
    """How an instance for tests works.

    The newest `most` events are kept. Without `storage` nothing is, and `/micro` is not there
    (D-13). `output` is called with each event as JSON (D-33). `registries` are asked besides those
    of the configuration.
    """

    most: int = 10_000
    storage: bool = True
    output: Callable[[bytes], object] | None = None
    registries: tuple[Registry, ...] = ()


def micro_config(config: Config, settings: Sequence[Setting]) -> Config:
    """The configuration with the defaults of an instance for tests."""
    named = {setting.option.name for setting in settings if setting.source != "default"}
    return replace(config, **{k: v for k, v in DEFAULTS.items() if k not in named})


class MemorySpool:
    """Takes the records of a collector, as its spool does, and makes events of them at once.

    `keep` is called on the event loop with the events of each record. A schema that a registry may
    have is waited for.
    """

    def __init__(
        self,
        enrich: EnrichSettings,
        schemas: Resolver,
        keep: Callable[[Sequence[MicroEvent]], None],
    ) -> None:
        self.healthy = True
        self._settings = enrich
        self._shows_requests = shows_requests(enrich)
        self._schemas = schemas
        self._enricher = Enricher(enrich, schemas)
        self._keep = keep
        self._count = 0
        self._hand = ThreadPoolExecutor(1, "whiteout-micro")
        self._tasks: set[asyncio.Task[None]] = set()

    async def append(self, record: bytes) -> None:
        """Make the events of a record; they are to be seen when this is done."""
        loop = asyncio.get_running_loop()
        self._keep(await loop.run_in_executor(self._hand, self.events, record))

    def append_then(self, record: bytes, done: Done) -> None:
        """Make the events of a record and call `done`."""
        task = asyncio.ensure_future(self.append(record))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda task: done(_failure(task)))

    def warm_up(self) -> None:
        """Load what enrichment needs, in its thread, before the first event comes."""
        self._hand.submit(self._enricher.enrich, _SAMPLE, time.time_ns() // 1_000_000)

    async def close(self) -> None:
        """Take no more records."""
        self.healthy = False
        self._hand.shutdown(wait=False, cancel_futures=True)
        self._schemas.close()

    def events(self, raw: bytes) -> list[MicroEvent]:
        """The entries of `/micro` for a record."""
        self._count += 1
        place = b"micro/%d" % self._count
        now = time.time_ns() // 1_000_000
        enriched = self._enricher.enrich(raw, now, place)
        try:
            record = read_record(raw)
        except RecordError:
            rows = [_failed(row) for row in enriched.failed]
            return [bad_event(row, of_row(row, server_anonymous=True), {}) for row in rows]
        request = self._request(record)
        found = correlate(record, enriched, place, self._settings)
        good = [
            good_event(
                dict(zip(_EVENT_NAMES, row, strict=True)),
                request,
                sent,
                server_anonymous=bool(row[_SERVER_ANONYMOUS]),
            )
            for row, sent in found.events
        ]
        return good + [bad_event(_failed(row), request, sent) for row, sent in found.failed]

    def _request(self, record: Record) -> MicroRequest:
        if isinstance(record, AnonymousRequest):
            return of_anonymous(record, COLLECTOR)
        request = of_identified(*record, COLLECTOR)
        if not self._shows_requests:
            request.query, request.body = {}, None
        return request


class _OneKey:
    """A key of pseudonyms that lasts as long as the process and is written nowhere."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def key(self, received: int, now: int) -> bytes:  # noqa: ARG002 (the same at all times)
        """The key."""
        return self._key

    def tidy(self, now: int) -> None:
        """There is nothing to destroy."""


class MicroApplication:
    """The collector and `/micro`, over events in memory."""

    def __init__(self, config: Config, settings: MicroSettings | None = None) -> None:
        settings = settings or MicroSettings()
        window = MemoryWindow(settings.most)
        found = resolver_settings(config)
        registries = (*found.registries, *settings.registries)
        patient = replace(found, registries=registries, wait=_SCHEMA_SECONDS, patience=None)
        enrich = replace(enrich_settings(config), v_collector=COLLECTOR, v_etl=COLLECTOR)
        if enrich.pii is not None:
            enrich = replace(enrich, pii=replace(enrich.pii, keys=_OneKey()))

        def keep(events: Sequence[MicroEvent]) -> None:
            if settings.output is not None:
                for event in events:
                    if event.good:
                        settings.output(event.body)
            if settings.storage:
                window.add(events)

        spool = MemorySpool(enrich, Resolver(patient), keep)
        self.warm_up = spool.warm_up
        self.collector = Collector(
            Path(), collector_settings(config), open_spool=lambda _folder: spool
        )
        self.observer = Observer(logs=config.access_log)
        self._micro: ASGIApp = micro_app(
            window,
            SchemaFinder(patient).find,
            token=config.token,
            origins=config.cors_origins,
            registries=[registry.name for registry in registries],
            storage=settings.storage,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection; `/micro` is matched before all other paths (D-2)."""
        if scope["type"] != "http":
            await self.collector(scope, receive, send)
            return
        is_micro = scope["path"] == "/micro" or scope["path"].startswith("/micro/")
        served = self._micro if is_micro else self.collector
        await self.observer.serve(served, scope, receive, send)


def serve_micro(
    config: Config, settings: MicroSettings, *, announce: Callable[[str], None]
) -> None:
    """Run an instance for tests until SIGINT or SIGTERM.

    `announce` is called with the address when it is ready. Raises StartError.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        # The web server passes a signal on once it has ended.
        signal.signal(number, lambda *_: sys.exit(0))
    set_up_logs("micro", as_json=config.log_format == "json", access=config.access_log)
    check_certificate(config)
    with listen(config) as listener:
        app = MicroApplication(config, settings)
        app.warm_up()
        serving(app, config, lambda: announce(address_of(config))).run([listener])


def print_event(body: bytes) -> None:
    """Print an event as a line of JSON (D-33)."""
    sys.stdout.write(json.dumps(json.loads(body)["event"], separators=(",", ":")) + "\n")
    sys.stdout.flush()


def _failed(row: Sequence[Any]) -> Mapping[str, Any]:
    values = dict(zip(_FAILED_NAMES, row, strict=True))
    return {**values, "errors": json.loads(values["errors"])}


def _failure(task: asyncio.Task[None]) -> SpoolUnavailable | None:
    if not task.cancelled() and task.exception() is None:
        return None
    return SpoolUnavailable("the event could not be processed")

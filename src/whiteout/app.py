"""The whole application of one worker: the collector, and the pages beside it (contract 14)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from whiteout import __version__
from whiteout.collector import (
    AgentPolicy,
    AnonymousSettings,
    Collector,
    CollectorSettings,
    CookieSettings,
    Enforcement,
    EnforcementSettings,
    ReferrerPolicy,
    RootResponse,
    UrlPolicy,
)
from whiteout.config import Config, pairs
from whiteout.desk import PrivacyDesk
from whiteout.live import Gate, Live, LiveSettings, on_termination, owns
from whiteout.live.headers import respond
from whiteout.metrics import Metrics
from whiteout.observer import Observer, Receive, Scope, Send, Served
from whiteout.privacy import AddressPolicy, Policy, SignalPolicy
from whiteout.protocol.iglu import SchemaKey

if TYPE_CHECKING:
    from whiteout.registries import SchemaFinder

METRICS_PATH = "/metrics"
"""Where the numbers for Prometheus are."""

_METRICS = "text/plain; version=0.0.4; charset=utf-8"


class Endpoint(NamedTuple):
    """One row of the reference of HTTP endpoints."""

    methods: str
    path: str
    doc: str


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("POST", "/com.snowplowanalytics.snowplow/tp2", "Events as JSON; answers `ok`."),
    Endpoint("GET, HEAD", "/com.snowplowanalytics.snowplow/tp2", "One event in the query string."),
    Endpoint("GET, HEAD", "/i", "One event in the query string, oldest form; also `/ice.png`."),
    Endpoint("POST, GET, HEAD", "/{vendor}/{version}", "Any other pair: kept as a failed event."),
    Endpoint("POST, GET, HEAD", "/r/tp2?u=…", "Counts a click and leads on, where allowed."),
    Endpoint("POST, GET, HEAD", "/anonymous/…", "The same paths, always anonymised."),
    Endpoint("OPTIONS", "any", "CORS preflight."),
    Endpoint("GET, HEAD", "/whiteout.js", "The browser tag; kept by browsers for a day."),
    Endpoint("GET, HEAD", "/whiteout.{digest}.js", "The tag in exactly this version, for SRI."),
    Endpoint("GET, HEAD", "/plugins/{name}.js", "Parts of the tag that are loaded on first use."),
    Endpoint("POST", "/privacy/clear", "Expires the collector's cookie; answers with a receipt."),
    Endpoint("GET, HEAD, POST", "/privacy/opt-out", "Page and API to opt out."),
    Endpoint("GET, HEAD, POST", "/privacy/opt-in", "The same page, and the way back."),
    Endpoint("GET, HEAD", "/.well-known/gpc.json", "Whether Global Privacy Control is honoured."),
    Endpoint("GET", "/health", "`ok` while the process serves, 503 while it stops."),
    Endpoint("GET", "/sink-health", "`ok` while events can be stored, else 503."),
    Endpoint("GET", "/robots.txt", "Keeps search engines out."),
    Endpoint("GET", "/metrics", "Numbers for Prometheus, behind the same gate as the pages."),
    Endpoint("GET", "/", "The live page."),
    Endpoint("GET", "/try", "The page on which to send a first event in each mode."),
    Endpoint("GET", "/overview", "Charts of what happened, from the lake."),
    Endpoint("GET", "/visitor", "What this browser holds and tells, in plain words."),
    Endpoint("GET", "/desk", "The privacy desk: proof, audit, erasure, expiry and profiles."),
    Endpoint("GET", "/demo", "A shop to try consent in; its pages are below `/demo/`."),
    Endpoint("GET, POST", "/signin", "Opens the pages with the token."),
    Endpoint("POST", "/signout", "Closes them again."),
    Endpoint("GET", "/assets/{file}", "Scripts, styles and pictures of the pages."),
    Endpoint("GET", "/api/events", "The newest events as JSON."),
    Endpoint("GET", "/api/overview", "The numbers behind the charts, as JSON."),
    Endpoint("GET", "/api/overview.csv", "The numbers behind one chart, as CSV."),
    Endpoint("GET", "/api/visitor", "Names of the cookies that the server sees, as JSON."),
    Endpoint(
        "GET", "/api/desk", "What the desk does and did, as JSON; needs a token, as all of it."
    ),
    Endpoint("GET", "/api/desk/profiles", "Every profile beside the configuration, as JSON."),
    Endpoint(
        "GET", "/api/desk/receipts/{receipt}", "One receipt, as `.json`; a report as `.html`."
    ),
    Endpoint("POST", "/api/desk/orders", "Begins a proof, audit, erasure or expiry."),
    Endpoint("POST", "/api/desk/stop", "Stops a proof or an audit."),
    Endpoint("GET", "/api/stream", "Events as they arrive, as server-sent events."),
    Endpoint("GET, POST", "/micro/all", "How many events the window of the test API holds."),
    Endpoint("GET, POST", "/micro/good", "Those events; a POST brings a filter."),
    Endpoint("GET, POST", "/micro/bad", "The failed events among them; a POST brings a filter."),
    Endpoint("GET, POST", "/micro/reset", "Empties that window, and removes nothing else."),
    Endpoint("GET", "/micro/iglu/{schema}", "A schema, as vendor, name, format and version."),
    Endpoint("GET", "/micro/auth-config", "That the test API has no accounts of its own."),
)
"""Every HTTP endpoint."""


class Application:
    """The collector, the numbers for Prometheus, and with `pages` the pages."""

    def __init__(self, config: Config, *, pages: bool) -> None:
        self.collector = Collector(config.folder / "spool", collector_settings(config))
        paths = frozenset(self.collector.settings.paths)
        self.observer = Observer(logs=config.access_log, paths=paths)
        self._metrics = Metrics(config.folder, self.collector, self.observer)
        self._gate = Gate(self._numbers, config.token)
        self._config = config
        self._schemas: SchemaFinder | None = None
        self._pages: Live | None = None
        self._desk = PrivacyDesk(config) if pages and config.token else None
        if pages:
            official = config.official_tracker
            self._pages = Live(
                LiveSettings(
                    config.folder / "feed.db",
                    config.token,
                    __version__,
                    find_schema=self._find_schema,
                    official_tracker=None if official is None else Path(official),
                    desk=self._desk,
                )
            )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self.observer.serve(self._chosen(scope["path"]), scope, receive, send)
        else:
            await self._chosen(scope["path"])(scope, receive, send)

    def _chosen(self, path: str) -> Served:
        if path == METRICS_PATH:
            return self._gate
        if self._pages is not None and owns(path):
            return self._pages
        return self.collector

    async def _find_schema(self, key: SchemaKey) -> dict[str, Any] | None:
        """A schema as a document; what it takes to look for one is loaded when one is asked for."""
        if self._schemas is None:
            from whiteout.registries import SchemaFinder, resolver_settings  # noqa: PLC0415

            self._schemas = SchemaFinder(resolver_settings(self._config))
        return await self._schemas.find(key)

    async def _numbers(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """The page with the numbers, for who may pass the gate."""
        if scope["method"] not in ("GET", "HEAD"):
            await respond(send, 405, "Only GET.\n", headers=[("allow", "GET, HEAD")])
            return
        page = (await self._metrics.page()).decode()
        await respond(send, 200, page if scope["method"] == "GET" else "", content_type=_METRICS)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    self.collector.open()
                except Exception as error:  # noqa: BLE001 (the server reports it and stops)
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    return
                self._metrics.open()
                if self._pages is not None:
                    on_termination(self._pages.shutdown)
                await send({"type": "lifespan.startup.complete"})
            else:
                if self._pages is not None:
                    await self._pages.shutdown()
                if self._desk is not None:
                    await asyncio.to_thread(self._desk.close)
                await self.collector.close()
                self._metrics.close()
                if self._schemas is not None:
                    self._schemas.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


def collector_settings(config: Config) -> CollectorSettings:
    """The collector's part of the configuration."""
    root = None
    if config.root_status:
        lines = (line.partition(":") for line in config.root_headers)
        headers = tuple((name, value.strip()) for name, _, value in lines)
        root = RootResponse(config.root_status, headers, config.root_body)
    return CollectorSettings(
        cookie=CookieSettings(
            enabled=config.cookie,
            name=config.cookie_name,
            expiration=config.cookie_lifetime,
            domains=config.cookie_domains,
            fallback_domain=config.cookie_fallback_domain,
            secure=config.cookie_secure,
            http_only=config.cookie_http_only,
            same_site=config.cookie_same_site,
            delete_on_anonymous=config.cookie_on_anonymous == "delete",
        ),
        policy=Policy(gpc=SignalPolicy(config.gpc), dnt=SignalPolicy(config.dnt)),
        enforcement=EnforcementSettings(
            default=Enforcement(config.anonymous),
            paths=_enforcement(config.anonymous_paths),
            apps=_enforcement(config.anonymous_apps),
            cookie=_cookie(config.consent_cookie),
            documents=frozenset(config.consent_documents),
        ),
        anonymous=AnonymousSettings(
            keep_session=config.anonymous_session == "keep",
            agent=AgentPolicy(config.anonymous_user_agent),
            url=UrlPolicy(config.anonymous_url),
            referrer=ReferrerPolicy(config.anonymous_referrer),
            seconds=config.anonymous_time,
        ),
        address=AddressPolicy(config.address),
        trusted_proxies=config.networks,
        opt_out_cookie=_cookie(config.opt_out_cookie),
        body_limit=config.body_limit,
        body_timeout=config.body_timeout,
        oversized_status=config.oversized,
        cors_origins=config.cors_origins,
        cors_headers=config.cors_headers,
        cors_max_age=config.cors_max_age,
        paths=dict(pairs(config.paths)),
        redirect_hosts=config.redirect_hosts,
        root=root,
        gpc_since=config.gpc_since,
    )


def _enforcement(texts: Iterable[str]) -> dict[str, Enforcement]:
    return {name: Enforcement(mode) for name, mode in pairs(texts)}


def _cookie(text: str | None) -> tuple[str, re.Pattern[str]] | None:
    if text is None:
        return None
    name, _, pattern = text.partition("=")
    return name, re.compile(pattern)


def application(config: Config, *, pages: bool = True) -> Application:
    """The application of a configuration."""
    return Application(config, pages=pages)

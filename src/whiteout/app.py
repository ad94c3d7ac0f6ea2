"""The whole application of one worker: the collector, and the pages beside it (contract 14)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple

from whiteout import __version__
from whiteout.collector import Collector, CollectorSettings, CookieSettings
from whiteout.config import Config
from whiteout.live import Live, LiveSettings, on_termination, owns
from whiteout.privacy import AddressPolicy, Policy, SignalPolicy

RUNTIME = "WHITEOUT_RUNTIME"
"""Environment variable in which the main process hands its configuration to its children."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


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
    Endpoint("POST, GET, HEAD", "/anonymous/…", "The same paths, always anonymised."),
    Endpoint("OPTIONS", "any", "CORS preflight."),
    Endpoint("GET, HEAD", "/whiteout.js", "The browser tag; kept by browsers for a day."),
    Endpoint("GET, HEAD", "/whiteout.{digest}.js", "The tag in exactly this version, for SRI."),
    Endpoint("GET, HEAD", "/plugins/{name}.js", "Parts of the tag that are loaded on first use."),
    Endpoint("POST", "/privacy/clear", "Expires the collector's cookie; answers with a receipt."),
    Endpoint("GET", "/health", "`ok` while the process serves."),
    Endpoint("GET", "/sink-health", "`ok` while events can be stored, else 503."),
    Endpoint("GET", "/robots.txt", "Keeps search engines out."),
    Endpoint("GET", "/", "The live page."),
    Endpoint("GET", "/try", "The page on which to send a first event in each mode."),
    Endpoint("GET, POST", "/signin", "Opens the pages with the token."),
    Endpoint("POST", "/signout", "Closes them again."),
    Endpoint("GET", "/assets/{file}", "Scripts, styles and pictures of the pages."),
    Endpoint("GET", "/api/events", "The newest events as JSON."),
    Endpoint("GET", "/api/stream", "Events as they arrive, as server-sent events."),
)
"""Every HTTP endpoint."""


class Application:
    """The collector, with the pages where `pages` is given."""

    def __init__(self, collector: Collector, pages: Live | None) -> None:
        self.collector = collector
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif self._pages is not None and owns(scope["path"]):
            await self._pages(scope, receive, send)
        else:
            await self.collector(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    self.collector.open()
                except Exception as error:  # noqa: BLE001 (the server reports it and stops)
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    return
                if self._pages is not None:
                    on_termination(self._pages.shutdown)
                await send({"type": "lifespan.startup.complete"})
            else:
                if self._pages is not None:
                    await self._pages.shutdown()
                await self.collector.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


def collector_settings(config: Config) -> CollectorSettings:
    """The collector's part of the configuration."""
    opt_out = None
    if config.opt_out_cookie is not None:
        name, _, pattern = config.opt_out_cookie.partition("=")
        opt_out = (name, re.compile(pattern))
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
        ),
        policy=Policy(
            gpc=SignalPolicy(config.gpc),
            dnt=SignalPolicy(config.dnt),
            always=config.anonymous == "always",
        ),
        keep_session=config.anonymous_session == "keep",
        address=AddressPolicy(config.address),
        trusted_proxies=config.networks,
        opt_out_cookie=opt_out,
        body_limit=config.body_limit,
        body_timeout=config.body_timeout,
        oversized_status=config.oversized,
        cors_max_age=config.cors_max_age,
    )


def application(config: Config, *, pages: bool = True) -> Application:
    """The application of a configuration."""
    live = None
    if pages:
        live = Live(LiveSettings(config.folder / "feed.db", config.token, __version__))
    return Application(Collector(config.folder / "spool", collector_settings(config)), live)

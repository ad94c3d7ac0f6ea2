"""The live pages as one ASGI application behind the gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from whiteout.feed import FeedReader
from whiteout.live.api import EventsApi
from whiteout.live.broadcast import Broadcast
from whiteout.live.desk_api import Desk, DeskApi
from whiteout.live.feed_access import FeedAccess, Reader
from whiteout.live.gate import SIGN_IN, SIGN_OUT, Gate
from whiteout.live.headers import SecurityHeaders
from whiteout.live.micro import FindSchema, Micro, no_schema
from whiteout.live.micro_window import RESET_MARK, FeedWindow
from whiteout.live.overview import Overview
from whiteout.live.overview_api import OverviewApi
from whiteout.live.pages import Pages
from whiteout.live.stream import Stream
from whiteout.live.visitor import visitor

OWN_PATHS = frozenset({"/", "/demo", "/desk", "/overview", "/try", "/visitor", SIGN_IN, SIGN_OUT})
"""The pages, each by its whole path."""

OWN_PREFIXES = ("/assets/", "/api/", "/demo/", "/micro/")
"""What all other paths of the pages begin with."""


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """Settings of the live pages.

    `feed`: file of the feed. `token`: the access token, None to answer only this machine (contract
    15). `version`: shown at the foot of the pages. `lake`: folder of the lake, by default the one
    beside the feed. `find_schema` finds what `/micro/iglu` is asked for. `official_tracker`: a file
    `sp.js` of the official tracker, which the try-it page offers for comparison where it exists.
    `desk` does the work of the privacy desk, which stays closed where there is no token.
    `max_streams`: open live pages per process.
    """

    feed: Path
    token: str | None = field(repr=False)
    version: str
    lake: Path | None = None
    find_schema: FindSchema = no_schema
    official_tracker: Path | None = None
    desk: Desk | None = None
    max_streams: int = 64
    poll_seconds: float = 0.1
    heartbeat_seconds: float = 15.0


def owns(path: str) -> bool:
    """Whether a request path belongs to the live pages (contract 14)."""
    return path in OWN_PATHS or path.startswith(OWN_PREFIXES)


class Live:
    """The ASGI application. Raises ValueError when the token is empty.

    A server that waits for open connections at its exit waits for the event streams too, so
    `shutdown` has to be called at the signal to end; the lifespan end calls it as well.
    """

    def __init__(
        self, settings: LiveSettings, open_reader: Callable[[], Reader] | None = None
    ) -> None:
        feed = FeedAccess(open_reader or (lambda: FeedReader(settings.feed)))
        broadcast = Broadcast(
            feed, poll_seconds=settings.poll_seconds, max_streams=settings.max_streams
        )
        self._stream = Stream(broadcast, heartbeat_seconds=settings.heartbeat_seconds)
        desk = settings.desk if settings.token else None
        pages = Pages(settings.version, settings.official_tracker, desk=desk is not None)
        micro = Micro(FeedWindow(feed, settings.feed.with_name(RESET_MARK)), settings.find_schema)
        overview = OverviewApi(Overview(settings.lake or settings.feed.parent / "lake"))
        routes = Starlette(
            routes=[
                Route("/", pages.live),
                Route("/try", pages.try_it),
                Route("/demo", pages.demo),
                Route("/demo/{rest:path}", pages.demo),
                Route("/overview", pages.overview),
                Route("/visitor", pages.visitor),
                Route("/desk", pages.desk),
                Route("/assets/{name}", pages.asset),
                Route("/api/events", EventsApi(feed).events),
                Route("/api/overview", overview.json),
                Route("/api/overview.csv", overview.csv),
                Route("/api/visitor", visitor),
                Route("/api/stream", self._stream, methods=["GET"]),
                *DeskApi(desk).routes(),
                *micro.routes(),
            ],
            exception_handlers={404: _not_found},
        )
        routes.router.redirect_slashes = False
        self._app: ASGIApp = Gate(SecurityHeaders(routes), settings.token)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or go through the lifespan."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await self._app(scope, receive, send)

    async def shutdown(self) -> None:
        """End all event streams within half a second and take no more."""
        await self._stream.shutdown()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.shutdown()
        await send({"type": "lifespan.shutdown.complete"})


def app(settings: LiveSettings) -> Live:
    """The live pages as an ASGI application. Raises ValueError when the token is empty."""
    return Live(settings)


async def _not_found(_request: Request, _error: Exception) -> Response:
    return PlainTextResponse("There is no such page.\n", status_code=404)

"""`/micro`: the test API that suites for Snowplow Micro speak (D-5 to D-13, D-35).

`/micro/all` tells how many events there are, `/micro/good` and `/micro/bad` are the events and the
failed ones, filtered by the body of a POST, `/micro/reset` forgets them in this window alone, and
`/micro/iglu/…` is a schema.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from whiteout.live import origin
from whiteout.live.body import BodyTooLarge, read_body
from whiteout.live.micro_filters import BadFilter, bad_filter, good_filter
from whiteout.live.micro_shapes import MicroEvent, listed
from whiteout.live.micro_window import Window, WindowUnavailable
from whiteout.protocol.iglu import SchemaKey, parse_uri

PREFIX = "/micro"
"""What all its paths begin with."""

FindSchema = Callable[[SchemaKey], Awaitable[dict[str, Any] | None]]
"""Finds a schema as a document; None when there is none."""

_LONGEST_FILTER = 64 * 1024
_FILTER_SECONDS = 10.0
_JSON = "application/json"
_WHICH = "There are /micro/all, /micro/good, /micro/bad, /micro/reset and /micro/iglu.\n"
_FORM = (
    "A schema is looked up as /micro/iglu/{vendor}/{name}/jsonschema/{model}-{revision}-{addition}."
    "\n"
)
_NO_ACCOUNTS = {"domain": "", "audience": "", "clientId": "", "enabled": False}


async def no_schema(_key: SchemaKey) -> dict[str, Any] | None:
    """Knows no schema."""
    return None


def nobody(_headers: Headers) -> bool:
    """Trusts no page of another origin."""
    return False


class Micro:
    """The endpoints over a window of events.

    `trusts` tells of the headers of a request whether a page of another origin may have made it.
    `registries` are named where a schema is not found.
    """

    def __init__(
        self,
        window: Window,
        find_schema: FindSchema,
        *,
        registries: Sequence[str] = (),
        trusts: Callable[[Headers], bool] = nobody,
    ) -> None:
        self._window = window
        self._find_schema = find_schema
        self._registries = registries
        self._trusts = trusts

    def routes(self) -> list[Route]:
        """The routes of the endpoints."""
        both = ["GET", "POST"]
        return [
            Route(f"{PREFIX}/all", self._answering(self.all), methods=both),
            Route(f"{PREFIX}/good", self._answering(self.good), methods=both),
            Route(f"{PREFIX}/bad", self._answering(self.bad), methods=both),
            Route(f"{PREFIX}/reset", self._answering(self.reset), methods=both),
            Route(f"{PREFIX}/auth-config", self.accounts),
            Route(f"{PREFIX}/iglu{{path:path}}", self.iglu),
            Route(PREFIX, self.nothing, methods=both),
            Route(f"{PREFIX}/{{path:path}}", self.nothing, methods=both),
        ]

    async def all(self, _request: Request) -> Response:
        """How many events there are: all, good and failed ones (D-5, D-6)."""
        good, bad = await self._window.count()
        return JSONResponse({"total": good + bad, "good": good, "bad": bad})

    async def good(self, request: Request) -> Response:
        """The events, all or those that pass a filter (D-14, D-21)."""
        wanted = good_filter(await _body(request)) if request.method == "POST" else None
        events = await self._window.events(good=True)
        return _listed(events if wanted is None else wanted.chosen(events))

    async def bad(self, request: Request) -> Response:
        """The failed events, all or those that pass a filter (D-18, D-23)."""
        wanted = bad_filter(await _body(request)) if request.method == "POST" else None
        events = await self._window.events(good=False)
        return _listed(events if wanted is None else wanted.chosen(events))

    async def reset(self, request: Request) -> Response:
        """Empty the window, unless a foreign page asks for it (D-7, D-35)."""
        if origin.is_foreign(request.headers) and not self._trusts(request.headers):
            return PlainTextResponse("A page of another site made this request.\n", status_code=403)
        await self._window.reset()
        return await self.all(request)

    async def iglu(self, request: Request) -> Response:
        """A schema, or 404 with what was asked (D-9)."""
        key = parse_uri(f"iglu:{request.path_params['path'].removeprefix('/')}")
        if key is None:
            return PlainTextResponse(_FORM, status_code=404)
        found = await self._find_schema(key)
        if found is not None:
            return JSONResponse(found)
        none = {"errors": [{"error": "NotFound"}], "attempts": 1, "lastAttempt": None}
        names = ["whiteout", *self._registries]
        return JSONResponse({"value": dict.fromkeys(names, none)}, status_code=404)

    async def accounts(self, _request: Request) -> Response:
        """That there is no sign-in of others; the gate has its own."""
        return JSONResponse(_NO_ACCOUNTS)

    async def nothing(self, _request: Request) -> Response:
        """Which endpoints there are (D-8)."""
        return PlainTextResponse(_WHICH, status_code=404)

    def _answering(
        self, handle: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except BadFilter as error:
                return JSONResponse({"error": str(error)}, status_code=400)
            except WindowUnavailable as error:
                return JSONResponse({"error": str(error)}, status_code=503)

        return answer


async def _body(request: Request) -> bytes:
    try:
        return await read_body(request.receive, limit=_LONGEST_FILTER, seconds=_FILTER_SECONDS)
    except BodyTooLarge:
        raise BadFilter(f"not a filter: more than {_LONGEST_FILTER} bytes") from None
    except TimeoutError:
        raise BadFilter("not a filter: it did not arrive") from None


def _listed(events: Sequence[MicroEvent]) -> Response:
    return Response(listed(events), media_type=_JSON)

"""`/api/desk`: what the privacy desk does, for those who hold the token.

Without a token the desk is closed, on this machine too: it removes things for good. The work itself
is done elsewhere; whoever composes the application hands in a `Desk`. An order comes as JSON in the
body of a POST, from a page of this very origin or with the token as a bearer, so that no other site
can give one with somebody's session.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from whiteout.live import origin
from whiteout.live.body import BodyTooLarge, read_body
from whiteout.live.orders import KINDS, STOPPABLE, BadOrder, Order, read_order

_MAX_ORDER = 16_384
_ORDER_SECONDS = 5.0
_NAME = re.compile(r"[0-9]{8}T[0-9]{12}-[0-9a-f]{8}\.(json|html)")
_TYPES = {"json": "application/json", "html": "text/html; charset=utf-8"}
_CLOSED = (
    "the privacy desk is open only to those with the token: start whiteout with --token, "
    "or use its commands on this machine"
)


class DeskBusy(Exception):
    """Something of the same kind is being done; only one at a time is."""


class DeskUnavailable(Exception):
    """The desk cannot read or write its files; the text says which and why, and names nobody."""


class _Refused(Exception):
    """An order that is not even read."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Desk(Protocol):
    """What does the work. Methods may block, and raise DeskUnavailable."""

    def state(self) -> dict[str, Any]:
        """What is being done, what was done, and what waits; nobody is named in it."""

    def profiles(self) -> list[dict[str, Any]]:
        """Every profile, and what of the configuration meets it."""

    def receipt(self, name: str) -> bytes | None:
        """The file of a receipt, None when there is none of this name."""

    def start(self, order: Order) -> dict[str, Any]:
        """Begin with an order, and say how it stands. Raises DeskBusy."""

    def stop(self, kind: str) -> bool:
        """Ask what is being done of a kind to stop; whether there was something."""


class DeskApi:
    """The endpoints; all of them answer 403 where there is no desk."""

    def __init__(self, desk: Desk | None) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/api/desk", self.state, methods=["GET"]),
            Route("/api/desk/profiles", self.profiles, methods=["GET"]),
            Route("/api/desk/receipts/{name}", self.receipt, methods=["GET"]),
            Route("/api/desk/orders", self.order, methods=["POST"]),
            Route("/api/desk/stop", self.stop, methods=["POST"]),
        ]

    async def state(self, _request: Request) -> Response:
        """Answer 200 with all that the page shows, or 503."""
        if self._desk is None:
            return _refused(403, _CLOSED)
        return await _asked(self._desk.state)

    async def profiles(self, _request: Request) -> Response:
        """Answer 200 with every profile beside the configuration."""
        if self._desk is None:
            return _refused(403, _CLOSED)
        return await _asked(self._desk.profiles)

    async def receipt(self, request: Request) -> Response:
        """Answer 200 with one receipt, as JSON or as a page to keep; 404 when there is none."""
        if self._desk is None:
            return _refused(403, _CLOSED)
        found = _NAME.fullmatch(request.path_params["name"])
        content = None
        if found is not None:
            content = await run_in_threadpool(self._desk.receipt, found[0])
        if found is None or content is None:
            return _refused(404, "there is no such receipt")
        headers = {}
        if found[1] == "html" or "download" in request.query_params:
            headers["content-disposition"] = f'attachment; filename="whiteout-{found[0]}"'
        return Response(content, media_type=_TYPES[found[1]], headers=headers)

    async def order(self, request: Request) -> Response:
        """Answer 202 when it has begun, 409 when one of its kind is going on."""
        return await self._told(request, self._begin)

    async def stop(self, request: Request) -> Response:
        """Answer 202, or 409 when nothing of the kind is going on or it cannot be stopped."""
        return await self._told(request, self._end)

    async def _told(
        self, request: Request, act: Callable[[Desk, bytes], tuple[int, dict[str, Any]]]
    ) -> Response:
        try:
            body = await self._body(request)
            status, content = await run_in_threadpool(act, self._open, body)
        except _Refused as refused:
            return _refused(refused.status, str(refused))
        except BadOrder as error:
            return _refused(400, str(error))
        except DeskBusy:
            return _refused(409, "this is being done already; one at a time is")
        except DeskUnavailable as error:
            return _refused(503, str(error))
        return JSONResponse(content, status_code=status)

    @property
    def _open(self) -> Desk:
        if self._desk is None:
            raise _Refused(403, _CLOSED)
        return self._desk

    async def _body(self, request: Request) -> bytes:
        """What an order says, if it comes from who may give one."""
        _ = self._open
        headers = request.headers
        if not origin.is_own(headers) and "authorization" not in headers:
            raise _Refused(403, "orders are taken from a page of this origin, or with the token")
        if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            raise _Refused(415, "an order is sent as application/json")
        try:
            return await read_body(request.receive, limit=_MAX_ORDER, seconds=_ORDER_SECONDS)
        except (BodyTooLarge, TimeoutError):
            raise _Refused(400, "the order did not arrive") from None

    @staticmethod
    def _begin(desk: Desk, body: bytes) -> tuple[int, dict[str, Any]]:
        return 202, desk.start(read_order(body))

    @staticmethod
    def _end(desk: Desk, body: bytes) -> tuple[int, dict[str, Any]]:
        kind = body.decode("latin-1").strip().strip('"')
        if kind not in KINDS:
            raise BadOrder(f"the body names one of {', '.join(KINDS)} as a JSON string")
        if kind not in STOPPABLE:
            return 409, {"error": "an erasure that has begun goes on to its end"}
        if not desk.stop(kind):
            return 409, {"error": "nothing of this kind is being done"}
        return 202, {"kind": kind}


async def _asked(ask: Callable[[], Any]) -> Response:
    try:
        return JSONResponse(await run_in_threadpool(ask))
    except DeskUnavailable as error:
        return _refused(503, str(error))


def _refused(status: int, why: str) -> Response:
    return JSONResponse({"error": why}, status_code=status)

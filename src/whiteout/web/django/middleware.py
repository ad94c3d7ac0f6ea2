"""Middleware for Django, for both kinds of views."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.utils.functional import SimpleLazyObject

from whiteout.tracker.cookies import read_cookies
from whiteout.web.current import CURRENT
from whiteout.web.django.configuration import tracking
from whiteout.web.facts import RequestFacts
from whiteout.web.visits import Visit


class WhiteoutMiddleware:
    """Gives each request a tracker, as `request.tracker` and by `current_tracker()`.

    `consent` and `address` of the setting `WHITEOUT` are called with Django's request. Put it
    behind the middleware whose decisions they read, such as sessions.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self._get_response = get_response
        self._tracking = tracking()
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: Any) -> Any:
        """Serve a request."""
        if iscoroutinefunction(self):
            return self._serve_async(request)
        visit = self._begin(request)
        token = CURRENT.set(visit)
        try:
            response = self._get_response(request)
            self._answer(visit, response)
        finally:
            CURRENT.reset(token)
            visit.end()
        return response

    async def _serve_async(self, request: Any) -> Any:
        get_response: Callable[[Any], Awaitable[Any]] = self._get_response
        visit = self._begin(request)
        token = CURRENT.set(visit)
        try:
            response = await get_response(request)
            self._answer(visit, response)
        finally:
            CURRENT.reset(token)
            visit.end()
        return response

    def _begin(self, request: Any) -> Visit:
        visit = self._tracking.visit(facts_of(request), request)
        request.whiteout = visit
        request.tracker = SimpleLazyObject(lambda: visit.tracker)
        return visit

    def _answer(self, visit: Visit, response: Any) -> None:
        self._tracking.answered(visit, response.status_code, response.get("Content-Type"))
        for change in visit.changes():
            response.cookies[change.name] = change.value or ""
            morsel = response.cookies[change.name]
            attributes = (
                ("expires", change.expiry),
                ("path", change.path),
                ("domain", change.domain),
                ("samesite", change.same_site),
                ("secure", change.secure),
            )
            for name, value in attributes:
                if value:
                    morsel[name] = value


def facts_of(request: Any) -> RequestFacts:
    """The facts of a Django request."""

    def headers(name: str) -> Iterable[str]:
        value = request.headers.get(name)
        return () if value is None else (value,)

    host = request.META.get("HTTP_HOST") or request.META.get("SERVER_NAME", "")
    return RequestFacts(
        method=request.method,
        url=f"{request.scheme}://{host}{request.get_full_path()}",
        host=host,
        headers=headers,
        cookies=read_cookies(headers("cookie")),
        address=request.META.get("REMOTE_ADDR") or None,
    )

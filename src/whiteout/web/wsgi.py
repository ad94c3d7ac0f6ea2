"""Middleware for WSGI applications: Flask, and plain ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import Context, copy_context
from typing import Any, Unpack

from whiteout.web.current import CURRENT
from whiteout.web.facts import RequestFacts
from whiteout.web.tracking import Tracking, TrackingOptions
from whiteout.web.visits import Visit

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class WsgiMiddleware:
    """Gives each request of an application a tracker.

    Takes a `Tracking`, or what one is made of. `current_tracker()` returns the tracker wherever the
    request is served, and `environ["whiteout"]` is the visit. `consent` and `address` are called
    with the environment.
    """

    def __init__(
        self,
        app: Application,
        namespace: str = "",
        endpoint: str = "",
        *,
        tracking: Tracking | None = None,
        **options: Unpack[TrackingOptions],
    ) -> None:
        self._app = app
        self.tracking = tracking or Tracking(namespace, endpoint, **options)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        visit = self.tracking.visit(RequestFacts.of_environ(environ), environ)
        environ["whiteout"] = visit
        context = copy_context()
        context.run(CURRENT.set, visit)
        try:
            answer = context.run(self._app, environ, self._starting(visit, start_response))
        except BaseException:
            visit.end()
            raise
        return _Answer(answer, visit, context)

    def _starting(self, visit: Visit, start_response: StartResponse) -> StartResponse:
        def starting(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            kinds = [value for name, value in headers if name.lower() == "content-type"]
            self.tracking.answered(visit, int(status[:3]), kinds[0] if kinds else None)
            cookies = [("Set-Cookie", change.header()) for change in visit.changes()]
            return start_response(status, [*headers, *cookies], *more)

        return starting


class _Answer:
    """The body of a response, made in the context of its request."""

    def __init__(self, answer: Iterable[bytes], visit: Visit, context: Context) -> None:
        self._answer = answer
        self._visit = visit
        self._context = context

    def __iter__(self) -> Iterator[bytes]:
        iterator = self._context.run(iter, self._answer)
        nothing = object()
        while (piece := self._context.run(next, iterator, nothing)) is not nothing:
            yield piece  # type: ignore[misc]

    def close(self) -> None:
        """The response was sent, or given up."""
        try:
            close = getattr(self._answer, "close", None)
            if close is not None:
                self._context.run(close)
        finally:
            self._visit.end()

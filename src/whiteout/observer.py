"""What is told of requests: numbers, and lines of an access log without anything that identifies.

Routes, paths and methods come from closed lists, so a stranger's text is never a label or a line
(A-84, F-P22).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from whiteout.collector.app import GPC_PATH
from whiteout.collector.choices import OPT_IN_PATH, OPT_OUT_PATH
from whiteout.live import OWN_PATHS, OWN_PREFIXES
from whiteout.protocol.paths import (
    ANONYMOUS_PREFIX,
    CLEAR_PATH,
    PIXEL_PATHS,
    TP1,
    TP2,
    is_event_path,
)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Served = Callable[[Scope, Receive, Send], Awaitable[None]]

ROUTES: tuple[str, ...] = (
    "event_post",
    "event_get",
    "redirect",
    "preflight",
    "script",
    "privacy",
    "service",
    "page",
    "refused",
    "other",
)
"""Kinds of requests; `refused` are those that were no requests yet, as when a head is too long."""

CLASSES: tuple[str, ...] = ("2xx", "3xx", "4xx", "5xx")
"""Classes of statuses."""

EVENT_POST = ROUTES.index("event_post")

_KNOWN: dict[str, str] = {
    **dict.fromkeys(("/health", "/sink-health", "/robots.txt", "/metrics", GPC_PATH), "service"),
    **dict.fromkeys((CLEAR_PATH, OPT_OUT_PATH, OPT_IN_PATH), "privacy"),
    **dict.fromkeys((*OWN_PATHS, "/api/events", "/api/stream"), "page"),
}
_EVENTS = frozenset({*PIXEL_PATHS, *(f"/{row.vendor}/{row.version}" for row in (TP1, TP2))})
_METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS"})

_log = logging.getLogger("whiteout.access")


class Observer:
    """Counts answers and, where it is wanted, writes a line about each.

    `paths` are the operator's own event paths, which lines may name.
    """

    def __init__(self, *, logs: bool = False, paths: frozenset[str] = frozenset()) -> None:
        self.logs = logs
        self._paths = _EVENTS | paths
        self._counts = [0] * (len(ROUTES) * len(CLASSES))
        self._edge: Callable[[], tuple[int, int]] = lambda: (0, 0)

    def tell(self, counted: Callable[[], tuple[int, int]]) -> None:
        """Ask `counted` for the answers of the short way and the number of connections."""
        self._edge = counted

    @property
    def connections(self) -> int:
        """Connections that are open."""
        return self._edge()[1]

    def counts(self) -> list[int]:
        """Answers so far, for every route the four classes of statuses."""
        counts = list(self._counts)
        counts[EVENT_POST * len(CLASSES)] += self._edge()[0]
        return counts

    def answered(self, route: int, status: int) -> None:
        """Count an answer."""
        if 200 <= status < 600:
            self._counts[route * len(CLASSES) + status // 100 - 2] += 1

    def refused(self, status: int) -> None:
        """Count an answer to what never became a request."""
        self.answered(ROUTES.index("refused"), status)

    def log(self, method: str, path: str, status: int, size: int, seconds: float) -> None:
        """Write the line of an answer; method and path must be from a closed list."""
        _log.info(
            "%s %s %d %d %.4f",
            method,
            path,
            status,
            size,
            seconds,
            extra={
                "fields": {
                    "method": method,
                    "path": path,
                    "status": status,
                    "bytes": size,
                    "seconds": round(seconds, 4),
                }
            },
        )

    async def serve(self, app: Served, scope: Scope, receive: Receive, send: Send) -> None:
        """Let an application answer a request, and count its answer."""
        status, size, began = 0, 0, time.monotonic()

        async def sending(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            await app(scope, receive, sending)
        except Exception:
            status = status or 500  # The server answers so.
            raise
        finally:
            route, path = self.place(scope["method"], scope["path"])
            self.answered(route, status)
            if self.logs:
                method = scope["method"] if scope["method"] in _METHODS else "other"
                self.log(method, path, status, size, time.monotonic() - began)

    def place(self, method: str, path: str) -> tuple[int, str]:
        """The route of a request, and its path as a line may show it."""
        if not path.startswith(f"{ANONYMOUS_PREFIX}/"):
            route, shown = self._place(method, path)
        else:
            route, shown = self._place(method, path.removeprefix(ANONYMOUS_PREFIX))
            kept = route.startswith(("event", "redirect"))
            route, shown = (route, f"{ANONYMOUS_PREFIX}{shown}") if kept else ("other", "other")
        return ROUTES.index(route), shown

    def _place(self, method: str, path: str) -> tuple[str, str]:
        route = _KNOWN.get(path)
        if route is None and path.startswith(OWN_PREFIXES):
            route, path = "page", f"/{path.split('/')[1]}/"
        elif route is None and path.endswith(".js"):
            route, path = "script", "script"
        elif route is None:
            route = "event_post" if method == "POST" else "event_get"
            if path.startswith("/r/"):
                route, path = "redirect", "/r/"
            elif path not in self._paths:
                event = is_event_path(path)
                route, path = (route, "/{vendor}/{version}") if event else ("other", "other")
        return "preflight" if method == "OPTIONS" else route, path

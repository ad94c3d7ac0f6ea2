"""The events that `/micro` tells of: those of a process in memory, or of a feed (D-5, D-6).

Both are bounded, and emptying them removes nothing from the lake.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec

from whiteout.live.feed_access import FeedAccess
from whiteout.live.micro_request import of_row
from whiteout.live.micro_shapes import MicroEvent, bad_event, good_event
from whiteout.live.micro_times import milliseconds
from whiteout.protocol.parameters import EVENT_CODES, PARAMETERS, Parameter

RESET_MARK = "micro.reset"
"""Name of the file beside the feed that says since which entry the window begins."""

_CHUNK = 500
_decode = msgspec.json.Decoder().decode
_CODES = {name: code for code, name in reversed(EVENT_CODES.items())}
_OF_REQUEST = frozenset({"ip", "nuid", "tnuid", "ua"})
_REBUILT = [
    row
    for row in PARAMETERS
    if row.columns and row.since is not None and not row.encoded
    if row.name not in _OF_REQUEST and row.name != "ti_na"
]


class WindowUnavailable(Exception):
    """The window cannot be read or emptied; the text says why."""


class Window(Protocol):
    """The newest events, those first that came last."""

    async def count(self) -> tuple[int, int]:
        """How many events there are, and how many failed ones. Raises WindowUnavailable."""

    async def events(self, *, good: bool) -> Sequence[MicroEvent]:
        """The events, or the failed ones, newest first. Raises WindowUnavailable."""

    async def reset(self) -> None:
        """Empty the window. Raises WindowUnavailable."""


class MemoryWindow:
    """The newest `most` events of one process, `most_bytes` together. For one event loop."""

    def __init__(self, most: int, most_bytes: int = 256 * 1024 * 1024) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._size = 0
        self._events: deque[MicroEvent] = deque()

    def add(self, batch: Sequence[MicroEvent]) -> None:
        """Put the events of one request in front of those that are there."""
        self._events.extend(reversed(batch))
        self._size += sum(len(event.body) for event in batch)
        while len(self._events) > self._most or self._size > self._most_bytes:
            self._size -= len(self._events.popleft().body)

    async def count(self) -> tuple[int, int]:
        """How many events there are, and how many failed ones."""
        good = sum(event.good for event in self._events)
        return good, len(self._events) - good

    async def events(self, *, good: bool) -> Sequence[MicroEvent]:
        """The events, or the failed ones, newest first."""
        return [event for event in reversed(self._events) if event.good == good]

    async def reset(self) -> None:
        """Forget all events."""
        self._events.clear()
        self._size = 0


class FeedWindow:
    """What the feed holds since the last reset.

    A reset is a cursor in a file beside the feed, so that all workers know of it; nothing but that
    number stands in it.
    """

    def __init__(self, feed: FeedAccess, mark: Path) -> None:
        self._feed = feed
        self._mark = mark
        self._lock = asyncio.Lock()

    async def count(self) -> tuple[int, int]:
        """How many events there are, and how many failed ones."""
        good, bad = await self._read(_is_good)
        return sum(good), sum(bad)

    async def events(self, *, good: bool) -> Sequence[MicroEvent]:
        """The events, or the failed ones, newest first."""
        return (await self._read(_event))[not good][::-1]

    async def reset(self) -> None:
        """Begin behind the newest entry."""
        try:
            last = await self._feed.last()
            fresh = self._mark.with_name(f"{self._mark.name}.new")
            fresh.write_text(str(last))
            fresh.replace(self._mark)
        except Exception as error:
            raise WindowUnavailable("the window cannot be emptied") from error

    async def _read(self, make: Callable[[Any], Any]) -> tuple[list[Any], list[Any]]:
        found: tuple[list[Any], list[Any]] = ([], [])
        async with self._lock:
            cursor = self._since()
            try:
                while entries := await self._feed.after(cursor, _CHUNK):
                    cursor = entries[-1][0]
                    await asyncio.to_thread(_sort, entries, make, found)
            except Exception as error:
                raise WindowUnavailable("the feed cannot be read") from error
        return found

    def _since(self) -> int:
        try:
            return int(self._mark.read_text())
        except (OSError, ValueError):
            return 0


def _sort(
    entries: Sequence[tuple[int, bytes]],
    make: Callable[[Any], Any],
    found: tuple[list[Any], list[Any]],
) -> None:
    for _, raw in entries:
        entry = _decode(raw)
        if entry["kind"] in ("event", "failed"):
            found[entry["kind"] == "failed"].append(make(entry))


def _is_good(_entry: Any) -> bool:
    return True


def _event(entry: Mapping[str, Any]) -> MicroEvent:
    """The entry of `/micro` for an entry of the feed."""
    anonymous = bool(entry["server_anonymous"])
    if entry["kind"] == "event":
        row = entry["event"]
        request = of_row(row, server_anonymous=anonymous)
        return good_event(row, request, parameters_of(row), server_anonymous=anonymous)
    sent = entry["payload"]
    request = of_row(entry, server_anonymous=anonymous)
    return bad_event(entry, request, sent if isinstance(sent, dict) else {})


def parameters_of(row: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of a tracker that would give such an event (B.6).

    The feed does not keep what was sent. What a request may have brought instead of its tracker is
    left out, and of two parameters for one column it is the usual one.
    """
    found = {}
    for parameter in _REBUILT:
        values = [row.get(column) for column in parameter.columns]
        if None not in values:
            found[parameter.name] = _sent(parameter, values)
    return found


def _sent(parameter: Parameter, values: Sequence[Any]) -> str:
    value = values[0]
    if parameter.converter == "dims":
        return "x".join(map(str, values))
    if parameter.converter == "event":
        return _CODES.get(value, str(value))
    if parameter.converter == "ts":
        return str(milliseconds(value))
    if parameter.converter == "bool":
        return "1" if value else "0"
    return str(value)

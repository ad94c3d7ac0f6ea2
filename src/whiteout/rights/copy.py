"""A copy of what is stored about somebody, for whoever has a right to it: JSON, event by event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from whiteout.lake import Progress, look_through
from whiteout.protocol.columns import EVENT_COLUMNS, FAILED_COLUMNS
from whiteout.protocol.folders import iso, now
from whiteout.rights.judge import Judge
from whiteout.rights.selector import Selector

_TABLES = ("events", "failed_events")
_NESTED = frozenset(c.name for c in (*EVENT_COLUMNS, *FAILED_COLUMNS) if c.type == "json")


def person_copy(
    folder: Path, selector: Selector, progress: Progress | None = None
) -> Iterator[bytes]:
    """A JSON document in pieces: the events that `forget` would remove, with all their values.

    Absent values are left out, JSON in columns is decoded, times are in UTC. The same events as
    those that an erasure takes out. Raises LakeError and SearchError.
    """
    judge = Judge(selector)
    head = {"by": selector.kind.name, "value": selector.value, "copied": now()}
    yield msgspec.json.encode(head)[:-1]
    for table in _TABLES:
        yield f',"{table}":['.encode()
        between = b"\n"
        for _, values in look_through(folder / "lake", table, judge.clue, progress):
            change = judge.change(values)
            if change is not None and change.gone:
                yield between + msgspec.json.encode(_plain(values))
                between = b",\n"
        yield b"]"
    yield b"}\n"


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(name, value) for name, value in values.items() if value is not None}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if name in _NESTED:
        try:
            return msgspec.json.decode(value)
        except msgspec.DecodeError:
            return value
    return value

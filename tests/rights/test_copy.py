"""A copy of somebody's data holds just what an erasure would remove."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.rights.people import Person, contexts, event_id, loaded, record
from whiteout.rights import Selector, person_copy

ANN, BOB = Person.number(1), Person.number(2)


def copied(folder: Path, kind: str, value: str) -> dict[str, Any]:
    """The copy of somebody's data, read back."""
    pieces = person_copy(folder, Selector.of(kind, value))
    document: dict[str, Any] = json.loads(b"".join(pieces))
    return document


async def test_a_copy_has_all_of_somebody_and_nobody_else(tmp_path: Path) -> None:
    """Events and failed events, found in columns and in entities, with JSON decoded."""
    await loaded(
        tmp_path,
        [
            record(ANN, 1, cx=contexts(userId=ANN.domain_userid)),
            record(BOB, 2, day=1),
            record(BOB, 3, duid="", cx=contexts(userId=ANN.domain_userid)),
            record(ANN, 4, e="zz"),
            record(BOB, 5, cx=contexts(previousSessionId=ANN.session)),
        ],
    )
    document = copied(tmp_path, "domain_userid", ANN.domain_userid)
    assert (document["by"], document["value"]) == ("domain_userid", ANN.domain_userid)
    assert sorted(event["event_id"] for event in document["events"]) == sorted(
        [event_id(1), event_id(3)]
    )
    assert [event["event_id"] for event in document["failed_events"]] == [event_id(4)]
    first = next(e for e in document["events"] if e["event_id"] == event_id(1))
    session = first["contexts"]["data"][0]["data"]
    assert session["userId"] == ANN.domain_userid
    assert first["collector_tstamp"] == "2026-01-01T10:00:00.001Z"
    assert "page_title" not in first
    # The visit after only points at the one before.
    events = copied(tmp_path, "session", ANN.session)["events"]
    assert [event["event_id"] for event in events] == [event_id(1)]


async def test_a_copy_of_nobody_is_empty(tmp_path: Path) -> None:
    """Nothing stored is said as such, in a lake and without one."""
    empty = copied(tmp_path, "user_id", ANN.user_id)
    assert (empty["events"], empty["failed_events"]) == ([], [])
    await loaded(tmp_path, [record(BOB, 1)])
    empty = copied(tmp_path, "user_id", ANN.user_id)
    assert (empty["events"], empty["failed_events"]) == ([], [])

"""What a change of mode or strategy leaves behind (2.3 of the protocol, as corrected)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tag.tables import table
from tests.tracker.support import BOTH, SERVER, SESSION, Bench
from whiteout.privacy import Mode
from whiteout.testing import SentEvent
from whiteout.tracker import Tracker

LEVELS: dict[str, Any] = {
    "identified": None,
    "anonymous": {"with_session_tracking": False, "with_server_anonymisation": False},
    "anonymous session": {**SESSION, "with_server_anonymisation": False},
    "server-anonymous": {**SERVER, "with_session_tracking": False},
    "server-anonymous session": BOTH,
}
ROWS = table("python.md", "### What a change leaves behind")


def go(tracker: Tracker, where: str) -> None:
    """Bring a tracker to a mode, and to a strategy if one is named."""
    mode, _, strategy = where.partition(", ")
    wanted = LEVELS[mode]
    if wanted is None:
        tracker.disable_anonymous_tracking(state_storage_strategy=strategy or None)
    else:
        tracker.enable_anonymous_tracking(wanted, state_storage_strategy=strategy or None)


def compared(before: str | None, after: str | None, first: str = "") -> str:
    """An id beside those of earlier events."""
    if not after:
        return ""
    return "same" if after == before else "the visitor's" if after == first else "new"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['from']} to {row['to']}")
def test_changes(bench: Bench, row: dict[str, str]) -> None:
    """Each change leaves what the row says (W4, W6, W8, W12, W16, W23; contracts 3 and 4).

    The visitor was identified on an earlier day, so there is a stored one to come back to.
    """
    tracker = bench.tracker()
    tracker.set_user_id("bob")
    visitor = bench.view(tracker)
    go(tracker, row["from"])
    before = bench.view(tracker)
    bench.collector.down = True
    waits = tracker.track_struct_event("c", "waits")
    go(tracker, row["to"])
    bench.collector.down = False
    assert tracker.flush()
    (waited,) = [event for event in bench.collector if event["eid"] == waits]
    tracker.track_struct_event("c", "after")
    after = bench.last
    tracker.flush()
    pages = [str((event.entity("web_page") or {})["id"]) for event in (before, after)]
    local = {name.partition(".")[0] for name in bench.local.keys()}  # noqa: SIM118
    cookies = {name.partition(".")[0] for name in bench.cookies.keys()}  # noqa: SIM118
    assert {
        "visitor": compared(visitor["duid"], after.get("duid")),
        "session": compared(before.get("sid"), after.get("sid"), visitor["sid"]),
        "page view": compared(*pages),
        "what waited": said(waited),
        "cookies": ", ".join(sorted(cookies)),
        "local storage": ", ".join(sorted(local)),
    } == {name: row[name] for name in row if name not in {"from", "to"}}


def said(event: SentEvent) -> str:
    """The mode that an event shows."""
    names = {
        Mode.IDENTIFIED: "identified",
        Mode.ANONYMOUS: "anonymous",
        Mode.ANONYMOUS_SESSION: "anonymous session",
        Mode.SERVER_ANONYMOUS: "server-anonymous",
        Mode.SERVER_ANONYMOUS_SESSION: "server-anonymous session",
    }
    return names[event.mode]


def test_the_table_has_every_change_of_mode() -> None:
    """Each mode can follow each other one."""
    listed = {(row["from"], row["to"]) for row in ROWS}
    assert {(one, two) for one in LEVELS for two in LEVELS if one != two} <= listed

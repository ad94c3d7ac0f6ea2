"""Requests between processes: durable, for the owner's eyes only, and gone when they are done."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from whiteout.rights import Desk, DeskError
from whiteout.rights.desk import State

SECRET = "ann@example.com"


def test_a_request_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    """It names somebody, so nobody else may read it."""
    Desk(tmp_path).ask("forget", selector="user_id", value=SECRET)
    folder = tmp_path / "requests"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in folder.iterdir()] == [0o600]


def test_requests_wait_in_order_until_they_are_done(tmp_path: Path) -> None:
    """A second process reads what the first one asked for."""
    desk = Desk(tmp_path)
    assert desk.waiting() == []
    asked = [desk.ask("forget", selector="user_id", value=SECRET), desk.ask("retain", days=3)]
    assert Desk(tmp_path).waiting() == asked
    assert desk.receipt(asked[0].number) is None
    desk.finish(asked[0].number, {"clean": True})
    assert desk.waiting() == asked[1:]
    assert desk.receipt(asked[0].number) == {"clean": True}


def test_what_a_request_said_is_overwritten(tmp_path: Path) -> None:
    """Contract 16: the request is a copy of the identifier too; its bytes go before its name."""
    desk = Desk(tmp_path)
    request = desk.ask("forget", selector="user_id", value=SECRET)
    [path] = (tmp_path / "requests").iterdir()
    kept = tmp_path / "kept"
    os.link(path, kept)
    desk.note(request.number, State(step="at it"))
    desk.finish(request.number, {})
    assert list((tmp_path / "requests").iterdir()) == []
    assert set(kept.read_bytes()) == {0}
    receipts = (tmp_path / "receipts").iterdir()
    assert not any(SECRET.encode() in path.read_bytes() for path in receipts)


def test_how_far_it_is_survives(tmp_path: Path) -> None:
    """A process that goes on finds what its predecessor noted."""
    desk = Desk(tmp_path)
    request = desk.ask("retain", days=1)
    assert desk.state(request.number) == State()
    state = State(attempts=2, step="at it", done=1, total=3, plan={"events": 4})
    desk.note(request.number, state)
    assert Desk(tmp_path).state(request.number) == state


def test_what_cannot_be_read_holds_nobody_up(tmp_path: Path) -> None:
    """A file that is no request is passed over, and so is a state of another version."""
    desk = Desk(tmp_path)
    request = desk.ask("retain", days=1)
    folder = tmp_path / "requests"
    (folder / "0.request").write_text("{")
    (folder / "1.request").write_text('{"number": "1"}')
    (folder / f"{request.number}.state").write_text(json.dumps({"step": "x", "more": 1}))
    assert desk.waiting() == [request]
    assert desk.state(request.number) == State(step="x")


def test_drafts_of_a_process_that_was_killed_are_wiped(tmp_path: Path) -> None:
    """Half a request names somebody as well."""
    desk = Desk(tmp_path)
    request = desk.ask("retain", days=1)
    old, new = (tmp_path / "requests" / name for name in (".old", ".new"))
    old.write_text(SECRET)
    new.write_text(SECRET)
    os.utime(old, (1, 1))
    desk.finish(request.number, {})
    assert not old.exists()
    assert new.exists()


def test_a_disk_that_refuses_is_a_clear_error(tmp_path: Path) -> None:
    """What cannot be put down says where, and names nobody."""
    (tmp_path / "requests").write_text("no folder")
    with pytest.raises(DeskError, match="requests") as caught:
        Desk(tmp_path).ask("forget", selector="user_id", value=SECRET)
    assert SECRET not in str(caught.value)

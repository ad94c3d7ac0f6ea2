"""Erasure from one end to the other: everything goes that was there, nothing else does."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.rights.people import (
    Person,
    contexts,
    event_id,
    forgotten,
    loaded,
    loader,
    record,
    shown,
    spooled,
    stored,
)
from tests.support.crash import CrashError, after, crash
from whiteout.feed import FeedWriter
from whiteout.lake import LakeError, LakeOwner
from whiteout.proof.search import search_folder
from whiteout.rights import MOST_ATTEMPTS, Desk, lines
from whiteout.rights import work as steps
from whiteout.rights.verify import Verifier
from whiteout.spool import SpoolFile

pytestmark = pytest.mark.slow

ANN, BOB = Person.number(1), Person.number(2)
WHOM = {
    "user_id": ANN.user_id,
    "domain_userid": ANN.domain_userid,
    "network_userid": ANN.network_userid,
    "session": ANN.session,
}


def records(first: int, count: int, days: int = 3) -> list[bytes]:
    """Events of Ann and Bob by turns, on some days; every fifth is a failed one."""
    return [
        record(
            ANN if number % 2 else BOB,
            number,
            day=number % days,
            e="zz" if number % 5 == 0 else "pv",
            cx=contexts(userId=(ANN if number % 2 else BOB).domain_userid),
        )
        for number in range(first, first + count)
    ]


def ids_of(person: Person, numbers: range, table: str = "events") -> list[str]:
    """The ids of a person's events out of `records`, sorted."""
    failed = table == "failed_events"
    odd = person is ANN
    return sorted(event_id(n) for n in numbers if (n % 2 == 1) == odd and (n % 5 == 0) == failed)


@pytest.mark.parametrize("kind", WHOM)
async def test_somebody_is_gone_from_every_copy(tmp_path: Path, kind: str) -> None:
    """Contract 16: events, failed events, spool, feed, files, logs, statistics: not one byte."""
    await loaded(tmp_path, records(0, 20, days=2))
    await spooled(tmp_path, records(20, 10, days=2))
    assert search_folder(tmp_path, {"it": WHOM[kind]})
    receipt = forgotten(tmp_path, kind, WHOM[kind])
    assert search_folder(tmp_path, {"it": WHOM[kind]}) == []
    numbers = range(30)
    # A failed event does not hold the collector's cookie, so it cannot be told whose it is.
    failed = ids_of(ANN, numbers, "failed_events") if kind == "network_userid" else []
    assert stored(tmp_path) == ids_of(BOB, numbers)
    assert stored(tmp_path, "failed_events") == sorted(
        ids_of(BOB, numbers, "failed_events") + failed
    )
    assert receipt["removed"]["events"] == len(ids_of(ANN, numbers))
    want = [event_id(n) for n in numbers if n % 2 == 0] + failed
    assert sorted(shown(tmp_path)) == sorted(want)
    assert receipt["search"]["method"] == "bytes"
    assert receipt["clean"]


async def test_a_receipt_names_nobody(tmp_path: Path) -> None:
    """It says what was done, with counts and times, and neither an identifier nor its hash."""
    await loaded(tmp_path, records(0, 10))
    receipt = forgotten(tmp_path, "user_id", ANN.user_id)
    text = "\n".join(lines(receipt))
    assert "Erased: 4 events, 1 failed event, 5 entries of the live page." in text
    assert "nothing was found" in text
    assert receipt["days"] == ["2026-01-01", "2026-01-02", "2026-01-03"]
    assert search_folder(tmp_path, {"it": ANN.user_id}) == []
    assert "ann" not in text.lower()


async def test_nobody_to_be_found_is_no_error(tmp_path: Path) -> None:
    """A data folder without the person is left as it is, and that is said."""
    await loaded(tmp_path, records(0, 10))
    receipt = forgotten(tmp_path, "user_id", "nobody@example.com")
    assert receipt["clean"]
    assert receipt["removed"] == {"events": 0, "failed_events": 0, "feed": 0}
    assert receipt["files"] == 0
    assert len(stored(tmp_path)) == 8


async def test_a_longer_identifier_of_somebody_else_stays(tmp_path: Path) -> None:
    """Nobody else's events go, and the receipt says that the text is still a part of theirs."""
    other = Person(f"x{ANN.user_id}", BOB.domain_userid, BOB.network_userid, BOB.session)
    await loaded(tmp_path, [record(ANN, 1), record(other, 2), record(ANN, 3, day=1)])
    receipt = forgotten(tmp_path, "user_id", ANN.user_id)
    assert stored(tmp_path) == [event_id(2)]
    assert receipt["clean"]
    assert receipt["search"]["spared"] == 2
    assert "As a part of longer, other values it stands in 2 rows" in "\n".join(lines(receipt))


async def test_a_short_identifier_is_verified_by_value(tmp_path: Path) -> None:
    """What is in every second text by chance is looked for where an identifier can be."""
    ann = Person("ann", ANN.domain_userid, ANN.network_userid, ANN.session)
    anna = Person("anna", BOB.domain_userid, BOB.network_userid, BOB.session)
    await loaded(tmp_path, [record(ann, 1), record(anna, 2), record(ann, 5, e="zz")])
    receipt = forgotten(tmp_path, "user_id", "ann")
    assert (stored(tmp_path), stored(tmp_path, "failed_events")) == ([event_id(2)], [])
    assert shown(tmp_path) == [event_id(2)]
    assert (receipt["search"]["method"], receipt["clean"]) == ("values", True)
    assert "too short or too common" in "\n".join(lines(receipt))


async def test_what_points_at_a_visit_is_changed(tmp_path: Path) -> None:
    """The next visit keeps its events without the reference (R35)."""
    after = record(BOB, 2, cx=contexts(previousSessionId=ANN.session))
    await loaded(tmp_path, [record(ANN, 1), after])
    receipt = forgotten(tmp_path, "session", ANN.session)
    assert stored(tmp_path) == [event_id(2)]
    assert (receipt["changed"], receipt["clean"]) == (1, True)


async def test_a_copy_that_cannot_be_removed_is_told(tmp_path: Path) -> None:
    """A damaged spool file that was set aside is found, named, and not called clean."""
    await loaded(tmp_path, records(0, 10))
    (tmp_path / "spool/spool-1.db.corrupt-1").write_bytes(b"..." + ANN.user_id.encode())
    receipt = forgotten(tmp_path, "user_id", ANN.user_id)
    assert not receipt["clean"]
    assert receipt["search"]["found"] == ["spool/spool-1.db.corrupt-1"]
    assert "NOT CLEAN" in "\n".join(lines(receipt))


async def test_logs_of_the_spool_are_emptied(tmp_path: Path) -> None:
    """What was released stands in the log of SQLite until that is cut, worker or not."""
    await loaded(tmp_path, records(0, 5))
    with sqlite3.connect(tmp_path / "spool/spool-1.db") as database:
        database.execute("SELECT count(*) FROM record").fetchall()
        await spooled(tmp_path / "other", records(5, 5))
        forgotten(tmp_path, "user_id", ANN.user_id)
        assert (tmp_path / "spool/spool-1.db-wal").stat().st_size == 0
    database.close()


async def test_later_events_stay(tmp_path: Path) -> None:
    """What is accepted after the request was taken up is nobody's business but a new request's."""
    await loaded(tmp_path, records(0, 10))
    forgotten(tmp_path, "user_id", ANN.user_id)
    await loaded(tmp_path, records(10, 10))
    assert stored(tmp_path) == sorted(ids_of(BOB, range(20)) + ids_of(ANN, range(10, 20)))


@pytest.mark.parametrize(
    ("target", "name", "late"),
    [
        (LakeOwner, "commit", True),
        (LakeOwner, "plan", True),
        (FeedWriter, "remove", False),
        (FeedWriter, "remove", True),
        (LakeOwner, "carry_out", False),
        (LakeOwner, "carry_out", True),
        (LakeOwner, "purge", False),
        (LakeOwner, "purge", True),
        (steps, "empty_logs", True),
        (Verifier, "run", True),
        (Desk, "_wipe", False),
        (Desk, "_wipe", True),
    ],
)
async def test_a_crash_at_any_step_is_made_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: Any, name: str, *, late: bool
) -> None:
    """Contract 16: the next loader goes on before it stores anything newer; later events stay."""
    await loaded(tmp_path, records(0, 10, days=1))
    await spooled(tmp_path, records(10, 10, days=1))
    request = Desk(tmp_path).ask("forget", selector="user_id", value=ANN.user_id)
    work = loader(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(target, name, after(getattr(target, name)) if late else crash)
        with pytest.raises(CrashError):
            work.attend()
    work.close()
    taken_in = target is not LakeOwner or name != "commit"
    await spooled(tmp_path, records(20, 10, days=1))
    again = loader(tmp_path)
    again.attend()
    again.drain()
    again.close()
    later = range(20, 30) if taken_in else range(0)
    for table in ("events", "failed_events"):
        want = sorted(ids_of(BOB, range(30), table) + ids_of(ANN, later, table))
        assert stored(tmp_path, table) == want
    receipt = Desk(tmp_path).receipt(request.number)
    assert receipt is not None
    assert receipt["clean"]
    counted = range(20) if taken_in else range(30)
    if (target, name) != (LakeOwner, "plan"):
        assert receipt["removed"]["events"] == len(ids_of(ANN, counted))
    assert list((tmp_path / "requests").iterdir()) == []


async def test_what_a_crash_left_in_the_spool_goes_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that the lake has and the spool has as well is in neither in the end."""
    await spooled(tmp_path, records(0, 10))
    Desk(tmp_path).ask("forget", selector="user_id", value=ANN.user_id)
    work = loader(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(SpoolFile, "release", crash)
        with pytest.raises(CrashError):
            work.attend()
    work.close()
    work = loader(tmp_path)
    work.attend()
    work.close()
    assert search_folder(tmp_path, {"it": ANN.user_id}) == []
    assert stored(tmp_path) == ids_of(BOB, range(10))


async def test_a_request_that_never_succeeds_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events must be stored although a request cannot be carried out; its receipt says why."""
    await loaded(tmp_path, records(0, 4))
    request = Desk(tmp_path).ask("forget", selector="user_id", value=ANN.user_id)

    def refuse(*_: object, **__: object) -> None:
        raise LakeError("the disk is full")

    work = loader(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(LakeOwner, "plan", refuse)
        for _ in range(MOST_ATTEMPTS):
            with pytest.raises(LakeError):
                work.attend()
        assert Desk(tmp_path).state(request.number).trouble == "the disk is full"
        work.attend()
    work.close()
    receipt = Desk(tmp_path).receipt(request.number)
    assert receipt is not None
    assert (receipt["clean"], receipt["failed"]) == (False, "the disk is full")
    assert "NOT DONE: the disk is full" in list(lines(receipt))
    assert Desk(tmp_path).waiting() == []


async def test_nothing_of_an_identifier_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """House rule: no log line holds an identifier, not even that of a request."""
    caplog.set_level("DEBUG")
    await loaded(tmp_path, records(0, 4))
    receipt = forgotten(tmp_path, "user_id", ANN.user_id)
    assert receipt["receipt"] in caplog.text
    assert ANN.user_id not in caplog.text
    assert json.dumps(receipt) not in caplog.text

"""The privacy desk's work in child processes: one of a kind, seen by all, naming nobody."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.rights.people import Person, event_id, loaded, record, stored
from tests.support.process import wait_until
from whiteout import job as jobs
from whiteout.commands import asking
from whiteout.commands import proof as commands
from whiteout.config import Config, load
from whiteout.desk import JOBS, PrivacyDesk, write_state
from whiteout.job import Job
from whiteout.live import DeskBusy, DeskUnavailable, Order
from whiteout.proof.report import Report, Table, Verdict
from whiteout.protocol.folders import RECEIPTS

ANN, BOB = Person.number(1), Person.number(2)
LEAK = Report(
    command="audit",
    verdict=Verdict.LEAK,
    headline="1 finding.",
    facts=(("Events", 1),),
    tables=(
        Table("findings", "Findings", ("rule", "rows"), [("user_id", 1)], bad=True),
        Table("first_rows", "First rows", ("id",), [(event_id(1),)], bad=True),
    ),
)


def config(folder: Path, **flags: object) -> Config:
    """A configuration with a token."""
    return load({"data": str(folder), "token": "the-very-token", **flags}, environ={})[0]


def state_of(desk: PrivacyDesk, kind: str) -> dict[str, Any]:
    """How the last job of a kind stands."""
    jobs = desk.state()["jobs"]
    return next((job for job in jobs if job["kind"] == kind), {})


def wait_for(desk: PrivacyDesk, kind: str, status: str, seconds: float = 30) -> dict[str, Any]:
    """Wait until a job has come so far."""
    wait_until(
        lambda: state_of(desk, kind).get("status") == status,
        seconds,
        lambda: f"{status}: {state_of(desk, kind)}",
    )
    return state_of(desk, kind)


def processes(*words: bytes) -> list[int]:
    """Processes in whose arguments or environment something stands."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            text = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if entry.name.isdigit() and any(word in text for word in words):
            found.append(int(entry.name))
    return found


def child_of(desk: PrivacyDesk) -> int:
    """The process that works for a desk."""
    return desk._children[0].pid


async def test_forgetting(tmp_path: Path) -> None:
    """It is done as by the command; every worker sees it; the identifier is with nobody."""
    await loaded(tmp_path, [record(ANN, 1), record(BOB, 2)])
    desk, other = PrivacyDesk(config(tmp_path)), PrivacyDesk(config(tmp_path))
    job = desk.start(Order("forget", selector="user_id", value=ANN.user_id))
    assert job["status"] == state_of(other, "forget")["status"] == "running"
    with pytest.raises(DeskBusy):
        other.start(Order("forget", selector="user_id", value=BOB.user_id))
    secrets = [ANN.user_id.encode(), b"the-very-token"]
    seen: list[int] = []

    def done() -> bool:
        seen.extend(set(processes(*secrets)) - {os.getpid()})
        return bool(state_of(other, "forget")["status"] != "running")

    wait_until(done, 30)
    assert seen == []
    found = state_of(other, "forget")
    assert (found["status"], found["clean"]) == ("done", True)
    (receipt,) = other.state()["receipts"]
    assert receipt["receipt"] == found["receipt"]
    assert receipt["removed"]["events"] == 1
    assert stored(tmp_path) == [event_id(2)]
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(secret in path.read_bytes() for path in left for secret in secrets)
    assert json.loads(other.receipt(f"{receipt['receipt']}.json") or b"")["by"] == "user_id"
    assert {path.stat().st_mode & 0o77 for path in left if path.parent.name == JOBS} == {0}


async def test_an_order_for_nobody_is_told(tmp_path: Path) -> None:
    """What the command would refuse fails with its words, and no request is made."""
    await loaded(tmp_path, [record(ANN, 1)])
    desk = PrivacyDesk(config(tmp_path))
    desk.start(Order("forget", selector="event", value="first"))
    assert "is a UUID" in wait_for(desk, "forget", "failed")["error"]
    assert not (tmp_path / "requests").exists()
    assert desk.state()["receipts"] == []


async def test_an_audit_keeps_its_report(tmp_path: Path) -> None:
    """The report stands among the receipts, as JSON and as a page."""
    await loaded(tmp_path, [record(ANN, 1)])
    desk = PrivacyDesk(config(tmp_path))
    desk.start(Order("audit", full=True))
    job = wait_for(desk, "audit", "done")
    (receipt,) = desk.state()["receipts"]
    assert receipt["headline"] == "No stored event holds what its mode forbids."
    whole = json.loads(desk.receipt(f"{job['receipt']}.json") or b"")
    assert ["Events", 1] in whole["report"]["facts"]
    assert b"<!doctype html>" in (desk.receipt(f"{job['receipt']}.html") or b"")


def test_a_proof_is_stopped_from_any_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends soon, and nothing of the system that was proved is left; neither at the end."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    desk, other = PrivacyDesk(config(tmp_path)), PrivacyDesk(config(tmp_path))
    assert not other.stop("prove")

    def started() -> bool:
        return any(temporary.iterdir())

    desk.start(Order("prove"))
    wait_until(started, 20)
    assert other.stop("prove")
    wait_for(other, "prove", "stopped")
    wait_until(lambda: processes(str(temporary).encode() + b"/whiteout-prove") == [])
    assert list(temporary.iterdir()) == []

    desk.start(Order("prove"))
    wait_until(started, 20)
    desk.close()
    assert state_of(other, "prove")["status"] == "stopped"
    wait_until(lambda: processes(str(temporary).encode() + b"/whiteout-prove") == [])
    assert list(temporary.iterdir()) == []
    assert other.state()["receipts"] == []


def test_a_job_that_is_killed_has_ended(tmp_path: Path) -> None:
    """Nobody waits for what is gone, and it can be begun anew at once."""
    desk = PrivacyDesk(config(tmp_path))
    for _ in range(2):
        desk.start(Order("audit"))
        os.kill(child_of(desk), signal.SIGKILL)
        wait_for(desk, "audit", "ended")


def test_requests_of_others_are_seen(tmp_path: Path) -> None:
    """What a command asked for stands there too; whom it is about is not read."""
    folder = tmp_path / "requests"
    folder.mkdir()
    (folder / "1.request").write_text('{"value": "ann"}')
    (folder / "1.state").write_text('{"step": "looking for rows", "done": 1, "total": 3}')
    (folder / "2.request").write_text("{}")
    waiting = PrivacyDesk(config(tmp_path)).state()["waiting"]
    assert [one["step"] for one in waiting] == ["looking for rows", None]
    assert "ann" not in json.dumps(waiting)


def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    """The page learns why nothing is begun."""
    (tmp_path / JOBS).write_text("in the way")
    with pytest.raises(DeskUnavailable, match="cannot be used"):
        PrivacyDesk(config(tmp_path)).start(Order("audit"))


def test_profiles_stand_beside_the_configuration(tmp_path: Path) -> None:
    """All of them, with what is met and what is not."""
    found = PrivacyDesk(config(tmp_path, profile="cnil")).profiles()
    by_name = {one["profile"]: one for one in found}
    assert by_name["cnil"]["chosen"]
    assert by_name["cnil"]["not_met"] == 0
    assert by_name["gpc-strict"]["not_met"] > 0
    assert all(one["requirements"] for one in found)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A job in this process."""
    (tmp_path / JOBS).mkdir()
    given = {"kind": "prove", "began": "2026-11-24T10:00:00.000Z", "status": "running"}
    return Job(config(tmp_path), {**given, "running": True, "full": False})


def last(folder: Path, kind: str) -> dict[str, Any]:
    """What a job wrote down last."""
    found: dict[str, Any] = json.loads((folder / JOBS / f"{kind}.json").read_bytes())
    return found


def test_a_proof_of_this_system(job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is proved where it listens, in its own folder, with its token; and says how far it is."""
    asked: list[Any] = []

    def proved(tell: Any, *place: Any, **more: Any) -> Report:
        tell("sending")
        tell("x" * 10_000)
        asked.extend([*place, more, len(last(tmp_path, "prove")["step"])])
        return LEAK

    monkeypatch.setattr(commands, "proved", proved)
    jobs.prove(job)
    assert asked == ["http://127.0.0.1:9090", tmp_path, {"token": "the-very-token"}, 300]
    assert (last(tmp_path, "prove")["status"], last(tmp_path, "prove")["clean"]) == ("done", False)


def test_no_event_is_named_in_a_kept_audit(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids of events could be somebody's to erase; the newest hundred reports are kept."""
    monkeypatch.setattr(commands, "audited", lambda *_, **__: (LEAK, None))
    receipts = tmp_path / RECEIPTS
    receipts.mkdir()
    erasure = receipts / "20250101T000000000000-00000000.json"
    erasure.write_text("{}")
    for number in range(100):
        for end in ("json", "html"):
            (receipts / f"20260101T0000{number:08d}-00000000.{end}").write_text("{}")
    jobs.audit(job)
    kept = sorted(path.name for path in receipts.glob("*.json"))
    assert len(kept) == 101
    assert (kept[0], kept[1][13:21]) == (erasure.name, "00000001")
    text = (receipts / kept[-1]).read_text() + (receipts / kept[-1]).with_suffix(
        ".html"
    ).read_text()
    assert "Findings" in text
    assert event_id(1) not in text


def test_progress_is_bounded(job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often something is told, the disk hears of it a few times a second."""
    written: list[dict[str, Any]] = []
    monkeypatch.setattr(jobs, "write_state", lambda _, state: written.append(dict(state)))
    for number in range(5_000):
        job.tell("reading files", number, 5_000)
    assert 1 <= len(written) < 50


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (asking.AskingError("the disk is full"), "the disk is full"),
        (ValueError("ann@example.com"), "ValueError"),
    ],
)
def test_errors_of_others_are_only_named(error: Exception, words: str) -> None:
    """What a library says could name somebody."""
    assert jobs._words(error) == words


def test_states_are_written_whole(tmp_path: Path) -> None:
    """No draft stays."""
    write_state(tmp_path, {"kind": "audit", "status": "running"})
    assert [path.name for path in tmp_path.iterdir()] == ["audit.json"]
    assert re.fullmatch(r"\{.*\}", (tmp_path / "audit.json").read_text())

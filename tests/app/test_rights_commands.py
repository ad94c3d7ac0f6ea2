"""The commands `forget`, `retain` and `export`: what they take, print, write and exit with."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from tests.rights.people import Person, event_id, loaded, loader, record, spooled, stored
from whiteout.cli import main
from whiteout.commands import asking
from whiteout.flag import Flag
from whiteout.lake import LakeError
from whiteout.lake.locks import OwnerLock
from whiteout.pipeline import Loader
from whiteout.rights import Desk

ANN, BOB = Person.number(1), Person.number(2)


def run(folder: Path, command: str, *arguments: str, given: str | None = None) -> Result:
    """Run a command on a data folder."""
    return CliRunner().invoke(main, [command, "--data", str(folder), *arguments], input=given)


@contextmanager
def running(folder: Path) -> Iterator[None]:
    """A loader that runs meanwhile, as its process would."""
    ready, stop = threading.Event(), Flag()

    def work() -> None:
        running = loader(folder, commit_interval=0.1)
        ready.set()
        running.run(stop)
        running.close()

    thread = threading.Thread(target=work)
    thread.start()
    ready.wait(10)
    try:
        yield
    finally:
        stop.set()
        thread.join()


async def filled(folder: Path) -> None:
    """Two events of Ann and one of Bob, on two days, and one of each in the spool."""
    await loaded(folder, [record(ANN, 1), record(BOB, 2), record(ANN, 3, day=1)])
    await spooled(folder, [record(ANN, 4), record(BOB, 5)])


async def test_forget_works_without_a_loader(tmp_path: Path) -> None:
    """The command owns the lake itself; what waits in the spool counts as well."""
    await filled(tmp_path)
    result = run(tmp_path, "forget", "--user-id", ANN.user_id, "--yes", "--json")
    assert result.exit_code == 0, result.output
    receipt = json.loads(result.stdout)
    assert receipt["removed"]["events"] == 3
    assert stored(tmp_path) == sorted([event_id(2), event_id(5)])


async def test_forget_hands_the_request_to_a_running_loader(tmp_path: Path) -> None:
    """One process owns the lake: with a loader there, that carries the request out."""
    await filled(tmp_path)
    with running(tmp_path):
        result = run(tmp_path, "forget", "--user-id", "-", "--yes", given=f"{ANN.user_id}\n")
    assert result.exit_code == 0, result.output
    assert "Erased: 3 events" in result.stdout
    assert stored(tmp_path) == sorted([event_id(2), event_id(5)])


async def test_a_loader_that_ended_is_stood_in_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the loader goes away before it is done, the command takes over after a while."""
    monkeypatch.setattr(asking, "_TAKE_OVER", 0.3)
    await filled(tmp_path)
    held = OwnerLock(tmp_path / "lake")
    ending = threading.Timer(0.5, held.release)
    ending.start()
    result = run(tmp_path, "forget", "--session", ANN.session, "--yes")
    ending.join()
    assert result.exit_code == 0, result.output
    assert stored(tmp_path) == sorted([event_id(2), event_id(5)])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "say whom it is about"),
        (("--user-id", "a", "--event", "b"), "one identifier at a time"),
        (("--event", "first"), "is a UUID"),
        (("--user-id", "unknown"), "stands for nobody"),
        (("--user-id", "ann"), "add --yes"),
    ],
)
def test_forget_says_what_it_needs(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    """Nothing is removed on a misunderstanding, and nothing without a yes."""
    result = run(tmp_path, "forget", *arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert not (tmp_path / "requests").exists()


async def test_what_cannot_be_removed_is_an_exit_code(tmp_path: Path) -> None:
    """A script sees that something is left."""
    await filled(tmp_path)
    (tmp_path / "spool/spool-1.db.corrupt-1").write_bytes(ANN.user_id.encode())
    result = run(tmp_path, "forget", "--user-id", ANN.user_id, "--yes")
    assert result.exit_code == 1
    assert "spool/spool-1.db.corrupt-1" in result.stdout


async def test_an_interrupted_request_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C loses nothing: the next command, or a loader, goes on."""
    await filled(tmp_path)

    def interrupt(_: Loader) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Loader, "attend", interrupt)
        result = run(tmp_path, "forget", "--user-id", ANN.user_id, "--yes")
    assert result.exit_code == 1
    assert "is kept" in result.output
    assert ANN.user_id not in result.output
    result = run(tmp_path, "retain", "--days", "36500", "--yes")
    assert result.exit_code == 0
    assert stored(tmp_path) == sorted([event_id(2), event_id(5)])


async def test_a_disk_that_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What went wrong and what happens next are said; the request is kept."""
    await filled(tmp_path)

    def refuse(_: Loader) -> None:
        raise LakeError("the disk is full")

    monkeypatch.setattr(Loader, "attend", refuse)
    result = run(tmp_path, "forget", "--user-id", ANN.user_id, "--yes")
    assert result.exit_code == 1
    assert "the disk is full; what was asked for is kept" in result.output
    assert len(Desk(tmp_path).waiting()) == 1


async def test_retain_prints_a_receipt(tmp_path: Path) -> None:
    """F-P24: everything here is older than a day."""
    await filled(tmp_path)
    result = run(tmp_path, "retain", "--days", "1", "--yes", "--json")
    assert result.exit_code == 0, result.output
    receipt: dict[str, Any] = json.loads(result.stdout)
    assert (receipt["days_kept"], receipt["removed"]["events"]) == (1, 5)
    assert stored(tmp_path) == []


async def test_export_of_somebody(tmp_path: Path) -> None:
    """JSON to standard output or to a file of the owner's alone; what is missing is said."""
    await filled(tmp_path)
    target = tmp_path / "copy.json"
    result = run(tmp_path, "export", "--user-id", ANN.user_id)
    assert result.exit_code == 0, result.output
    assert len(json.loads(result.stdout)["events"]) == 2
    assert "2 records wait in the spool" in result.stderr
    assert run(tmp_path, "export", "--user-id", BOB.user_id, "-o", str(target)).exit_code == 0
    assert len(json.loads(target.read_text())["events"]) == 1
    assert target.stat().st_mode & 0o777 == 0o600


async def test_export_of_a_table(tmp_path: Path) -> None:
    """TSV and Parquet, to one file or a file a day."""
    await filled(tmp_path)
    result = run(tmp_path, "export", "--format", "tsv")
    assert [line.count("\t") for line in result.stdout.splitlines()] == [130] * 3
    target = tmp_path / "events.parquet"
    one = run(tmp_path, "export", "--format", "parquet", "--since", "2026-01-02", "-o", str(target))
    assert one.exit_code == 0, one.output
    found = duckdb.execute("SELECT event_id FROM read_parquet(?)", [str(target)]).fetchall()
    assert found == [(event_id(3),)]
    for form in ("tsv", "parquet"):
        assert run(tmp_path, "export", "--format", form, "-o", f"{tmp_path}/out/").exit_code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        f"events-2026-01-0{day}.{form}" for day in (1, 2) for form in ("parquet", "tsv")
    ]
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--format", "json"), "JSON is the form of one identifier's data"),
        (("--format", "parquet"), "--output"),
        (("--format", "tsv", "--table", "failed_events"), "use --format parquet"),
        (("--format", "tsv", "--user-id", "ann"), "exported as JSON"),
        (("--format", "tsv", "-o", "/nowhere/at/all.tsv"), "cannot write into /nowhere/at"),
    ],
)
async def test_export_says_what_it_needs(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    """A form that does not fit, or a place that does not exist, is a clear error."""
    await loaded(tmp_path, [record(BOB, 2)])
    result = run(tmp_path, "export", *arguments)
    assert result.exit_code in (1, 2)
    assert message in result.output


def test_progress_is_shown_on_a_terminal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Long work says how far it is."""
    desk = Desk(tmp_path)
    request = desk.ask("retain", days=1)
    state = desk.state(request.number)
    state.step, state.done, state.total = "writing files anew", 2, 7
    desk.note(request.number, state)
    with asking._progress(desk, request, asking._on_terminal):
        time.sleep(0.3)
    assert "writing files anew 2/7" in capsys.readouterr().err

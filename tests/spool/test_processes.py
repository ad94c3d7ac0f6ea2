"""Several processes on one folder: locks, sudden death, and a loader that sees it all."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.spool import appender
from whiteout.spool import SpoolReader, SpoolUnavailable, SpoolWriter
from whiteout.spool.lock import FileLock


@contextmanager
def worker(folder: Path, log: Path, total: int = 0) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process that appends; killed at the end if it still runs."""
    program = [sys.executable, appender.__file__, str(folder), "FULL", str(total), "16"]
    with log.open("wb") as out, subprocess.Popen(program, stdout=out) as process:
        try:
            yield process
        finally:
            process.kill()


def lines(log: Path, word: bytes) -> list[bytes]:
    """What stands behind a word on the complete lines of a worker's output."""
    complete = log.read_bytes().rpartition(b"\n")[0]
    return [line.split()[1] for line in complete.splitlines() if line.startswith(word)]


def wait_for(log: Path, word: bytes, count: int = 1) -> None:
    """Wait until a worker has said a word so often."""
    deadline = time.monotonic() + 10
    while len(lines(log, word)) < count:
        assert time.monotonic() < deadline, log.read_bytes()
        time.sleep(0.01)


def records(folder: Path) -> dict[str, list[tuple[int, bytes]]]:
    """Everything in the folder, by file id."""
    reader = SpoolReader(folder)
    try:
        return {file.file_id: file.read(0, 1_000_000, 1 << 40) for file in reader.files()}
    finally:
        reader.close()


async def test_two_processes_never_share_a_file(tmp_path: Path) -> None:
    """A file whose worker lives in another process is not taken; once that is killed, it is."""
    folder, log = tmp_path / "spool", tmp_path / "log"
    with worker(folder, log) as process:
        wait_for(log, b"ack")
        mine = SpoolWriter.open(folder)
        (theirs,) = lines(log, b"file")
        assert mine.file_id != theirs.decode()
        assert len(list(folder.glob("*.db"))) == 2
        process.kill()
        process.wait()
        heir = SpoolWriter.open(folder)
        assert heir.file_id == theirs.decode()
        assert len(list(folder.glob("*.db"))) == 2
        await heir.close()
        await mine.close()


def test_no_acknowledged_record_dies_with_its_worker(tmp_path: Path) -> None:
    """Killed with -9 at random moments: every acknowledged record is there, in order."""
    folder = tmp_path / "spool"
    rounds = random.Random(5)
    reader = SpoolReader(folder)
    position = 0
    seen: set[bytes] = set()

    def load() -> bool:
        nonlocal position
        (file,) = reader.files()
        rows = file.read(position, 500)
        assert [key for key, _ in rows] == list(range(position + 1, position + 1 + len(rows)))
        seen.update(record for _, record in rows)
        position += len(rows)
        file.release(position)
        return bool(rows)

    for number in range(3):
        log = tmp_path / f"log-{number}"
        seen.clear()
        with worker(folder, log) as process:
            wait_for(log, b"ack", 50)
            until = time.monotonic() + rounds.random() * 0.3
            while time.monotonic() < until:
                load()
            process.kill()
            process.wait()
        while load():
            pass
        assert {appender.record(int(line)) for line in lines(log, b"ack")} <= seen
    assert reader.files()[0].backlog() == 0
    reader.close()


def test_a_worker_that_ends_by_itself_leaves_everything(tmp_path: Path) -> None:
    """A clean end: all records, and no journal left behind."""
    folder, log = tmp_path / "spool", tmp_path / "log"
    with worker(folder, log, total=300) as process:
        assert process.wait(20) == 0
    (rows,) = records(folder).values()
    assert sorted(record for _, record in rows) == sorted(map(appender.record, range(300)))
    assert sorted(path.name for path in folder.iterdir()) == ["spool-1.db", "spool-1.db.lock"]


async def test_a_killed_loader_leaves_the_worker_alone(tmp_path: Path) -> None:
    """A loader that dies between reading and releasing loses nothing and holds nothing up."""
    program = (
        "import sys, pathlib; from whiteout.spool import SpoolReader\n"
        "reader = SpoolReader(pathlib.Path(sys.argv[1]))\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    for file in reader.files():\n"
        "        for number, _ in file.read(0, 10):\n"
        "            file.release(number)\n"
    )
    writer = SpoolWriter.open(tmp_path)
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE
        ) as loader:
            assert loader.stdout is not None
            assert loader.stdout.readline() == b"ready\n"
            for _ in range(50):
                await writer.append(bytes(1_000))
            loader.kill()
    await writer.append(b"last")
    (rows,) = records(tmp_path).values()
    assert rows[-1] == (151, b"last")
    assert [number for number, _ in rows] == list(range(rows[0][0], 152))
    await writer.close()


def test_a_program_that_is_executed_does_not_inherit_the_lock(tmp_path: Path) -> None:
    """Close on exec: a child that outlives its worker does not keep the worker's file."""
    lock = FileLock.try_acquire(tmp_path / "lock")
    assert lock is not None
    assert FileLock.try_acquire(tmp_path / "lock") is None
    with subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        close_fds=False,
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert lock._descriptor is not None
        os.close(lock._descriptor)
        again = FileLock.try_acquire(tmp_path / "lock")
        assert again is not None
        again.release()
        again.release()
        child.kill()


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
async def test_a_forked_child_neither_holds_the_lock_nor_appends(tmp_path: Path) -> None:
    """In a forked child there is no thread: it refuses, and cannot keep the file from others."""
    writer = SpoolWriter.open(tmp_path)
    await writer.append(b"x")
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        try:
            writer.append(b"y")
        except SpoolUnavailable:
            theirs.send(b"refused")
            theirs.recv(1)
            os._exit(0)
        os._exit(1)
    assert ours.recv(7) == b"refused"
    assert FileLock.try_acquire(tmp_path / "spool-1.db.lock") is None
    os.close(writer._lock._descriptor or -1)
    writer._lock._descriptor = None
    lock = FileLock.try_acquire(tmp_path / "spool-1.db.lock")
    assert lock is not None
    lock.release()
    ours.send(b".")
    ours.close()
    theirs.close()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    await writer.append(b"z")
    await writer.close()


def test_a_lock_file_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    """Only a lock held by somebody is None; everything else is raised."""
    with pytest.raises(FileNotFoundError):
        FileLock.try_acquire(tmp_path / "missing" / "lock")

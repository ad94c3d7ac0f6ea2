"""Durable means durable: what the kernel saw of `whiteout collect` while events were answered.

Every 200 is written to its socket after a successful fsync that covers its record; where the disk
fails there is no 200. The same check fails for a spool that does not wait for the disk.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.support import strace, unsynced
from tests.support.load import Load, Sent
from tests.support.process import Whiteout, children
from whiteout.protocol.record import decode
from whiteout.spool import SpoolReader

pytestmark = pytest.mark.slow

CLIENTS = 6
EVENTS = 20
WHITEOUT = (sys.executable, "-m", "whiteout")
UNSYNCED = (sys.executable, str(unsynced.__file__))


class Run:
    """What a traced collector did with the events of some clients."""

    def __init__(
        self,
        folder: Path,
        program: Sequence[str] = WHITEOUT,
        inject: Sequence[str] = (),
        workers: int = 1,
        events: int = EVENTS,
    ) -> None:
        log = folder / "strace.log"
        traced = strace.command(log, program, inject)
        server = Whiteout(folder, "--workers", str(workers), command="collect", program=traced)
        with server:
            load = Load(server.port, CLIENTS)
            asyncio.run(load.run(events))
            # Strace itself does not listen to signals.
            for pid in children(server.pid):
                os.kill(pid, signal.SIGTERM)
        self.sent = load.sent
        self.output = server.output().decode()
        self.verdict = strace.verdict(strace.calls(log), answers(self.sent, server.port))
        self.stored = "".join(
            repr(decode(record))
            for file in SpoolReader(server.data / "spool").files()
            for _, record in file.read(0, 100_000)
        )

    def assert_durable(self) -> None:
        """Every 200 that a client got was durable before, and each event is there at most once."""
        answered = self.sent.with_status(200)
        assert {mark.decode() for mark in self.verdict.acknowledged} == answered
        assert self.verdict.early == []
        for event_id in self.sent.statuses:
            count = self.stored.count(event_id)
            assert count == 1 if event_id in answered else count <= 1


def answers(sent: Sent, port: int) -> Callable[[strace.Syscall], Iterator[bytes]]:
    """Recognises a response on a client's connection as the answer to its next request."""
    order = {number: iter(ids) for number, ids in sent.by_port.items()}
    socket = re.compile(rf"TCP:\[127\.0\.0\.1:{port}->127\.0\.0\.1:(\d+)\]")

    def acknowledged(call: strace.Syscall) -> Iterator[bytes]:
        match = socket.fullmatch(call.path)
        if match is None or int(match[1]) not in order or not call.data.startswith(b"HTTP/1.1 "):
            return
        event_id = next(order[int(match[1])])
        if call.data.startswith(b"HTTP/1.1 200 "):
            yield event_id.encode()

    return acknowledged


@pytest.mark.parametrize("workers", [1, 2])
def test_every_200_follows_an_fsync_of_its_record(tmp_path: Path, workers: int) -> None:
    """An event is acknowledged when it is durable, by POST, GET and HEAD, anonymous or not."""
    run = Run(tmp_path, workers=workers)
    assert len(run.sent.with_status(200)) == CLIENTS * EVENTS
    run.assert_durable()


def test_the_check_finds_a_spool_that_does_not_sync(tmp_path: Path) -> None:
    """With synchronous=OFF the very same check fails for every answer."""
    run = Run(tmp_path, UNSYNCED)
    assert len(run.verdict.acknowledged) == CLIENTS * EVENTS
    assert run.verdict.early == run.verdict.acknowledged


@pytest.mark.parametrize(
    "fault",
    [
        "fsync,fdatasync:error=EIO:when=12+",
        "fdatasync,fsync:error=ENOSPC:when=12+",
        "pwrite64:error=ENOSPC:when=60+",
        "pwrite64:error=EIO:when=60+",
    ],
)
def test_no_200_once_the_disk_fails(tmp_path: Path, fault: str) -> None:
    """EIO and ENOSPC: what cannot be made durable gets a 503, and nobody waits for ever."""
    run = Run(tmp_path, inject=[fault])
    assert run.sent.with_status(200), "nothing worked before the fault"
    assert run.sent.with_status(503), "the fault had no effect"
    assert run.sent.with_status(200) | run.sent.with_status(503) == set(run.sent.statuses)
    run.assert_durable()
    assert "Traceback" not in run.output


@pytest.mark.parametrize(
    "fault", ["fsync,fdatasync:error=EIO:when=12..13", "pwrite64:error=ENOSPC:when=60..62"]
)
def test_200_again_when_the_disk_works_again(tmp_path: Path, fault: str) -> None:
    """After a passing fault events are accepted again, and those are durable too."""
    run = Run(tmp_path, inject=[fault], events=4 * EVENTS)
    order = list(run.sent.statuses.values())
    assert order.count(503) > 0
    assert set(order[-CLIENTS:]) == {200}
    run.assert_durable()

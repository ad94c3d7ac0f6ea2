"""Durable means durable: what the kernel saw of a worker, with a sound disk and a failing one."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.spool import appender
from tests.support import strace
from whiteout.spool import SpoolReader

RECORDS = 160
AT_ONCE = 8


def acknowledged(call: strace.Syscall) -> Iterator[bytes]:
    """The marks of the records whose `ack` line this call writes."""
    if call.name == "write":
        for number in re.findall(rb"^ack (\d+)$", call.data, re.MULTILINE):
            yield appender.mark(int(number))


class Run:
    """What a traced worker did."""

    def __init__(self, folder: Path, synchronous: str = "FULL", inject: Sequence[str] = ()) -> None:
        program = [sys.executable, appender.__file__, str(folder / "spool")]
        program += [synchronous, str(RECORDS), str(AT_ONCE)]
        log = folder / "strace.log"
        done = subprocess.run(
            strace.command(log, program, inject), capture_output=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr.decode()
        self.lines = done.stdout.splitlines()
        self.calls = strace.calls(log)
        self.verdict = strace.verdict(self.calls, acknowledged)
        self.stored = [
            record
            for file in SpoolReader(folder / "spool").files()
            for _, record in file.read(0, 2 * RECORDS)
        ]

    def numbers(self, word: str) -> list[int]:
        """The numbers of the records of which the worker said this."""
        return [int(line.split()[1]) for line in self.lines if line.startswith(word.encode())]


def test_every_acknowledgement_follows_a_sync_of_its_record(tmp_path: Path) -> None:
    """An event is acknowledged when it is durable: after an fsync that covers its bytes."""
    run = Run(tmp_path)
    assert sorted(run.verdict.acknowledged) == sorted(map(appender.mark, range(RECORDS)))
    assert run.verdict.early == []
    assert sorted(run.stored) == sorted(map(appender.record, range(RECORDS)))
    syncs = [call for call in run.calls if call.name in strace.SYNCS]
    assert len(syncs) < RECORDS, "commits are not shared"


def test_the_check_finds_a_spool_that_does_not_sync(tmp_path: Path) -> None:
    """With synchronous=OFF the very same check fails for every record."""
    run = Run(tmp_path, "OFF")
    assert len(run.verdict.acknowledged) == RECORDS
    assert run.verdict.early == run.verdict.acknowledged


@pytest.mark.parametrize(
    "fault",
    [
        "fsync,fdatasync:error=EIO:when=10+",
        "pwrite64:error=ENOSPC:when=80+",
        "pwrite64:error=EIO:when=80+",
    ],
)
def test_nothing_is_acknowledged_once_the_disk_fails(tmp_path: Path, fault: str) -> None:
    """EIO and ENOSPC: no acknowledgement without a successful sync, and nobody waits forever."""
    run = Run(tmp_path, inject=[fault])
    acks, refusals = run.numbers("ack"), run.numbers("refused")
    assert acks, "nothing worked before the fault"
    assert refusals, "the fault had no effect"
    assert sorted(acks + refusals) == list(range(RECORDS))
    assert run.verdict.early == []
    assert {appender.record(number) for number in acks} <= set(run.stored)


@pytest.mark.parametrize(
    "fault", ["fsync,fdatasync:error=EIO:when=10..11", "pwrite64:error=ENOSPC:when=80..82"]
)
def test_records_are_accepted_again_when_the_disk_works_again(tmp_path: Path, fault: str) -> None:
    """After a passing fault the file is opened anew, and what is acknowledged then is durable."""
    run = Run(tmp_path, inject=[fault])
    acks, refusals = run.numbers("ack"), run.numbers("refused")
    assert refusals
    assert max(acks) > max(refusals)
    assert run.verdict.early == []
    assert {appender.record(number) for number in acks} <= set(run.stored)

"""The judge of durability itself: it reads what strace writes and is not easily satisfied."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import strace

SOUND = r"""
7 pwrite64(3</d/x.db-wal>, "..<record 1>\0\377\"8..", 20, 0) = 20
7 fdatasync(3</d/x.db-wal> <unfinished ...>
8 write(1<pipe:[5]>, "hello\n", 6) = 6
7 <... fdatasync resumed>) = 0
8 writev(9<TCP:[127.0.0.1:80->127.0.0.1:5]>, [{iov_base="ack"}, {iov_base=" 1\n"}], 2) = 6
8 +++ exited with 0 +++
"""


def acknowledged(call: strace.Syscall) -> Iterator[bytes]:
    """Answers on a socket, as a server gives them."""
    if call.path.startswith("TCP:") and (match := re.fullmatch(rb"ack (\d+)\n", call.data)):
        yield b"<record %d>" % int(match[1])


def judge(tmp_path: Path, text: str) -> strace.Verdict:
    """The verdict over a log."""
    log = tmp_path / "log"
    log.write_text(text.lstrip())
    return strace.verdict(strace.calls(log), acknowledged)


def test_calls_are_read_as_strace_writes_them(tmp_path: Path) -> None:
    """Names, paths, escaped and scattered data, errors, and calls interrupted by others."""
    log = tmp_path / "log"
    log.write_text(SOUND.lstrip() + "7 fsync(3</d>) = -1 EIO (Input/output error) (INJECTED)\n")
    write, hello, sync, answer, failed = strace.calls(log)
    assert (write.pid, write.name, write.path) == (7, "pwrite64", "/d/x.db-wal")
    assert write.data == b'..<record 1>\x00\xff"8..'
    assert (sync.started, sync.ended, hello.started) == (1, 3, 2)
    assert (answer.path, answer.data) == ("TCP:[127.0.0.1:80->127.0.0.1:5]", b"ack 1\n")
    assert (failed.name, failed.error) == ("fsync", "EIO")
    assert write.error is sync.error is answer.error is None


def test_an_answer_after_the_sync_is_sound(tmp_path: Path) -> None:
    """The record was written, the sync began after that and ended before the answer began."""
    assert judge(tmp_path, SOUND) == strace.Verdict([b"<record 1>"], [])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("fdatasync resumed>) = 0", "fdatasync resumed>) = -1 EIO (Input/output error)"),
        ("fdatasync(3</d/x.db-wal>", "fdatasync(3</d/y.db-wal>"),
        ("fdatasync", "madvise"),
        ("<record 1>", "<record 2>"),
        ('8..", 20, 0) = 20', '8..", 20, 0) = -1 ENOSPC (No space left on device)'),
    ],
)
def test_an_answer_without_a_covering_sync_is_early(tmp_path: Path, old: str, new: str) -> None:
    """A sync that failed, of another file, of nothing, or a write that failed does not count."""
    verdict = judge(tmp_path, SOUND.replace(old, new))
    assert verdict == strace.Verdict([b"<record 1>"], [b"<record 1>"])


def test_the_order_of_write_sync_and_answer_counts(tmp_path: Path) -> None:
    """A sync that began before the write, or ended after the answer began, does not count."""
    write, begin, hello, end, answer, over = SOUND.strip().splitlines()
    for order in ([begin, write, hello, end, answer], [write, begin, answer, end, hello]):
        verdict = judge(tmp_path, "\n".join([*order, over, ""]))
        assert verdict == strace.Verdict([b"<record 1>"], [b"<record 1>"])


def test_a_real_program_with_injected_faults(tmp_path: Path) -> None:
    """What the installed strace writes is understood, faults included."""
    program = (
        "import os, sys\n"
        "fd = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY)\n"
        "os.write(fd, bytes(range(256)) * 4)\n"
        "os.fsync(fd)\n"
        "try: os.fdatasync(fd)\n"
        "except OSError: os.writev(1, [b'fai', b'led'])\n"
    )
    log, file = tmp_path / "log", tmp_path / "file"
    done = subprocess.run(
        strace.command(
            log, [sys.executable, "-c", program, str(file)], ["fdatasync:error=EIO:when=1"]
        ),
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"failed"
    found = [(call.name, call.error, call.data) for call in strace.calls(log)]
    assert found == [
        ("write", None, bytes(range(256)) * 4),
        ("fsync", None, b""),
        ("fdatasync", "EIO", b""),
        ("writev", None, b"failed"),
    ]


def test_a_missing_strace_is_a_failure_that_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Durability is never taken on trust: without strace the test fails, with a remedy."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(AssertionError, match="apt-get install strace"):
        strace.command(tmp_path / "log", ["true"])

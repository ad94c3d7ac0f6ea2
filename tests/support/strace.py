"""What a process asked of the kernel, and whether it acknowledged only what an fsync covers.

Run a program with the arguments of `command`, read the log with `calls`, and hand them to
`verdict` together with a function that recognises an acknowledgement. The same works for a script
that prints lines and for a server whose acknowledgements are responses on a socket.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

SYNCS = ("fsync", "fdatasync")
WRITES = ("write", "pwrite64", "writev", "pwritev", "sendto", "sendmsg")

_LINE = re.compile(rb"(?P<pid>\d+) +(?P<rest>.*)")
_UNFINISHED = b" <unfinished ...>"
_RESUMED = re.compile(rb"<\.\.\. (?P<name>\w+) resumed>(?P<rest>.*)")
_CALL = re.compile(
    rb"(?P<name>\w+)\(\d+(?:<(?P<path>.*?)>)?(?P<arguments>[,)].*) = (?P<result>-?\d+)"
    rb"(?: (?P<error>E\w+))?[^\"]*"
)
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Syscall:
    """A finished call on a file descriptor.

    `path` is what the descriptor stands for (with `-yy` also the ends of a socket), `data` what was
    written, `started` and `ended` places in the order of all events. `error` is None on success.
    """

    pid: int
    name: str
    path: str
    data: bytes
    error: str | None
    started: int
    ended: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The marks of the records acknowledged, and of those acknowledged too early, in order."""

    acknowledged: list[bytes]
    early: list[bytes]


def command(log: Path, program: Sequence[str], inject: Sequence[str] = ()) -> list[str]:
    """The command line that runs `program` and its children under strace, logging to a file.

    `inject` holds faults in strace's own words, such as `fdatasync:error=EIO:when=3+`; calls are
    counted per thread. Fails with how to install strace where it is missing.
    """
    strace = shutil.which("strace")
    assert strace is not None, (
        "strace is not installed, and durability cannot be proved without it: "
        "install the package `strace` of your system (Debian: apt-get install strace)"
    )
    faults = [part for fault in inject for part in ("-e", f"inject={fault}")]
    return [
        *(strace, "-f", "--seccomp-bpf", "-yy", "-q", "-s", "1000000", "-o", str(log)),
        *("-e", f"trace={','.join(SYNCS + WRITES)}", "-e", "signal=none", *faults),
        *("--", *program),
    ]


def calls(log: Path) -> list[Syscall]:
    """The finished calls of a log, in the order in which they ended."""
    finished = []
    started: dict[tuple[int, bytes], tuple[int, bytes]] = {}
    for number, line in enumerate(log.read_bytes().splitlines()):
        parts = _LINE.fullmatch(line)
        assert parts is not None, f"not a line of strace: {line!r}"
        pid, rest = int(parts["pid"]), parts["rest"]
        start = number
        if rest.endswith(_UNFINISHED):
            name = rest.partition(b"(")[0]
            started[pid, name] = number, rest.removesuffix(_UNFINISHED)
            continue
        if resumed := _RESUMED.fullmatch(rest):
            start, begun = started.pop((pid, resumed["name"]))
            rest = begun + resumed["rest"]
        if call := _CALL.fullmatch(rest):
            finished.append(
                Syscall(
                    pid=pid,
                    name=call["name"].decode(),
                    path=(call["path"] or b"").decode(),
                    data=b"".join(map(_unescape, _QUOTED.findall(call["arguments"]))),
                    error=call["error"].decode() if call["error"] else None,
                    started=start,
                    ended=number,
                )
            )
    return finished


def verdict(
    traced: Iterable[Syscall], acknowledged: Callable[[Syscall], Iterable[bytes]]
) -> Verdict:
    """Which records were acknowledged, and which of them before they were on disk.

    `acknowledged` is asked about every successful write and yields, for one that acknowledges, a
    mark of each record: bytes that stand in that record alone. A record is on disk once a file to
    which its mark was written has been synced successfully, the sync having begun after the write
    ended and ended before the acknowledging write began.
    """
    successful = [call for call in traced if call.error is None]
    written = [call for call in successful if call.name in WRITES]
    syncs = [call for call in successful if call.name in SYNCS]
    result = Verdict([], [])
    for answer in written:
        for mark in acknowledged(answer):
            result.acknowledged.append(mark)
            holding = [call for call in written if call is not answer and mark in call.data]
            if not any(
                write.path == sync.path
                and write.ended < sync.started
                and sync.ended < answer.started
                for write in holding
                for sync in syncs
            ):
                result.early.append(mark)
    return result


def _unescape(text: bytes) -> bytes:
    # strace escapes as C does, and these escapes mean the same in Python.
    return text.decode("unicode_escape").encode("latin-1")

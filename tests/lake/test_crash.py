"""Killed at any moment: the lake opens again, and replay makes it whole."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.lake.committer import FILES, LAST
from tests.lake.small import expected, owner, stored
from whiteout.lake import LakeLocked

ROOT = Path(__file__).parents[2]
ROUNDS = 6


def start(folder: Path, seed: int) -> subprocess.Popen[str]:
    """A committer that has the lake open."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.lake.committer", str(folder), str(seed)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


@pytest.mark.slow
def test_killed_at_random_moments_every_record_is_there_once(tmp_path: Path) -> None:
    """SIGKILL while committing or keeping house loses nothing reported, and doubles nothing."""
    chance = random.Random(2)
    for seed in range(ROUNDS):
        child = start(tmp_path, seed)
        time.sleep(chance.uniform(0.0, 0.25))
        child.kill()
        lines, _ = child.communicate()
        reported = dict.fromkeys(FILES, 0)
        # The last line may have been cut off by the kill.
        for line in lines.splitlines(keepends=True):
            file_id, _, number = line.partition(" ")
            if number.endswith("\n"):
                reported[file_id] = int(number)
        for table in ("events", "failed_events"):
            found = stored(tmp_path, table)
            for file_id, last in reported.items():
                want = expected(file_id, last, table)
                assert [i for i in found if i in set(want)] == want
    child = start(tmp_path, ROUNDS)
    child.communicate()
    assert child.returncode == 0
    for table in ("events", "failed_events"):
        want = sorted(i for file_id in FILES for i in expected(file_id, LAST, table))
        assert stored(tmp_path, table) == want


def test_second_owner_in_another_process_is_locked_out(tmp_path: Path) -> None:
    """While a process owns the lake, another one gets LakeLocked; after its death it does not."""
    child = start(tmp_path, 0)
    # Stopped, it can neither finish nor let go.
    child.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(LakeLocked, match=f"pid {child.pid}"):
            owner(tmp_path)
    finally:
        child.kill()
        child.communicate()
    owner(tmp_path).close()

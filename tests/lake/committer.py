"""A process that commits deterministic records until it is done, or killed.

    python -m tests.lake.committer FOLDER SEED

It goes on where `position()` says, in batches cut by chance, and prints a line `FILE LAST` after
each commit that returned. Upkeep is made to happen all the time, so that a kill meets it too.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from tests.lake.small import owner, piece
from whiteout.lake import LakeSettings

FILES = ("a", "b")
LAST = 400

BUSY = LakeSettings(
    grace_seconds=0,
    orphan_seconds=0,
    small_files=4,
    commits_per_checkpoint=3,
    max_rows_per_file=25,
)


def say(line: str) -> None:
    """Tell the parent at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(folder: Path, seed: int) -> None:
    """Commit both files up to `LAST`."""
    chance = random.Random(seed)
    lake = owner(folder, BUSY)
    reached = {file_id: lake.position(file_id) for file_id in FILES}
    say("ready")
    while min(reached.values()) < LAST:
        slices = []
        for file_id in FILES:
            start = reached[file_id] + 1
            last = min(start + chance.randrange(40), LAST)
            if start <= last:
                slices.append(piece(file_id, range(start, last + 1), last))
                reached[file_id] = last
        lake.commit(slices)
        for made in slices:
            say(f"{made.file_id} {made.last}")
        lake.maintain()
    lake.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

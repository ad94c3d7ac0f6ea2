"""The command `whiteout` with a spool that does not wait for the disk.

Only to show that the proof of durability would notice. As a script it is the command, and the
program of its web workers as well.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path

from whiteout import parent, server, worker
from whiteout.cli import main
from whiteout.spool import SpoolWriter


def _main() -> int:
    if parent.LISTENER in os.environ:
        SpoolWriter.open = partial(SpoolWriter.open, synchronous="OFF")  # type: ignore[method-assign]
        # What a collector opens its spool by was chosen when its class was made.
        from whiteout.collector import Collector  # noqa: PLC0415

        Collector.__init__.__defaults__ = (None, SpoolWriter.open)
        return worker.main()
    server.WORKER = "tests.support.unsynced"
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[2])
    main()
    return 0


if __name__ == "__main__":
    sys.exit(_main())

"""The command `whiteout` with a spool that does not wait for the disk.

Only to show that the proof of durability would notice. As a script it applies to every process.
"""

from __future__ import annotations

from functools import partial

from whiteout.cli import main
from whiteout.spool import SpoolWriter

if __name__ in ("__main__", "__mp_main__"):  # never in a process that merely imports it
    SpoolWriter.open = partial(SpoolWriter.open, synchronous="OFF")  # type: ignore[method-assign]

if __name__ == "__main__":
    main()

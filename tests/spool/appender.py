"""A worker process for the tests: appends records and says on stdout what became of each.

Arguments: folder, synchronous, how many records (0: without end), how many at once.
It writes one line each: `file <id>`, then `ack <n>` or `refused <n>`, at last `closed`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from itertools import count
from pathlib import Path

from whiteout.spool import SpoolError, SpoolWriter

STDOUT = 1
FILLER = bytes(range(256)) * 6


def mark(number: int) -> bytes:
    """Bytes that stand in this record alone."""
    return b"<record %d>" % number


def record(number: int) -> bytes:
    """A record of about 1.5 KB."""
    return mark(number) + FILLER


async def main(folder: Path, synchronous: str, total: int, at_once: int) -> None:
    """Append until done, `at_once` records at a time."""
    writer = SpoolWriter.open(folder, synchronous=synchronous)
    os.write(STDOUT, b"file %s\n" % writer.file_id.encode())
    numbers = iter(range(total) if total else count())

    async def append() -> None:
        for number in numbers:
            try:
                await writer.append(record(number))
            except SpoolError:
                os.write(STDOUT, b"refused %d\n" % number)
                await asyncio.sleep(0.05)
            else:
                os.write(STDOUT, b"ack %d\n" % number)

    await asyncio.gather(*[append() for _ in range(at_once)])
    await writer.close()
    os.write(STDOUT, b"closed\n")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))

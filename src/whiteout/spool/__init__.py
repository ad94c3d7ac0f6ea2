"""The durable queue between the edge and the pipeline: one SQLite file per worker process.

A worker appends with `SpoolWriter`, whose futures complete once their record is fsynced ("an event
is acknowledged when it is durable"); the loader reads and releases with `SpoolReader`.
"""

from __future__ import annotations

from whiteout.spool.errors import SpoolError, SpoolFull, SpoolUnavailable
from whiteout.spool.logs import empty_logs
from whiteout.spool.reader import SpoolFile, SpoolReader
from whiteout.spool.writer import Done, SpoolWriter

__all__ = [
    "Done",
    "SpoolError",
    "SpoolFile",
    "SpoolFull",
    "SpoolReader",
    "SpoolUnavailable",
    "SpoolWriter",
    "empty_logs",
]

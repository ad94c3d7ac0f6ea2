"""What can go wrong with the spool.

SpoolError              base; also: a file written by a newer whiteout
├── SpoolFull           too much is waiting to become durable; try again in a moment
└── SpoolUnavailable    the disk or the file does not work; nothing was acknowledged

Messages name files by their name alone and never contain a byte of a record.
"""

from __future__ import annotations


class SpoolError(Exception):
    """Base of every error of the spool."""


class SpoolFull(SpoolError):
    """More is waiting to become durable than the writer's bounds allow."""


class SpoolUnavailable(SpoolError):
    """The spool cannot make records durable, or read them, right now."""

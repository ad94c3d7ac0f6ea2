"""The rights of the people whose events are stored: erasure, expiry, a copy of their data."""

from __future__ import annotations

from whiteout.protocol.folders import first_day
from whiteout.rights.copy import person_copy
from whiteout.rights.desk import MOST_ATTEMPTS, Desk, DeskError, Request, RightsError, State
from whiteout.rights.receipt import lines
from whiteout.rights.selector import KINDS, Kind, Selector, SelectorError
from whiteout.rights.work import Store, attend, carry_out, expire

__all__ = [
    "KINDS",
    "MOST_ATTEMPTS",
    "Desk",
    "DeskError",
    "Kind",
    "Request",
    "RightsError",
    "Selector",
    "SelectorError",
    "State",
    "Store",
    "attend",
    "carry_out",
    "expire",
    "first_day",
    "lines",
    "person_copy",
]

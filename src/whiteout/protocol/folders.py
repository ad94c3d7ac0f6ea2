"""What several rooms agree on about requests and receipts in the data folder."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Final

REQUESTS: Final = "requests"
"""Folder of what `forget` and `retain` were asked for and is not done yet: `NUMBER.request`, and
beside it `NUMBER.state`, which names nobody."""

REQUEST: Final = ".request"
STATE: Final = ".state"

RECEIPTS: Final = "receipts"
"""Folder of what came of it, and of proofs and audits from the privacy desk: `NUMBER.json`. Nobody
is named there."""


def new_number(moment: datetime) -> str:
    """A number for a request or receipt, which sorts by time and is nobody else's."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"


def iso(moment: datetime) -> str:
    """A moment in ISO 8601, to the millisecond, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def now() -> str:
    """The present moment in ISO 8601."""
    return iso(datetime.now(UTC))


def first_day(days: int) -> str:
    """The first day that is kept when nothing is to be older than so many days (UTC)."""
    return (datetime.now(UTC).date() - timedelta(days=days - 1)).isoformat()

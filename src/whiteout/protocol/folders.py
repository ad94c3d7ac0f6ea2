"""What several rooms agree on about requests and receipts in the data folder."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

REQUESTS: Final = "requests"
"""Folder of what `forget` and `retain` were asked for and is not done yet: `NUMBER.request`, and
beside it `NUMBER.state`, which names nobody."""

REQUEST: Final = ".request"
STATE: Final = ".state"

RECEIPTS: Final = "receipts"
"""Folder of what came of it, and of proofs and audits from the privacy desk: `NUMBER.json`. Nobody
is named there."""


def write_privately(path: Path, content: bytes) -> None:
    """Write a file that its owner alone can read, whole or not at all. Raises OSError."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


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

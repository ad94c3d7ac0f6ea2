"""Times as `/micro` writes them: with all milliseconds, or as short as they can be (B-83, D-17)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def with_millis(moment: int | str) -> str:
    """A time in UTC with three digits behind the second, from milliseconds or such a text (D-17).

    A year that Python has not (0, which a device may send) is left in milliseconds.
    """
    if isinstance(moment, str):
        return moment
    try:
        then = _EPOCH + timedelta(milliseconds=moment)
    except OverflowError:
        return f"{moment} ms"
    return then.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(moment: int | str) -> int:
    """Milliseconds since the epoch, from what `with_millis` writes."""
    if isinstance(moment, int):
        return moment
    if moment.endswith(" ms"):
        return int(moment.removesuffix(" ms"))
    return (datetime.fromisoformat(moment) - _EPOCH) // timedelta(milliseconds=1)


def instant(moment: int | str) -> str:
    """The same without milliseconds where there are none (B-83)."""
    return with_millis(moment).replace(".000Z", "Z")

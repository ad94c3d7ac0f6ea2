"""What was done, for the file of whoever is responsible; it names nobody.

Not even as a hash: a hash of a user's name or number is found by trying all of them. Whoever has to
know whom a receipt was about notes its number beside the request that came in.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

BYTES = "bytes"
"""Every byte of the data folder was searched for every form of the identifier."""

VALUES = "values"
"""Each value that can hold the identifier was read again, because others contain it as well."""

EXPIRY = "expiry"
"""Nothing is left of the days that went."""


def lines(receipt: dict[str, Any]) -> Iterable[str]:
    """A receipt in words, line by line."""
    if "failed" in receipt:
        yield f"Receipt {receipt['receipt']}"
        yield f"NOT DONE: {receipt['failed']}"
        return
    removed = receipt["removed"]
    done = "Erased" if receipt["kind"] == "forget" else "Expired"
    yield f"Receipt {receipt['receipt']}"
    yield (
        f"{done}: {_count(removed['events'], 'event')}, "
        f"{_count(removed['failed_events'], 'failed event')}, "
        f"{_count(removed['feed'], 'entry', 'entries')} of the live page."
    )
    if receipt.get("changed"):
        yield f"Of {_count(receipt['changed'], 'other row')} the reference to it was taken out."
    days = receipt["days"]
    span = "" if not days else f", of {_count(len(days), 'day')}: {days[0]} to {days[-1]}"
    yield f"Files written anew or dropped: {receipt['files']} of {receipt['files_before']}{span}."
    yield f"What was accepted until {receipt['until']} is covered; what came later is not."
    yield f"It took {receipt['seconds']:.1f} s, and was done at {receipt['done']}."
    yield from _search_lines(receipt["search"])


def _search_lines(search: dict[str, Any]) -> Iterable[str]:
    looked = f"{_count(search['files'], 'file')}, {search['bytes'] / 1e6:.1f} MB"
    if search["found"]:
        yield f"NOT CLEAN: of {looked} searched, these still hold it:"
        yield from (f"  {place}" for place in search["found"])
        return
    if search["method"] == BYTES:
        yield f"Every byte of the data folder was searched ({looked}): nothing was found."
    elif search["method"] == VALUES:
        yield f"Every value that can hold it was read again ({looked}): nothing was found."
        yield "It is too short or too common a text for a search of all bytes to mean anything."
    else:
        yield f"Nothing of those days is left ({looked})."
    if search["spared"]:
        yield (
            f"As a part of longer, other values it stands in {_count(search['spared'], 'row')}, "
            "which were left as they are."
        )
    if search["later"]:
        yield "Newer events, accepted since, hold it; ask again to remove those."


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"

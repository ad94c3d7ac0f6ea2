"""What the privacy desk is told to do, read from a request with care.

Something that cannot be undone has to be said twice: `confirm` repeats what is to go.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from whiteout.protocol.folders import first_day

KINDS = ("prove", "audit", "forget", "retain")
"""What can be done, at most one of each at a time."""

STOPPABLE = frozenset({"prove", "audit"})
"""What can be stopped in the middle. An erasure that has begun goes on to its end."""

SELECTORS = ("user_id", "domain_userid", "network_userid", "session", "event")
"""By what somebody is found who is to be forgotten."""

MOST_DAYS = 36_500
_LONGEST = 1_000


class BadOrder(ValueError):
    """An order that cannot be followed; the text says why, and repeats nothing that was typed."""


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to do, and how.

    `running`: prove this very system, not one that is thrown away. `full`: audit files that were
    clean before, too. `selector` and `value` say who is to be forgotten, `days` how many are kept.
    """

    kind: str
    running: bool = False
    full: bool = False
    selector: str = ""
    value: str = field(default="", repr=False)
    days: int = 0


def read_order(body: bytes) -> Order:
    """The order in a JSON object. Raises BadOrder."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise BadOrder("this is not JSON") from None
    if not isinstance(found, dict):
        raise BadOrder("an order is a JSON object")
    kind = found.get("kind")
    if kind not in KINDS:
        raise BadOrder(f"kind must be one of {', '.join(KINDS)}")
    if kind == "prove":
        return Order(kind, running=_switch(found, "running"))
    if kind == "audit":
        return Order(kind, full=_switch(found, "full"))
    return _forget(found) if kind == "forget" else _retain(found)


def _forget(found: dict[str, Any]) -> Order:
    selector = found.get("selector")
    if selector not in SELECTORS:
        raise BadOrder(f"selector must be one of {', '.join(SELECTORS)}")
    value = found.get("value")
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST:
        raise BadOrder(f"value must be the identifier, of 1 to {_LONGEST} characters")
    if found.get("confirm") != value:
        raise BadOrder("confirm must repeat the identifier to the letter")
    return Order("forget", selector=selector, value=value.strip())


def _retain(found: dict[str, Any]) -> Order:
    days = found.get("days")
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= MOST_DAYS:
        raise BadOrder(f"days must be a whole number from 1 to {MOST_DAYS}")
    first = first_day(days)
    if found.get("confirm") != first:
        raise BadOrder(f"confirm must be the first day that is kept, {first}")
    return Order("retain", days=days)


def _switch(found: dict[str, Any], name: str) -> bool:
    value = found.get(name, False)
    if not isinstance(value, bool):
        raise BadOrder(f"{name} must be true or false")
    return value

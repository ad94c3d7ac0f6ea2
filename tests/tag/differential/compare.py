"""What two runs of the same steps have in common, and which rows explain what they have not."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from tests.tag.differential.sides import Seen, Step, entities
from tests.tag.tables import table

UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
ZERO = "00000000-0000-0000-0000-000000000000"
VOLATILE = {"dtm", "stm", "firstEventTimestamp"}
STATE_FIELDS = [
    *("duid", "created", "visits", "now", "last"),
    *("sid", "previous", "first", "firstTime", "index"),
]
MODES = {(0, 0): "A", (1, 0): "AS", (0, 1): "AV", (1, 1): "ASV"}
STRATEGIES = {
    "cookieAndLocalStorage": "CL",
    "cookie": "C",
    "localStorage": "L",
    "none": "N",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the two do otherwise, and when."""

    mode: str
    strategy: str
    tags: frozenset[str]
    field: str
    official: str
    ours: str
    step: str = ""

    def __str__(self) -> str:
        tags = " ".join(sorted(self.tags))
        when = f"{self.mode} {self.strategy} [{tags}] after {self.step}"
        return f"{when}: {self.field}: {self.official!r} | {self.ours!r}"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table of differences."""

    modes: tuple[str, ...]
    strategies: tuple[str, ...]
    transition: tuple[str, ...]
    fields: tuple[str, ...]
    official: str
    ours: str
    reason: str

    def explains(self, found: Difference) -> bool:
        """Whether a difference is this row's."""
        return (
            (self.modes == ("all",) or found.mode in self.modes)
            and (self.strategies == ("all",) or found.strategy in self.strategies)
            and (not self.transition or any(tag in found.tags for tag in self.transition))
            and any(fnmatchcase(found.field, pattern) for pattern in self.fields)
            and _fits(self.official, found.official)
            and _fits(self.ours, found.ours)
        )


def rows() -> list[Row]:
    """The rows that runs are compared with."""
    return [
        Row(
            _list(row["mode"]),
            _list(row["strategy"]),
            _list(row["transition"]),
            _list(row["field"]),
            row["official"].strip("`"),
            row["whiteout"].strip("`"),
            row["reason"],
        )
        for row in table("differences.md", "## What a comparison sees")
    ]


def _list(cell: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("`") for part in cell.split(",") if part.strip())


def _fits(pattern: str, value: str) -> bool:
    if pattern == "any":
        return True
    if pattern == "value":
        return value not in {"absent", "empty"}
    if pattern == "old":
        return value.startswith("old")
    return fnmatchcase(value, pattern)


@dataclass(slots=True)
class Ids:
    """Which ids were seen, and in which step first."""

    first: dict[str, int] = field(default_factory=dict)
    fresh: dict[str, int] = field(default_factory=dict)

    def name(self, value: str, step: int) -> str:
        """A value without what is random about it."""
        if value == ZERO:
            return "zero"
        if not UUID.fullmatch(value):
            return UUID.sub(lambda found: self.name(found.group(), step), value) or "empty"
        if value in self.first:
            return f"old {self.first[value]}"
        self.fresh[value] = step
        return "new"

    def settle(self) -> None:
        """The step is over; what was new is known."""
        self.first |= self.fresh
        self.fresh = {}


def _event(event: dict[str, str]) -> Iterator[tuple[str, Any]]:
    for name, value in event.items():
        if name not in {"co", "cx", "ue_pr", *VOLATILE}:
            yield name, value
    text = event.get("co") or base64.urlsafe_b64decode(event.get("cx", "") + "==").decode()
    found = entities(text)
    yield "encoding", "cx" if "cx" in event else "co"
    if "ue_pr" in event:
        for member, value in json.loads(event["ue_pr"])["data"]["data"].items():
            yield f"thing.{member}", value
    yield "entities", " ".join(sorted(name for name, _ in found))
    for name, data in found:
        for member, value in data.items():
            if member not in VOLATILE:
                yield f"{name}.{member}", value


def _stored(state: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    places = {
        "cookie": dict(pair.partition("=")[::2] for pair in state["cookies"].split("; ") if pair),
        "local": state["local"],
        "session": state["session"],
    }
    for place, items in places.items():
        for name, value in items.items():
            base, _, rest = name.partition(".")
            if base in {"_sp_id", "_sp_as"} and not rest.endswith("expires"):
                fields = dict(zip(STATE_FIELDS, value.split("."), strict=False))
                for member in ("duid", "visits", "sid", "previous", "first", "index"):
                    yield f"{place} {base} {member}", fields.get(member, "")
            elif rest.endswith("expires"):
                yield f"{place} {base} expires", "yes"
            elif base.startswith("snowplowOutQueue"):
                yield f"{place} queue", "empty" if value == "[]" else "events"
            elif base != "optout":
                yield f"{place} {base}", value
    writes = {re.sub(r"\d+$", "", name.partition(".")[0]) for name in state["writes"]}
    yield "probe cookie", "written" if "_sp_root_domain_test_" in writes else "none"
    yield "cookies read", "yes" if state["reads"] else "no"
    sp = re.search(r"[?&]_sp=([^&#]*)", state["href"])
    yield "link _sp", "yes" if sp else "no"


def fields(seen: Seen, ids: Ids, step: int, count: int) -> dict[str, str]:
    """Everything about a step that is worth comparing, without what is random.

    Of its events, the first `count` are looked into.
    """
    found: dict[str, str] = {
        "throws": str(seen.threw),
        "id service": "called" if seen.service else "not called",
        "session told": "yes" if seen.state["told"] else "no",
    }
    events = [(request, event) for request in seen.requests for event in request.events]
    found["events"] = str(len(events))
    for number, (request, event) in enumerate(events[:count]):
        header = request.headers
        for name, value in (
            *_event(event),
            ("header SP-Anonymous", header.get("sp-anonymous", "absent")),
            ("header Referer", "value" if "referer" in header else "absent"),
            ("header Cookie", "value" if "cookie" in header else "absent"),
            ("path", request.path),
        ):
            found[f"{number} {name}"] = ids.name(str(value), step)
    for name, value in _stored(seen.state):
        found[name] = ids.name(str(value), step)
    ids.settle()
    return found


@dataclass(slots=True)
class Model:
    """What was asked for so far: mode, strategy and kinds of steps."""

    session: bool = False
    server: bool = False
    anonymous: bool = False
    strategy: str = "cookieAndLocalStorage"
    tags: set[str] = field(default_factory=set)
    started: dict[str, Any] = field(default_factory=dict)

    def take(self, step: Step) -> None:
        """Follow a step."""
        name, argument = step
        options = argument if isinstance(argument, dict) else {}
        wanted: Any = None
        if name == "start":
            self.started = options
        elif name == "reload":
            options = self.started
        if name in {"start", "reload"}:
            wanted = options.get("anonymousTracking", False)
            self.tags |= {options["signal"]} if "signal" in options else set()
            self.strategy = options.get("stateStorageStrategy", self.strategy)
            self.session = self.server = False
        elif name == "enable":
            wanted = options.get("options", True)
            if wanted is False:
                self.tags.add("enable false")
                wanted = None
        elif name == "disable":
            self.anonymous = self.session = self.server = False
        if wanted is not None:
            self.anonymous = wanted is not False
            given = wanted if isinstance(wanted, dict) else {}
            self.session = given.get("withSessionTracking", self.session)
            self.server = given.get("withServerAnonymisation", self.server)
        if name in {"enable", "disable"} and "stateStorageStrategy" in options:
            if options["stateStorageStrategy"] != self.strategy:
                self.tags.add("strategy")
            self.strategy = options["stateStorageStrategy"]
        self.tags.add(name)

    @property
    def mode(self) -> str:
        """The short name of the mode."""
        return MODES[self.session, self.server] if self.anonymous else "I"


def differences(steps: list[Step], official: list[Seen], ours: list[Seen]) -> list[Difference]:
    """Everything that two runs do otherwise; what only stays otherwise is told once."""
    model = Model()
    one, two = Ids(), Ids()
    found: list[Difference] = []
    for number, (step, left, right) in enumerate(zip(steps, official, ours, strict=True)):
        model.take(step)
        count = min(sum(len(request.events) for request in seen.requests) for seen in (left, right))
        a, b = fields(left, one, number, count), fields(right, two, number, count)
        for name in sorted({*a, *b}):
            before, after = a.get(name, "absent"), b.get(name, "absent")
            if before != after:
                found.append(
                    Difference(
                        model.mode,
                        STRATEGIES[model.strategy],
                        frozenset(model.tags),
                        re.sub(r"^\d+ ", "", name),
                        before,
                        after,
                        step[0],
                    )
                )
    return found

"""Sequences of steps that together show every listed difference."""

from __future__ import annotations

from typing import Any

from tests.tag.differential.sides import Step
from whiteout.protocol.state import cookie_name

USER = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
VISIT = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
SESSION = {"withSessionTracking": True}
SERVER = {"withServerAnonymisation": True}
MODES: dict[str, Any] = {
    "I": False,
    "A": True,
    "AS": SESSION,
    "AV": SERVER,
    "ASV": {**SESSION, **SERVER},
}
STRATEGIES = {
    "CL": "cookieAndLocalStorage",
    "C": "cookie",
    "L": "localStorage",
    "N": "none",
}
THING = {"page": "https://u:p@x.example.test/p?id=1", "email": "a@b.example", "kind": "shoe"}
VIEW: Step = ("view", "one")
STRUCT: Step = ("struct", None)
ID = cookie_name("id", "example.test")
SES = cookie_name("ses", "example.test")


def start(mode: str = "I", strategy: str = "CL", **options: Any) -> Step:
    """The start of a tracker in a mode."""
    anonymous, stored = MODES[mode], STRATEGIES[strategy]
    return (
        "start",
        {"anonymousTracking": anonymous, "stateStorageStrategy": stored, **options},
    )


def enable(options: Any = None, strategy: str | None = None) -> Step:
    """A call that enables anonymity."""
    given = {} if options is None else {"options": options}
    where = {} if strategy is None else {"stateStorageStrategy": STRATEGIES[strategy]}
    return ("enable", {**given, **where} or None)


def disable(strategy: str | None = None) -> Step:
    """A call that disables it."""
    return ("disable", {"stateStorageStrategy": STRATEGIES[strategy]} if strategy else None)


WAIT: list[Step] = [("offline", None), ("view", "waits")]
GO: list[Step] = [("online", None), ("flush", None)]

EVERY_MODE: dict[str, list[Step]] = {
    f"{mode} {strategy}": [
        start(mode, strategy, useExtendedCrossDomainLinker={"userId": True}),
        ("user", "bob"),
        ("pair", ["ip", "192.0.2.1"]),
        VIEW,
        ("link", None),
        ("click", None),
        ("thing", THING),
        *([("reload", None), VIEW] if strategy == "CL" else []),
    ]
    for mode in MODES
    for strategy in STRATEGIES
}

OTHERS: dict[str, list[Step]] = {
    "enable": [start(), ("user", "bob"), VIEW, enable(), STRUCT, disable(), STRUCT, VIEW],
    "enable session": [start(), VIEW, enable(SESSION), STRUCT, VIEW, disable(), STRUCT],
    "enable server": [start("I", "L"), VIEW, enable(SERVER), STRUCT, enable(), STRUCT],
    "enable both": [start("I", "C"), VIEW, enable(MODES["ASV"]), STRUCT, disable(), STRUCT],
    "session for a while": [
        start("A", "L"),
        VIEW,
        enable(MODES["ASV"]),
        VIEW,
        ("reload", None),
        VIEW,
    ],
    "enable nothing": [start("AV"), VIEW, enable(False), STRUCT],
    "disable": [start("AS"), VIEW, disable(), STRUCT, ("reload", None), VIEW],
    "move": [start("AS", "L"), VIEW, STRUCT, disable("CL"), STRUCT],
    "move identified": [start("I", "CL"), VIEW, disable("L"), STRUCT, disable("N"), STRUCT],
    "leave the device": [start(), VIEW, *WAIT, enable(True, "N"), *GO, VIEW, ("reload", None)],
    "wait": [start(), ("user", "bob"), VIEW, *WAIT, enable(SERVER), *GO],
    "wait and come back": [start(), VIEW, *WAIT, ("reload", None), *GO],
    "clear": [start(), ("user", "bob"), VIEW, *WAIT, ("clear", None), *GO, VIEW],
    "clear anonymous": [
        start("AS"),
        VIEW,
        ("clear", None),
        VIEW,
        enable(True),
        ("clear", None),
        VIEW,
    ],
    "opt out": [
        start(),
        ("user", "bob"),
        ("watch", None),
        VIEW,
        ("link", None),
        ("out", "1"),
        VIEW,
        ("click", None),
        ("session", None),
        ("out", ""),
        VIEW,
    ],
    "opt out in vain": [start(), ("watch", None), ("out", "%E0%A4%A"), VIEW],
    "opt out while waiting": [start(), ("watch", None), *WAIT, ("out", "1"), VIEW, *GO],
    "dnt": [start(signal="dnt", respectDoNotTrack=True), VIEW, disable(), VIEW],
    "gpc": [start(signal="gpc"), VIEW, disable(), VIEW],
    "time": [start(), VIEW, ("time", 4000), VIEW, ("session", None), VIEW, ("time", 60), VIEW],
    "time while anonymous": [start("I", "L"), VIEW, enable(), ("time", 4000), VIEW, VIEW],
    "leave and come back": [start("I", "L"), VIEW, disable("N"), STRUCT, ("reload", None), STRUCT],
    "time anonymous": [start("AS"), VIEW, ("time", 4000), VIEW],
    "come back later": [start("AS", "L"), VIEW, ("time", 4000), ("reload", None), VIEW],
    "wrong cookie": [
        ("put", [ID, f"abc.x.-3.1.1.{VISIT}..{USER}.1.-1"]),
        ("put", [SES, "*"]),
        start(),
        VIEW,
    ],
    "malformed cookie": [("put", [ID, "%E0%A4%A"]), start(), VIEW],
    "beacon": [start(eventMethod="beacon"), VIEW],
    "get": [start(eventMethod="get"), VIEW, enable(SERVER), VIEW],
    "id service": [start("A", service=True), VIEW],
    "stale": [
        start("I", "L"),
        VIEW,
        ("put", [ID, f"{USER}.1.7.1.1.{VISIT}..{USER}.1000.9"]),
        disable("CL"),
        STRUCT,
    ],
    "told": [start(told=True), VIEW, VIEW, ("session", None), ("time", 4000), VIEW],
    "preserve": [start(preservePageViewIdForUrl="full"), VIEW, VIEW, enable(SESSION), VIEW],
}

ALL = {**EVERY_MODE, **OTHERS}

"""What a proof sends: every mode, each way to ask for it, and what of that may be left behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from whiteout.privacy import Mode
from whiteout.proof.canaries import Canaries
from whiteout.proof.planting import NEVER_KEPT, Planter, envelope
from whiteout.proof.shots import JSON, TP2, Shot, shots, well_formed
from whiteout.protocol.iglu import SNOWPLOW

CONTROL = "nothing"
"""The name of the round that asks for no anonymity at all."""


@dataclass(frozen=True, slots=True)
class Round:
    """One way to ask: headers, a prefix of the path, or the mode that an event declares.

    `signal` is what the column of that name must hold. `everything` tells whether broken requests
    are sent too, and not the well-formed ones alone.
    """

    name: str
    mode: Mode
    headers: tuple[tuple[str, str], ...] = ()
    prefix: str = ""
    signal: str | None = None
    everything: bool = False

    def shots(self, canaries: Canaries, run: str) -> Iterator[Shot]:
        """Its requests; the app ids of their events end with the round and the run."""
        tag = f"{self.name}.{run}"
        if self.mode in (Mode.IDENTIFIED, Mode.SERVER_ANONYMOUS):
            yield from (shots if self.everything else well_formed)(canaries, tag)
        else:
            yield from _declared(canaries, tag, self.mode)


@dataclass(frozen=True, slots=True)
class Group:
    """Rounds that share their canaries, and what of these must be nowhere.

    `forbidden` tells by its channel whether a canary is a leak wherever it is found; `compat`
    whether it is for a system that goes the way of older collectors.
    """

    name: str
    rounds: tuple[Round, ...]
    forbidden: Callable[[str], bool]
    compat: bool = False


def _everything(_channel: str) -> bool:
    return True


def _never_kept(channel: str) -> bool:
    return channel.endswith(NEVER_KEPT)


_HEADER = (("SP-Anonymous", "*"),)


def _server_anonymous(*, everything: bool) -> tuple[Round, ...]:
    """Each way to ask for server anonymity."""
    ways: tuple[tuple[str, str, str, tuple[tuple[str, str], ...]], ...] = (
        ("header", "", "sp-anonymous", _HEADER),
        ("empty header", "", "sp-anonymous", (("SP-Anonymous", ""),)),
        ("lower-case header", "", "sp-anonymous", (("sp-anonymous", "*"),)),
        ("path", "/anonymous", "path", ()),
        ("gpc", "", "gpc", (("Sec-GPC", "1"),)),
    )
    return tuple(
        Round(name, Mode.SERVER_ANONYMOUS, headers, prefix, signal, everything)
        for name, prefix, signal, headers in ways
    )


GROUPS: tuple[Group, ...] = (
    Group("control", (Round(CONTROL, Mode.IDENTIFIED, everything=True),), _never_kept),
    Group("server-anonymous", _server_anonymous(everything=True), _everything),
    Group(
        "server-anonymous with session",
        (Round("session", Mode.SERVER_ANONYMOUS_SESSION, _HEADER, signal="sp-anonymous"),),
        _everything,
    ),
    Group(
        "anonymous",
        (
            Round("anonymous", Mode.ANONYMOUS),
            Round("anonymous session", Mode.ANONYMOUS_SESSION),
        ),
        _never_kept,
    ),
    Group(
        "server-anonymous, compat",
        _server_anonymous(everything=False),
        _everything,
        compat=True,
    ),
)
"""All rounds. The control comes first; it has to leave what the others must not."""

STRICT, COMPAT = GROUPS[1], GROUPS[-1]
"""The groups whose stored events are compared with the matrix."""


def _declared(canaries: Canaries, tag: str, mode: Mode) -> Iterator[Shot]:
    """What a tracker sends in a mode, in requests that carry far more than it may keep."""
    plant = Planter(canaries, str(mode).replace("_", " "))
    event = plant.event(f"{plant.shape}.{tag}")
    for name in plant.parameters():
        del event[name]
    event["url"] = "https://shop.example.test/checkout?utm_source=news"
    entities: list[dict[str, Any]] = [
        {
            "schema": "iglu:io.whiteout/privacy_state/jsonschema/1-0-0",
            "data": {"mode": mode.value, "signal": None},
        }
    ]
    if mode in (Mode.ANONYMOUS_SESSION, Mode.SERVER_ANONYMOUS_SESSION):
        # The session may stay, so it is no canary: of one that is cut nobody knows which it was.
        session = str(uuid4())
        event |= {"sid": session, "vid": "3"}
        entities.append(_session(session))
    event["co"] = plant.contexts(entities)
    headers = [*plant.headers(), ("Content-Type", JSON)]
    yield Shot(plant.shape, "POST", TP2, headers, "", envelope(event, event))
    broken = envelope(event).replace(b'"data"', b'"data",')
    yield Shot(plant.shape, "POST", TP2, headers, "", broken)
    failing = envelope({**event, "e": "zz", "co": json.dumps({"data": 1})})
    yield Shot(plant.shape, "POST", TP2, headers, "", failing)


def _session(session: str) -> dict[str, Any]:
    data = {
        "userId": "00000000-0000-0000-0000-000000000000",
        "sessionId": session,
        "sessionIndex": 3,
        "eventIndex": 1,
        "previousSessionId": None,
        "storageMechanism": "COOKIE_1",
    }
    return {"schema": f"iglu:{SNOWPLOW}/client_session/jsonschema/1-0-2", "data": data}

"""What the signals of a request ask for (A-46, A-47; S1, S2; contracts 6 and 7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Signal(StrEnum):
    """Something that asks the server to anonymise an event."""

    HEADER = "sp-anonymous"
    PATH = "path"
    GPC = "gpc"
    DNT = "dnt"
    POLICY = "policy"


class SignalPolicy(StrEnum):
    """What an operator does about a browser signal."""

    IGNORE = "ignore"
    ANONYMISE = "anonymise"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Policy:
    """How a collector treats signals; `always` anonymises every request (A-52)."""

    gpc: SignalPolicy = SignalPolicy.ANONYMISE
    dnt: SignalPolicy = SignalPolicy.IGNORE
    always: bool = False


@dataclass(frozen=True, slots=True)
class Treatment:
    """What is done with a request: dropped, anonymised for these signals, or kept as it is."""

    drop: bool
    signals: tuple[Signal, ...]

    @property
    def anonymous(self) -> bool:
        """Whether any signal asks for anonymisation."""
        return bool(self.signals)

    @property
    def text(self) -> str | None:
        """The signals joined by `+`, as stored in the column `signal`; None when there are none."""
        return "+".join(self.signals) or None


def gpc_header(values: Iterable[str]) -> bool:
    """Whether `Sec-GPC` headers say so: one value that is exactly `1` (S1)."""
    return any(value == "1" for value in values)


def dnt_header(values: Iterable[str]) -> bool:
    """Whether `DNT` headers say so: one value that is exactly `1` (S2)."""
    return any(value == "1" for value in values)


def do_not_track(value: object) -> bool:
    """Whether a browser's `doNotTrack` property says so: 1, `1`, `yes` or true (R28, S2)."""
    return value is True or value in (1, "1", "yes")


def treatment(
    *,
    header: bool = False,
    path: bool = False,
    gpc: bool = False,
    dnt: bool = False,
    policy: Policy,
) -> Treatment:
    """Decide about a request (contracts 6 and 7).

    Any one signal suffices and none weakens another. A signal that the operator set to `drop` drops
    the request whatever else it says.
    """
    asked = ((Signal.GPC, gpc, policy.gpc), (Signal.DNT, dnt, policy.dnt))
    found = [
        *((Signal.HEADER,) if header else ()),
        *((Signal.PATH,) if path else ()),
        *(s for s, present, rule in asked if present and rule is SignalPolicy.ANONYMISE),
        *((Signal.POLICY,) if policy.always else ()),
    ]
    drop = any(present and rule is SignalPolicy.DROP for _, present, rule in asked)
    return Treatment(drop=drop, signals=tuple(found))

"""What holds for a tracker at this moment, before anything is read or written (contract 6; W2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from whiteout.privacy import Anonymity, SignalPolicy
from whiteout.privacy.consent import Consent
from whiteout.tracker.anonymity import FULL, IDENTIFIED
from whiteout.tracker.options import Options
from whiteout.tracker.signals import ProgramSignals, Signals

OPT_OUT, DNT, GPC = "opt-out", "dnt", "gpc"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether events are dropped, the signal that decided if one did, and the level otherwise."""

    blocked: bool
    signal: str | None
    level: Anonymity


class Gate:
    """Asks the signals, in the order of contract 6, and knows what the site asked for.

    `explicit` is the level that a call of the site asked for, `consent` the visitor's decision as
    a consent platform tells it.
    """

    def __init__(self, options: Options, signals: Signals) -> None:
        self._signals = signals
        self._default = options.anonymous_tracking
        self._dnt = options.respect_do_not_track
        self._gpc = options.respect_global_privacy_control
        self.opt_out_cookie = options.opt_out_cookie
        self.explicit: Anonymity | None = None
        self.consent = Consent.UNKNOWN

    @property
    def wanted(self) -> Anonymity:
        """The level that is wanted by whoever may decide, signals apart."""
        if self.explicit is not None:
            return self.explicit
        if self.consent is Consent.GRANTED:
            return IDENTIFIED
        if self.consent is Consent.DENIED and not self._default.anonymous:
            return FULL
        return self._default

    @property
    def quiet(self) -> bool:
        """Whether no signal can change what holds, so that nobody needs to be asked again."""
        return (
            not self.opt_out_cookie
            and self._dnt is SignalPolicy.IGNORE
            and (
                self.explicit is not None
                or self._gpc is SignalPolicy.IGNORE
                or isinstance(self._signals, ProgramSignals)
            )
        )

    def judge(self, *, session: bool) -> Verdict:
        """What holds now; `session` tells whether an anonymous session can be kept (contract 1)."""
        signal, policy = self._asked()
        wanted = self.wanted
        anonymous = wanted.anonymous or policy is SignalPolicy.ANONYMISE
        level = Anonymity(
            anonymous=anonymous,
            session=wanted.session and session,
            server=wanted.server or policy is SignalPolicy.ANONYMISE,
        )
        return Verdict(policy is SignalPolicy.DROP, signal, level)

    def _asked(self) -> tuple[str | None, SignalPolicy | None]:
        signals = self._signals
        if self.opt_out_cookie and signals.cookie(self.opt_out_cookie):
            return OPT_OUT, SignalPolicy.DROP
        if _acts(self._dnt, signals.do_not_track):
            return DNT, self._dnt
        if self.explicit is None and _acts(self._gpc, signals.global_privacy_control):
            return GPC, self._gpc
        return None, None


def _acts(policy: SignalPolicy, asked: Callable[[], bool]) -> bool:
    return policy is not SignalPolicy.IGNORE and asked()

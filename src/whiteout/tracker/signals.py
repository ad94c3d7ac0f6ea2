"""What the visitor's browser or machine asks for (R28, R29; S1, S2; contract 6)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, runtime_checkable

from whiteout.privacy import dnt_header, do_not_track, gpc_header


@runtime_checkable
class Signals(Protocol):
    """Where signals are read, at each event anew."""

    def do_not_track(self) -> bool:
        """Whether Do Not Track is on."""

    def global_privacy_control(self) -> bool:
        """Whether Global Privacy Control is on."""

    def cookie(self, name: str) -> str | None:
        """The value of a cookie of the visitor, for opt-outs; None without one."""


class ProgramSignals:
    """The signals of a program: its environment says `DO_NOT_TRACK=1`, and it has no cookies.

    `opted_out` is asked with the name of the opt-out cookie and tells whether the user opted out.
    """

    def __init__(
        self,
        environment: Mapping[str, str] = os.environ,
        opted_out: Callable[[str], bool] | None = None,
    ) -> None:
        self._environment = environment
        self._opted_out = opted_out

    def do_not_track(self) -> bool:
        """Whether the environment says so."""
        value = self._environment.get("DO_NOT_TRACK", "").strip().lower()
        return do_not_track(value) or value == "true"

    def global_privacy_control(self) -> bool:
        """A program has no browser that could say so."""
        return False

    def cookie(self, name: str) -> str | None:
        """A value where the program says that its user opted out."""
        return "1" if self._opted_out is not None and self._opted_out(name) else None


class RequestSignals:
    """The signals of a request: its headers, by name, and its cookies."""

    def __init__(self, headers: Callable[[str], Iterable[str]], cookies: Mapping[str, str]) -> None:
        self._headers = headers
        self._cookies = cookies

    def do_not_track(self) -> bool:
        """Whether `DNT` is exactly 1."""
        return dnt_header(self._headers("dnt"))

    def global_privacy_control(self) -> bool:
        """Whether `Sec-GPC` is exactly 1."""
        return gpc_header(self._headers("sec-gpc"))

    def cookie(self, name: str) -> str | None:
        """The value of a cookie as it came."""
        return self._cookies.get(name)


NO_SIGNALS = ProgramSignals()
"""The signals of this program's own environment."""

"""What an option is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Value = str | int | float | bool | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its TOML key, its flag, its environment variable, its default and its meaning.

    `check` turns text, or a TOML value, into the option's value and raises ValueError with what it
    takes instead.
    """

    key: str
    default: Value
    check: Callable[[object], Value]
    doc: str
    takes: str
    secret: bool = False

    @property
    def name(self) -> str:
        """Name of the field of `Config`."""
        return self.key.rpartition(".")[2]

    @property
    def flag(self) -> str:
        """Name on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def env(self) -> str:
        """Name in the environment."""
        return "WHITEOUT_" + self.name.upper()

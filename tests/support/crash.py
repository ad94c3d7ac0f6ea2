"""A process that ends in the middle of its work, played by an exception."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class CrashError(Exception):
    """Stands for a process that ends here."""


def crash(*_: object, **__: object) -> None:
    """End here."""
    raise CrashError


def after(work: Callable[..., Any]) -> Callable[..., Any]:
    """End just after some work."""

    def crashing(*arguments: Any, **named: Any) -> None:
        work(*arguments, **named)
        raise CrashError

    return crashing

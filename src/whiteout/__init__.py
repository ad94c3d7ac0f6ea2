"""whiteout: event tracking for the web that can white out who you are.

`from whiteout import Tracker` is the Python tracker. It is loaded when it is first asked for, so
that the parts of whiteout that do not track stay quick to import.
"""

from __future__ import annotations

import typing

if typing.TYPE_CHECKING:
    from whiteout.tracker import ConfigurationError, Entity, Plugin, Tracker

__all__ = ["ConfigurationError", "Entity", "Plugin", "Tracker", "__version__"]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from whiteout import tracker  # noqa: PLC0415  # only who asks for it pays for it

    value: object = getattr(tracker, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

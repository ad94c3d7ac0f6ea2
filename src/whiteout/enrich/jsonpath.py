"""The part of JSONPath by which places in entities are named (C-17, C-18).

Names, indexes, `*` for all members and `..` for any depth: `$.user.email`, `$.items[*].id`,
`$['e-mail']`, `$..phone`. A path never makes a member that was not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

GONE: Final = object()
"""Stands for a value that is taken out."""

Change = Callable[[Any], Any]
"""Gives the new value of a place, or `GONE`."""

_STEP = re.compile(
    r"(?P<deep>\.\.)(?=[\w*\[])|\.?\[(?P<index>[0-9]{1,9})\]|\.?\[(?P<each>\*)\]"
    r"|\.?\['(?P<quoted>[^'\\]+)'\]|\.?\[\"(?P<doubly>[^\"\\]+)\"\]"
    r"|\.?(?P<every>\*)|\.?(?P<name>[\w\-$]+)"
)

Step = str | int | None
"""The name of a member, the index of an element, or None for all of them."""


class Path:
    """A JSONPath, read. Raises ValueError, which says what it takes instead, for anything else."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._steps: list[tuple[bool, Step]] = []
        if not text.startswith("$"):
            raise ValueError(f"a JSONPath that begins with $, not {text!r}")
        position, deep = 1, False
        if len(text) == 1:
            raise ValueError("a JSONPath that names a member, not the whole data")
        while position < len(text):
            match = _STEP.match(text, position)
            bare = text[position] not in ".[" and not deep
            if match is None or bare:
                raise ValueError(f"a JSONPath; {text!r} cannot be read from {text[position:]!r} on")
            position = match.end()
            if match["deep"]:
                deep = True
                continue
            name = match["name"] or match["quoted"] or match["doubly"]
            index = match["index"]
            self._steps.append((deep, name or (int(index) if index else None)))
            deep = False

    def change(self, value: Any, change: Change) -> Any:
        """Change what the path names in JSON, in place; the value that stands at its root then."""
        return _walk(value, self._steps, 0, change)


def _walk(value: Any, steps: list[tuple[bool, Step]], at: int, change: Change) -> Any:
    if at == len(steps):
        return change(value)
    deep, step = steps[at]
    if deep and isinstance(value, dict | list):
        # What lies deeper first: what this step changes here is not looked through again.
        _put(value, _keys(value, None), lambda item: _walk(item, steps, at, change))
    _put(value, _keys(value, step), lambda item: _walk(item, steps, at + 1, change))
    return value


def _keys(value: Any, step: Step) -> list[Any]:
    """Names or indexes of what a step leads to."""
    if isinstance(value, dict):
        if step is None:
            return list(value)
        return [step] if step in value else []
    if isinstance(value, list) and not isinstance(step, str):
        if step is None:
            return list(range(len(value)))
        return [step] if step < len(value) else []
    return []


def _put(value: Any, keys: list[Any], change: Change) -> None:
    for key in reversed(keys):
        new = change(value[key])
        if new is GONE:
            del value[key]
        else:
            value[key] = new

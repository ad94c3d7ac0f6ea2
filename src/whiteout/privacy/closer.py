"""A closer look at the texts of an event that are not all as usual."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from whiteout.privacy.findings import Findings
from whiteout.privacy.nested import VERSIONS, Scrubber
from whiteout.privacy.plain import could_hide, nothing_odd
from whiteout.privacy.shapes import Shape
from whiteout.privacy.urls import scrub_url

_BEGINS_JSON = ("{", "[", '"')

Loads = Callable[[bytes], Any]
Dumps = Callable[[Any], bytes]


class OddEventError(ValueError):
    """An event is not usual."""


class Closer:
    """Scrubs the texts of an event that are not as usual, where that is safe one at a time."""

    def __init__(
        self, names: Collection[str], values: Collection[str], loads: Loads, dumps: Dumps
    ) -> None:
        self._findings = Findings(names, values)
        self._known = self._findings.known
        self._scrubber = Scrubber(self._findings, keep_session=False, loads=loads, dumps=dumps)

    def found(self) -> set[str]:
        """Names of all that was found. Raises OddEventError when some of it says who it was."""
        if self._findings.known != self._known:
            raise OddEventError
        return self._findings.names

    def url(self, url: str, *, keep_campaign: bool) -> str:
        """A scrubbed URL. Raises OddEventError."""
        self._check(url)
        return scrub_url(url, keep_campaign=keep_campaign, findings=self._findings)

    def look_at_texts(
        self,
        kept: dict[str, str],
        names: tuple[str, ...],
        places: list[tuple[dict[str, Any], Shape] | list[Any]],
    ) -> None:
        """Scrub texts of parameters and JSON. Raises OddEventError."""
        for name in names:
            self._text(kept, name, version=name in VERSIONS)
        for place in places:
            if isinstance(place, list):
                for index in range(len(place)):
                    self._text(place, index)
            else:
                value, shape = place
                looked_at = value.keys() if shape.plain is None else value.keys() & shape.plain
                for name in looked_at:
                    self._text(value, name, version=name in shape.versions)

    def _text(self, place: Any, key: Any, *, version: bool = False) -> None:
        text = place[key]
        if text.__class__ is not str or nothing_odd(text):
            return
        if text.lstrip().startswith(_BEGINS_JSON):
            raise OddEventError
        self._check(text)
        place[key] = self._scrubber.text(text, version=version)

    def _check(self, text: str) -> None:
        """What becomes of a text must not depend on the values that were found."""
        values = self._findings.values
        if values and could_hide(text, values):
            raise OddEventError

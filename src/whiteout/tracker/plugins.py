"""Plugins: entities, a look before and after, a filter, and the level of privacy (R157, W19)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from whiteout.privacy import Anonymity
from whiteout.tracker.log import failed

if TYPE_CHECKING:
    from whiteout.tracker.entities import Entity
    from whiteout.tracker.tracker import Tracker


class Plugin:
    """A plugin does nothing until a method is overridden. An exception of it stops nothing.

    While events are dropped, no plugin is asked (W2). What it adds meets the same gate as all else
    (W5).
    """

    def activate(self, tracker: Tracker) -> None:
        """The plugin was added to a tracker."""

    def contexts(self) -> Sequence[Entity | Mapping[str, Any]]:
        """Entities for the event that is being tracked."""
        return ()

    def before_track(self, payload: dict[str, str]) -> None:
        """May change the parameters of an event that is being tracked."""

    def filter(self, payload: Mapping[str, str]) -> bool:  # noqa: ARG002  # for those that override
        """Whether the event is sent; exactly False drops it."""
        return True

    def after_track(self, payload: Mapping[str, str]) -> None:
        """The event was handed over with these parameters."""

    def privacy_changed(self, anonymity: Anonymity) -> None:
        """Told once when the plugin is added, and at every change of the level."""


class Plugins:
    """The plugins of one tracker, in the order in which they were added, if any are `present`."""

    def __init__(self) -> None:
        self._all: list[Plugin] = []
        self.present = False

    def add(self, plugin: Plugin) -> None:
        """Add a plugin."""
        self._all.append(plugin)
        self.present = True

    def contexts(self) -> list[Any]:
        """The entities of all plugins."""
        found: list[Any] = []
        for plugin in self._all:
            try:
                found.extend(plugin.contexts() or ())
            except Exception as error:  # noqa: BLE001  # a stranger's code
                failed("plugin", error)
        return found

    def before(self, payload: dict[str, str]) -> None:
        """Let each plugin change the parameters."""
        for plugin in self._all:
            try:
                plugin.before_track(payload)
            except Exception as error:  # noqa: BLE001  # a stranger's code
                failed("plugin", error)

    def accept(self, payload: Mapping[str, str]) -> bool:
        """Whether no plugin drops the event."""
        for plugin in self._all:
            try:
                if plugin.filter(payload) is False:
                    return False
            except Exception as error:  # noqa: BLE001  # a stranger's code
                failed("plugin", error)
        return True

    def after(self, payload: Mapping[str, str]) -> None:
        """Tell each plugin what was handed over."""
        for plugin in self._all:
            try:
                plugin.after_track(payload)
            except Exception as error:  # noqa: BLE001  # a stranger's code
                failed("plugin", error)

    def privacy_changed(self, anonymity: Anonymity) -> None:
        """Tell each plugin the level."""
        for plugin in self._all:
            try:
                plugin.privacy_changed(anonymity)
            except Exception as error:  # noqa: BLE001  # a stranger's code
                failed("plugin", error)

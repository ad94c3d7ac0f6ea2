"""What the tests of the tracker share: a clock, and trackers that send to memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Unpack

from whiteout.testing import MemoryCollector, SentEvent
from whiteout.tracker import MemoryStorage, Tracker, TrackerOptions

START = 1_800_000_000.0
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
SESSION = {"with_session_tracking": True}
SERVER = {"with_server_anonymisation": True}
BOTH = {**SESSION, **SERVER}
PAGE = "https://shop.example.test/p?utm_source=x&token=secret#part"


@dataclass
class Clock:
    """Tells a time that only the test moves."""

    now: float = START

    def __call__(self) -> float:
        """Epoch seconds."""
        return self.now


@dataclass
class Bench:
    """A collector in memory, a clock, and storages that outlive a tracker."""

    clock: Clock = field(default_factory=Clock)
    collector: MemoryCollector = field(default_factory=MemoryCollector)

    def __post_init__(self) -> None:
        self.cookies = MemoryStorage(self.clock)
        self.local = MemoryStorage(self.clock)

    def tracker(self, **options: Unpack[TrackerOptions]) -> Tracker:
        """A tracker on this bench, with the session entity."""
        usual: TrackerOptions = {
            "clock": self.clock,
            "cookies": self.cookies,
            "local_storage": self.local,
            "contexts": {"session": True},
        }
        merged: TrackerOptions = {**usual, **options}
        return self.collector.tracker("sp", **merged)

    @property
    def last(self) -> SentEvent:
        """The newest event."""
        return self.collector.events[-1]

    def view(self, tracker: Tracker) -> SentEvent:
        """Track a page view, and what came of it."""
        tracker.track_page_view(PAGE, "Shop")
        return self.last


def ids_of(event: SentEvent) -> set[str]:
    """Every id that could tie an event to another one."""
    page = event.entity("web_page") or {}
    found = {name: text for name, text in event.identifiers().items() if name != "vid"}
    return {*found.values(), str(page.get("id"))}

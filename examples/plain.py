"""A plain program that tracks what it does, anonymously until its user agrees."""

from __future__ import annotations

import sys

from whiteout import Tracker


def main(endpoint: str) -> None:
    """Track a start, ask, and track on."""
    with Tracker(
        "plain",
        endpoint,
        app_id="example",
        anonymous_tracking={"with_server_anonymisation": True},
        state_storage_strategy="none",
    ) as tracker:
        tracker.track_screen_view("start")
        if "--agree" in sys.argv:
            tracker.disable_anonymous_tracking(state_storage_strategy="local_storage")
        tracker.track_struct_event("program", "worked")


if __name__ == "__main__":
    main(sys.argv[1])

"""A child process must not outlive the main one: it would hold the port and the lake."""

from __future__ import annotations

import os
import threading
import time

_LOOK_EVERY = 0.2


def die_with_parent() -> None:
    """End this process soon after its parent is gone.

    It ends at once and without clean-up: what was acknowledged is durable already.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_EVERY)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()

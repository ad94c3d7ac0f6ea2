"""What the main process is to its children.

A child must not outlive it: it would hold the port and the lake.
"""

from __future__ import annotations

import os
import threading
import time

RUNTIME = "WHITEOUT_RUNTIME"
"""Environment variable in which the main process hands its configuration to its children."""

LISTENER = "WHITEOUT_LISTENER"
"""Environment variable with the file descriptor of the listening socket."""

FAILED_TO_START = 3
"""Exit status of a worker whose application could not be opened; it has said why."""

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

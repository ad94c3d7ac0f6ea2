"""A clock that a test can turn: its seconds are added to the time of day, read from a file.

Python loads this at its start where the folder is in `PYTHONPATH`. The monotonic clock is the
machine's, as it is when somebody sets a machine's time.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

_SETTING = Path(os.environ["CLOCK_OFFSET"])
_real, _real_ns = time.time, time.time_ns


def _offset() -> int:
    return int(_SETTING.read_text() or 0)


time.time = lambda: _real() + _offset()
time.time_ns = lambda: _real_ns() + _offset() * 1_000_000_000

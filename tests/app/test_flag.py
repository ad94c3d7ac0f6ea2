"""The flag that signal handlers set."""

from __future__ import annotations

import signal
import threading
import time

from whiteout.flag import Flag


def test_a_handler_may_set_it_at_any_moment() -> None:
    """A clean stop on SIGTERM must not hang, however busy the waiting thread is with its wait."""
    flag = Flag()
    before = signal.signal(signal.SIGALRM, lambda *_: flag.set())
    try:
        for _ in range(200):
            flag.clear()
            signal.setitimer(signal.ITIMER_REAL, 0.0005)
            while not flag.wait(0.0001):
                pass
    finally:
        signal.signal(signal.SIGALRM, before)
    assert flag.is_set()


def test_waiting_ends_with_the_flag_or_the_time() -> None:
    """`wait` tells whether the flag is raised."""
    flag = Flag()
    assert not flag.wait(0.01)
    timer = threading.Timer(0.05, flag.set)
    timer.start()
    began = time.monotonic()
    assert flag.wait()
    assert flag.wait(10)
    assert time.monotonic() > began
    timer.join()

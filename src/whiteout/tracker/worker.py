"""A background thread that is there when there is something to do, and survives a fork."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable

from whiteout.tracker.log import failed

_IDLE = 30.0


class Worker:
    """Calls `step` when woken, and again after the seconds that `step` returned, None for never.

    The thread is a daemon, starts at the first wake, ends when there is nothing to do for a while,
    and never keeps the interpreter alive. As long as it runs, it keeps alive what `step` works on.
    Before it ends, it calls `leave`.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], float | None],
        leave: Callable[[], object] = lambda: None,
    ) -> None:
        self._name = name
        self._step = step
        self._leave = leave
        self._awake = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = False
        _WORKERS.add(self)

    def wake(self) -> bool:
        """Have `step` called soon; False when there can be no thread any more."""
        if not self._awake.is_set():
            self._awake.set()
        return self._thread is not None or self._start()

    def _start(self) -> bool:
        with self._lock:
            if self._thread is not None or self._stopped:
                return self._thread is not None
            thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            try:
                thread.start()
            except RuntimeError:
                # The interpreter is going down, or there is no thread to be had.
                return False
            self._thread = thread
            return True

    def _run(self) -> None:
        try:
            self._work()
        finally:
            self._leave()

    def _work(self) -> None:
        delay: float | None = None
        while True:
            woken = self._awake.wait(_IDLE if delay is None else delay)
            if not woken and delay is None and self._rest():
                return
            self._awake.clear()
            if self._stopped:
                return
            try:
                delay = self._step()
            except Exception as error:  # noqa: BLE001  # a worker must go on
                failed("worker", error)
                delay = _IDLE

    def _rest(self) -> bool:
        """End this thread, unless somebody wakes it meanwhile: `wake` sets its mark first."""
        with self._lock:
            thread, self._thread = self._thread, None
            if self._awake.is_set():
                self._thread = thread
                return False
            return True

    @property
    def is_here(self) -> bool:
        """Whether this is the worker's own thread."""
        return self._thread is threading.current_thread()

    def stop(self, timeout: float) -> None:
        """Let the thread end, and wait so many seconds for it."""
        self._stopped = True
        self._awake.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    def child(self) -> None:
        """After a fork: the thread is not here."""
        self._awake = threading.Event()
        self._lock = threading.Lock()
        self._thread = None


_WORKERS: weakref.WeakSet[Worker] = weakref.WeakSet()


def _after_fork() -> None:
    for worker in list(_WORKERS):
        worker.child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

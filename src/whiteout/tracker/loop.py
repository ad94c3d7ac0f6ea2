"""A worker on the event loop, for where there are no threads: in a browser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from whiteout.tracker.log import failed

_IDLE = 30.0
Step = Callable[[], Coroutine[Any, Any, float | None]]


class LoopWorker:
    """Awaits `step` when woken, and again after the seconds that it returned, None for never.

    Nobody can wait for it without giving it the loop, so everybody is on its own thread.
    """

    is_here = True

    def __init__(self, step: Step) -> None:
        self._step = step
        self._timer: asyncio.TimerHandle | None = None
        self._at_once = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._again = False

    def wake(self) -> bool:
        """Have `step` awaited once the caller has given the loop back."""
        if self._tasks:
            self._again = True
        elif self._timer is None or not self._at_once:
            self._later(0.0)
        return True

    def _later(self, delay: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._at_once = delay <= 0
        self._timer = asyncio.get_running_loop().call_later(delay, self._due)

    def _due(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._tasks:
            # One that is through and only not told yet is of no use to what is due now.
            self._again = True
        else:
            self._keep(asyncio.get_running_loop().create_task(self._run()))

    def leave(self) -> None:
        """Begin now, before the page is gone, whatever is under way."""
        loop = asyncio.get_running_loop()
        eager: Any = getattr(asyncio, "eager_task_factory", None)
        # Before Python 3.12, a task cannot begin before the loop goes on.
        run = self._run()
        self._keep(loop.create_task(run) if eager is None else eager(loop, run))

    def _keep(self, task: asyncio.Task[None]) -> None:
        """A loop has only weak references to its tasks."""
        if not task.done():
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._again and not self._tasks:
            self._again = False
            self._later(0.0)

    async def _run(self) -> None:
        try:
            delay = await self._step()
        except Exception as error:  # noqa: BLE001  # a worker must go on
            failed("worker", error)
            delay = _IDLE
        if delay is not None:
            self._later(delay)

    async def idle(self, timeout: float) -> None:  # noqa: ASYNC109  # of what may never end
        """Begin what is due, and wait until it is done, so many seconds at most."""
        self._due()
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=timeout)

    def stop(self, timeout: float) -> None:
        """Begin nothing more; what is under way comes to its end."""
        del timeout
        self._again = False
        if self._timer is not None:
            self._timer.cancel()

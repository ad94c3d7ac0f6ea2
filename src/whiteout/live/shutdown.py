"""Noticing that the process is asked to end, while its server still waits for open streams."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from functools import partial
from types import FrameType

Before = Callable[[int, FrameType | None], object] | int | None


def on_termination(end: Callable[[], Coroutine[object, object, None]]) -> None:
    """Run `end` on the running event loop at SIGTERM and SIGINT, besides what is done already.

    To be called in the main thread, after the server has installed its handlers: at the lifespan
    start. A server that takes these signals through its event loop (as granian does) still gets
    them, because the loop is woken through its file descriptor whatever Python handler there is; a
    handler that was written in Python is called as well.
    """
    loop = asyncio.get_running_loop()
    tasks: set[asyncio.Task[None]] = set()

    def begin() -> None:
        task = loop.create_task(end())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, partial(_handle, loop, begin, signal.getsignal(number)))


def _handle(
    loop: asyncio.AbstractEventLoop,
    begin: Callable[[], None],
    before: Before,
    number: int,
    frame: FrameType | None,
) -> None:
    loop.call_soon_threadsafe(begin)
    if callable(before):
        before(number, frame)

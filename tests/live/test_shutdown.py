"""Noticing that the process is asked to end."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from whiteout.live import on_termination


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_end_is_noticed_besides_what_was_there(number: signal.Signals) -> None:
    """Our callback runs, and so does a handler of Python and one of the event loop."""
    loop = asyncio.get_running_loop()
    before = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}
    ours = asyncio.Event()
    of_python: list[int] = []
    of_loop = asyncio.Event()

    async def end() -> None:
        ours.set()

    try:
        signal.signal(number, lambda received, _frame: of_python.append(received))
        on_termination(end)
        os.kill(os.getpid(), number)
        async with asyncio.timeout(2):
            await ours.wait()
        assert of_python == [number]
        ours.clear()
        loop.add_signal_handler(number, of_loop.set)
        on_termination(end)
        os.kill(os.getpid(), number)
        async with asyncio.timeout(2):
            await ours.wait()
            await of_loop.wait()
    finally:
        loop.remove_signal_handler(number)
        for one, handler in before.items():
            signal.signal(one, handler)

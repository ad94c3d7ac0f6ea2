"""The worker of an event loop, which is all that there is in a browser."""

from __future__ import annotations

import asyncio
import logging

import pytest

from tests.tracker.test_queue import Wire
from whiteout.tracker import Request, Response
from whiteout.tracker.exchange import Work, there
from whiteout.tracker.loop import LoopWorker


class Steps:
    """Counts how often a worker did its step."""

    def __init__(self, *delays: float | None) -> None:
        self.delays = list(delays)
        self.count = 0

    async def __call__(self) -> float | None:
        """Do nothing, and say when to do it again."""
        self.count += 1
        await asyncio.sleep(0)
        return self.delays.pop(0) if self.delays else None


async def test_it_waits_until_the_loop_goes_on() -> None:
    """However often it is woken, it begins once, and not before its caller is through."""
    steps = Steps()
    worker = LoopWorker(steps)
    for _ in range(5):
        assert worker.wake()
    assert steps.count == 0
    await worker.idle(1)
    assert steps.count == 1
    await asyncio.sleep(0.02)
    assert steps.count == 1


async def test_it_comes_back_when_it_is_time() -> None:
    """A step says after how many seconds something is due again; a stopped worker does nothing."""
    steps = Steps(0.0, 0.01, 60)
    worker = LoopWorker(steps)
    worker.wake()
    await asyncio.sleep(0.1)
    assert steps.count == 3
    worker.wake()
    await worker.idle(1)
    assert steps.count == 4
    worker.wake()
    worker.stop(0)
    await asyncio.sleep(0.02)
    assert steps.count == 4


async def test_what_happens_meanwhile_is_done_afterwards() -> None:
    """A wake during a step leads to another one."""
    steps = Steps()
    worker = LoopWorker(steps)
    worker.wake()
    await asyncio.sleep(0.001)
    worker.leave()
    worker.wake()
    await asyncio.sleep(0.02)
    assert steps.count in {2, 3}


class Late(LoopWorker):
    """A worker in a browser that calls a timer before it tells that a task is done."""

    def _ended(self, task: asyncio.Task[None]) -> None:
        asyncio.get_running_loop().call_later(0.02, super()._ended, task)


async def test_a_timer_that_comes_before_the_step_has_ended_is_not_lost() -> None:
    """What was due then is done once the step has ended."""
    steps = Steps(0.0)
    worker = Late(steps)
    worker.wake()
    await asyncio.sleep(0.1)
    assert steps.count == 2


async def test_a_step_that_fails_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """An exception is told by its kind, and the worker tries again later."""

    async def fail() -> float | None:
        raise KeyError("canary")

    caplog.set_level(logging.DEBUG)
    worker = LoopWorker(fail)
    worker.wake()
    await worker.idle(1)
    assert "KeyError" in caplog.text
    assert "canary" not in caplog.text
    worker.stop(0)


def asking() -> Work[list[int | str]]:
    """Work that sends three requests, and survives one that fails."""
    found: list[int | str] = []
    for number in range(3):
        try:
            response = yield Request("GET", f"https://c.invalid/{number}", {}, None, False, 1.0)
            found.append(response.status)
        except ConnectionRefusedError as error:
            found.append(type(error).__name__)
    return found


async def test_requests_are_awaited() -> None:
    """A transport may answer at once, later, or not at all (contract 8)."""

    async def later(request: Request) -> Response:
        await asyncio.sleep(0)
        if request.url.endswith("1"):
            raise ConnectionRefusedError
        return Response(204)

    assert await there(asking(), later) == [204, "ConnectionRefusedError", 204]
    assert await there(asking(), Wire().send) == [200, 200, 200]

"""What the tasks of a page cost in processor time, as Chromium itself measures it.

By the clock on the wall a task takes the longer the more else runs on the machine; by the time that
its thread was on a processor it takes what it takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser

_TASK = "ThreadControllerImpl::RunTask"
_MAIN = "CrRendererMain"


@asynccontextmanager
async def traced(browser: Browser) -> AsyncIterator[list[float]]:
    """Milliseconds of each task of the pages' main threads; filled when the block ends."""
    session = await browser.new_browser_cdp_session()
    found: list[dict[str, Any]] = []
    complete = asyncio.Event()
    session.on("Tracing.dataCollected", lambda data: found.extend(data["value"]))
    session.on("Tracing.tracingComplete", lambda _: complete.set())
    await session.send(
        "Tracing.start",
        {
            "transferMode": "ReportEvents",
            "traceConfig": {
                "includedCategories": ["toplevel"],
                "excludedCategories": ["*"],
                "recordMode": "recordAsMuchAsPossible",
            },
        },
    )
    costs: list[float] = []
    try:
        yield costs
    finally:
        await session.send("Tracing.end")
        await complete.wait()
        await session.detach()
    threads = {(one["pid"], one["tid"]) for one in found if one["args"].get("name") == _MAIN}
    costs += [
        one.get("tdur", one["dur"]) / 1_000
        for one in found
        if one["name"] == _TASK and one["ph"] == "X" and (one["pid"], one["tid"]) in threads
    ]

"""A collector inside a FastAPI application: `uvicorn examples.mounted_fastapi:app`.

Its events come from the site's own address, so they are first-party and need no CORS. They wait in
the folder `whiteout-data` until `whiteout up` loads them into the lake.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from whiteout import collector

events = collector.app("whiteout-data/spool")


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Open the collector with the application, and make durable what is pending at its end."""
    events.open()
    yield
    await events.close()


app = FastAPI(lifespan=lifespan)
app.mount("/t", events)


@app.get("/")
def greet() -> str:
    """Greet."""
    return "Hello"

"""A collector with a real spool in a temporary folder."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.collector.edge import Edge
from whiteout.collector import CollectorSettings

Start = Callable[..., Edge]

_MEMORY = Path("/dev/shm")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the end of the test removes; in memory where the system has such a place.

    That fsync reaches a disk is shown elsewhere; here it would only cost time.
    """
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as name:
        yield Path(name)


@pytest_asyncio.fixture
async def start(folder: Path) -> AsyncIterator[Start]:
    """Makes a running collector of its settings, all of them closed at the end."""
    edges: list[Edge] = []

    def make(settings: CollectorSettings | None = None) -> Edge:
        edges.append(Edge(folder / f"spool-{len(edges)}", settings))
        return edges[-1]

    yield make
    for edge in edges:
        await edge.collector.close()


@pytest_asyncio.fixture
async def edge(start: Start) -> Edge:
    """A running collector with default settings."""
    return start()

"""A collector in memory for each test, and no file of this machine's user."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.support import Browser
from whiteout.testing import MemoryCollector


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))


@pytest.fixture
def collector() -> MemoryCollector:
    """A collector in memory."""
    return MemoryCollector()


@pytest.fixture
def browser() -> Browser:
    """A visitor's cookies."""
    return Browser()

"""A fresh bench for each test, and no file of this machine's user."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tracker.support import Bench


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.delenv("DO_NOT_TRACK", raising=False)


@pytest.fixture
def bench() -> Bench:
    """Storages, a clock and a collector in memory."""
    return Bench()

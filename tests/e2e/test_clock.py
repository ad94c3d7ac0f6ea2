"""A machine whose time of day is set, forward and back, while events arrive."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.test_faults import post
from tests.support.process import Whiteout, kill

pytestmark = pytest.mark.slow

CLOCK = Path(__file__).parent.parent / "support" / "jumping_clock"
DAY = 86_400
JUMPS = (0, 40 * DAY, -400 * DAY, 3_600, 0)
EACH = 20


def test_clock_jumps(tmp_path: Path) -> None:
    """Nothing is lost or doubled when the clock jumps, a loader dying in the middle included."""
    setting = tmp_path / "offset"
    setting.write_text("0")
    environment = {"PYTHONPATH": str(CLOCK), "CLOCK_OFFSET": str(setting)}
    names = []
    with Whiteout(tmp_path, environment=environment) as server:
        for jump, offset in enumerate(JUMPS):
            draft = tmp_path / "offset.new"
            draft.write_text(str(offset))
            draft.replace(setting)
            for number in range(EACH):
                names.append(f"event-{jump}-{number}")
                assert post(server.port, names[-1]).status == 200
            if jump == 2:
                (loader,) = (p for p, line in server.processes().items() if "loader" in line)
                kill(loader)
            rows = server.wait_for_rows("SELECT app_id FROM events", len(names))
            assert sorted(row["app_id"] for row in rows) == sorted(names)
        days = server.rows("SELECT DISTINCT collector_date AS day FROM events ORDER BY day")
    assert (days[-1]["day"] - days[0]["day"]).days == 440

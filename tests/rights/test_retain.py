"""Expiry: whole days go, on request and by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.rights.people import (
    DAY,
    RECEIVED,
    Person,
    event_id,
    loaded,
    loader,
    record,
    shown,
    spooled,
    stored,
)
from whiteout.rights import Desk, first_day, lines

ANN = Person.number(1)


def age(days: int) -> int:
    """The day, as `record` counts them, that was so many days ago."""
    today = int(datetime.now(UTC).timestamp() * 1000)
    return (today - RECEIVED) // DAY - days


async def test_days_beyond_those_that_are_kept_go(tmp_path: Path) -> None:
    """F-P24: failed events and the live page as well; today is the first of the days kept."""
    old = [
        record(ANN, number, day=age(number), e="zz" if number % 2 else "pv") for number in (3, 4)
    ]
    await loaded(tmp_path, [*old, record(ANN, 1, day=age(1)), record(ANN, 2, day=age(2))])
    await spooled(tmp_path, [record(ANN, 5, day=age(5))])
    request = Desk(tmp_path).ask("retain", days=3)
    work = loader(tmp_path)
    work.attend()
    work.close()
    want = {event_id(1), event_id(2)}
    assert set(stored(tmp_path)) == want
    assert stored(tmp_path, "failed_events") == []
    assert set(shown(tmp_path)) == want
    receipt = Desk(tmp_path).receipt(request.number)
    assert receipt is not None
    assert receipt["clean"]
    assert receipt["removed"] == {"events": 2, "failed_events": 1, "feed": 3}
    assert len(receipt["days"]) == 3
    days = {path.name for path in tmp_path.glob("lake/*/collector_date=*")}
    assert len(days) == 2
    assert "Nothing of those days is left" in "\n".join(lines(receipt))


async def test_nothing_is_older_than_the_days_that_are_kept(tmp_path: Path) -> None:
    """One day is today alone; the first day kept is never older than what was asked for."""
    today = datetime.now(UTC).date()
    assert first_day(1) in (today.isoformat(), (today + timedelta(days=1)).isoformat())
    assert first_day(30) >= (today - timedelta(days=29)).isoformat()


async def test_it_is_off_by_default_and_happens_by_itself(tmp_path: Path) -> None:
    """With `retention_days` the loader removes old days when it starts; else it keeps them."""
    await loaded(tmp_path, [record(ANN, 1, day=age(9)), record(ANN, 2, day=age(1))])
    work = loader(tmp_path)
    work.attend()
    work.close()
    assert len(stored(tmp_path)) == 2
    work = loader(tmp_path, retention_days=5)
    work.attend()
    work.close()
    assert stored(tmp_path) == [event_id(2)]
    assert shown(tmp_path) == [event_id(2)]
    assert not (tmp_path / "receipts").exists()
    assert len(list(tmp_path.glob("lake/events/collector_date=*/*"))) == 1

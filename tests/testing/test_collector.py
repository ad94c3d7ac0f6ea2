"""The collector in memory, as users' tests see it."""

from __future__ import annotations

import pytest

from whiteout.privacy import Mode
from whiteout.testing import MemoryCollector


def test_events_are_there_at_once() -> None:
    """What was tracked can be asked for, by parameters, entities and mode."""
    collector = MemoryCollector()
    tracker = collector.tracker(app_id="shop", contexts={"session": True})
    tracker.track_page_view("https://shop.test/", "Shop")
    tracker.track_struct_event("shop", "add")
    assert len(collector) == 2
    (view,) = collector.assert_sent(1, e="pv", page="Shop")
    assert view.mode is Mode.IDENTIFIED
    assert (view.entity("client_session") or {})["sessionIndex"] == 1
    assert view.entity("nothing") is None
    assert [event["aid"] for event in collector] == ["shop", "shop"]
    collector.clear()
    collector.assert_nothing_sent()


def test_assertions_say_what_was_sent_instead() -> None:
    """A failed assertion names what was wanted and what there is."""
    collector = MemoryCollector()
    collector.tracker().track_struct_event("shop", "add")
    with pytest.raises(AssertionError, match="se_ac='add'"):
        collector.assert_sent(se_ac="remove")
    with pytest.raises(AssertionError, match="2 events"):
        collector.assert_sent(2, e="se")
    with pytest.raises(AssertionError, match="1 events were sent"):
        collector.assert_nothing_sent()


@pytest.mark.parametrize("method", ["post", "get"])
def test_anonymity_is_asserted(method: str) -> None:
    """`assert_anonymous` names the identifiers that it finds, and knows sessions and servers."""
    collector = MemoryCollector()
    tracker = collector.tracker(event_method=method, contexts={"session": True})
    tracker.track_page_view()
    with pytest.raises(AssertionError, match=r"client_session.userId.*duid"):
        collector.assert_anonymous()
    collector.clear()
    tracker.enable_anonymous_tracking({"with_session_tracking": True})
    tracker.track_page_view()
    with pytest.raises(AssertionError, match="sid"):
        collector.assert_anonymous()
    collector.assert_anonymous(session=True)
    with pytest.raises(AssertionError, match="server"):
        collector.assert_anonymous(session=True, server=True)
    collector.clear()
    tracker.enable_anonymous_tracking({"with_server_anonymisation": True})
    tracker.track_page_view()
    collector.assert_anonymous(session=True, server=True)


def test_outages() -> None:
    """While it is down, or answers an error, events wait in the tracker."""
    collector = MemoryCollector(down=True)
    tracker = collector.tracker()
    tracker.track_page_view()
    collector.down, collector.status = False, 503
    assert not tracker.flush()
    collector.assert_nothing_sent()
    collector.status = 200
    assert tracker.flush()
    collector.assert_sent(1)

"""Decisions about consent, and events that wait for one (contract 6)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tracker.support import PAGE, SERVER, Bench
from whiteout.privacy import Mode
from whiteout.privacy.consent import Consent
from whiteout.tracker import ConfigurationError, RequestSignals


@pytest.mark.parametrize(
    ("value", "decision"),
    [
        (True, Consent.GRANTED),
        (False, Consent.DENIED),
        (None, Consent.UNKNOWN),
        ("granted", Consent.GRANTED),
        ("denied", Consent.DENIED),
        ("unknown", Consent.UNKNOWN),
        (Consent.GRANTED, Consent.GRANTED),
    ],
)
def test_decisions(value: Any, decision: Consent) -> None:
    """A decision has a name, or is True, False or None."""
    assert Consent.read(value) is decision


@pytest.mark.parametrize("value", [1, 0, "yes", "Granted", "", [], object()])
def test_what_is_no_decision(value: Any, bench: Bench) -> None:
    """Nothing but exactly these is a decision, whatever is true about it."""
    with pytest.raises(ValueError, match="granted, denied or unknown"):
        Consent.read(value)
    with pytest.raises(ConfigurationError):
        bench.tracker().set_consent(value)


@pytest.mark.parametrize(
    ("default", "decision", "mode"),
    [
        (False, "granted", Mode.IDENTIFIED),
        (False, "denied", Mode.SERVER_ANONYMOUS),
        (False, "unknown", Mode.IDENTIFIED),
        (True, "granted", Mode.IDENTIFIED),
        (True, "denied", Mode.ANONYMOUS),
        (True, "unknown", Mode.ANONYMOUS),
        (SERVER, "denied", Mode.SERVER_ANONYMOUS),
    ],
)
def test_the_level_follows_the_decision(
    bench: Bench, default: Any, decision: str, mode: Mode
) -> None:
    """Consent identifies, refusal does not, and without a decision the configuration holds."""
    tracker = bench.tracker(anonymous_tracking=default)
    tracker.set_consent(decision)
    assert tracker.get_privacy_state().mode is mode
    assert bench.view(tracker).mode is mode


def test_a_call_of_the_site_has_precedence(bench: Bench) -> None:
    """What the site calls itself beats what a consent platform says."""
    tracker = bench.tracker()
    tracker.enable_anonymous_tracking()
    tracker.set_consent("granted")
    assert tracker.get_privacy_state().mode is Mode.ANONYMOUS
    tracker.disable_anonymous_tracking()
    tracker.set_consent("denied")
    assert tracker.get_privacy_state().mode is Mode.IDENTIFIED


def test_events_wait_unstamped(bench: Bench) -> None:
    """While nobody has decided, no id is read, made or stored, and nothing is sent."""
    tracker = bench.tracker(consent_buffer=60, anonymous_tracking=False)
    tracker.set_user_id("bob")
    assert tracker.track_page_view(PAGE) is None
    tracker.new_session()
    state = tracker.get_privacy_state()
    assert (state.waiting, state.queued) == (1, 0)
    assert tracker.get_domain_user_id() == tracker.get_domain_session_id() == ""
    assert bench.cookies.keys() == []
    tracker.flush()
    bench.collector.assert_nothing_sent()


def test_granted_replays_with_original_times(bench: Bench) -> None:
    """What waited goes out identified, with its own time, and in order."""
    tracker = bench.tracker(consent_buffer=60)
    tracker.set_user_id("bob")
    data = {"n": 1}
    tracker.track_self_describing_event({"schema": "iglu:a.b/first/jsonschema/1-0-0", "data": data})
    data["n"] = 2
    first = int(bench.clock() * 1000)
    bench.clock.now += 30
    tracker.track_page_view(PAGE)
    tracker.set_consent("granted")
    one, two = bench.collector.events
    assert (one.self_describing or {})["data"] == {"n": 1}
    assert (one["dtm"], two["dtm"]) == (str(first), str(first + 30_000))
    assert one["uid"] == two["uid"] == "bob"
    assert (one.entity("client_session") or {})["eventIndex"] == 1
    assert tracker.track_page_view(PAGE)


@pytest.mark.parametrize("how", ["denied", "enable"])
def test_denied_replays_anonymised(bench: Bench, how: str) -> None:
    """What waited goes out without anything that says who it was."""
    tracker = bench.tracker(consent_buffer=60)
    tracker.set_user_id("bob")
    tracker.track_page_view(PAGE)
    if how == "denied":
        tracker.set_consent("denied")
    else:
        tracker.enable_anonymous_tracking(SERVER)
    assert len(bench.collector) == 1
    bench.collector.assert_anonymous(server=True)
    assert bench.cookies.keys() == []


def test_silence_expires(bench: Bench) -> None:
    """What has waited for too long is dropped, and told; so is what waits at the end."""
    lost: list[tuple[int, str]] = []
    tracker = bench.tracker(consent_buffer=60, on_drop=lambda *args: lost.append(args))
    tracker.track_page_view(PAGE)
    bench.clock.now += 61
    tracker.set_consent("granted")
    bench.collector.assert_nothing_sent()
    tracker.set_consent("unknown")
    tracker.track_page_view(PAGE)
    tracker.close()
    bench.collector.assert_nothing_sent()
    assert lost == [(1, "no consent came in time")] * 2


def test_what_waits_is_bounded(bench: Bench) -> None:
    """The oldest of too many waiting events go."""
    lost: list[int] = []
    tracker = bench.tracker(
        consent_buffer=60, max_queue_size=2, on_drop=lambda count, _: lost.append(count)
    )
    for number in range(5):
        tracker.track_struct_event("c", str(number))
    tracker.set_consent("granted")
    assert [event["se_ac"] for event in bench.collector] == ["3", "4"]
    assert sum(lost) == 3


def test_opted_out_events_do_not_wait(bench: Bench) -> None:
    """Signals are asked before anything waits; clearing forgets what waits."""
    jar = {"out": "1"}
    tracker = bench.tracker(
        consent_buffer=60, opt_out_cookie="out", signals=RequestSignals(lambda _: (), jar)
    )
    tracker.track_page_view(PAGE)
    assert tracker.get_privacy_state().waiting == 0
    jar.clear()
    tracker.track_page_view(PAGE)
    assert tracker.clear_user_data().events == 1
    tracker.set_consent("granted")
    bench.collector.assert_nothing_sent()

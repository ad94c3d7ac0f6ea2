"""Opt-out, Do Not Track and Global Privacy Control win from the first moment (contract 6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.tracker.support import Bench
from whiteout.privacy import Mode
from whiteout.tracker import Entity, MemoryStorage, Plugin, ProgramSignals, RequestSignals

DNT = {"dnt": "1"}
GPC = {"sec-gpc": "1"}


def signals(headers: Mapping[str, str], cookies: Mapping[str, str] | None = None) -> RequestSignals:
    """The signals of a request with these headers and cookies."""
    return RequestSignals(
        lambda name: [headers[name]] if name in headers else [],
        {} if cookies is None else cookies,
    )


class Watched(MemoryStorage):
    """Counts what is written and read."""

    def __init__(self) -> None:
        super().__init__()
        self.uses: list[str] = []

    def get(self, key: str) -> str | None:
        """Note, and read."""
        self.uses.append("get")
        return super().get(key)

    def set(self, key: str, value: str, max_age: int) -> bool:
        """Note, and write."""
        self.uses.append("set")
        return super().set(key, value, max_age)


class Nosy(Plugin):
    """Notes every call."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def contexts(self) -> list[Entity]:
        """Note."""
        self.asked.append("contexts")
        return []

    def before_track(self, payload: dict[str, str]) -> None:
        """Note."""
        self.asked.append("before")

    def filter(self, payload: Mapping[str, str]) -> bool:
        """Note."""
        self.asked.append("filter")
        return True

    def after_track(self, payload: Mapping[str, str]) -> None:
        """Note."""
        self.asked.append("after")


@pytest.mark.parametrize(
    "options",
    [
        {"signals": signals(DNT), "respect_do_not_track": True},
        {"signals": signals(DNT), "respect_do_not_track": "drop"},
        {"signals": signals({}, {"out": "1"}), "opt_out_cookie": "out"},
        {"signals": signals({}, {"out": "%E0%A4%A"}), "opt_out_cookie": "out"},
        {"signals": ProgramSignals({"DO_NOT_TRACK": "1"}), "respect_do_not_track": True},
        {"signals": ProgramSignals({}, lambda name: name == "out"), "opt_out_cookie": "out"},
    ],
)
def test_nothing_is_sent_and_nothing_is_stored(bench: Bench, options: dict[str, Any]) -> None:
    """No request, no storage, no plugin asked, whatever is called (W2, W3, W13)."""
    storage, plugin = Watched(), Nosy()
    tracker = bench.tracker(cookies=storage, plugins=[plugin], **options)
    tracker.add_global_contexts([lambda about: plugin.asked.append("global")])
    tracker.set_user_id("bob")
    assert tracker.track_page_view() is None
    tracker.new_session()
    tracker.enable_anonymous_tracking()
    tracker.disable_anonymous_tracking()
    tracker.track_struct_event("c", "a")
    tracker.flush()
    assert tracker.get_domain_user_id() == tracker.get_domain_session_id() == ""
    bench.collector.assert_nothing_sent()
    assert plugin.asked == []
    assert storage.uses == []
    assert tracker.get_privacy_state().blocked


def test_gpc_drops_if_asked_to(bench: Bench) -> None:
    """With `drop`, Global Privacy Control means no event and no storage."""
    storage = Watched()
    tracker = bench.tracker(
        cookies=storage, signals=signals(GPC), respect_global_privacy_control="drop"
    )
    tracker.set_consent("granted")
    assert tracker.track_page_view() is None
    bench.collector.assert_nothing_sent()
    assert storage.uses == []


def test_gpc_anonymises_below_an_explicit_call(bench: Bench) -> None:
    """By default the signal means full anonymity, until the site itself decides (W20)."""
    tracker = bench.tracker(signals=signals(GPC), whiteout_collector=True)
    event = bench.view(tracker)
    assert event.mode is Mode.SERVER_ANONYMOUS
    assert (event.entity("privacy_state") or {})["signal"] == "gpc"
    assert bench.cookies.keys() == []
    tracker.set_consent("granted")
    assert "duid" not in bench.view(tracker)
    tracker.disable_anonymous_tracking()
    assert "duid" in bench.view(tracker)


@pytest.mark.parametrize(
    "options",
    [
        {"signals": signals(GPC), "respect_global_privacy_control": "ignore"},
        {"signals": signals(GPC), "respect_global_privacy_control": False},
        {"signals": signals({"sec-gpc": "0"})},
        {"signals": signals({"sec-gpc": "true"})},
        {"signals": signals(DNT)},
        {"signals": signals({"dnt": "unspecified"}), "respect_do_not_track": True},
        {"signals": signals({}, {"out": ""}), "opt_out_cookie": "out"},
        {"signals": ProgramSignals({"DO_NOT_TRACK": "0"}), "respect_do_not_track": True},
    ],
)
def test_what_is_no_signal_changes_nothing(bench: Bench, options: dict[str, Any]) -> None:
    """An ignored signal, another value, or a cookie without a value is no opt-out (R28, R29)."""
    assert "duid" in bench.view(bench.tracker(**options))


def test_dnt_can_anonymise(bench: Bench) -> None:
    """With `anonymise`, Do Not Track holds even against an explicit call (contract 6)."""
    tracker = bench.tracker(signals=signals(DNT), respect_do_not_track="anonymise")
    tracker.disable_anonymous_tracking()
    assert bench.view(tracker).mode is Mode.SERVER_ANONYMOUS


def test_opting_out_later_forgets_everything(bench: Bench) -> None:
    """An opt-out removes ids and unsent events; afterwards nothing ties to before (W23, R85)."""
    cookies: dict[str, str] = {}
    bench.collector.down = True
    tracker = bench.tracker(signals=signals({}, cookies))
    tracker.set_user_id("bob")
    tracker.track_page_view()
    before = {tracker.get_domain_user_id(), tracker.get_domain_session_id()}
    tracker.set_opt_out_cookie("out")
    assert not tracker.get_privacy_state().blocked
    cookies["out"] = "1"
    assert tracker.track_page_view() is None
    state = tracker.get_privacy_state()
    assert (state.blocked, state.signal, state.memory, state.queued) == (True, "opt-out", [], 0)
    assert bench.cookies.keys() == []
    bench.collector.down = False
    tracker.flush()
    bench.collector.assert_nothing_sent()
    del cookies["out"]
    after = bench.view(tracker)
    assert (after["vid"], "uid" in after) == ("1", False)
    assert before.isdisjoint({after["duid"], after["sid"]})


def test_plugins_and_contexts_meet_the_gate(bench: Bench) -> None:
    """What a plugin or a global context adds is scrubbed like everything else (W5, W19)."""

    class Leaky(Plugin):
        def contexts(self) -> list[dict[str, Any]]:
            return [{"schema": "iglu:a.b/c/jsonschema/1-0-0", "data": {"userId": "bob-1234"}}]

        def before_track(self, payload: dict[str, str]) -> None:
            payload["uid"] = payload["duid"] = "bob-1234"
            payload["se_la"] = "of bob@example.test"

    tracker = bench.tracker(anonymous_tracking=True, plugins=[Leaky()])
    tracker.track_struct_event("c", "a")
    bench.collector.assert_anonymous()
    assert "bob" not in str(bench.last)

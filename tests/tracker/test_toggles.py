"""Changes of the level of privacy, and what stays of the time before (2.3; contracts 3 and 4)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.tracker.support import BOTH, SERVER, SESSION, Bench, ids_of
from whiteout.privacy import Anonymity, Mode
from whiteout.tracker import ConfigurationError, Plugin, Tracker


def stored(bench: Bench) -> dict[str, str | None]:
    """What the storages hold for the identified visitor."""
    return {
        name: storage.get(name)
        for storage in (bench.cookies, bench.local)
        for name in storage.keys()  # noqa: SIM118
        if name.startswith("_sp_id")
    }


@pytest.mark.parametrize("strategy", ["cookieAndLocalStorage", "cookie", "local_storage"])
@pytest.mark.parametrize("options", [None, True, SESSION, SERVER, BOTH])
def test_enabling_shares_no_id_with_the_time_before(
    bench: Bench, options: Any, strategy: str
) -> None:
    """After enabling, no id of before is sent, stored anew or told (W6, W7, W8; contract 3)."""
    tracker = bench.tracker(state_storage_strategy=strategy)
    tracker.set_user_id("bob")
    tracker.preserve_page_view_id()
    before = bench.view(tracker)
    tracker.enable_anonymous_tracking(options)
    kept = stored(bench)
    assert kept
    after = bench.view(tracker)
    bench.view(tracker)
    assert ids_of(before).isdisjoint(ids_of(after))
    assert stored(bench) == kept
    told = {
        tracker.get_domain_user_id(),
        tracker.get_user_id(),
        tracker.get_domain_session_id(),
        tracker.get_page_view_id(),
    }
    assert ids_of(before).isdisjoint(told)
    tracker.disable_anonymous_tracking()
    again = bench.view(tracker)
    assert (again["duid"], again["sid"], again["uid"]) == (before["duid"], before["sid"], "bob")
    pages = [event.entity("web_page") for event in (before, after, again)]
    assert len({page["id"] for page in pages if page}) == 3


def test_an_anonymous_session_continues_when_identified(bench: Bench) -> None:
    """A session tracked anonymously goes on after disabling, unless a new one is wanted (R74)."""
    tracker = bench.tracker(anonymous_tracking=SESSION)
    anonymous = bench.view(tracker)
    tracker.disable_anonymous_tracking()
    identified = bench.view(tracker)
    assert identified["sid"] == anonymous["sid"]
    assert identified["duid"]
    assert (identified.entity("client_session") or {})["eventIndex"] == 2
    assert not any(name.startswith("_sp_as") for name in bench.cookies.keys())  # noqa: SIM118
    tracker.enable_anonymous_tracking(SESSION)
    tracker.disable_anonymous_tracking(new_session=True)
    assert bench.view(tracker)["sid"] not in {identified["sid"], anonymous["sid"]}


def test_a_change_of_strategy_keeps_the_session(bench: Bench) -> None:
    """Session, index and first event survive a move, and stale state is not resurrected (W16)."""
    stale = "11111111-1111-4111-8111-111111111111"
    tracker = bench.tracker(anonymous_tracking=SESSION, state_storage_strategy="localStorage")
    bench.cookies.set(
        tracker.get_cookie_name("id"), f"{stale}.1.7.1.1.{stale}..{stale}.1000.9", 1000
    )
    first = bench.view(tracker)
    bench.view(tracker)
    tracker.disable_anonymous_tracking(state_storage_strategy="cookie_and_local_storage")
    third = bench.view(tracker)
    session = third.entity("client_session") or {}
    assert third["sid"] == first["sid"]
    assert (session["eventIndex"], session["firstEventId"]) == (3, first["eid"])
    assert third["duid"] == stale
    assert bench.local.keys() == []


def test_options_that_are_left_out_keep_their_value(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """Enabling never weakens what was not named, and `False` is refused (W14, W15)."""
    tracker = bench.tracker(anonymous_tracking=SERVER)
    tracker.enable_anonymous_tracking()
    assert tracker.get_privacy_state().mode is Mode.SERVER_ANONYMOUS
    tracker.enable_anonymous_tracking({"withSessionTracking": True})
    assert tracker.get_privacy_state().mode is Mode.SERVER_ANONYMOUS_SESSION
    tracker.enable_anonymous_tracking(False)
    assert tracker.get_privacy_state().mode is Mode.SERVER_ANONYMOUS_SESSION
    assert "refused" in caplog.text
    with pytest.raises(ConfigurationError):
        tracker.enable_anonymous_tracking({"withServerAnonymization": True})
    tracker.enable_anonymous_tracking({"with_server_anonymisation": False})
    state = tracker.get_privacy_state()
    assert state.mode is Mode.ANONYMOUS_SESSION
    assert state.sent == ["domain_sessionid", "domain_sessionidx"]


@pytest.mark.parametrize("base64", [False, True])
@pytest.mark.parametrize("options", [True, SERVER])
def test_waiting_events_lose_their_ids(bench: Bench, options: Any, base64: bool) -> None:
    """What was tracked while identified and not sent yet goes anonymously (W23)."""
    bench.collector.down = True
    tracker = bench.tracker(whiteout_collector=True, encode_base64=base64)
    tracker.set_user_id("bob-1234")
    eid = tracker.track_page_view("https://shop.example.test/p?token=x", "Shop")
    view = tracker.get_page_view_id()
    ids = {tracker.get_domain_user_id(), tracker.get_domain_session_id(), "bob-1234", view}
    tracker.enable_anonymous_tracking(options)
    bench.collector.down = False
    tracker.flush()
    sent = bench.last
    assert sent["eid"] == eid
    text = json.dumps([sent, sent.entities])
    assert not [one for one in ids if one in text]
    assert {one["schema"].split("/")[1] for one in sent.entities} == {"web_page", "privacy_state"}
    mode = tracker.get_privacy_state().mode.value
    assert (sent.entity("privacy_state") or {})["mode"] == mode
    assert sent.server_anonymous == (options == SERVER)
    assert sent["url"] == "https://shop.example.test/p"


def test_an_anonymous_event_is_never_upgraded(bench: Bench) -> None:
    """Each event keeps the anonymity with which it was tracked (R34)."""
    bench.collector.down = True
    tracker = bench.tracker(anonymous_tracking=SERVER)
    tracker.set_user_id("bob")
    eid = tracker.track_page_view()
    tracker.disable_anonymous_tracking()
    identified = tracker.track_page_view()
    bench.collector.down = False
    tracker.flush()
    by_id = {event["eid"]: event for event in bench.collector}
    assert by_id[str(eid)].server_anonymous
    assert not by_id[str(eid)].identifiers()
    assert by_id[str(identified)]["uid"] == "bob"
    assert len(bench.collector.requests) == 2


def test_plugins_are_told_the_level(bench: Bench) -> None:
    """A plugin hears the level when it comes and at each change (W19)."""
    heard: list[str] = []

    class Ear(Plugin):
        def activate(self, tracker: Tracker) -> None:
            heard.append(tracker.namespace)

        def privacy_changed(self, anonymity: Anonymity) -> None:
            heard.append(anonymity.mode.value)

    tracker = bench.tracker(plugins=[Ear()])
    tracker.enable_anonymous_tracking(SERVER)
    tracker.disable_anonymous_tracking()
    assert heard == ["sp", "identified", "server_anonymous", "identified"]


def test_clearing_removes_everything_and_says_what(bench: Bench) -> None:
    """Ids, queue and page view id go, and the receipt names them (W17)."""
    bench.collector.down = True
    tracker = bench.tracker()
    tracker.set_user_id("bob")
    tracker.set_ip_address("192.0.2.7")
    tracker.set_cookie_path("/shop")
    tracker.track_page_view()
    tracker.flush()
    before = {
        tracker.get_domain_user_id(),
        tracker.get_domain_session_id(),
        tracker.get_page_view_id(),
    }
    tracker.set_cookie_path("/other")
    tracker.track_page_view()
    tracker.flush()
    receipt = tracker.clear_user_data()
    assert len(receipt.cookies) == 4
    assert receipt.events == 2
    assert set(receipt.memory) == {
        *("domain_userid", "domain_sessionid", "domain_sessionidx", "user_id", "user_ipaddress")
    }
    assert bench.cookies.keys() == []
    bench.collector.down = False
    after = bench.view(tracker)
    assert before.isdisjoint(ids_of(after))
    assert (after["vid"], "uid" in after, "ip" in after) == ("1", False, False)
    assert len(bench.collector) == 1


def test_clearing_can_preserve(bench: Bench) -> None:
    """What the caller asks to preserve is sent on (R81)."""
    tracker = bench.tracker()
    tracker.set_user_id("bob")
    before = bench.view(tracker)
    tracker.clear_user_data(preserve_user=True, preserve_session=True)
    after = bench.view(tracker)
    names = ("duid", "sid", "vid", "uid")
    assert [before[name] for name in names] == [after[name] for name in names]
    tracker.clear_user_data(preserve_user=True)
    last = bench.view(tracker)
    assert last["duid"] == before["duid"]
    assert last["sid"] != before["sid"]


def test_clearing_while_anonymous_makes_no_id(bench: Bench) -> None:
    """Clearing neither mints nor stores an id where none is sent (S12)."""
    tracker = bench.tracker(anonymous_tracking=True)
    tracker.clear_user_data()
    bench.view(tracker)
    assert tracker.get_privacy_state().memory == []
    assert bench.cookies.keys() == []
    bench.collector.assert_anonymous()


def test_a_session_without_storage_is_full_anonymity(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """Where nothing can be stored there is no session, one warning, no exception (contract 1)."""
    from whiteout.tracker import NullStorage  # noqa: PLC0415

    tracker = bench.tracker(cookies=NullStorage(), anonymous_tracking=BOTH)
    bench.view(tracker)
    assert tracker.get_privacy_state().mode is Mode.SERVER_ANONYMOUS
    bench.collector.assert_anonymous(server=True)
    assert caplog.text.count("no usable storage") == 1
    tracker.enable_anonymous_tracking(state_storage_strategy="no such strategy")
    bench.view(tracker)
    bench.collector.assert_anonymous(server=True)


def test_without_a_strategy_the_last_one_stays(bench: Bench) -> None:
    """Disabling without a strategy keeps what enabling chose (R77)."""
    tracker = bench.tracker()
    bench.view(tracker)
    tracker.enable_anonymous_tracking(state_storage_strategy="none")
    tracker.disable_anonymous_tracking()
    event = bench.view(tracker)
    assert "duid" not in event
    assert event.entity("client_session") is None


def test_more_anonymity_begins_a_new_session(bench: Bench) -> None:
    """Adding server anonymity to an anonymous session starts another one (contract 3)."""
    tracker = bench.tracker(anonymous_tracking=SESSION)
    before = bench.view(tracker)
    tracker.enable_anonymous_tracking(SERVER)
    after = bench.view(tracker)
    assert after["sid"] != before["sid"]
    assert ids_of(before).isdisjoint(ids_of(after))


@pytest.mark.parametrize("strategy", ["cookie", "localStorage"])
def test_a_stored_session_goes_on_under_no_stronger_protection(bench: Bench, strategy: str) -> None:
    """A session with a trace of the visitor at the collector is not taken up later (contract 3)."""
    seen = []
    for level in (SESSION, SESSION, BOTH, BOTH, SESSION):
        tracker = bench.tracker(anonymous_tracking=level, state_storage_strategy=strategy)
        seen.append(bench.view(tracker)["sid"])
        tracker.close()
    assert [seen.index(sid) for sid in seen] == [0, 0, 2, 2, 2]

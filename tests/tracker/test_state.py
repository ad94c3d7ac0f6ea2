"""The stored state: vectors, malformed values, sessions (chapter 3 of the protocol)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.tag.tables import table
from tests.tracker.support import SESSION, START, UUID, Bench
from whiteout.tracker import ClientSession, MemoryStorage

USER = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
VISIT = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
FIRST = "cccccccc-cccc-4ccc-8ccc-cccccccccccc"
NAMES = {"USER": USER, "VISIT": VISIT, "FIRST": FIRST}
VECTORS = table("tag.md", "### Values that are not what they should be")


@pytest.mark.parametrize("strategy", ["cookie", "localStorage"])
@pytest.mark.parametrize("row", VECTORS, ids=lambda row: row["stored"])
def test_malformed_values(bench: Bench, row: dict[str, str], strategy: str) -> None:
    """A stored field that cannot be right counts as missing, and nothing raises (R48, W26)."""
    value = row["stored"].strip("`")
    for name, id_ in NAMES.items():
        value = value.replace(name, id_)
    storage = bench.cookies if strategy == "cookie" else bench.local
    names = bench.tracker(anonymous_tracking=True)
    storage.set(names.get_cookie_name("id"), value, 1000)
    if row["session alive"] == "yes":
        storage.set(names.get_cookie_name("ses"), "*", 1000)
    event = bench.view(bench.tracker(state_storage_strategy=strategy))
    session = event.entity("client_session") or {}
    observed = {
        "duid": "kept" if event["duid"] == USER else "new",
        "vid": event["vid"],
        "sid": "kept" if event["sid"] == VISIT else "new",
        "event index": str(session["eventIndex"]),
    }
    assert observed == {name: row[name] for name in observed}
    assert re.fullmatch(UUID, event["duid"])
    assert re.fullmatch(UUID, event["sid"])


def test_the_stored_value(bench: Bench) -> None:
    """Ten fields as the protocol has them, and a session mark beside them (R44, R50)."""
    tracker = bench.tracker()
    event = bench.view(tracker)
    tracker.flush()
    value = bench.cookies.get(tracker.get_cookie_name("id"))
    at = event["dtm"]
    start = int(START)
    assert value == f"{event['duid']}.{start}.1.{start}..{event['sid']}..{event['eid']}.{at}.1"
    assert bench.cookies.get(tracker.get_cookie_name("ses")) == "*"


def test_the_anonymous_value_has_a_key_of_its_own(bench: Bench) -> None:
    """An anonymous session is stored without user and previous session (contract 5, W12)."""
    tracker = bench.tracker(anonymous_tracking=SESSION)
    first = bench.view(tracker)
    tracker.new_session()
    event = bench.view(tracker)
    tracker.flush()
    assert bench.cookies.keys() == [tracker.get_cookie_name("as")]
    fields = str(bench.cookies.get(tracker.get_cookie_name("as"))).split(".")
    assert (fields[0], fields[2], fields[5], fields[6]) == ("", "2", event["sid"], "")
    assert event["sid"] != first["sid"]


def test_a_returning_visitor_keeps_ids(bench: Bench) -> None:
    """The next run goes on in the same session while that lasts (R54)."""
    tracker = bench.tracker()
    first = bench.view(tracker)
    tracker.close()
    bench.clock.now += 60
    second = bench.view(bench.tracker())
    assert [first[n] for n in ("duid", "sid", "vid")] == [second[n] for n in ("duid", "sid", "vid")]
    session = second.entity("client_session") or {}
    assert (session["eventIndex"], session["firstEventId"]) == (2, first["eid"])


@pytest.mark.parametrize("strategy", ["cookie", "localStorage"])
def test_sessions_end_by_time_and_by_hand(bench: Bench, strategy: str) -> None:
    """A new session counts up, tells its predecessor, and calls back once (R55-R70, W27)."""
    told: list[ClientSession] = []
    tracker = bench.tracker(
        on_session_update_callback=told.append,
        session_cookie_timeout=30,
        state_storage_strategy=strategy,
    )
    first = bench.view(tracker)
    bench.clock.now += 29
    assert bench.view(tracker)["sid"] == first["sid"]
    tracker.new_session()
    second = bench.view(tracker)
    bench.clock.now += 31
    third = bench.view(tracker)
    assert [event["vid"] for event in (first, second, third)] == ["1", "2", "3"]
    session = third.entity("client_session") or {}
    assert (session["previousSessionId"], session["eventIndex"]) == (second["sid"], 1)
    assert [one["sessionId"] for one in told] == [first["sid"], second["sid"], third["sid"]]


def test_a_new_session_after_the_time_is_one(bench: Bench) -> None:
    """A session whose time is up is followed by one session, also where it is asked for (R64)."""
    tracker = bench.tracker()
    assert bench.view(tracker)["vid"] == "1"
    bench.clock.now += 2_000
    tracker.new_session()
    assert bench.view(tracker)["vid"] == "2"
    tracker.new_session()
    assert bench.view(tracker)["vid"] == "3"


def test_the_callback_may_track(bench: Bench) -> None:
    """Tracking inside the session callback neither recurses nor deadlocks (R69)."""
    told: list[str] = []

    def tell(session: ClientSession) -> None:
        told.append(session["sessionId"])
        tracker.track_struct_event("session", "began")

    tracker = bench.tracker(on_session_update_callback=tell)
    tracker.track_page_view()
    assert len(told) == 1
    assert len(bench.collector) == 2


def test_no_callback_without_a_stored_session(bench: Bench) -> None:
    """Neither full anonymity nor strategy `none` has a session to tell (R68)."""
    told: list[ClientSession] = []
    options: list[Any] = [{"anonymous_tracking": True}, {"state_storage_strategy": "none"}]
    for one in options:
        bench.view(bench.tracker(on_session_update_callback=told.append, **one))
    assert told == []


def test_without_storage_ids_live_in_memory(bench: Bench) -> None:
    """With strategy `none`, a session counts on in memory only (R61, W25)."""
    tracker = bench.tracker(state_storage_strategy="none")
    first, second = bench.view(tracker), bench.view(tracker)
    assert first["sid"] == second["sid"]
    tracker.new_session()
    third = bench.view(tracker)
    assert (third["vid"], third["sid"] != first["sid"]) == ("2", True)
    assert bench.cookies.keys() == bench.local.keys() == []


def test_a_visitor_is_forgotten_after_the_cookie_lifetime(bench: Bench) -> None:
    """The id lives for `cookie_lifetime`, which can change at run time (R8)."""
    tracker = bench.tracker(cookie_lifetime=100)
    first = bench.view(tracker)
    tracker.set_visitor_cookie_timeout(50)
    bench.view(tracker)
    tracker.close()
    bench.clock.now += 51
    assert bench.view(bench.tracker())["duid"] != first["duid"]


def test_local_storage_outlives_the_program(bench: Bench, tmp_path: Path) -> None:
    """The local storage of a program is a file that its next run finds, readable by its owner."""
    options: dict[str, Any] = {
        "data_folder": tmp_path / "data",
        "state_storage_strategy": "local_storage",
        "local_storage": None,
    }
    tracker = bench.tracker(**options)
    first = bench.view(tracker)
    tracker.close()
    assert bench.view(bench.tracker(**options))["duid"] == first["duid"]
    (file,) = (tmp_path / "data").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert first["duid"].encode() in file.read_bytes()
    receipt = bench.tracker(**options).clear_user_data()
    assert len(receipt.local_storage) == 2
    assert first["duid"].encode() not in file.read_bytes()


def test_memory_storage_forgets_in_time() -> None:
    """A text in memory is gone when its time is up, or at once for a time that is none."""
    now = [0.0]
    storage = MemoryStorage(lambda: now[0])
    assert storage.set("a", "1", 10)
    assert not storage.set("b", "1", 0)
    now[0] = 9.9
    assert storage.get("a") == "1"
    now[0] = 10
    assert storage.get("a") is None
    assert storage.keys() == []

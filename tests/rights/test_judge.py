"""Which events are somebody's: in columns, in JSON however nested, in text; and which are not."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rights.people import Person, contexts, event_id
from whiteout.rights import Selector
from whiteout.rights.judge import Judge, nested_parts

ANN = Person.number(1)
BOB = Person.number(2)
SHORT = "ann"


def verdict(kind: str, value: str, **columns: Any) -> str:
    """What becomes of a row with these values: it `goes`, is `changed`, or `stays`."""
    change = Judge(Selector.of(kind, value)).change(columns)
    if change is None:
        return "stays"
    return "goes" if change.gone else "changed"


def entity(**session: Any) -> str:
    """The column `contexts` of an event with a session."""
    return base64.urlsafe_b64decode(contexts(**session)).decode()


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("user_id", {"user_id": ANN.user_id}),
        ("domain_userid", {"domain_userid": ANN.domain_userid}),
        ("domain_userid", {"domain_userid": ANN.domain_userid.upper()}),
        ("domain_userid", {"refr_domain_userid": ANN.domain_userid}),
        ("network_userid", {"network_userid": ANN.network_userid}),
        ("session", {"domain_sessionid": ANN.session}),
        ("domain_userid", {"contexts": entity(userId=ANN.domain_userid)}),
        ("session", {"contexts": entity(sessionId=ANN.session)}),
        ("user_id", {"unstruct_event": json.dumps({"data": {"mail": ANN.user_id}})}),
        ("user_id", {"page_url": f"https://shop.example/?who={ANN.user_id}"}),
        ("user_id", {"page_url": f"https://shop.example/?who={quote(ANN.user_id)}"}),
        ("user_id", {"page_title": f"Welcome, {ANN.user_id.upper()}!"}),
        ("domain_userid", {"page_url": f"https://x.example/?_sp={ANN.domain_userid}.1767261600"}),
        ("user_id", {"se_label": base64.b64encode(f"for {ANN.user_id}".encode()).decode()}),
        ("user_id", {"payload": json.dumps({"uid": ANN.user_id, "e": "zz"})}),
        ("domain_userid", {"payload": json.dumps({"cx": contexts(userId=ANN.domain_userid)})}),
        ("user_id", {"payload": json.dumps({"co": json.dumps({"a": {"b": [ANN.user_id]}})})}),
        ("user_id", {"payload": json.dumps([{"e": "pv"}, {"e": "pv", "uid": ANN.user_id}])}),
        ("user_id", {"errors": json.dumps([{"message": f"{ANN.user_id} is no number"}])}),
    ],
)
def test_what_names_somebody_is_somebodys(kind: str, columns: dict[str, str]) -> None:
    """Contract 16: a person is found in columns, entities, failed payloads, URLs and text."""
    person = {"user_id": ANN.user_id, "domain_userid": ANN.domain_userid, "session": ANN.session}
    value = person.get(kind, ANN.network_userid)
    assert verdict(kind, value, **columns) == "goes"


@pytest.mark.parametrize(
    "columns",
    [
        {"user_id": f"not{ANN.user_id}"},
        {"user_id": f"{ANN.user_id}.uk"},
        {"page_url": f"https://shop.example/?who=not{ANN.user_id}"},
        {"page_url": f"https://shop.example/?who=x-{quote(ANN.user_id)}"},
        {"contexts": json.dumps({"data": [f"mary.{ANN.user_id}"]})},
        {"page_title": "Welcome"},
        {"contexts": entity()},
    ],
)
def test_a_longer_value_is_somebody_elses(columns: dict[str, str]) -> None:
    """Nobody's events go because an identifier is a part of another one."""
    assert verdict("user_id", ANN.user_id, **columns) == "stays"


@pytest.mark.parametrize(
    ("columns", "goes"),
    [
        ({"user_id": SHORT}, True),
        ({"user_id": "Ann"}, False),
        ({"domain_userid": SHORT}, False),
        ({"page_title": "ann and bob"}, False),
        ({"contexts": json.dumps({"data": {"userId": SHORT}})}, True),
        ({"contexts": json.dumps({"data": {"loginName": SHORT, "customer_id": SHORT}})}, True),
        ({"contexts": json.dumps({"data": {"author": SHORT}})}, False),
        ({"payload": json.dumps({"uid": SHORT})}, True),
        ({"payload": json.dumps({"aid": SHORT})}, False),
        ({"payload": json.dumps({"cx": contexts(userId=SHORT)})}, True),
    ],
)
def test_a_common_word_counts_where_an_identifier_belongs(
    columns: dict[str, str], *, goes: bool
) -> None:
    """F-P4: what may be any word is somebody only in a member that is called like one."""
    assert verdict("user_id", SHORT, **columns) == ("goes" if goes else "stays")


def test_a_number_counts_where_an_identifier_belongs() -> None:
    """A numeric id is found as a number of JSON too, and a price of 42 stays."""
    assert verdict("user_id", "42", contexts='{"data":{"userId":42}}') == "goes"
    assert verdict("user_id", "42", contexts='{"data":{"price":42}}') == "stays"


def test_a_reference_from_another_visit_is_taken_out() -> None:
    """The visit after keeps its events; only previousSessionId goes (R35)."""
    row = {"contexts": entity(previousSessionId=ANN.session), "domain_sessionid": BOB.session}
    change = Judge(Selector.of("session", ANN.session)).change(row)
    assert change is not None
    assert not change.gone
    kept = json.loads(str(change.columns["contexts"]))["data"][0]["data"]
    assert kept["previousSessionId"] is None
    assert kept["sessionIndex"] == 1


def test_a_reference_to_the_first_event_is_taken_out() -> None:
    """Other events of a visit keep all but firstEventId when its first event goes (W8)."""
    row = {"contexts": entity(firstEventId=event_id(1)), "event_id": event_id(2)}
    change = Judge(Selector.of("event", event_id(1))).change(row)
    assert change is not None
    assert not change.gone
    assert "firstEventId" not in str(change.columns["contexts"])
    assert verdict("event", event_id(1), event_id=event_id(1)) == "goes"


def test_an_entry_of_the_live_page_is_judged_like_its_row() -> None:
    """Contract 16: the feed holds the same values, so the same people are found in it."""
    judge = Judge(Selector.of("user_id", ANN.user_id))
    event = {"kind": "event", "event_id": event_id(1), "event": {"user_id": ANN.user_id}}
    failed: dict[str, Any] = {
        "kind": "failed",
        "event_id": None,
        "payload": {"uid": ANN.user_id},
        "errors": [],
    }
    other = {"kind": "event", "event_id": event_id(2), "event": {"user_id": f"x{ANN.user_id}"}}
    entries = [json.dumps(entry).encode() for entry in (event, failed, other)]
    assert [judge.entry(raw) for raw in entries] == [True, True, False]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
        ),
        max_leaves=10,
    ),
    st.sampled_from(["user_id", "domain_userid", "session", "event"]),
)
def test_any_json_is_judged_without_a_fault(value: Any, kind: str) -> None:
    """A stranger's JSON of any form neither breaks the judge nor is anybody's by accident."""
    text = json.dumps({"data": value})
    assert verdict(kind, ANN.session, contexts=text, payload=text) == "stays"


@given(st.text(min_size=1, max_size=5), st.integers(0, 4))
def test_short_values_are_found_in_every_alignment(value: str, shift: int) -> None:
    """What SQL looks for is in the text, wherever in base64 the value comes to stand."""
    raw = json.dumps({"a" * shift: 1, "uid": value}, ensure_ascii=False, separators=(",", ":"))
    try:
        coded = base64.urlsafe_b64encode(raw.encode()).decode()
    except UnicodeEncodeError:
        return
    if json.dumps(value, ensure_ascii=False) != f'"{value}"':
        return
    parts = nested_parts(value)
    assert any(part in raw for part in parts)
    assert any(part in coded for part in parts)

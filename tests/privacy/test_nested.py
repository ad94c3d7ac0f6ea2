"""JSON without what identifies (F-P4, F-P6, F-P10; contracts 7, 11 and 13)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from tests.privacy.strategies import CANARY, SNOWPLOW, UUID, json_values, secret_json
from whiteout.privacy import MAX_DEPTH, ZERO_UUID, Findings, TooDeepError, dump_json, load_json
from whiteout.privacy.nested import GONE, Scrubber


def scrubber(*, keep_session: bool = True, findings: Findings | None = None) -> Scrubber:
    """A scrubber with the plain reader of JSON."""
    return Scrubber(
        findings or Findings(), keep_session=keep_session, loads=load_json, dumps=dump_json
    )


def entity(name: str, data: Any) -> dict[str, Any]:
    """An entity of the protocol's own vendor."""
    return {"schema": f"{SNOWPLOW}/{name}/jsonschema/1-0-0", "data": data}


@given(secret_json(CANARY))
@settings(max_examples=200)
def test_no_secret_gets_through(value: Any) -> None:
    """F-P4, F-P10: whatever holds the secret, at any depth, in any spelling."""
    kept = scrubber().walk(value)
    assert kept is GONE or CANARY.lower() not in json.dumps(kept).lower()


@given(json_values | secret_json(CANARY))
def test_scrubbing_json(value: Any) -> None:
    """What was scrubbed once has nothing more to lose."""
    once = scrubber().walk(value)
    if once is not GONE:
        assert scrubber().walk(once) == once


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"a": 1, "userId": "x"}, {"a": 1}),
        ({"a": [{"User-ID": 5}, {"b": None}]}, {"a": [{}, {"b": None}]}),
        ({"email": True, "phone": False}, {"email": True, "phone": False}),
        ({"email": None, "uid": ""}, {}),
        ({"email": {"work": "x"}}, {}),
        ({"targetUrl": "page?x=1"}, {"targetUrl": "page"}),
        ({"target_url": "https://c/?utm_source=a&x"}, {"target_url": "https://c/?utm_source=a"}),
        ({"referrer": "https://c/?utm_source=a&x"}, {"referrer": "https://c/"}),
        ({"urls": ["https://c/?x", "b"]}, {"urls": ["https://c/", "b"]}),
        ({"userAgent": "x Firefox/131.0"}, {"userAgent": "Firefox/131; Other; other"}),
        ({"osVersion": "10.0.0.1", "peer": "10.0.0.1"}, {"osVersion": "10.0.0.1", "peer": ""}),
        ({"peer": "[2001:db8::1]:80", "time": "12:30:45"}, {"peer": "", "time": "12:30:45"}),
        ({"name": "email", "value": "x"}, {"name": "email"}),
        ({"name": "size", "value": "x"}, {"name": "size", "value": "x"}),
        ({"name": 5, "value": "x"}, {"name": 5, "value": "x"}),
        ({"label": "Login", "id": "email"}, {"label": "Login", "id": "email"}),
        ({"type": "password", "values": ["x"], "b": 1}, {"type": "password", "b": 1}),
        ({"bob@mail.example": 1, "https://c/?x=1": 2, "ok": 3}, {"ok": 3}),
        ([1.5, float("inf"), float("nan"), "x"], [1.5, "x"]),
        ("plain", "plain"),
        (None, None),
        ({"k": '{"uid": "x", "a": 1}'}, {"k": '{"a":1}'}),
        ({"k": ' [1, {"a": "b"}]'}, {"k": ' [1, {"a": "b"}]'}),
        ({"k": '"{\\"uid\\": 5}"'}, {"k": '"{}"'}),
        ({"k": '{"uid": "x", "a'}, {"k": ""}),
        ({"k": "[Sale] {new}"}, {"k": "[Sale] {new}"}),
        ({"k": '"quoted" bob@mail.example'}, {"k": '"quoted" '}),
        ({"k": '"a": said he'}, {"k": '"a": said he'}),
        ({"k": "{'uid': 'x'}"}, {"k": ""}),
        ({"k": "[" * 100_000}, {"k": "[" * 100_000}),
        ({"k": '{"a":' * 50 + "1" + "}" * 50}, {"k": ""}),
        ({"k": json.dumps(entity("identity", {"a": 1}))}, {"k": ""}),
    ],
)
def test_members(value: Any, kept: Any) -> None:
    """Members that hold an identifier go, ordinary ones stay, and JSON in text is JSON."""
    assert scrubber().walk(value) == kept


@pytest.mark.parametrize("keep_session", [True, False])
def test_entity_fields_are_replaced_as_the_table_says(keep_session: bool) -> None:
    """R35, R37, W8: zero UUID, null or nothing stands where an identifier stood."""
    session = {
        "userId": UUID,
        "previousSessionId": UUID,
        "firstEventId": UUID,
        "sessionId": UUID,
        "sessionIndex": 3,
        "eventIndex": 4,
    }
    kept = scrubber(keep_session=keep_session).walk(entity("client_session", session))
    if keep_session:
        data = {
            "userId": ZERO_UUID,
            "previousSessionId": None,
            "sessionId": UUID,
            "sessionIndex": 3,
            "eventIndex": 4,
        }
        assert kept == entity("client_session", data)
    else:
        assert kept is GONE
    browser = entity("browser_context", {"tabId": UUID, "online": True})
    assert scrubber().walk(browser) == entity("browser_context", {"tabId": None, "online": True})
    mobile = entity("mobile_context", {"osType": "x", "appleIdfv": UUID, "open_idfa": "y"})
    assert scrubber().walk(mobile) == entity("mobile_context", {"osType": "x"})


@pytest.mark.parametrize(
    "session",
    [
        {"sessionId": "bob"},
        {"sessionId": ["x"]},
        {"sessionId": True},
        {"sessionIndex": "many"},
        {"sessionIndex": 10**12},
        {"sessionIndex": True},
    ],
)
def test_a_session_that_is_none_is_replaced(session: dict[str, Any]) -> None:
    """R36, E-18: only a UUID and a count are kept of a session."""
    walker = scrubber()
    kept = walker.walk(entity("client_session", session))
    assert kept["data"] in ({"sessionId": ZERO_UUID}, {})
    assert walker.session is False


def test_a_session_in_other_json_is_kept_where_sessions_are() -> None:
    """Contract 7: whether it is kept depends on what it is, not on where it stands."""
    value = {"session_id": UUID, "x": {"domain_sessionidx": "3"}}
    assert scrubber().walk(value) == value
    assert scrubber(keep_session=False).walk(value) == {"x": {}}


def test_an_entity_without_data_is_one_all_the_same() -> None:
    """F-P6: an entity is known by its schema, whatever else it lacks."""
    assert scrubber().walk({"schema": "iglu:org.ietf/http_cookie/x/y", "value": "a"}) is GONE
    tab = {"schema": f"{SNOWPLOW}/browser_context/jsonschema/1-0-0", "tabId": UUID}
    assert scrubber().walk(tab) == tab | {"tabId": None}


def test_an_event_around_an_identifying_one_goes_with_it() -> None:
    """F-P6: nothing is left of an event that says nothing but who somebody is."""
    assert scrubber().walk(entity("unstruct_event", entity("identity", {"a": 1}))) is GONE
    inner = {"schema": "iglu:a/b/jsonschema/1-0-0", "data": {"uid": 1, "c": {"tabId": 2}}}
    kept = {"schema": "iglu:a/b/jsonschema/1-0-0", "data": {"c": {}}}
    assert scrubber().walk(entity("unstruct_event", inner)) == entity("unstruct_event", kept)


def test_depth() -> None:
    """B-20: forty levels of lists and objects are read, one more is not."""
    value: Any = "x"
    for level in range(MAX_DEPTH):
        value = [value] if level % 2 else {"a": value}
    assert scrubber().walk(value) == value
    lists: Any = "x"
    for _ in range(MAX_DEPTH + 1):
        lists = [lists]
    assert scrubber().walk(lists[0]) == lists[0]
    with pytest.raises(TooDeepError):
        scrubber().walk(lists)
    for deeper in ([value], {"a": value}, {"schema": "iglu:a/b/c", "data": value}):
        with pytest.raises(TooDeepError):
            scrubber().walk(deeper)


def test_a_value_that_was_found_goes_from_names_and_values() -> None:
    """F-P4: also where it is the name of a member."""
    findings = Findings()
    value = {"uid": "customer-4711", "customer-4711": 1, "x": ["customer-4711", "y"]}
    scrubber(findings=findings).walk(value)
    assert scrubber(findings=findings).walk(value) == {"x": ["", "y"]}

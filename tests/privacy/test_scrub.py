"""What an anonymous event may hold (A-52, F-P1, F-P3, F-P4; contracts 7, 11 and 13)."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.privacy.strategies import (
    CANARY,
    CONTEXTS,
    SNOWPLOW,
    UNSTRUCT,
    UUID,
    any_events,
    b64,
    everything,
    known_names,
    secret_events,
)
from whiteout.privacy import (
    BY_PARAMETER,
    IDENTIFIERS,
    ZERO_UUID,
    Problem,
    decode_base64url,
    dump_json,
    load_json,
    scrub_event,
)
from whiteout.protocol.parameters import NAMES, PAYLOAD_NAMES

SESSION = {
    "userId": ZERO_UUID,
    "sessionId": UUID,
    "sessionIndex": 3,
    "eventIndex": 4,
    "previousSessionId": None,
    "storageMechanism": "COOKIE_1",
    "firstEventId": None,
    "firstEventTimestamp": "2026-11-24T06:20:00.123Z",
}


def entity(name: str, data: Any) -> dict[str, Any]:
    """An entity of the protocol's own vendor."""
    return {"schema": f"{SNOWPLOW}/{name}/jsonschema/1-0-2", "data": data}


def compact(value: Any) -> str:
    """JSON as a tracker writes it."""
    return dump_json(value).decode()


def contexts(*entities: Any) -> str:
    """Entities as the parameter `cx` holds them."""
    return b64(json.dumps({"schema": CONTEXTS, "data": entities}))


def entities_of(parameters: dict[str, str]) -> Any:
    """The entities that are left in `cx`."""
    return load_json(decode_base64url(parameters["cx"].encode()))["data"]


SESSION_EVENT = {"sid": UUID, "vid": "3", "cx": contexts(entity("client_session", SESSION))}
"""An event as a tracker sends it in anonymous tracking with session tracking (table 2.1, ASV)."""


@given(secret_events(), known_names, st.booleans(), st.booleans())
@settings(max_examples=200)
def test_no_identifier_gets_through(
    event: dict[str, Any], known: Collection[str], keep_session: bool, strict: bool
) -> None:
    """A-52, F-P1 to F-P6: whatever the place and the spelling, the secret is gone."""
    raw = {name: value if isinstance(value, str) else repr(value) for name, value in event.items()}
    assert CANARY.lower() in everything(raw)
    scrubbed = scrub_event(event, known, keep_session=keep_session, strict=strict)
    assert CANARY.lower() not in everything(scrubbed.parameters)
    assert CANARY not in repr(scrubbed.problems)
    assert CANARY not in repr(scrubbed.redacted)


@given(any_events, known_names, st.booleans(), st.booleans())
def test_scrubbing_never_raises_and_keeps_known_names_only(
    event: dict[str, Any], known: Collection[str], keep_session: bool, strict: bool
) -> None:
    """A-52: whatever comes, what is left are texts of parameters that the protocol knows."""
    scrubbed = scrub_event(event, known, keep_session=keep_session, strict=strict)
    assert scrubbed.parameters.keys() <= set(known) & event.keys()
    assert all(type(text) is str for text in scrubbed.parameters.values())
    assert scrubbed.redacted <= {row.name for row in IDENTIFIERS}
    assert not scrubbed.parameters.keys() & (BY_PARAMETER.keys() - {"sid", "vid"})


@given(any_events | secret_events(), st.booleans())
def test_scrubbing_twice_is_scrubbing_once(event: dict[str, Any], keep_session: bool) -> None:
    """Contract 13: what is left has nothing more to lose."""
    once = scrub_event(event, NAMES, keep_session=keep_session).parameters
    again = scrub_event(once, NAMES, keep_session=keep_session)
    assert again.parameters == once
    assert again.problems == []


@given(any_events | secret_events(), st.booleans())
def test_quick_json_gives_the_same(event: dict[str, Any], keep_session: bool) -> None:
    """Another reader of JSON changes nothing in what is found."""
    mine = scrub_event(event, NAMES, keep_session=keep_session)
    theirs = scrub_event(
        event,
        NAMES,
        keep_session=keep_session,
        loads=msgspec.json.decode,
        dumps=msgspec.json.encode,
    )
    if not mine.problems and not theirs.problems:
        assert theirs.redacted == mine.redacted
        assert (theirs.user, theirs.session) == (mine.user, mine.session)


@given(any_events | secret_events(), known_names, st.booleans(), st.booleans())
def test_session_stays_only_where_nobody_is_identified(
    event: dict[str, Any], known: Collection[str], keep_session: bool, strict: bool
) -> None:
    """Contract 7: an event that carries a user identifier loses the session too."""
    scrubbed = scrub_event(event | SESSION_EVENT, known, keep_session=keep_session, strict=strict)
    stays = keep_session and not scrubbed.user and not scrubbed.problems
    assert scrubbed.session is stays
    assert ("sid" in scrubbed.parameters) is stays
    assert ("vid" in scrubbed.parameters) is stays
    assert (UUID in everything({"cx": scrubbed.parameters.get("cx", "")})) is stays


def test_session_of_an_anonymous_event_stays() -> None:
    """Contract 7, R35: the session is kept as it was sent, without what ties it to others."""
    sent = SESSION | {"previousSessionId": UUID, "firstEventId": UUID}
    event = SESSION_EVENT | {"cx": contexts(entity("client_session", sent))}
    scrubbed = scrub_event(event, PAYLOAD_NAMES)
    assert scrubbed.parameters["sid"] == UUID
    assert scrubbed.parameters["vid"] == "3"
    kept = {key: value for key, value in SESSION.items() if key != "firstEventId"}
    assert entities_of(scrubbed.parameters) == [entity("client_session", kept)]
    assert (scrubbed.user, scrubbed.session) == (False, True)
    assert scrubbed.redacted == {"previous_sessionid", "first_event_id"}


@pytest.mark.parametrize("name", ["uid", "duid", "nuid", "tnuid", "ip", "fp", "mac", "ad_uid"])
def test_identifier_parameters_go_and_take_the_session_along(name: str) -> None:
    """F-P1, contract 7: identifiers of a user or a network are removed, and so is the session."""
    scrubbed = scrub_event(SESSION_EVENT | {"e": "pv", name: "somebody"}, PAYLOAD_NAMES)
    assert scrubbed.parameters == {"e": "pv"}
    assert scrubbed.redacted == {
        *("domain_sessionid", "domain_sessionidx"),
        BY_PARAMETER[name].name,
    }
    assert (scrubbed.user, scrubbed.session) == (True, False)


def test_session_entity_with_a_user_loses_everything() -> None:
    """Contract 7: the user may also stand in the session entity itself."""
    sent = SESSION | {"userId": "5c8e1c5e-3a0e-4f0e-9d53-0e6d4a1f7b11"}
    event = SESSION_EVENT | {"cx": contexts(entity("client_session", sent))}
    scrubbed = scrub_event(event, PAYLOAD_NAMES)
    assert scrubbed.parameters == {}
    assert scrubbed.redacted == {"domain_userid", "domain_sessionid", "domain_sessionidx"}


def test_session_is_dropped_on_request() -> None:
    """Contract 7: `anonymous.session = drop` keeps no session at all."""
    scrubbed = scrub_event(SESSION_EVENT, PAYLOAD_NAMES, keep_session=False)
    assert scrubbed.parameters == {}
    assert (scrubbed.user, scrubbed.session) == (False, False)
    assert scrubbed.redacted == {"domain_sessionid", "domain_sessionidx"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sid", "bob"),
        ("sid", f"{UUID}x"),
        ("sid", ZERO_UUID),
        ("sid", 5),
        ("vid", "third"),
        ("vid", "3.5"),
        ("vid", 3),
        ("vid", ["3"]),
    ],
)
def test_session_that_is_none_is_not_kept(name: str, value: object) -> None:
    """B-35, B-39: only a UUID is a session, and only a count its index."""
    assert scrub_event({name: value}, PAYLOAD_NAMES).parameters == {}


@pytest.mark.parametrize("empty", [None, "", ZERO_UUID])
def test_empty_identifier_is_none(empty: object) -> None:
    """Contract 10: an absent identifier, or the zero UUID in its place, identifies nobody."""
    scrubbed = scrub_event(SESSION_EVENT | {"nuid": empty}, PAYLOAD_NAMES)
    assert "nuid" not in scrubbed.parameters
    assert (scrubbed.redacted, scrubbed.session) == (set(), True)


def test_ordinary_event_stays_as_it_is() -> None:
    """Contract 13: what identifies nobody is kept to the letter."""
    event = {
        "e": "se",
        "p": "web",
        "tv": "js-4.10.1",
        "tna": "sp",
        "aid": "shop",
        "eid": UUID,
        "dtm": "1795487371000",
        "tz": "Europe/Berlin",
        "res": "1920x1080",
        "lang": "en-US",
        "url": "https://shop.example.com/shoes/red%20ones?utm_source=news&utm_term=a+b",
        "page": "50% off: C# & F#, what? (a/b) 3 > 2 @ Bob's \N{SNOWMAN} [new] {x}",
        "se_ca": "video",
        "se_la": "1.2.3 and/or 10:30 x=y",
        "tr_tt": "10.00",
        "ue_pr": compact(
            {
                "schema": UNSTRUCT,
                "data": {
                    "schema": "iglu:a/b/jsonschema/1-0-0",
                    "data": {"k": [1, 2.5, None, True, "x"]},
                },
            }
        ),
    }
    scrubbed = scrub_event(event, PAYLOAD_NAMES)
    assert scrubbed.parameters == event
    assert scrubbed.redacted == set()
    assert scrubbed.problems == []


def test_page_keeps_its_campaign_and_referrer_loses_its_query() -> None:
    """Contract 13: `utm_*` stays in `url`; `refr` keeps no query at all."""
    url = "https://me@shop.example/p?utm_source=a&x=1#top"
    scrubbed = scrub_event({"url": url, "refr": url}, PAYLOAD_NAMES)
    assert scrubbed.parameters == {
        "url": "https://shop.example/p?utm_source=a",
        "refr": "https://shop.example/p",
    }


def test_user_agent_is_coarse() -> None:
    """C-38, F-P6: a user agent that the tracker sends is as coarse as that of the request."""
    scrubbed = scrub_event({"ua": "Mozilla/5.0 (Windows NT 10.0) Firefox/131.0"}, PAYLOAD_NAMES)
    assert scrubbed.parameters == {"ua": "Firefox/131; Windows; desktop"}


def test_versions_with_four_numbers_stay() -> None:
    """A version is no address."""
    event = {"tv": "1.2.3.4", "se_la": "1.2.3.4"}
    assert scrub_event(event, PAYLOAD_NAMES).parameters == {"tv": "1.2.3.4", "se_la": ""}


def test_value_of_an_identifier_goes_wherever_it_stands() -> None:
    """F-P4: an identifier's value is an identifier in titles, paths and entities too."""
    event = {
        "uid": "Customer-4711",
        "url": "https://shop.example/u/customer-4711/cart?utm_term=customer%2D4711",
        "page": "Cart of CUSTOMER-4711 (customer-47110)",
        "ue_pr": json.dumps({"schema": UNSTRUCT, "data": {"x": "customer-4711", "y": ["a"]}}),
    }
    scrubbed = scrub_event(event, PAYLOAD_NAMES)
    assert scrubbed.parameters["url"] == "https://shop.example/u//cart"
    assert scrubbed.parameters["page"] == "Cart of  (customer-47110)"
    assert json.loads(scrubbed.parameters["ue_pr"])["data"] == {"x": "", "y": ["a"]}


@pytest.mark.parametrize("keep_session", [True, False])
@pytest.mark.parametrize("title", ["Hello customer-4711", "Hello customer%2D4711"])
def test_value_that_is_found_late_goes_from_what_was_read_before(
    title: str, keep_session: bool
) -> None:
    """F-P4: the order of the parameters does not matter."""
    nested = json.dumps({"schema": UNSTRUCT, "data": {"userId": "customer-4711"}})
    event = {"page": title, "ue_pr": nested}
    scrubbed = scrub_event(event, PAYLOAD_NAMES, keep_session=keep_session)
    assert "4711" not in everything(scrubbed.parameters)


def test_first_event_of_a_session_keeps_its_id() -> None:
    """W8: the first event is named by the session entity, and is no secret for that."""
    session = entity("client_session", SESSION | {"firstEventId": UUID[::-1]})
    event = {"e": "pv", "eid": UUID[::-1], "sid": UUID, "cx": contexts(session)}
    for keep_session in (True, False):
        scrubbed = scrub_event(event, PAYLOAD_NAMES, keep_session=keep_session)
        assert scrubbed.parameters["eid"] == UUID[::-1]
        assert "firsteventid" not in everything(scrubbed.parameters)


def test_short_values_do_not_tear_words_apart() -> None:
    """A short value is not searched: it would stand in ordinary text."""
    scrubbed = scrub_event({"uid": "shop", "page": "Our shop"}, PAYLOAD_NAMES)
    assert scrubbed.parameters == {"page": "Our shop"}


@pytest.mark.parametrize(
    ("event", "problem"),
    [
        ({"e": "pv", "foo": "x"}, Problem("event", "unknown_parameter", 1)),
        ({"page": 5}, Problem("page", "not_a_string")),
        ({"page": None}, Problem("page", "not_a_string")),
        ({"cx": "a%b"}, Problem("cx", "not_base64")),
        ({"cx": "a"}, Problem("cx", "not_base64")),
        ({"ue_px": b64("{")}, Problem("ue_px", "not_json", 1)),
        ({"co": '{"a":"secret'}, Problem("co", "not_json", 5)),
        ({"co": "\ud800"}, Problem("co", "not_json", 0)),
        ({"cx": "gICA"}, Problem("cx", "not_json", 0)),
        ({"ue_pr": "[]"}, Problem("ue_pr", "not_self_describing")),
        ({"ue_pr": "[" * 100_000}, Problem("ue_pr", "too_deep")),
        ({"ue_pr": '{"a":' * 41 + "1" + "}" * 41}, Problem("ue_pr", "too_deep")),
    ],
)
def test_what_cannot_be_read_goes_and_is_reported_without_content(
    event: dict[str, Any], problem: Problem
) -> None:
    """Contract 11, B-26: place, kind and position are told, the session goes to be safe."""
    scrubbed = scrub_event(event | {"sid": UUID}, PAYLOAD_NAMES)
    assert scrubbed.problems == [problem]
    assert scrubbed.parameters == ({"e": "pv"} if "e" in event else {})
    assert scrubbed.session is False


def test_json_of_the_greatest_depth_is_read() -> None:
    """B-20: forty levels are read."""
    text = '{"a":' * 40 + "1" + "}" * 40
    assert scrub_event({"ue_pr": text}, PAYLOAD_NAMES).parameters == {"ue_pr": text}


def test_unknown_parameters_of_a_query_are_dropped_silently() -> None:
    """B-26, B-32: a GET request may carry anything, and a name without a value."""
    scrubbed = scrub_event({"foo": "x", "page": None, "cv": "c"}, NAMES, strict=False)
    assert scrubbed.parameters == {"cv": "c"}
    assert scrubbed.problems == []


@pytest.mark.parametrize(
    ("vendor", "name"), [entity for row in IDENTIFIERS for entity in row.entities]
)
def test_identifying_entities_go_whole(vendor: str, name: str) -> None:
    """F-P6, W19: of an entity that says who somebody is, nothing stays; the others do."""
    page = entity("web_page", {"id": UUID})
    secret = {"schema": f"iglu:{vendor}/{name}/jsonschema/1-0-0", "data": {"a": 1}}
    scrubbed = scrub_event({"cx": contexts(secret, page)}, PAYLOAD_NAMES)
    assert entities_of(scrubbed.parameters) == [page]
    assert len(scrubbed.redacted) == 1
    alone = scrub_event({"cx": contexts(secret)}, PAYLOAD_NAMES)
    assert alone.parameters == {}
    event = scrub_event({"ue_pr": json.dumps({"schema": UNSTRUCT, "data": secret})}, PAYLOAD_NAMES)
    assert event.parameters == {}


def test_traits_and_places_do_not_cost_the_session() -> None:
    """Contract 7: client hints are removed, but they are no user identifier."""
    hints = {"schema": "iglu:org.ietf/http_client_hints/jsonschema/1-0-0", "data": {}}
    scrubbed = scrub_event({"sid": UUID, "cx": contexts(hints)}, PAYLOAD_NAMES)
    assert scrubbed.parameters == {"sid": UUID}
    assert scrubbed.redacted == {"browser_traits"}

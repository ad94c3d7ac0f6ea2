"""An event that is like another is scrubbed in its text, and to the letter the same (A-52)."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.privacy.strategies import CONTEXTS, SNOWPLOW, UNSTRUCT, UUID
from tests.privacy.test_quick import USER, browsers, ids, objects, sessions, texts, urls
from whiteout.privacy import ZERO_UUID, Form, form_of
from whiteout.privacy.findings import MOST
from whiteout.privacy.scrub import scrub_any
from whiteout.protocol.parameters import PAYLOAD_NAMES

loads, dumps = msgspec.json.decode, msgspec.json.encode
PAGE = "https://www.example.com/shop?utm_source=news&q=1#top"


def text_of(value: Any) -> str:
    """JSON as trackers write it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def entity(name: str, data: Any) -> dict[str, Any]:
    """A self-describing JSON of the protocol's own vendor."""
    return {"schema": f"{SNOWPLOW}/{name}/jsonschema/1-0-2", "data": data}


def session(**more: Any) -> dict[str, Any]:
    """A session as a browser tracker tells it."""
    data = {"userId": USER, "sessionId": UUID, "sessionIndex": 2, "previousSessionId": None}
    return entity("client_session", data | {"storageMechanism": "COOKIE_1"} | more)


def event(*entities: Any, **more: Any) -> dict[str, Any]:
    """An event of a browser tracker."""
    co = {"co": text_of({"schema": CONTEXTS, "data": entities})} if entities else {}
    return {"e": "pv", "p": "web", "tv": "js-4.1.0", "url": PAGE, "page": "Shoes", **co, **more}


def made(sent: dict[str, Any], *, keep_session: bool = True) -> Form | None:
    """The form of an event."""
    names: tuple[str, ...] = ("co", "ue_pr")
    nested = {name: loads(sent[name].encode()) for name in names if name in sent}
    return form_of(sent, nested, keep_session=keep_session)


def check(form: Form | None, sent: dict[str, Any], *, keep_session: bool = True) -> bool:
    """Whether an event is of a form; it is scrubbed by that as by the way of every event."""
    if form is None or (found := form.scrubbed(text_of(sent))) is None:
        return False
    kept = scrub_any(
        sent, PAYLOAD_NAMES, keep_session=keep_session, strict=True, loads=loads, dumps=dumps
    )
    assert found[0].encode() == dumps(kept.parameters)
    assert found[1] == kept.redacted
    assert (form.user, form.session, []) == (kept.user, kept.session, kept.problems)
    return True


_nice = st.sampled_from(["Shoes", "a b", "1280x720", "en-GB", "Gr\u00fc\u00dfe", "10:30", ""])
_uuids = st.uuids().map(str)
_nice_values = {
    "texts": _nice,
    "urls": st.sampled_from([PAGE, "https://a.example/", "http://a.example/b/c?gclid=1"]),
    "ids": _uuids,
    "sessions": st.builds(
        lambda **data: data,
        userId=_uuids,
        sessionId=_uuids,
        sessionIndex=st.integers(1, 9),
        previousSessionId=st.none(),
        storageMechanism=_nice,
        firstEventId=_uuids,
    ),
    "browsers": st.builds(
        lambda **data: data, viewport=_nice, tabId=_uuids, colorDepth=st.sampled_from([24, 1.25])
    ),
    "objects": st.builds(
        lambda **data: data,
        targetUrl=st.just(PAGE),
        elementId=_nice,
        elements=st.lists(_nice, min_size=2, max_size=2),
        userAgent=_nice,
        online=st.booleans() | st.none(),
        hasEmail=st.booleans(),
        email=_uuids,
    ),
}
_any_values = {
    "texts": texts,
    "urls": urls,
    "ids": ids,
    "sessions": sessions,
    "browsers": browsers,
    "objects": objects,
}


@st.composite
def twins(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two events with the same parameters and kinds of entities; the second may be odd."""
    names = [name for name in ("page", "refr", "ua", "duid", "uid", "sid") if draw(st.booleans())]
    kinds = draw(st.lists(st.sampled_from(["sessions", "browsers", "objects"]), max_size=3))
    titles = {"sessions": "client_session", "browsers": "browser_context", "objects": "link_click"}
    both: list[dict[str, Any]] = []
    for values in (_nice_values, draw(st.sampled_from([_nice_values, _any_values]))):
        sent: dict[str, Any] = {"e": "pv", "url": draw(values["urls"])}
        for name in names:
            kind = {"page": "texts", "ua": "texts", "refr": "urls"}.get(name, "ids")
            sent[name] = draw(values[kind])
        data = [entity(titles[kind], draw(values[kind])) for kind in kinds]
        sent["co"] = text_of({"schema": CONTEXTS, "data": data})
        if draw(st.booleans()) or len(both) == 1:
            inner = entity("link_click", draw(values["objects"]))
            sent["ue_pr"] = text_of({"schema": UNSTRUCT, "data": inner})
        both.append(sent)
    return both[0], both[1]


@given(twins(), st.booleans())
@settings(max_examples=150)
def test_a_52_an_event_of_a_form_is_scrubbed_the_same(
    pair: tuple[dict[str, Any], dict[str, Any]], keep_session: bool
) -> None:
    """A-52, contract 7: what a form makes of another event is what every event's way makes."""
    first, second = pair
    form = made(first, keep_session=keep_session)
    check(form, first, keep_session=keep_session)
    check(form, second, keep_session=keep_session)


def test_a_52_a_form_holds_names_and_no_values() -> None:
    """A-52: nothing that an event says is remembered."""
    sent = event(session(firstEventId=USER), duid=USER, sid=UUID, vid="3", uid="anna-4711")
    form = made(sent)
    assert check(form, sent)
    assert form is not None
    held = repr(form) + form.pattern.pattern
    for value in (USER, UUID, "anna", "4711", "Shoes", "news", "example.com", "COOKIE_1"):
        assert value not in held


USUAL = {
    "identified": event(session(), duid=USER, sid=UUID, vid="3"),
    "with session": event(session(userId=ZERO_UUID), sid=UUID, vid="3"),
    "without entities": event(),
    "next to nothing": {"e": "pv", "eid": UUID},
    "no entity is left": event(session(), duid=USER),
    "no entity at all": event(co=text_of({"schema": CONTEXTS, "data": []})),
    "empty identifiers": event(session(userId=""), duid="", nuid=ZERO_UUID),
    "a short identifier": event(duid="4711", uid="7"),
    "a user agent": event(ua="Mozilla/5.0 (Windows NT 10.0) Firefox/131.0"),
    "an event of its own": event(
        ue_pr=text_of({"schema": UNSTRUCT, "data": entity("link_click", {"targetUrl": PAGE})})
    ),
    "data first": event({"data": {"id": UUID}, "schema": f"{SNOWPLOW}/x/jsonschema/1-0-0"}),
    "an identifier behind others": event(
        entity("x", {"a": 1, "email": "anna-4711", "b": [1]}), duid=USER
    ),
    "numbers": event(entity("x", {"a": 0, "b": -5, "c": 1.25, "d": -0.5, "e": True, "f": None})),
    "whether there is one": event(entity("x", {"email": True, "userAgent": "curl", "ip": False})),
    "no text where one is": event(entity("x", {"url": None, "userAgent": 1, "href": ["a"]})),
}


@pytest.mark.parametrize("name", USUAL)
def test_a_52_usual_events_have_a_form(name: str) -> None:
    """A-52: events of usual trackers go the shortest way."""
    for keep_session in (True, False):
        form = made(USUAL[name], keep_session=keep_session)
        assert check(form, USUAL[name], keep_session=keep_session)


def test_f_p4_what_a_query_names_is_told() -> None:
    """F-P4: an identifier in the query of one event is noted for that event alone."""
    form = made(event())
    assert check(form, event(url="https://www.example.com/?gclid=1"))
    assert check(form, event())


ODD = {
    "an entity that goes whole": event(entity("geolocation_context", {"latitude": 1})),
    "an identifier that is an object": event(entity("x", {"userId": {"a": 1}})),
    "a schema that is none": event({"schema": "x", "data": {}}),
    "a user where a session is kept": event(session(), sid=UUID),
    "deep": event(entity("x", {"a": [[[[[[[[[[[[[1]]]]]]]]]]]]]})),
    "an event that goes whole": event(
        ue_pr=text_of({"schema": UNSTRUCT, "data": session()}), duid=USER
    ),
    "many identifiers": event(*(entity("x", {"email": f"anna-{n:04}"}) for n in range(MOST))),
}


@pytest.mark.parametrize("name", ODD)
def test_a_52_odd_events_have_no_form(name: str) -> None:
    """A-52: what takes a closer look gets it."""
    assert made(ODD[name]) is None


@pytest.mark.parametrize(
    "more",
    [
        {"page": "of " + USER},
        {"page": "What?"},
        {"page": "a//b"},
        {"page": "10.1.2.3"},
        {"page": 'a"b'},
        {"url": "https://www.example.com/?utm_source=a%20b"},
        {"url": "https://www.example.com/" + "eyJhbGciOiJIUzI1NiJ9"},
        {"url": "/relative"},
        {"duid": "anna smith"},
        {"duid": ZERO_UUID},
        {"duid": "jsonschema"},
        {"aid": "another"},
    ],
)
def test_a_52_what_does_not_fit_is_left_to_others(more: dict[str, Any]) -> None:
    """A-52: an event whose values are odd is not scrubbed by its form."""
    form = made(event(session(), duid=USER))
    assert check(form, event(session(), duid=USER))
    assert not check(form, event(session(), **{"duid": USER, **more}))

"""The short way of a usual event gives to the letter what the way of every event gives (A-52)."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.privacy.strategies import (
    CONTEXTS,
    SNOWPLOW,
    UNSTRUCT,
    UUID,
    any_events,
    b64,
    json_values,
    secret_events,
    words,
)
from whiteout.privacy import (
    JSON_PARAMETERS,
    ZERO_UUID,
    Findings,
    dump_json,
    load_json,
    quick,
    scrub_url,
    shapes,
)
from whiteout.privacy import urls as urls_module
from whiteout.privacy.closer import OddEventError
from whiteout.privacy.plain import could_hide, nothing_odd
from whiteout.privacy.quick import scrub_usual
from whiteout.privacy.scrub import scrub_any, scrub_event
from whiteout.privacy.urls import usual_url
from whiteout.protocol.parameters import NAMES, PAYLOAD_NAMES

USER = "c5a9e8b2-6a0a-4f3e-8a9e-6d3f0f0a1b2c"
_QUICK_JSON = (msgspec.json.decode, msgspec.json.encode)
_PLAIN_JSON = (load_json, dump_json)

ids = st.sampled_from(
    [
        UUID,
        USER,
        ZERO_UUID,
        UUID.upper(),
        "anna-4711",
        "anna@mail.example",
        "4711",
        "",
        "a b",
        "web",
    ]
)
texts = st.one_of(
    words,
    st.text(max_size=12),
    st.sampled_from(
        [
            *("Shoes & more | Shop", "What's new?", "50 % off", "10.1.2.3", "1.2.3", "::1", "a::b"),
            *(
                "10:30",
                "2026-01-01T10:00:00.000Z",
                "Tools: a",
                "mailto: x",
                "https://a.example/?q=1",
            ),
            *('"quoted"', '{"a":1}', "[1]", " [x]", "eyJhbGciOiJIUzI1NiJ9.x", "//h/x", "a//b"),
            *(
                f"of {UUID}",
                USER.upper(),
                "anna%2D4711",
                "Gr\u00fc\u00dfe",
                "\uff20",
                "\ud800",
                "a\nb",
            ),
            *("anna-4711", "%61nna-4711", "%2561nna-4711", "x=anna-4711", "\u017fip: 1", "fe80::1"),
        ]
    ),
)
urls = st.one_of(
    st.builds(
        "https://{}{}/{}{}{}".format,
        st.sampled_from(
            ["www.example.com", "shop.example:8080", "h\u00f6st.example", "u@h.example"]
        ),
        st.sampled_from(["", "/a", "/a/b c", "/\u00e4", "/a;b=c", "/a%20b", "//x"]),
        st.sampled_from(["", "x", "anna-4711", UUID, "a:b", "eyJhbGciOiJIUzI1NiJ9", "a,b(c)"]),
        st.sampled_from(
            [
                *("", "?", "?q=1", "?utm_source=a&q=b", "?utm_source=a+b", "?utm_a=b%20c&UTM_X=1"),
                *("?gclid=x", "?_sp=a.1", "?email=a", "?utm_email=x", "?a=1;utm_b=2", "?utm_x"),
                *(
                    f"?u={USER}",
                    "?a%3D=1",
                    "?sid=1",
                    "?a==b",
                    "?utm_term=a@b.example",
                    "?utm_x=eyJ",
                ),
            ]
        ),
        st.sampled_from(["", "#", "#top", "#/a?b=c"]),
    ),
    texts,
)
_scalars = st.one_of(
    texts, st.integers(-5, 10**7), st.booleans(), st.none(), st.floats(width=32), urls
)
_members = st.sampled_from(
    [
        *(
            "id",
            "viewport",
            "colorDepth",
            "online",
            "targetUrl",
            "referrerUri",
            "userAgent",
            "data",
        ),
        *(
            "appVersion",
            "userId",
            "email",
            "sessionId",
            "vid",
            "tabId",
            "elements",
            "value",
            "name",
        ),
        *("a b", "\u00e4", "anna@mail.example", "ip", "schema", "hasEmail"),
    ]
)
objects = st.dictionaries(
    _members,
    _scalars
    | st.lists(_scalars, max_size=3)
    | st.lists(st.dictionaries(_members, _scalars, max_size=3), max_size=2)
    | st.dictionaries(_members, _scalars | json_values, max_size=3),
    max_size=5,
)


def entity(name: str, data: Any) -> dict[str, Any]:
    """A self-describing JSON of the protocol's own vendor."""
    return {"schema": f"{SNOWPLOW}/{name}/jsonschema/1-0-2", "data": data}


sessions = st.fixed_dictionaries(
    {
        "userId": ids,
        "sessionId": ids,
        "sessionIndex": st.integers(1, 10**10),
        "previousSessionId": st.none() | ids,
        "storageMechanism": st.just("COOKIE_1") | texts,
    },
    optional={"firstEventId": st.none() | ids, "eventIndex": st.integers(1, 9)},
)
browsers = st.fixed_dictionaries(
    {"viewport": st.just("1x2") | texts, "tabId": st.none() | ids, "colorDepth": st.just(24)}
)
_entities = st.one_of(
    st.builds(entity, st.just("client_session"), sessions),
    st.builds(entity, st.just("browser_context"), browsers),
    st.builds(entity, st.sampled_from(["web_page", "link_click", "identity", "geo x"]), objects),
    objects,
    st.builds(lambda data: {"data": data, "schema": f"{SNOWPLOW}/a/jsonschema/1-0-0"}, objects),
    st.builds(
        lambda data: {"schema": "iglu:eyJhbGciOiJIUzI1NiJ9/a/jsonschema/1-0-0", **data}, objects
    ),
)
_any_contexts = st.lists(_entities, max_size=3).map(lambda data: {"schema": CONTEXTS, "data": data})
_unstruct = _entities.map(lambda data: {"schema": UNSTRUCT, "data": data})
usual_events = st.fixed_dictionaries(
    {"e": st.just("pv"), "p": st.just("web"), "tv": st.sampled_from(["js-4.1.0", "1.2.3.4", "a"])},
    optional={
        "page": texts,
        "url": urls,
        "refr": urls,
        "ua": texts,
        "duid": ids,
        "uid": ids,
        "sid": ids,
        "vid": st.sampled_from(["1", "x", "1234567"]),
        "se_la": texts,
        "co": _any_contexts.map(json.dumps),
        "cx": _any_contexts.map(lambda value: b64(json.dumps(value))),
        "ue_pr": _unstruct.map(json.dumps),
        "ue_px": _unstruct.map(lambda value: b64(json.dumps(value))),
    },
)


@given(
    usual_events | any_events | secret_events(),
    st.sampled_from([NAMES, PAYLOAD_NAMES, set(NAMES)]),
    st.booleans(),
    st.booleans(),
    st.sampled_from([_QUICK_JSON, _PLAIN_JSON]),
)
@settings(max_examples=200)
def test_a_52_the_short_way_gives_the_same(
    event: dict[str, Any], known: Any, keep_session: bool, strict: bool, codec: Any
) -> None:
    """A-52, contract 7: whether an event is usual or not, what stays of it is the same."""
    loads, dumps = codec
    more = {"keep_session": keep_session, "loads": loads, "dumps": dumps}
    everyone = scrub_any(event, known, strict=strict, **more)
    mine = scrub_event(event, known, strict=strict, **more)
    assert list(mine.parameters.items()) == list(everyone.parameters.items())
    assert mine == everyone


def _usual(event: dict[str, Any], *, keep_session: bool = False) -> dict[str, str] | None:
    """What the short way keeps; None where it gives up."""
    loads, dumps = _QUICK_JSON
    try:
        return scrub_usual(event, NAMES, keep_session=keep_session, loads=loads, dumps=dumps)[0]
    except OddEventError:
        return None


def _contexts(*data: Any) -> dict[str, str]:
    return {"co": json.dumps({"schema": CONTEXTS, "data": data})}


USUAL = {
    "a session that stays": {
        "sid": UUID,
        "vid": "3",
        **_contexts(
            entity("web_page", {"id": USER}), entity("client_session", {"sessionId": UUID})
        ),
    },
    "odd text": {"page": "What's new?", **_contexts(entity("x", {"a": "b?", "c": 1, "d": ["e?"]}))},
    "a version": {"tv": "1.2.3.4", **_contexts(entity("x", {"appVersion": "1.2.3.4", "a": "?"}))},
    "an odd URL": {"url": "https://a.example/a%20b?utm_source=c+d", "refr": "x", "duid": USER},
    "no text where one is": _contexts(
        entity("x", {"url": 1, "href": [{"email": "a"}], "userAgent": {"a": "b"}, "ua": "x"})
    ),
    "whether there is one": _contexts(entity("x", {"email": True, "a": "b"})),
    "nothing stays of a member": _contexts(
        entity("x", {"a": entity("geolocation_context", {}), "b": "c?", "url": "/a?b"}),
        entity("x", {"url": entity("geolocation_context", {}), "email": "anna-4711", "b": "c?"}),
        entity("x", {"ua": entity("geolocation_context", {})}),
    ),
    "nothing stays of an event": {
        "ue_pr": json.dumps({"schema": UNSTRUCT, "data": entity("geolocation_context", {})})
    },
}


@pytest.mark.parametrize("name", USUAL)
def test_a_52_usual_events_go_the_short_way(name: str) -> None:
    """A-52: no closer look is taken at events in which nothing needs it."""
    event = USUAL[name]
    loads, dumps = _QUICK_JSON
    for keep_session in (True, False):
        everyone = scrub_any(
            event, NAMES, keep_session=keep_session, strict=True, loads=loads, dumps=dumps
        )
        kept = _usual(event, keep_session=keep_session)
        assert kept == everyone.parameters or (keep_session and everyone.user)


ODD: dict[str, dict[str, Any]] = {
    "an unknown parameter": {"anna": "x"},
    "no text": {"page": 1},
    "no JSON": {"co": "{"},
    "no object": {"co": "[]"},
    "no text with JSON": {"co": 1},
    "a number that is none": {"co": '{"a":1e999}'},
    "an entity with more": _contexts({**entity("x", {}), "a": 1}),
    "a schema that is no text": _contexts({"schema": 1}),
    "a schema that is none": _contexts({"schema": "x"}),
    "a schema with a token": _contexts(
        {"schema": "iglu:eyJhbGciOiJIUzI1NiJ9/a/jsonschema/1-0-0", "data": {"a": 1}}
    ),
    "a name that is no word": _contexts({"a b": 1}),
    "objects in objects": _contexts(json.loads('{"a":' * 14 + "1" + "}" * 14)),
    "lists in lists": _contexts(json.loads("[" * 14 + "]" * 14)),
    "a value of two words": {"uid": "anna smith"},
    "many values": _contexts(*({"email": f"anna-{number:04}"} for number in range(40))),
    "a value in a text": {"uid": "anna-4711", "page": "of anna-4711"},
    "a value in a name": {"uid": "viewport", **_contexts({"viewport": 1})},
    "a value that could hide": {"uid": "anna-4711", "page": "of %61nna-4711"},
    "JSON in a text": {"page": '{"a":"b"}'},
    "a user in a link": {"url": "https://a.example/?_sp=anna-4711.1"},
}


def test_a_17_numbers_without_end_are_odd() -> None:
    """A-17: a number that JSON cannot hold again is none of a usual event."""
    loads, dumps = _PLAIN_JSON
    event = {"ue_pr": '{"a":1e999}'}
    with pytest.raises(OddEventError):
        scrub_usual(event, NAMES, keep_session=True, loads=loads, dumps=dumps)


@pytest.mark.parametrize("name", ODD)
def test_a_52_odd_events_get_a_closer_look(name: str) -> None:
    """A-52: where something has to be thought about, the short way gives up."""
    assert _usual(ODD[name]) is None


@pytest.mark.parametrize(
    "text", ["\ud800", "a@b", "a//b", "eyJ", "1.2.3.4", "::1", "tel:1", "a\tb"]
)
def test_f_p4_odd_texts(text: str) -> None:
    """F-P4: what scrubbing may change is seen among other texts."""
    assert not nothing_odd(f"a\n{text}\nb")
    assert nothing_odd("a\nb 1.2.3 10:30:00.5Z a/b/c J T: Gr\u00fc\u00dfe")


@pytest.mark.parametrize(
    ("text", "hides"),
    [
        ("%61nna-4711", True),
        ("%2561nna-4711", True),
        ("%25252525252561", True),
        ("%0a", True),
        ("a\\b", True),
        ("'%", True),
        ("100%25 of it?", False),
        ("what's it?", False),
    ],
)
def test_f_p4_values_that_hide(text: str, hides: bool) -> None:
    """F-P4: a value that only decoding would show is expected."""
    assert could_hide(text, {"anna-4711"}) is hides
    assert could_hide("?", {"anna@mail.example"})


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/#a=b",
        "https://a.example/eyJhbGciOiJIUzI1NiJ9",
        "/a",
        "https://a.example/?_sp=a",
        "https://a.example/?a%20=b",
        "https://a.example/?utm_source=a%20b",
        "https://a.example/?a=b;utm_source=c",
    ],
)
def test_b_68_urls_that_are_not_usual(url: str) -> None:
    """B-68: what has to be decoded in a URL, or may name somebody, gets a closer look."""
    assert usual_url(url, keep_campaign=True, names=set()) is None


@pytest.mark.parametrize("keep_campaign", [True, False])
@pytest.mark.parametrize(
    "query",
    [
        "",
        "?",
        "?a=b",
        "?utm_source=c&a=b",
        "?UTM_Source=c",
        "?gclid=1",
        "?utm_email=a&sid=b",
        "?ip",
    ],
)
def test_b_68_usual_urls(query: str, keep_campaign: bool) -> None:
    """B-68: a usual URL is scrubbed as any other is."""
    findings, names = Findings(), set[str]()
    url = f"https://a.example:80/b/{query}#top"
    clean = usual_url(url, keep_campaign=keep_campaign, names=names)
    assert clean == scrub_url(url, keep_campaign=keep_campaign, findings=findings)
    assert names == findings.names


def test_a_52_what_is_remembered_is_bounded() -> None:
    """A-52: strangers who make up names cannot fill the memory with them."""
    names = sorted(name for name in NAMES - set(JSON_PARAMETERS) if name.startswith(("t", "se")))
    for number in range(600):
        word = "".join(chr(97 + int(digit)) for digit in str(number))
        some = [name for place, name in enumerate(names) if number + 1 >> place & 1]
        event = dict.fromkeys(some, "x") | {"url": f"https://a.example/?{word}=1"}
        assert _usual({"e": "pv", **event, **_contexts({word: 1})})
    for known in (quick._plans, shapes._known, urls_module._roles):
        assert 0 < len(known) <= 512

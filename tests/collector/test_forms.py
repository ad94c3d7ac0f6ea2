"""Anonymous events that are like others leave the record that any event would (A-51, A-52)."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.payload import body as browser_body
from tests.collector.edge import EVENT, TP2
from whiteout.collector import AnonymousSettings, UrlPolicy, forms
from whiteout.collector.anonymous import Anonymiser, AnonymousInput, anonymise
from whiteout.collector.codec import dumps
from whiteout.privacy import Signal, encode_base64url
from whiteout.protocol.iglu import PAYLOAD_DATA
from whiteout.protocol.record import encode_anonymous

USUAL = AnonymousSettings()
SECRET = "c5a9e8b2-6a0a-4f3e-8a9e-6d3f0f0a1b2c"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms are made as often as there is something to make them of."""
    monkeypatch.setattr(forms, "_PAUSE", 0.0)
    monkeypatch.setattr(forms, "_PATIENCE", 0)


def envelope(*events: Any) -> bytes:
    """A body as browser trackers write it."""
    value = {"schema": PAYLOAD_DATA, "data": events}
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def seen(body: bytes | None, **more: Any) -> AnonymousInput:
    """A usual anonymous request."""
    usual: dict[str, Any] = {
        "received": 1_767_261_600_000,
        "signals": (Signal.POLICY,),
        "path": TP2,
        "query": "",
        "content_type": "application/json; charset=utf-8",
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0 Safari/537.36",
        "referer": f"https://www.example.com/?q={SECRET}",
        "origin": "https://www.example.com",
        "plain_text": False,
    }
    return AnonymousInput(body=body, **(usual | more))


def check(anonymiser: Anonymiser, request: AnonymousInput) -> None:
    """What is stored of a request does not depend on what came before it."""
    settings = anonymiser._settings
    assert anonymiser.record(request) == encode_anonymous(anonymise(request, settings), dumps)


def test_a_52_the_second_event_of_a_form_takes_the_short_way() -> None:
    """A-52: a browser tracker's events are like each other, and are scrubbed in their text."""
    anonymiser = Anonymiser(USUAL)
    assert anonymiser._forms.event(browser_body(1, 20)) is None
    for number in range(20, 60):
        check(anonymiser, seen(browser_body(1, number)))
    assert anonymiser._forms.event(browser_body(1, 60)) is not None


def test_a_52_forms_hold_no_values() -> None:
    """A-52: of anonymous events nothing stays in memory that one of them said."""
    anonymiser = Anonymiser(USUAL)
    event = {**EVENT, "duid": SECRET, "page": "Page of Anna", "url": "https://anna.example/a?b=c"}
    check(anonymiser, seen(envelope(event)))
    check(anonymiser, seen(envelope(event)))
    (form,) = anonymiser._forms._known[len(re.findall('"', json.dumps(event)))]
    held = repr(form) + form.pattern.pattern
    for value in (SECRET, "Anna", "anna", EVENT["eid"], EVENT["tv"]):
        assert value not in held


_values = st.sampled_from(
    ["web", "Shoes", "a?b", 'a"b', "\\", SECRET, "anna-4711", "", "\u00e4", "a b"]
)
_events = st.fixed_dictionaries(
    {"e": _values, "page": _values},
    optional={
        "duid": _values | st.integers(0, 10**9) | st.none(),
        "sid": st.just(SECRET) | _values,
        "vid": st.just("2") | _values,
        "url": st.builds("https://a.example/{}?utm_source={}".format, _values, _values),
        "co": st.builds('{{"schema":"{}","data":[]}}'.format, _values),
        "ue_pr": _values,
        "cx": st.just(encode_base64url(b'{"a":1}').decode()),
        "unknown": _values,
    },
)


@given(st.lists(_events, min_size=1, max_size=12), st.booleans(), st.data())
@settings(max_examples=100, deadline=None)
def test_a_52_a_record_is_the_same_whatever_came_before(
    events: list[dict[str, Any]], keep_session: bool, data: st.DataObject
) -> None:
    """A-52: with forms of other events a request leaves to the byte what it would alone."""
    anonymiser = Anonymiser(AnonymousSettings(keep_session=keep_session))
    for event in events:
        body = envelope(event)
        cut = data.draw(st.just(len(body)) | st.integers(0, len(body)))
        check(anonymiser, seen(body[:cut]))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        envelope(),
        envelope(EVENT, EVENT),
        envelope([]),
        envelope({**EVENT, "page": "\u00e4"}).replace("\u00e4".encode(), b"\xe4"),
        envelope({**EVENT, "page": "x" * 30_000}),
        envelope(EVENT).replace(b'"e":"pv"', b'"e":"pp","e":"pv"'),
        envelope(EVENT).replace(b":", b" : "),
        envelope(EVENT) + b" ",
        envelope({**EVENT, "co": '{"schema":"x","data":[1e999]}'}),
        envelope({**EVENT, "cx": "e30", "co": "{}"}),
    ],
)
def test_a_17_odd_bodies_take_the_long_way(body: bytes) -> None:
    """A-17: what is no text of one event has no form, and is kept as it would be alone."""
    anonymiser = Anonymiser(USUAL)
    for _ in range(2):
        check(anonymiser, seen(body))
    assert anonymiser._forms.event(body) is None


@pytest.mark.parametrize(
    "more",
    [
        {"path": "/com.snowplowanalytics.snowplow/tp1"},
        {"query": urlencode({"uid": "anna"})},
        {"content_type": "text/plain"},
        {"body": None},
    ],
)
def test_a_51_odd_requests_take_the_long_way(more: dict[str, Any]) -> None:
    """A-51: a form is only asked about a usual POST."""
    anonymiser = Anonymiser(USUAL)
    for _ in range(2):
        check(anonymiser, seen(envelope(EVENT)))
    check(anonymiser, seen(more.pop("body", envelope(EVENT)), **more))


def test_f_p4_other_settings_take_the_long_way() -> None:
    """F-P4: where an operator keeps less, no form is asked."""
    anonymiser = Anonymiser(AnonymousSettings(url=UrlPolicy.ORIGIN))
    for _ in range(2):
        check(anonymiser, seen(envelope({**EVENT, "url": "https://a.example/b"})))
    assert anonymiser._forms._known == {}


def test_a_52_forms_are_bounded_in_number_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A-52: who makes up ever new forms gets few made, and few are remembered."""
    anonymiser = Anonymiser(USUAL)
    sent: list[dict[str, str]] = []
    names = ("se_ca", "se_ac", "se_la", "se_pr", "tr_id", "tr_af", "tr_ci", "tr_st")
    for number in range(200):
        some = [name for place, name in enumerate(names) if number >> place & 1]
        sent.append({"e": "pv", **dict.fromkeys(some, "x")})
    for event in sent:
        check(anonymiser, seen(envelope(event)))
    known = anonymiser._forms._known
    assert 0 < sum(map(len, known.values())) <= 128
    assert max(map(len, known.values())) <= 4
    monkeypatch.setattr(forms, "_PAUSE", 60.0)
    slow = Anonymiser(USUAL)
    for event in sent[:4]:
        check(slow, seen(envelope(event)))
    assert sum(map(len, slow._forms._known.values())) == 1

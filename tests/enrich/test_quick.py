"""The short way of usual records gives the very rows of the way that every record can go."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.enrich.records import (
    CHROME,
    EVERYTHING,
    GOOGLEBOT,
    IPHONE,
    JSON,
    NOW,
    OTHER_UUID,
    PAGE_VIEW,
    PRIVACY_STATE,
    RECEIVED,
    TP2,
    UUID,
    WEB_PAGE,
    anonymous,
    contexts,
    encoded,
    enricher,
    entity,
    envelope,
    get,
    page_view,
    post,
    record,
    scrubbed,
    session,
    unstruct,
)
from whiteout.enrich import Columns, Enriched, Enricher
from whiteout.enrich.settings import NOTHING_DERIVED
from whiteout.enrich.vectors import are_uuids
from whiteout.protocol.parameters import EVENT_CODES, PAYLOAD_NAMES

SOURCE = "file"
EVENT_ID = "3f1b8a1e-0b1a-4c0e-9d6a-0f4a3c1f0c33"
LINK = entity(
    "iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1",
    {"targetUrl": "https://b.example/"},
)
ENTITIES = (
    entity(WEB_PAGE, {"id": EVENT_ID}),
    entity(WEB_PAGE, {"id": "no uuid"}),
    session(),
    session(userId="00000000-0000-0000-0000-000000000000"),
    entity(PRIVACY_STATE, {"mode": "anonymous", "signal": None}),
    entity("iglu:com.acme/cart/jsonschema/1-0-0", {"user_id": "bob", "n": 1.50}),
    entity("iglu:com.acme/cart/jsonschema/1-0-0", {"empty": {}}),
    entity("nonsense", {}),
    {"schema": WEB_PAGE, "data": {"id": UUID}, "more": 1},
)
BROWSER = {
    **PAGE_VIEW,
    "url": "https://www.example.com/shop?q=shoes",
    "page": "Shoes",
    "refr": "https://search.example.org/?q=shoes",
    "eid": EVENT_ID,
    "tna": "sp",
    "aid": "shop",
    "cookie": "1",
    "res": "1920x1080",
    "dtm": "1795501200100",
    "vid": "2",
    "sid": OTHER_UUID,
    "duid": UUID,
    "co": contexts(*ENTITIES[:1], ENTITIES[2]),
    "stm": "1795501200200",
}

_WRAPPED = st.lists(st.sampled_from(ENTITIES), max_size=3).map(lambda some: contexts(*some))
_EVENT_JSON = st.sampled_from(ENTITIES).map(lambda one: unstruct(one["schema"], one["data"]))
_ODD = st.text(max_size=12) | st.sampled_from(
    ["", "null", "0", "1", "9" * 30, "-1", "1x1", "01x2", "x" * 300, "x" * 5_000, "a\tb", "a\xa0b"]
)
_URLS = st.sampled_from(
    [
        *("https://a.example/p?q=1#f", "https://u:p@a.example/", "/p", "", "http://[", "a b"),
        *("https://a.example/?utm_source=n%20l&utm_medium=&gclid=7", "https://www.google.de/?q=w"),
        *("https://b.example/?q=a&email=e@x.example#token=1", "https://sub.b.example/?fbclid=9"),
        *("https://a.example/?_sp=x.1", f"https://a.example/{'y' * 200}?{'z' * 7_000}"),
        *(f"{'s' * 17}://a.example/", "https://a.example:99999999999/", "?" * 70_000),
    ]
)
_USUAL: dict[str, st.SearchStrategy[str]] = {
    "e": st.sampled_from([*EVENT_CODES, "zz"]),
    "p": st.sampled_from(["web", "mob", "zz"]),
    "tv": st.just("js-4"),
    "eid": st.sampled_from([UUID, UUID.upper(), "no"]),
    "sid": st.sampled_from([OTHER_UUID, OTHER_UUID.upper(), "no"]),
    "dtm": st.sampled_from(["1795501200100", "1795501300100", "0" * 20, "-5", "x"]),
    "stm": st.sampled_from(["1795501200200", "1795501200000", "999999999999999"]),
    "ttm": st.sampled_from(["1795501200200", "-62167219200001"]),
    "url": _URLS,
    "refr": _URLS,
    "co": _WRAPPED | st.just("{"),
    "cx": _WRAPPED.map(encoded) | st.just("%"),
    "ue_pr": _EVENT_JSON,
    "ue_px": _EVENT_JSON.map(encoded) | st.just("/w=="),
    "ua": st.sampled_from([CHROME, IPHONE, "\ud800", "z" * 600]),
    "vid": st.sampled_from(["1", "2", "null", "99999999999"]),
}
_EVENTS = st.fixed_dictionaries(
    {name: _USUAL[name] for name in ("e", "p", "tv")},
    optional={
        name: _USUAL.get(name, _ODD) | _ODD for name in sorted(PAYLOAD_NAMES - {"e", "p", "tv"})
    },
)
_HEADS = st.fixed_dictionaries(
    {},
    optional={
        "received": st.sampled_from([RECEIVED, RECEIVED + 86_400_000, 10**18]),
        "path": st.sampled_from([TP2, f"{TP2}/", "/a/b"]),
        "query": st.sampled_from(["", "aid=x", "zz"]),
        "content_type": st.sampled_from([JSON, "application/json", "text/plain", None]),
        "address": st.sampled_from(["203.0.113.7", "2001:db8::1", "unknown", ""]),
        "network_userid": st.sampled_from([UUID, UUID.upper(), "1-2-3-4-5", "no"]),
        "user_agent": _ODD | st.sampled_from([CHROME, IPHONE, GOOGLEBOT, "z" * 600]),
        "referer": _URLS,
    },
)
_CHANGED = st.fixed_dictionaries({}, optional={name: _USUAL[name] for name in sorted(_USUAL)})
_SOUND = st.lists(_CHANGED.map(lambda some: {**BROWSER, **some}), min_size=1, max_size=3)
_RECORDS = st.one_of(
    st.builds(lambda events, head: post(*events, **head), st.lists(_EVENTS, max_size=3), _HEADS),
    st.builds(lambda events, head: post(*events, **head), _SOUND, _HEADS),
    _SOUND.map(lambda events: post(*events)),
    _EVENTS.map(lambda event: anonymous(scrubbed(event))),
    st.sampled_from([b"", b"W1I", b"W1I{}\n", post(BROWSER)[:-1], post({**BROWSER, "zz": "1"})]),
    st.just(get("e=pv&p=web&tv=t&duid=x")),
)
_ENRICHERS = (
    enricher(),
    enricher(unknown_schemas="fail", reject_batch=True, trust_tracker_ip=True, sentinel="zero"),
    enricher(**EVERYTHING),
    enricher(derived=NOTHING_DERIVED, pii=EVERYTHING["pii"]),
)


def one_by_one(one: Enricher, records: Sequence[tuple[int, bytes]]) -> Enriched:
    """What comes of records that go the long way each, with the numbers of the records."""
    rows = Enriched([], [])
    for number, raw in records:
        enriched = one.enrich(raw, NOW, f"{SOURCE}/{number}".encode())
        rows.events.extend((number, row) for row in enriched.events)
        rows.failed.extend((number, row) for row in enriched.failed)
    return rows


def together(one: Enricher, records: Sequence[tuple[int, bytes]]) -> Enriched:
    """What comes of a batch."""
    batch = one.enrich_all(records, NOW, SOURCE)
    events = batch.events
    rows = [(number, events.row(place)) for place, number in enumerate(events.numbers)]
    return Enriched(rows, list(batch.failed))


def check(*raw: bytes) -> None:
    """A batch gives what its records give one by one."""
    records = [(3 * number + 1, one) for number, one in enumerate(raw)]
    for one in _ENRICHERS:
        assert together(one, records) == one_by_one(one, records)


@given(st.lists(_RECORDS, max_size=6))
def test_a_batch_gives_the_rows_of_its_records(raw: list[bytes]) -> None:
    """B-1: whatever a batch holds, the short way and the long way give the same, to the value."""
    check(*raw)


@given(st.data())
def test_a_batch_of_sound_records_with_some_bytes_changed(data: st.DataObject) -> None:
    """B-1: the ways agree on records that are nearly sound too."""
    raw = bytearray(post(BROWSER, user_agent="Mozilla/5.0", network_userid=UUID))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    check(post(BROWSER), bytes(raw), post(BROWSER, BROWSER))


@pytest.mark.parametrize("name", sorted(PAYLOAD_NAMES))
def test_each_parameter_alone(name: str) -> None:
    """B-28: every parameter fills the same columns on both ways."""
    for text in ("1", "", "abc", UUID, "1x2", "https://a.example/", "x" * 200, "1.5", "\x00"):
        check(post({**PAGE_VIEW, name: text}), post(BROWSER))


def test_usual_records_go_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """What browsers send needs no look at the single event, whatever stands beside it."""
    one = enricher()
    link = {
        **BROWSER,
        "e": "ue",
        "ue_px": encoded(
            json.dumps(
                entity("iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0", LINK)
            )
        ),
    }
    coded = {**{k: v for k, v in BROWSER.items() if k != "co"}, "cx": encoded(BROWSER["co"])}
    unknown = {**BROWSER, "co": contexts(ENTITIES[5])}
    declared = {**BROWSER, "co": contexts(ENTITIES[4])}
    usual = [post(BROWSER), post(BROWSER, PAGE_VIEW), post(link), post(coded), post(unknown)]
    usual += [post(declared), page_view(page="not\xa0printable", dtm="-1"), post(PAGE_VIEW)]
    numbers: list[int] = []

    def note(raw: bytes, now: int, place: bytes) -> Enriched:
        numbers.append(int(place.rpartition(b"/")[2]))
        return Enriched([], [])

    monkeypatch.setattr(one, "enrich", note)
    batch = one.enrich_all([*enumerate(usual), (99, b"odd")], NOW, SOURCE)
    assert numbers == [99]
    assert batch.events.numbers == [0, 1, 1, 2, 3, 4, 5, 6, 7]


def test_rows_stand_in_the_order_of_their_records() -> None:
    """Contract of the lake: numbers ascend, also where some records went the long way."""
    raw = [post(BROWSER), anonymous(scrubbed(BROWSER)), post(BROWSER, BROWSER), get("e=pv&p=web")]
    batch = enricher().enrich_all(list(enumerate(raw * 300)), NOW, SOURCE)
    numbers = batch.events.numbers
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(1_200))
    check(*raw)


def test_what_is_remembered_is_bounded() -> None:
    """Strangers cannot make the memory grow by what they send."""
    one = enricher()
    for start in range(0, 20_000, 2_000):
        records = [
            (
                number,
                page_view(aid=f"a{number}", url=f"https://a.example/{number}", vid=str(number)),
            )
            for number in range(start, start + 2_000)
        ]
        assert len(one.enrich_all(records, NOW, SOURCE).events) == 2_000
    assert len(one._quick._page_urls) <= 2_048


def test_an_error_inside_leaves_every_record_to_the_long_way(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Should the short way break, no record is lost, and the log holds nothing of any."""
    one = enricher()

    def fail(*_: Any) -> None:
        raise RuntimeError("canary")

    monkeypatch.setattr(one._quick, "read", fail)
    with caplog.at_level(logging.ERROR):
        batch = one.enrich_all([(1, post(BROWSER)), (2, b"")], NOW, SOURCE)
    assert (batch.events.numbers, len(batch.failed)) == ([1], 1)
    assert "RuntimeError" in caplog.text
    assert "canary" not in caplog.text


def test_columns_without_some_records() -> None:
    """Rows of named records can be taken out of columns."""
    batch = enricher().enrich_all([(n, post(BROWSER, BROWSER)) for n in range(3)], NOW, SOURCE)
    left = batch.events.without({1})
    assert left.numbers == [0, 0, 2, 2]
    assert left.row(3) == batch.events.row(5)
    assert len(Columns()) == 0


@given(st.lists(st.uuids().map(str), max_size=5), st.integers(0, 200), st.text(max_size=2))
def test_uuids_are_told_apart_from_anything_else(texts: list[str], place: int, other: str) -> None:
    """B-39: one wrong character in one of many UUIDs is seen."""
    assert are_uuids(texts)
    if texts:
        changed = texts[0][: place % 36] + other + texts[0][place % 36 + 1 :]
        plain = len(changed) == 36 and changed.isascii() and changed == changed.lower()
        hexadecimal = set(changed.replace("-", "")) <= set("0123456789abcdef")
        dashes = [at for at, character in enumerate(changed) if character == "-"] == [8, 13, 18, 23]
        assert are_uuids([*texts, changed]) == (plain and hexadecimal and dashes)


def test_a_body_of_too_many_events_goes_the_long_way() -> None:
    """B-20: the bound on events holds on both ways."""
    check(post(*[PAGE_VIEW] * 1_001), post(*[PAGE_VIEW] * 1_000), record(envelope()))

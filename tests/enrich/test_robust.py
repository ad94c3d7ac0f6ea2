"""Whatever the bytes are, enrichment returns rows of the right shape, in time (B-20, B-34)."""

from __future__ import annotations

import json
import logging
import re
import time
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.enrich.records import (
    CONTEXTS,
    JSON,
    NOW,
    PAGE_VIEW,
    TP2,
    UNSTRUCT,
    UUID,
    WEB_PAGE,
    anonymous,
    bad,
    contexts,
    encoded,
    enrich,
    enricher,
    entity,
    envelope,
    page_view,
    post,
    record,
    scrubbed,
    session,
    unstruct,
)
from whiteout.enrich import Enriched, Enricher, EnrichSettings
from whiteout.privacy import Mode
from whiteout.protocol.columns import EVENT_COLUMNS, FAILED_COLUMNS, Column
from whiteout.protocol.iglu import SchemaKey
from whiteout.protocol.parameters import NAMES

_CONTROLS = re.compile(r"[\x00-\x1f]")
_NOT_TSV = re.compile(r"[\x00-\x1f\x7f]")
_TYPES: dict[str, type] = {
    "string": str,
    "int": int,
    "double": float,
    "bool": bool,
    "ts": int,
    "uuid": str,
    "json": str,
    "strings": list,
    "date": str,
}
_FAILURES = {
    "adapter_failures",
    "collector_payload_format_violation",
    "enrichment_failures",
    "generic_error",
    "schema_violations",
    "tracker_protocol_violations",
}
_STRICT = enricher(
    unknown_schemas="fail", reject_batch=True, trust_tracker_ip=True, sentinel="zero"
)


def check_value(column: Column, value: object) -> None:
    """A value has the type of its column, and text is text that every output can hold."""
    if value is None:
        assert column.nullable, column.name
        return
    assert type(value) is _TYPES[column.type], column.name
    if isinstance(value, str):
        value.encode()
        assert (_CONTROLS if column.type == "json" else _NOT_TSV).search(value) is None, column.name
        if column.max_length is not None:
            assert len(value.encode("utf-16-le")) // 2 <= column.max_length, column.name
    if column.type == "json":
        json.loads(str(value))
    if column.type == "date":
        date.fromisoformat(str(value))
    if column.type == "int":
        assert isinstance(value, int)
        assert -(2**31) <= value < 2**31
    if column.type == "strings":
        assert isinstance(value, list)
        assert all(type(item) is str for item in value)


def check(enriched: Enriched) -> None:
    """Rows have the shape of their tables, and none says that something went wrong inside."""
    for events in enriched.events:
        for column, value in zip(EVENT_COLUMNS, events, strict=True):
            check_value(column, value)
    for failed in enriched.failed:
        for column, value in zip(FAILED_COLUMNS, failed, strict=True):
            check_value(column, value)
        named = dict(zip((c.name for c in FAILED_COLUMNS), failed, strict=True))
        assert named["failure"] in _FAILURES
        assert '"internal"' not in named["errors"]
        assert len(named["reason"]) < 1_000
        assert len(named["errors"]) < 60_000


def check_all(raw: bytes) -> None:
    """Both a lenient and a strict enricher give rows for a record."""
    for one in (enricher(), _STRICT):
        enriched = one.enrich(raw, NOW)
        assert enriched.events or enriched.failed
        check(enriched)


_JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10)
    | st.sampled_from([WEB_PAGE, CONTEXTS, UNSTRUCT, UUID]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["schema", "data", "id", "userId", "mode"]) | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
_NUMBERS = ["-1", "0", "9" * 30, "1e400", "-0", "null"]
_TEXTS = st.text(max_size=30) | st.sampled_from(
    [*_NUMBERS, "1x1", UUID, "\x00", "\u2028", "😀" * 60]
)
_JSON_TEXTS = _JSON_VALUES.map(json.dumps)
_EVENTS = st.dictionaries(
    st.sampled_from(sorted(NAMES)),
    _TEXTS | _JSON_TEXTS | _JSON_TEXTS.map(encoded),
    max_size=10,
)


@given(st.binary(max_size=200))
def test_random_bytes(raw: bytes) -> None:
    """Random bytes become rows."""
    check_all(raw)


@given(st.sampled_from([b"W1I", b"W1A"]), _JSON_VALUES, st.binary(max_size=20))
def test_random_heads(magic: bytes, head: Any, body: bytes) -> None:
    """A record with any JSON for a head becomes rows."""
    check_all(magic + json.dumps(head).encode() + b"\n" + body)


@given(st.binary(max_size=100) | _JSON_VALUES.map(lambda value: json.dumps(value).encode()))
def test_random_bodies(body: bytes) -> None:
    """Any body becomes rows."""
    check_all(record(body))


@given(st.lists(_JSON_VALUES, max_size=3))
def test_random_events(events: list[Any]) -> None:
    """An envelope of anything becomes rows."""
    check_all(post(*events))


@given(_EVENTS)
def test_random_parameters(event: dict[str, str]) -> None:
    """Any text in any parameter becomes rows, identified and anonymous."""
    check_all(post({**PAGE_VIEW, **event}))
    check_all(post(event))
    check_all(anonymous(scrubbed({**PAGE_VIEW, **event})))


@given(_JSON_TEXTS)
def test_random_json_in_events(text: str) -> None:
    """Any JSON for entities and events becomes rows."""
    inner = json.loads(text)
    check_all(page_view(e="ue", co=text, ue_px=encoded(text)))
    check_all(
        page_view(co=contexts(inner, entity(WEB_PAGE, inner)), ue_pr=unstruct(WEB_PAGE, inner))
    )


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=40))
def test_random_queries(query: str, path: str, header: str) -> None:
    """Any query, path and header become rows."""
    common = {"query": query, "user_agent": header, "referer": header, "address": header}
    for target in ("/i", TP2, f"/{path}"):
        check_all(record(None, path=target, content_type=None, **common))
    check_all(post(PAGE_VIEW, network_userid=header, content_type=JSON, **common))


_REAL = post(
    {
        **PAGE_VIEW,
        "url": "https://a.example/p?x=1#f",
        "dtm": "1795501200123",
        "co": contexts(entity(WEB_PAGE, {"id": UUID}), session()),
        "ue_px": encoded(unstruct(WEB_PAGE, {"id": UUID})),
    },
    user_agent="Mozilla/5.0",
    network_userid=UUID,
    address="203.0.113.0",
)
_REAL_ANONYMOUS = anonymous(scrubbed({**PAGE_VIEW, "sid": UUID, "co": contexts(session())}))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_mutated_real_records(data: st.DataObject) -> None:
    """A real record with some bytes changed, lost or added becomes rows."""
    raw = bytearray(data.draw(st.sampled_from([_REAL, _REAL_ANONYMOUS])))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(raw) - 1))
        length = data.draw(st.integers(0, 3))
        raw[place : place + length] = data.draw(st.binary(max_size=3))
    check_all(bytes(raw))


def _deep(depth: int) -> str:
    return "[" * depth + "]" * depth


_HUGE = 400_000
_HOSTILE: dict[str, bytes] = {
    "deep body": record(_deep(50_000).encode()),
    "deep value": post({**PAGE_VIEW, "aid": [[[[]]]]}).replace(b"[[[[]]]]", _deep(800).encode()),
    "deep entities": page_view(co=_deep(50_000)),
    "deep known entity": page_view(co=contexts(entity(WEB_PAGE, json.loads(_deep(300))))),
    "deep unknown": page_view(co=contexts(entity("iglu:a/b/c/1-0-0", json.loads(_deep(300))))),
    "giant number": page_view(co=f'{{"schema":{"9" * _HUGE}}}'),
    "giant integers": page_view(
        vid="9" * _HUGE, dtm="0" * _HUGE, se_va="1" * _HUGE, vp="0" * _HUGE
    ),
    "giant sizes": page_view(vp="0" * _HUGE + "1x1"),
    "many wrong items": page_view(
        e="ue",
        ue_pr=unstruct(
            "iglu:com.snowplowanalytics.snowplow/site_search/jsonschema/1-0-0",
            {"terms": [1] * 200_000},
        ),
    ),
    "many entities": page_view(co=contexts(*[entity("iglu:a/b/c/1-0-0", {"a": {}})] * 5_000)),
    "many events": post(*[{**PAGE_VIEW, "zz": "1", "vp": "x"}] * 1_000),
    "many keys": post({**PAGE_VIEW, **{f"k{n}": n for n in range(20_000)}}),
    "long base64": page_view(cx="A" * _HUGE),
    "long url": page_view(url="https://a.example/" + "/%2f@:" * 10_000, refr="?" * _HUGE),
    "many pairs": page_view(url="https://a.example/?" + "a=%&" * 15_000 + "_sp=1"),
    "long agent": post(PAGE_VIEW, user_agent="(" * _HUGE, referer="[" * _HUGE),
    "controls": page_view(page="\x00\t\x7f" * 100_000),
    "long query": record(None, path="/i", query="a=b&" * 100_000, content_type=None),
}


@pytest.mark.parametrize("name", _HOSTILE)
def test_hostile_records_take_no_time(name: str) -> None:
    """A record that was made to be slow or large becomes rows in about a second at most."""
    one, raw = enricher(), _HOSTILE[name]
    started = time.thread_time()
    one.enrich(raw, NOW)
    assert time.thread_time() - started < 4
    check_all(raw)


@pytest.mark.parametrize("kind", ["text", "agent", "page"])
def test_very_long_text(kind: str) -> None:
    """Very long text in one place fails its event, and the error names the column."""
    text = "x" * _HUGE
    if kind == "text":
        assert bad(page_view(duid=text))["errors"][0]["where"] == "domain_userid"
    elif kind == "agent":
        assert bad(post(PAGE_VIEW, user_agent=text))["errors"][0]["where"] == "useragent"
    else:
        assert bad(page_view(page=text))["errors"][0]["where"] == "page_title"


def test_error_inside_becomes_a_generic_error(caplog: pytest.LogCaptureFixture) -> None:
    """Should anything go wrong inside, the record becomes a failed event; the log says no more."""

    class Broken:
        def validator(self, key: SchemaKey) -> None:
            raise RuntimeError(f"canary {key.name}")

    broken = Enricher(EnrichSettings("c", "e"), Broken())
    with caplog.at_level(logging.ERROR):
        enriched = broken.enrich(page_view(co=contexts(entity(WEB_PAGE, {"id": UUID}))), NOW)
    named = dict(zip((c.name for c in FAILED_COLUMNS), enriched.failed[0], strict=True))
    assert named["failure"] == "generic_error"
    assert json.loads(named["errors"])[0]["keyword"] == "internal"
    assert "RuntimeError" in caplog.text
    assert "canary" not in caplog.text


def test_records_of_wrong_types_are_refused() -> None:
    """A head with a wrong type in it never puts that type into a row (A.10)."""
    for name, value in {"received": "1", "path": 5, "user_agent": 7, "address": []}.items():
        head = {"received": 1, "path": TP2, "content_type": JSON, "body_length": 0, name: value}
        assert bad(b"W1I" + msgspec.json.encode(head) + b"\n")["failure"] == "generic_error"


def test_cut_off_record_is_refused() -> None:
    """A record whose body was cut off is not taken for a whole one (A.10)."""
    assert bad(page_view()[:-1])["failure"] == "generic_error"
    assert bad(_REAL_ANONYMOUS + b"x")["failure"] == "generic_error"


def test_modes_are_plain_text() -> None:
    """Modes stand in rows as plain text."""
    row = enrich(_REAL).events[0]
    names = [column.name for column in EVENT_COLUMNS]
    assert type(row[names.index("mode_inferred")]) is str
    assert row[names.index("mode_inferred")] == Mode.IDENTIFIED.value


def test_envelope_of_one_event_and_of_many_are_read_alike() -> None:
    """What the quick reader takes and what the thorough one takes give the same rows."""
    event = {**PAGE_VIEW, "duid": UUID, "eid": UUID}
    quick = enrich(record(envelope(event))).events
    thorough = enrich(record(envelope(event, {"x": 1}))).events
    assert quick == thorough

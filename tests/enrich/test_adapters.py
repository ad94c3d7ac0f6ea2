"""From a request to its events (B-5 to B-27, F-P23, contract 12)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.enrich.records import (
    CONTEXTS,
    JSON,
    PAGE_VIEW,
    SNOWPLOW,
    TP2,
    UUID,
    Row,
    bad,
    columns,
    enrich,
    envelope,
    failed_columns,
    get,
    good,
    page_view,
    post,
    record,
)
from whiteout.protocol.envelope import CONTENT_TYPES, MAX_EVENTS

_ENVELOPE = f"{SNOWPLOW}/payload_data/jsonschema/1-0-4"


def told(row: Row) -> tuple[str, list[tuple[str, str]]]:
    """The failure with place and keyword of each error."""
    return row["failure"], [(error["where"], error["keyword"]) for error in row["errors"]]


@pytest.mark.parametrize("path", ["/i", "/ice.png", "/com.snowplowanalytics.snowplow/tp1"])
def test_b_13_tp1_reads_the_query(path: str) -> None:
    """The oldest version of the protocol reads one event from the query (B-5, B-13)."""
    row = good(get("e=se&se_ca=a+b%26c&p=web", path))
    assert (row["event"], row["se_category"]) == ("struct", "a b&c")


def test_b_13_tp1_ignores_a_body() -> None:
    """A body means nothing to it (B-13)."""
    raw = record(envelope(PAGE_VIEW), path="/com.snowplowanalytics.snowplow/tp1", query="e=pp")
    assert good(raw)["event"] == "page_ping"


def test_b_13_tp1_needs_a_query() -> None:
    """Without a query it fails (B-13)."""
    assert told(bad(get(""))) == ("adapter_failures", [("querystring", "empty")])


@pytest.mark.parametrize(
    ("body", "content_type", "query", "expected"),
    [
        (None, None, "", [("body", "missing"), ("querystring", "empty")]),
        (None, JSON, "", [("body", "missing"), ("querystring", "empty")]),
        (None, "text/html", "e=pv", [("contentType", "unsupported_content_type")]),
        (b"{}", "text/plain", "", [("contentType", "unsupported_content_type")]),
        (b"{}", None, "", [("contentType", "unsupported_content_type")]),
        (b"", None, "", [("contentType", "unsupported_content_type")]),
        (None, JSON, "e=pv", [("body", "missing")]),
        (b"", JSON, "", [("body", "not_json")]),
    ],
)
def test_b_14_rows_that_fail(
    body: bytes | None, content_type: str | None, query: str, expected: list[tuple[str, str]]
) -> None:
    """The rows of the decision table that end in a violation (B-14, B-15, B-19)."""
    raw = record(body, content_type=content_type, query=query)
    assert told(bad(raw)) == ("tracker_protocol_violations", expected)


def test_b_14_row_5_get_on_tp2() -> None:
    """A GET on tp2 reads one event from the query (B-14 row 5)."""
    assert good(get("e=pv&p=web", TP2))["event"] == "page_view"


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_b_14_row_6_body_is_read(content_type: str) -> None:
    """A body under each of the three content types is read (B-14 row 6, B-15)."""
    assert good(post(PAGE_VIEW, content_type=content_type))["event"] == "page_view"


@pytest.mark.parametrize("version", ["1-0-0", "1-0-4", "1-0-9"])
def test_b_16_every_version_of_the_envelope_is_read(version: str) -> None:
    """An envelope of any version 1-0-* is read (B-16, B-23)."""
    body = envelope(PAGE_VIEW, schema=f"{SNOWPLOW}/payload_data/jsonschema/{version}")
    assert good(record(body))["event"] == "page_view"


@pytest.mark.parametrize(
    ("body", "where", "keyword"),
    [
        (b"{", "body", "not_json"),
        (b'{"a":"\xff"}', "body", "not_utf8"),
        (b"[" * 100_000, "body", "too_deep"),
        (b"[]", "body", "INVALID_SCHEMA"),
        (b'{"schema":"x","data":[]}', "body", "INVALID_IGLUURI"),
        (json.dumps({"schema": _ENVELOPE}).encode(), "body", "INVALID_DATA_PAYLOAD"),
        (envelope(PAGE_VIEW, schema=CONTEXTS), "body.schema", "not_payload_data"),
        (envelope(PAGE_VIEW, schema=_ENVELOPE[:-5] + "2-0-0"), "body.schema", "not_payload_data"),
        (envelope(), "body.data", "no_events"),
        (envelope(*[PAGE_VIEW] * (MAX_EVENTS + 1)), "body.data", "too_many_events"),
    ],
)
def test_b_16_bodies_that_are_no_envelope(body: bytes, where: str, keyword: str) -> None:
    """A body that is no envelope of events fails as a whole, without its content (B-16, B-20)."""
    row = bad(record(body))
    assert told(row) == ("tracker_protocol_violations", [(where, keyword)])
    assert row["payload"] is None
    assert row["mode_inferred"] is None
    assert row["body_length"] == len(body)


def test_b_16_position_of_a_fault_is_told() -> None:
    """The place of a fault in the body is told (B-16)."""
    row = bad(record(b'{"a":"\xff"}'))
    assert row["errors"][0]["position"] == 6
    assert "position 6" in row["reason"]


@pytest.mark.parametrize("value", [None, 5, True, ["a"], {"a": "b"}])
def test_b_17_values_must_be_text(value: Any) -> None:
    """A value that is no text is a violation (B-17)."""
    row = bad(page_view(aid=value))
    assert told(row) == ("tracker_protocol_violations", [("aid", "not_a_string")])
    assert row["payload"] == {**PAGE_VIEW, "aid": value}


@pytest.mark.parametrize(("depth", "keyword"), [(37, "not_a_string"), (38, "too_deep")])
def test_b_20_depth_of_a_value(depth: int, keyword: str) -> None:
    """A value that is nested too deeply is told as that, and not kept (B-20)."""
    value: Any = []
    for _ in range(depth - 1):
        value = {"a": value}
    row = bad(page_view(aid=value))
    assert told(row)[1] == [("aid", keyword)]
    assert ("aid" in row["payload"]) == (keyword == "not_a_string")


@pytest.mark.parametrize("item", [None, 5, "x", [], [PAGE_VIEW]])
def test_b_16_events_must_be_objects(item: Any) -> None:
    """An element that is no object is a violation, told with its place (B-16)."""
    enriched = enrich(post(PAGE_VIEW, item))
    assert len(enriched.events) == 1
    row = failed_columns(enriched.failed[0])
    assert told(row)[1] == [("body.data[1]", "not_an_object")]
    assert row["payload"] is None


def test_b_17_query_is_merged_into_every_event() -> None:
    """The query of a POST overrides every event of its body (B-17)."""
    raw = post({**PAGE_VIEW, "aid": "a"}, PAGE_VIEW, query="aid=b&e=pp&foo=1&tna")
    rows = [columns(row) for row in enrich(raw).events]
    assert [(row["app_id"], row["event"]) for row in rows] == [("b", "page_ping")] * 2


@pytest.mark.parametrize("name", ["uid", "duid", "nuid", "tnuid", "ip", "fp", "sid", "vid", "eid"])
def test_f_p23_query_puts_no_identifier_into_events(name: str) -> None:
    """An identifier in the query of a POST is ignored (F-P23)."""
    canary = "7" if name == "vid" else UUID
    enriched = enrich(post(PAGE_VIEW, query=f"{name}={canary}"))
    assert canary not in map(str, enriched.events[0])


def test_b_26_unknown_key() -> None:
    """An unknown key is a violation in a POST and ignored in a GET (B-26)."""
    row = bad(page_view(foo="1", cv="2"))
    assert told(row) == (
        "tracker_protocol_violations",
        [("event", "unknown_parameter")] * 2,
    )
    assert "foo" in row["reason"]
    assert good(get("e=pv&foo=1"))["event"] == "page_view"


@pytest.mark.parametrize("name", ["tv", "p", "e"])
def test_b_27_required_keys(name: str) -> None:
    """A POST event without `tv`, `p` or `e` is a violation, whatever the query says (B-27)."""
    event = {k: v for k, v in PAGE_VIEW.items() if k != name}
    row = bad(post(event, query=f"{name}={PAGE_VIEW[name]}"))
    assert told(row) == ("tracker_protocol_violations", [(name, "missing")])


def test_b_27_get_needs_an_event_only() -> None:
    """A GET without `tv` and `p` has null columns (B-27)."""
    row = good(get("e=pv"))
    assert (row["v_tracker"], row["platform"]) == (None, None)


def test_b_11_unknown_adapter() -> None:
    """A path that names no adapter of ours fails, with vendor and version (B-11)."""
    row = bad(post(PAGE_VIEW, path="/com.acme/v1"))
    assert told(row) == ("adapter_failures", [("path", "unsupported_path")])
    assert (row["vendor"], row["version"]) == ("com.acme", "v1")
    assert "com.acme/v1" in row["reason"]


@pytest.mark.parametrize("path", ["", "/", "/a", "/a/b/c", "x"])
def test_b_5_path_is_no_event_path(path: str) -> None:
    """A path of another form cannot be read (B-5)."""
    row = bad(record(None, path=path, query="e=pv"))
    assert told(row)[0] == "collector_payload_format_violation"
    assert (row["vendor"], row["version"]) == (None, None)


@pytest.mark.parametrize(
    ("query", "position"), [("e=pv&x=a|b", 8), ("e=pv&x=%zz", 7), ("&".join("a" * 2000), None)]
)
def test_b_6_bad_query(query: str, position: int | None) -> None:
    """A query that no URI can hold fails, and its content is told nowhere (B-6)."""
    for raw in (get(query), post(PAGE_VIEW, query=query)):
        row = bad(raw)
        assert told(row) == (
            "collector_payload_format_violation",
            [("querystring", "bad_query")],
        )
        assert position is None or row["errors"][0]["position"] == position


@pytest.mark.parametrize("value", ["abc", "0" * 32, "1-2-3-4"])
def test_b_8_network_user_id_must_be_a_uuid(value: str) -> None:
    """A request whose network user id is no UUID fails as a whole (B-8)."""
    row = bad(post(PAGE_VIEW, PAGE_VIEW, network_userid=value))
    assert told(row) == ("collector_payload_format_violation", [("networkUserId", "uuid")])


def test_b_8_network_user_id_is_normalised() -> None:
    """Short groups are filled up and letters are lower-case (B-8)."""
    row = good(post(PAGE_VIEW, network_userid="A-2-3-4-5"))
    assert row["network_userid"] == "0000000a-0002-0003-0004-000000000005"


def test_contract_12_good_events_beside_bad_ones_are_kept() -> None:
    """Of a batch the good events are kept and each bad one fails for itself (contract 12)."""
    raw = post(
        {**PAGE_VIEW, "aid": "one"},
        {**PAGE_VIEW, "vp": "x"},
        {"foo": "bar"},
        {**PAGE_VIEW, "aid": "two"},
    )
    enriched = enrich(raw)
    assert [columns(row)["app_id"] for row in enriched.events] == ["one", "two"]
    assert [failed_columns(row)["failure"] for row in enriched.failed] == [
        *("schema_violations", "tracker_protocol_violations")
    ]


def test_b_18_rejecting_a_batch() -> None:
    """Where batches are rejected, one violation refuses the whole request in one row (B-18)."""
    raw = post({**PAGE_VIEW, "aid": "one"}, {**PAGE_VIEW, "foo": "1"}, {**PAGE_VIEW, "uid": None})
    row = bad(raw, reject_batch=True)
    assert told(row)[1] == [("event", "unknown_parameter"), ("uid", "not_a_string")]
    assert [event.get("aid") for event in row["payload"]] == ["one", None, None]


def test_b_18_other_failures_refuse_one_event_only() -> None:
    """A violated schema refuses its event alone even then (B-18)."""
    enriched = enrich(post(PAGE_VIEW, {**PAGE_VIEW, "vp": "x"}), reject_batch=True)
    assert (len(enriched.events), len(enriched.failed)) == (1, 1)

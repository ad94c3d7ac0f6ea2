"""Rows of failed events (B-74, B-82, F-P11, contract 9)."""

from __future__ import annotations

import json

import pytest

from tests.enrich.records import (
    NOW,
    PAGE_VIEW,
    PRIVACY_STATE,
    RECEIVED,
    UUID,
    bad,
    contexts,
    enrich,
    entity,
    failed_columns,
    page_view,
    post,
    record,
)


def test_b_74_row_says_where_it_comes_from() -> None:
    """A failed row has the request's time, path, content type, length, and the event's ids."""
    raw = page_view(vp="x", eid=UUID.upper(), aid="shop")
    row = bad(raw)
    expected = {
        "collector_tstamp": RECEIVED,
        "collector_date": "2026-11-24",
        "event_id": UUID,
        "app_id": "shop",
        "failure": "schema_violations",
        "vendor": "com.snowplowanalytics.snowplow",
        "version": "tp2",
        "content_type": "application/json; charset=UTF-8",
        "body_length": len(raw.partition(b"\n")[2]),
        "mode_declared": None,
        "mode_inferred": "anonymous",
        "server_anonymous": False,
        "signal": None,
        "redacted": [],
        "v_collector": "wo-c-1",
        "v_etl": "wo-e-1",
    }
    assert {name: row[name] for name in expected} == expected


def test_reason_is_a_sentence_for_a_developer() -> None:
    """The reason says where the fault is, what it is, and the value."""
    row = bad(page_view(vp="12-13"))
    assert row["reason"] == ('vp is not a width and a height in whole numbers joined by x: "12-13"')
    assert row["errors"] == [
        {
            "where": "vp",
            "what": 'is not a width and a height in whole numbers joined by x: "12-13"',
            "keyword": "dims",
        }
    ]
    assert bad(page_view(vp="x", res="y"))["reason"].endswith("(1 more problem)")


def test_b_82_values_are_quoted_in_part() -> None:
    """A quoted value is cut to a hundred characters."""
    row = bad(page_view(vp="v" * 1_000_000))
    assert len(row["errors"][0]["what"]) < 200
    assert len(row["reason"]) < 250


@pytest.mark.parametrize("name", ["reason", "content_type", "vendor", "app_id"])
def test_b_34_text_of_failed_rows_is_tsv_safe(name: str) -> None:
    """No control character reaches a failed row, wherever it was (B-34)."""
    event = {**PAGE_VIEW, "aid": "a\tb\x00c", "vp": "\t\x00\x7f"}
    row = failed_columns(enrich(post(event)).failed[0])
    assert row["app_id"] == "a    bc"
    odd = bad(post(PAGE_VIEW, path="/a\tb\x00/v\x7f", content_type="x\ty\n"))
    for value in (row[name], odd[name]):
        assert value is None or value.isprintable()


@pytest.mark.parametrize("aid", ["x" * 256, "", "\x00"])
def test_app_id_that_does_not_fit_is_left_out(aid: str) -> None:
    """An app id that no event could have is not in the failed row's column."""
    assert bad(page_view(vp="x", aid=aid))["app_id"] is None


def test_event_id_that_is_none_is_left_out() -> None:
    """An event id that is no UUID, or no text, is not in the failed row's column."""
    assert bad(page_view(eid="x"))["event_id"] is None
    assert bad(page_view(eid=5))["event_id"] is None


def test_b_82_payload_holds_the_parameters() -> None:
    """The payload is the event as it was sent (B-82)."""
    assert bad(page_view(vp="x", page="Tité\x00"))["payload"] == {
        **PAGE_VIEW,
        "vp": "x",
        "page": "Tité\x00",
    }


def test_b_82_payload_loses_what_no_event_keeps() -> None:
    """User info, `_sp` and addresses are not in the payload either (A-58, B-68, B-82)."""
    raw = page_view(
        vp="x",
        ip="203.0.113.77",
        url="https://me:pw@a.example/?_sp=abc.1&x=2",
        refr="https://you@b.example/",
    )
    assert bad(raw)["payload"] == {
        **PAGE_VIEW,
        "vp": "x",
        "url": "https://a.example/?x=2",
        "refr": "https://b.example/",
    }
    assert bad(raw, trust_tracker_ip=True)["payload"]["ip"] == "203.0.113.0"


def test_payload_of_odd_values() -> None:
    """An address or a URL that is no text makes no difference."""
    payload = bad(page_view(url=5, refr=None, ip=7))["payload"]
    assert payload == {**PAGE_VIEW, "url": 5, "refr": None}


def test_address_is_in_no_failed_row() -> None:
    """The address of a request never stands in a failed row."""
    for raw in (
        post({**PAGE_VIEW, "vp": "x"}, address="203.0.113.0"),
        record(b"{", address="203.0.113.0"),
    ):
        assert "203.0.113" not in json.dumps(enrich(raw).failed)


@pytest.mark.parametrize(
    ("parameters", "mode"),
    [
        ({"vp": "x"}, "anonymous"),
        ({"vp": "x", "sid": UUID}, "anonymous_session"),
        ({"vp": "x", "duid": UUID}, "identified"),
        ({"co": "{"}, None),
        ({"co": "{", "uid": "bob"}, "identified"),
        ({"foo": "1"}, None),
        ({"foo": "1", "uid": "bob"}, "identified"),
    ],
)
def test_contract_9_mode_of_a_failed_event(parameters: dict[str, str], mode: str | None) -> None:
    """A failed event has the mode that it shows, and none where it cannot be read in full."""
    assert bad(page_view(**parameters))["mode_inferred"] == mode


def test_contract_9_declared_mode_of_a_failed_event() -> None:
    """What a tracker declared is in the failed row too (contract 9)."""
    state = entity(PRIVACY_STATE, {"mode": "anonymous", "signal": None})
    row = bad(page_view(vp="x", co=contexts(state), url="https://a.example/?_sp=abc.1"))
    assert row["mode_declared"] == "anonymous"
    assert row["redacted"] == ["domain_userid"]


@pytest.mark.parametrize("raw", [b"", b"W1I", b"W1I{}\n", b"W1A{}\n", b"W2I{}\nx", b"\xff" * 100])
def test_b_74_undecodable_record(raw: bytes) -> None:
    """Bytes that are no record become a generic error without any of them (B-74)."""
    row = bad(raw)
    assert row["failure"] == "generic_error"
    assert row["reason"] == "record cannot be read"
    assert row["collector_tstamp"] == NOW
    assert row["payload"] is None
    assert row["server_anonymous"] is None

"""Derived values (B-57, B-59) and ids (B-28)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.enrich.records import (
    NOW,
    PAGE_VIEW,
    UUID,
    bad,
    columns,
    enrich,
    enricher,
    failed_columns,
    get,
    good,
    page_view,
    post,
    record,
    scrubbed,
    unstruct,
)
from tests.enrich.records import anonymous as anonymous_record
from whiteout.enrich.derived import day_of, derived_timestamp

_VERSION_4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_b_57_example() -> None:
    """Received 12:00:10, created 12:00:00, sent 12:00:03: it happened at 12:00:07 (B-57)."""
    noon = 1_700_000_000_000
    raw = page_view(dtm=str(noon), stm=str(noon + 3_000))
    row = good(raw.replace(b"1795501200789", str(noon + 10_000).encode(), 1))
    assert row["derived_tstamp"] == noon + 7_000


@pytest.mark.parametrize(
    ("collector", "created", "sent", "true", "derived"),
    [
        (100, 10, 20, 5, 5),
        (100, 10, 20, None, 90),
        (100, 20, 20, None, 100),
        (100, 30, 20, None, 100),
        (100, None, 20, None, 100),
        (100, 10, None, None, 100),
        (0, -62_000_000_000_000, 253_000_000_000_000, None, 0),
    ],
)
def test_b_57_cases(
    collector: int, created: int | None, sent: int | None, true: int | None, derived: int
) -> None:
    """The true time wins, then the corrected device time, then the collector's (B-57)."""
    assert derived_timestamp(collector, created, sent, true) == derived


@given(st.integers(0, 253_402_300_799_999))
def test_collector_date_is_the_day_in_utc(milliseconds: int) -> None:
    """The day of a time is that of UTC."""
    day = datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%d")
    assert day_of(milliseconds) == day.rjust(10, "0")


def test_b_58_year_zero_has_a_day() -> None:
    """A time in the year 0, which no date has, still gets a partition (B-58)."""
    assert day_of(-62_167_219_200_000) == "0001-01-01"


@pytest.mark.parametrize(
    ("code", "vendor", "name"),
    [
        ("pv", "com.snowplowanalytics.snowplow", "page_view"),
        ("pp", "com.snowplowanalytics.snowplow", "page_ping"),
        ("tr", "com.snowplowanalytics.snowplow", "transaction"),
        ("ti", "com.snowplowanalytics.snowplow", "transaction_item"),
        ("se", "com.google.analytics", "event"),
        ("ev", "com.google.analytics", "event"),
    ],
)
def test_b_59_schema_of_an_event(code: str, vendor: str, name: str) -> None:
    """Each kind of event has its schema as a label (B-59)."""
    row = good(page_view(e=code))
    assert (row["event_vendor"], row["event_name"]) == (vendor, name)
    assert (row["event_format"], row["event_version"]) == ("jsonschema", "1-0-0")


def test_b_59_self_describing_event_without_data() -> None:
    """`e=ue` without a self-describing event passes with four nulls (B-59)."""
    row = good(page_view(e="ue"))
    assert row["event"] == "unstruct"
    names = ("event_vendor", "event_name", "event_format", "event_version")
    assert [row[name] for name in names] == [None] * 4


def test_b_48_long_schema_of_an_event() -> None:
    """The parts of a schema are limited like any other column (B-48, B-59)."""
    uri = f"iglu:com.acme/thing/{'f' * 129}/1-0-0"
    row = bad(page_view(e="ue", ue_pr=unstruct(uri, {})))
    assert [error["where"] for error in row["errors"]] == ["event_format"]


@pytest.mark.parametrize("query", ["p=web", "e=ad&p=web", "e"])
def test_b_59_no_event(query: str) -> None:
    """A missing event and an ad impression fail the enrichment (B-27, B-41, B-59)."""
    row = bad(get(query))
    assert row["failure"] == "enrichment_failures"
    assert [error["where"] for error in row["errors"]] == ["e"]


def test_b_79_one_row_with_the_first_failing_phase() -> None:
    """Input errors name the failure before enrichment errors, and those before lengths (B-79)."""
    url, long = "http://[::1/x", "x" * 300
    assert bad(page_view(url=url, aid=long, vp="x"))["failure"] == "schema_violations"
    row = bad(page_view(url=url, aid=long))
    assert row["failure"] == "enrichment_failures"
    assert len(row["errors"]) == 2
    assert bad(page_view(aid=long))["failure"] == "schema_violations"


def test_b_28_missing_event_id_looks_random_and_is_repeatable() -> None:
    """An event id that is missing is a version 4 UUID, the same one each time (B-28)."""
    raw = post(PAGE_VIEW, PAGE_VIEW)
    first, second = ([columns(row)["event_id"] for row in enrich(raw).events] for _ in "ab")
    assert first == second
    assert len(set(first)) == 2
    assert all(_VERSION_4.fullmatch(event_id) for event_id in first)


def test_b_28_event_ids_of_different_records_differ() -> None:
    """Other bytes give another id, and so do equal bytes at another place."""
    one = page_view()
    two = one.replace(b"1795501200789", b"1795501200790", 1)
    ids = {columns(enricher().enrich(raw, NOW).events[0])["event_id"] for raw in (one, two)}
    for place in (b"a/1", b"a/2"):
        ids.add(columns(enricher().enrich(one, NOW, place).events[0])["event_id"])
    assert len(ids) == 4


def test_b_28_anonymous_event_gets_an_id_too() -> None:
    """An anonymous event without an id gets a repeatable one (B-28)."""
    raw = anonymous_record(scrubbed(PAGE_VIEW))
    assert good(raw)["event_id"] == good(raw)["event_id"]
    assert good(anonymous_record(scrubbed({**PAGE_VIEW, "eid": UUID})))["event_id"] == UUID


def test_failure_ids_are_repeatable_and_differ_from_event_ids() -> None:
    """A failed event has a repeatable id of its own."""
    raw = post({**PAGE_VIEW, "vp": "x"}, PAGE_VIEW, {**PAGE_VIEW, "vp": "y"})
    first, second = enrich(raw), enrich(raw)
    ids = [failed_columns(row)["failure_id"] for row in first.failed]
    assert ids == [failed_columns(row)["failure_id"] for row in second.failed]
    assert len({*ids, columns(first.events[0])["event_id"]}) == 3
    assert all(_VERSION_4.fullmatch(failure_id) for failure_id in ids)


def test_b_58_impossible_time_of_a_record() -> None:
    """A record that was received at no possible time cannot be read (B-58)."""
    row = bad(record(None, path="/i", query="e=pv", received=10**18))
    assert row["failure"] == "generic_error"
    assert row["collector_tstamp"] == NOW

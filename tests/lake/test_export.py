"""The tables as files: enriched TSV that Snowplow's own SDK reads, and Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from snowplow_analytics_sdk.event_transformer import transform

from tests.lake.test_reader import STAMP, filled
from whiteout.lake import LakeOwner, LakeSettings, Slice, table_files
from whiteout.protocol.columns import CANONICAL_COLUMNS, EVENT_COLUMNS, FAILED_COLUMNS

DAYS = ("2026-11-24", "2026-11-25")
CONTEXTS = (
    '{"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1","data":['
    '{"schema":"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0",'
    '"data":{"id":"a\\tb"}}]}'
)


def event(number: int, **values: Any) -> tuple[Any, ...]:
    """A row of an event in one of two days."""
    given = {
        "event_id": f"6f1c1a2e-0000-4000-8000-{number:012}",
        "app_id": "shop",
        "platform": "web",
        "event": "page_view",
        "collector_tstamp": STAMP + number,
        "collector_date": DAYS[number % 2],
        "v_collector": "c",
        "v_etl": "e",
        **values,
    }
    return filled(EVENT_COLUMNS, **given)


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A lake with three events and a failed one."""
    owner = LakeOwner.open(tmp_path, LakeSettings(durable=False))
    events = [
        event(1, br_cookies=True, dvce_ismobile=False, se_value=19.5, br_viewwidth=1280),
        event(2, contexts=CONTEXTS, page_title="tab\tand\nline"),
        event(3),
    ]
    failed = filled(FAILED_COLUMNS, collector_tstamp=STAMP, collector_date=DAYS[0], failure="x")
    owner.commit([Slice("a", 4, list(enumerate(events, 1)), [(4, failed)])])
    owner.close()
    return tmp_path


def lines(lake: Path, **limits: str) -> dict[str, list[str]]:
    """The lines of the TSV as values, by event id."""
    with table_files(lake, "events", **limits) as files:
        rows = [line.split("\t") for day in files.days for line in files.tsv(day)]
    return {row[6]: row for row in rows}


def test_a_line_has_the_canonical_columns_in_order(lake: Path) -> None:
    """B-46, B-47: 131 columns, nothing for null, 1 and 0 for bool, times to the millisecond."""
    names = [column.name for column in CANONICAL_COLUMNS]
    rows = [dict(zip(names, row, strict=True)) for row in lines(lake).values()]
    assert len(rows) == 3
    row = next(row for row in rows if row["event_id"].endswith("1"))
    assert len(row) == 131
    assert (row["br_cookies"], row["dvce_ismobile"], row["se_value"]) == ("1", "0", "19.5")
    assert (row["br_viewwidth"], row["user_id"], row["br_features_pdf"]) == ("1280", "", "")
    assert row["collector_tstamp"].endswith(f".{(STAMP + 1) % 1000:03}")
    assert len(row["collector_tstamp"]) == len("2026-11-24 10:00:00.001")


def test_no_value_ends_a_value_or_a_line(lake: Path) -> None:
    """B-48: what came past the pipeline does not break a line; JSON escapes for itself."""
    [row] = [row for row in lines(lake).values() if "contexts" in "\t".join(row)]
    names = [column.name for column in CANONICAL_COLUMNS]
    values = dict(zip(names, row, strict=True))
    assert values["page_title"] == "tab and line"
    assert values["contexts"] == CONTEXTS


def test_the_analytics_sdk_reads_it(lake: Path) -> None:
    """B-47: Snowplow's own SDK for Python turns each line into an event."""
    with table_files(lake, "events") as files:
        events = [transform(line) for day in files.days for line in files.tsv(day)]
    read = {found["event_id"]: found for found in events}
    first = read["6f1c1a2e-0000-4000-8000-000000000001"]
    assert (first["app_id"], first["br_cookies"], first["se_value"]) == ("shop", True, "19.5")
    assert first["collector_tstamp"].endswith("Z")
    second = read["6f1c1a2e-0000-4000-8000-000000000002"]
    assert second["contexts_com_snowplowanalytics_snowplow_web_page_1"] == [{"id": "a\tb"}]


def test_days_can_be_chosen(lake: Path) -> None:
    """`since` and `until` are days, both included."""
    assert len(lines(lake, since=DAYS[1])) == 2
    assert len(lines(lake, until=DAYS[0])) == 1
    assert lines(lake, since="2027-01-01") == {}


def test_parquet_has_every_column_and_row(lake: Path, tmp_path: Path) -> None:
    """All columns with their types, whiteout's own included, in one file that anything reads."""
    target = tmp_path / "it's all.parquet"
    with table_files(lake, "events") as files:
        assert files.parquet(list(files.days), target) == 3
    found = duckdb.execute("SELECT * FROM read_parquet(?)", [str(target)])
    assert [column[0] for column in found.description or ()] == [c.name for c in EVENT_COLUMNS]
    assert len(found.fetchall()) == 3
    with table_files(lake, "failed_events") as files:
        assert files.parquet([], target) == 0
        assert files.parquet(list(files.days), target) == 1

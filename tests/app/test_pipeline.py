"""The loader: every record once, shown and stored, across any stop."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from whiteout.cli import main
from whiteout.collector.anonymous import AnonymousInput, anonymise
from whiteout.config import load
from whiteout.feed import FeedError, FeedReader, FeedWriter
from whiteout.flag import Flag
from whiteout.lake import Block, LakeError, LakeOwner, LakeReader, LakeValueError, Slice
from whiteout.loader import loader_settings
from whiteout.pipeline import Loader
from whiteout.privacy import SHOWN_IDENTIFIERS, Signal
from whiteout.protocol.columns import EVENT_INDEX
from whiteout.protocol.record import IdentifiedRequest, encode_anonymous, encode_identified
from whiteout.rights import Desk
from whiteout.spool import SpoolWriter

TP2 = "/com.snowplowanalytics.snowplow/tp2"
JSON = "application/json; charset=utf-8"


def envelope(*events: dict[str, Any]) -> bytes:
    """A POST body."""
    schema = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4"
    return json.dumps({"schema": schema, "data": list(events)}).encode()


def identified(number: int) -> bytes:
    """A record of an identified page view of the application `app-<number>`."""
    event = {"e": "pv", "p": "web", "tv": "t", "aid": f"app-{number}", "duid": "somebody"}
    request = IdentifiedRequest(1_767_261_600_000 + number, TP2, content_type=JSON)
    return encode_identified(request, envelope(event))


async def spooled(folder: Path, *records: bytes) -> None:
    """Put records into a spool, durably."""
    writer = SpoolWriter.open(folder / "spool")
    for record in records:
        await writer.append(record)
    await writer.close()


def loader(folder: Path) -> Loader:
    """A loader with the default configuration."""
    return Loader(loader_settings(load({"data": str(folder)}, environ={})[0]))


def apps(folder: Path) -> list[str]:
    """The applications of all stored events."""
    with LakeReader(folder / "lake").connect() as connection:
        rows = connection.execute("select app_id from events order by app_id").fetchall()
    return [row[0] for row in rows]


async def test_a_record_becomes_a_row_and_a_feed_entry(tmp_path: Path) -> None:
    """Contract 9: what the event was allowed to hold stands beside it, in table and feed."""
    await spooled(tmp_path, identified(1))
    work = loader(tmp_path)
    work.drain()
    work.close()
    assert apps(tmp_path) == ["app-1"]
    [(_, raw)] = FeedReader(tmp_path / "feed.db").newest(10)
    entry = json.loads(raw)
    assert (entry["kind"], entry["mode_inferred"]) == ("event", "identified")
    assert entry["identifiers"]["domain_userid"] == "somebody"
    assert set(entry["identifiers"]) == set(SHOWN_IDENTIFIERS)
    assert entry["collector_tstamp"] == "2026-01-01T10:00:00.001Z"


async def test_an_anonymous_record_shows_what_was_removed(tmp_path: Path) -> None:
    """Contract 7: the entry names what was removed and holds none of it."""
    seen = AnonymousInput(
        received=1_767_261_600_000,
        signals=(Signal.HEADER,),
        path=TP2,
        query="",
        body=envelope({"e": "pv", "p": "web", "tv": "t", "uid": "bob", "sid": "s", "vid": "1"}),
        content_type=JSON,
        user_agent=None,
        referer=None,
        origin=None,
        plain_text=False,
    )
    await spooled(tmp_path, encode_anonymous(anonymise(seen)))
    work = loader(tmp_path)
    work.drain()
    work.close()
    [(_, raw)] = FeedReader(tmp_path / "feed.db").newest(10)
    entry = json.loads(raw)
    assert set(entry["identifiers"].values()) == {None}
    assert {"user_id", "domain_sessionid"} <= set(entry["redacted"])
    assert entry["signal"] == "sp-anonymous"
    assert b"bob" not in raw


async def test_a_broken_record_becomes_a_failed_event_with_a_reason(tmp_path: Path) -> None:
    """A-17, B.11: what cannot be read is kept as a failed event that says what and where."""
    request = IdentifiedRequest(1_767_261_600_000, TP2, content_type=JSON)
    await spooled(tmp_path, encode_identified(request, b"{"), b"no record at all")
    work = loader(tmp_path)
    work.drain()
    work.close()
    entries = [json.loads(raw) for _, raw in FeedReader(tmp_path / "feed.db").newest(10)]
    assert {entry["kind"] for entry in entries} == {"failed"}
    assert all(entry["reason"] and entry["errors"] for entry in entries)


async def test_a_stop_between_commit_and_release_neither_loses_nor_doubles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DESIGN, exactly once: a record that the lake has is skipped when it is read again."""
    await spooled(tmp_path, identified(1), identified(2))
    work = loader(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("whiteout.spool.SpoolFile.release", lambda *_: None)
        work.drain()
    work.close()
    await spooled(tmp_path, identified(3))
    again = loader(tmp_path)
    again.drain()
    again.close()
    assert apps(tmp_path) == ["app-1", "app-2", "app-3"]
    assert len(FeedReader(tmp_path / "feed.db").newest(10)) == 3


async def test_a_failing_commit_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing accepted is lost: records stay in the spool until the lake has them."""
    await spooled(tmp_path, identified(1))
    work = loader(tmp_path)
    with monkeypatch.context() as patch:

        def fail(*_: object) -> None:
            raise LakeError("the disk is full")

        patch.setattr(LakeOwner, "commit", fail)
        with pytest.raises(LakeError):
            work.drain()
    work.close()
    again = loader(tmp_path)
    again.drain()
    again.close()
    assert apps(tmp_path) == ["app-1"]


async def test_files_of_former_workers_are_drained(tmp_path: Path) -> None:
    """A spool file whose worker no longer exists is read like any other."""
    first = SpoolWriter.open(tmp_path / "spool")
    second = SpoolWriter.open(tmp_path / "spool")
    assert first.file_id != second.file_id
    await first.append(identified(1))
    await second.append(identified(2))
    await first.close()
    await second.close()
    work = loader(tmp_path)
    work.drain()
    work.close()
    assert apps(tmp_path) == ["app-1", "app-2"]


async def test_run_drains_before_it_ends(tmp_path: Path) -> None:
    """A clean stop leaves nothing in the spool."""
    await spooled(tmp_path, *(identified(number) for number in range(5)))
    stop = Flag()
    stop.set()
    work = loader(tmp_path)
    work.run(stop)
    work.close()
    assert len(apps(tmp_path)) == 5


async def test_a_record_that_the_table_refuses_becomes_a_failed_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One record that cannot be stored holds up no other, and is not lost without a word."""
    await spooled(tmp_path, identified(1), identified(2), b"no record at all")
    work = loader(tmp_path)
    block = LakeOwner.block
    app = EVENT_INDEX["app_id"]

    def refuse(owner: LakeOwner, numbers: Sequence[int], columns: Sequence[Any]) -> Block:
        if "app-1" in columns[app]:
            raise LakeValueError("too strange")
        return block(owner, numbers, columns)

    monkeypatch.setattr(LakeOwner, "block", refuse)
    monkeypatch.setattr(LakeOwner, "takes", lambda _, row: row[app] != "app-1")
    work.drain()
    work.close()
    assert apps(tmp_path) == ["app-2"]
    with LakeReader(tmp_path / "lake").connect() as connection:
        rows = connection.execute("select failure from failed_events").fetchall()
    assert rows == [("generic_error",)] * 2
    kinds = [json.loads(raw)["kind"] for _, raw in FeedReader(tmp_path / "feed.db").newest(10)]
    assert kinds == ["failed", "event", "failed"]


async def test_a_failed_event_that_the_table_refuses_is_told_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed event that cannot be stored is replaced by one that says so."""
    await spooled(tmp_path, identified(1), b"no record at all")
    work = loader(tmp_path)
    commit = LakeOwner.commit
    refused: list[int] = []

    def refuse(owner: LakeOwner, slices: Sequence[Slice]) -> None:
        for piece in slices:
            if not refused:
                refused.append(piece.failed[0][0])
                error = LakeValueError("too strange")
                error.file_id, error.record = piece.file_id, piece.failed[0][0]
                raise error
        commit(owner, slices)

    monkeypatch.setattr(LakeOwner, "commit", refuse)
    work.drain()
    work.close()
    assert refused == [2]
    assert apps(tmp_path) == ["app-1"]
    with LakeReader(tmp_path / "lake").connect() as connection:
        rows = connection.execute("select failure from failed_events").fetchall()
    assert rows == [("generic_error",)]


async def test_a_backlog_goes_into_few_commits_and_shows_its_newest(tmp_path: Path) -> None:
    """A backlog is caught up with in big commits; the live page sees some of it as it passes."""
    await spooled(tmp_path, *(identified(number) for number in range(4_500)))
    work = loader(tmp_path)
    work.drain()
    work.close()
    assert len(apps(tmp_path)) == 4_500
    assert len(list((tmp_path / "lake" / "events" / "_delta_log").glob("*.json"))) <= 4
    shown = [json.loads(raw)["app_id"] for _, raw in FeedReader(tmp_path / "feed.db").newest(9_999)]
    assert shown == [
        *(f"app-{number}" for number in range(1_980, 2_000)),
        *(f"app-{number}" for number in range(3_980, 4_000)),
        *(f"app-{number}" for number in range(4_000, 4_500)),
    ]


async def test_what_is_shown_is_in_order_and_shown_once(tmp_path: Path) -> None:
    """The feed holds events and failed events in the order in which they came, none twice."""
    records = [identified(n) if n % 3 else b"no record" for n in range(300)]
    await spooled(tmp_path, *records)
    work = loader(tmp_path)
    work._positions.clear()
    assert work.step() == 300
    work._positions.clear()
    work.step()
    work.drain()
    work.close()
    entries = [json.loads(raw) for _, raw in FeedReader(tmp_path / "feed.db").newest(9_999)]
    assert [e["app_id"] for e in entries] == [f"app-{n}" if n % 3 else None for n in range(300)]


async def test_a_broken_feed_does_not_stop_the_lake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing accepted is lost for the sake of the live page."""
    await spooled(tmp_path, identified(1))
    work = loader(tmp_path)

    def fail(*_: object) -> None:
        raise FeedError("the disk is full")

    monkeypatch.setattr(FeedWriter, "publish", fail)
    work.drain()
    work.close()
    assert apps(tmp_path) == ["app-1"]


@pytest.mark.parametrize("moment", ["-62167219200000", "-62135596800001", "253402300799999"])
async def test_the_clock_of_a_device_cannot_stop_the_loader(tmp_path: Path, moment: str) -> None:
    """B-40: any year from 0 to 9999 is a time; whatever cannot show it still goes on."""
    event = {"e": "pv", "p": "web", "tv": "t", "aid": "app", "dtm": moment, "ttm": moment}
    request = IdentifiedRequest(1_767_261_600_000, TP2, content_type=JSON)
    await spooled(tmp_path, encode_identified(request, envelope(event)))
    work = loader(tmp_path)
    work.drain()
    work.close()
    assert apps(tmp_path) == ["app"]
    assert len(FeedReader(tmp_path / "feed.db").newest(10)) == 1
    result = CliRunner().invoke(main, ["sql", "from events", "--data", str(tmp_path)])
    assert result.exit_code == 0, result.output


async def test_equal_records_are_different_events(tmp_path: Path) -> None:
    """B-28: two hits that are equal to the byte get an id each, and keep it in a replay."""
    await spooled(tmp_path, identified(1), identified(1))
    work = loader(tmp_path)
    work.drain()
    work.close()
    with LakeReader(tmp_path / "lake").connect() as connection:
        row = connection.execute("select count(distinct event_id) from events").fetchone()
    assert row == (2,)


async def test_what_enrichment_remembers_goes_with_somebody(tmp_path: Path) -> None:
    """Nothing that was remembered for speed outlives a request to forget somebody (contract 16)."""
    await spooled(tmp_path, identified(0))
    one = loader(tmp_path)
    one.step()
    before = one._enricher  # memory is not seen from outside
    Desk(tmp_path).ask("forget", selector="domain_userid", value="somebody")
    one.attend()
    one.close()
    assert one._enricher is not before
    assert apps(tmp_path) == []

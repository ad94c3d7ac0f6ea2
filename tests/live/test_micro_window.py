"""`/micro` on a running whiteout: the newest events of its feed, behind the gate (D-5 to D-23)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.enrich.records import (
    PAGE_VIEW,
    WEB_PAGE,
    anonymous,
    contexts,
    encoded,
    enrich,
    entity,
    envelope,
    post,
    record,
    scrubbed,
    unstruct,
)
from tests.live.asgi import HOST, MemoryFeed, ask
from tests.support.micro import CONTEXT, GOOD, PAYLOAD, RAW_EVENT, SOURCE
from whiteout.live import Live, LiveSettings
from whiteout.live.micro_times import instant, milliseconds, with_millis
from whiteout.live.micro_window import RESET_MARK, parameters_of
from whiteout.pipeline import event_entry, failed_entry
from whiteout.privacy import ZERO_UUID
from whiteout.protocol.iglu import SchemaKey

UUID = "1f1b8a1e-0b1a-4c0e-9d6a-0f4a3c1f0c11"
LINK_CLICK = "iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1"


async def find(key: SchemaKey) -> dict[str, Any] | None:
    """Knows one schema."""
    return {"self": key._asdict()} if key.name == "known" else None


@pytest.fixture
def feed() -> MemoryFeed:
    """A feed in memory."""
    return MemoryFeed()


def worker(folder: Path, feed: MemoryFeed, token: str | None = None) -> Live:
    """The pages of one worker."""
    return Live(LiveSettings(folder / "feed.db", token, "1", find_schema=find), lambda: feed)


@pytest.fixture
def live(tmp_path: Path, feed: MemoryFeed) -> Live:
    """The pages over that feed."""
    return worker(tmp_path, feed)


def publish(feed: MemoryFeed, raw: bytes) -> None:
    """Put what comes of a record into the feed, as the loader does."""
    enriched = enrich(raw)
    entries = [event_entry(row) for row in enriched.events]
    entries += [failed_entry(row) for row in enriched.failed]
    for entry in entries:
        feed.entries.append((feed.last_cursor + 1, entry))


async def told(app: Live, name: str, wanted: Any = None) -> Any:
    """What `/micro/<name>` answers."""
    answer = await ask(
        app, f"/micro/{name}", body=b"" if wanted is None else json.dumps(wanted).encode()
    )
    assert answer.status == 200
    return json.loads(answer.body)


async def test_d_14_the_shape_is_the_same(live: Live, feed: MemoryFeed) -> None:
    """D-14, D-15: the key sets of an event are those of an instance for tests."""
    publish(feed, post({**PAGE_VIEW, "eid": UUID, "co": contexts(entity(WEB_PAGE, {"id": UUID}))}))
    [event] = await told(live, "good")
    assert set(event) == GOOD
    assert set(event["rawEvent"]) == RAW_EVENT
    assert set(event["rawEvent"]["source"]) == SOURCE
    assert set(event["rawEvent"]["context"]) == CONTEXT
    assert (event["eventType"], event["contexts"]) == ("page_view", [WEB_PAGE])
    assert (len(event["event"]), event["event"]["event_id"]) == (131, UUID)
    assert await told(live, "good", {"event_type": "pv", "contexts": [WEB_PAGE]}) == [event]
    assert await told(live, "good", {"event_type": "pp"}) == []


async def test_d_18_failed_events_too(live: Live, feed: MemoryFeed) -> None:
    """D-18, D-19, D-23: what failed, with vendor and version of its path and what was sent."""
    publish(feed, post({**PAGE_VIEW, "eid": "no uuid"}))
    publish(feed, record(b"x"))
    publish(feed, record(envelope({**PAGE_VIEW, "x": "y"}, {**PAGE_VIEW, "z": "y"})))
    publish(feed, b"no record at all")
    counts = await told(live, "all")
    assert counts == {"total": 5, "good": 0, "bad": 5}
    last, second, first, body, event = await told(live, "bad")
    assert (last["collectorPayload"], last["rawEvent"]) == (None, None)
    for bad in (first, second, body, event):
        assert set(bad["collectorPayload"]) == PAYLOAD
        assert bad["collectorPayload"]["api"]["version"] == "tp2"
    assert body["rawEvent"] is None
    assert event["rawEvent"]["parameters"]["eid"] == "no uuid"
    assert len(await told(live, "bad", {"vendor": "com.acme"})) == 1


async def test_contract_10_sentinels_are_told_here_and_null_is_stored(
    live: Live, feed: MemoryFeed
) -> None:
    """Contract 10, D-16: zero UUID and `unknown` for a server-anonymous event that holds null."""
    publish(feed, anonymous(scrubbed(PAGE_VIEW)))
    assert b'"network_userid"' not in json.dumps(json.loads(feed.entries[0][1])["event"]).encode()
    [event] = await told(live, "good")
    assert event["event"]["network_userid"] == ZERO_UUID
    assert event["event"]["user_ipaddress"] == "unknown"
    assert event["rawEvent"]["context"]["userId"] == ZERO_UUID
    assert event["rawEvent"]["context"]["ipAddress"] == "unknown"


async def test_reset_empties_the_window_of_all_workers_and_nothing_else(
    tmp_path: Path, feed: MemoryFeed
) -> None:
    """D-7: the window begins anew, also for another worker and after a restart; the feed stays."""
    first, second = worker(tmp_path, feed), worker(tmp_path, feed)
    publish(feed, post(PAGE_VIEW, PAGE_VIEW))
    assert (await told(second, "all"))["good"] == 2
    assert await told(first, "reset") == {"total": 0, "good": 0, "bad": 0}
    assert (await told(second, "all"))["total"] == 0
    assert len(json.loads((await ask(first, "/api/events")).body)["events"]) == 2
    assert (tmp_path / RESET_MARK).read_text() == str(feed.last_cursor)
    publish(feed, post(PAGE_VIEW))
    assert (await told(worker(tmp_path, feed), "all"))["good"] == 1


async def test_a_long_window_is_read_whole(live: Live, feed: MemoryFeed) -> None:
    """D-5: more entries than are read at a time are all there, newest first."""
    publish(feed, post(*({**PAGE_VIEW, "aid": f"a{number}"} for number in range(700))))
    events = await told(live, "good")
    assert [event["event"]["app_id"] for event in events] == [f"a{n}" for n in range(699, -1, -1)]


async def test_what_cannot_be_read_or_emptied_is_503(
    live: Live, feed: MemoryFeed, tmp_path: Path
) -> None:
    """A-17: no counts are made up where the feed cannot be read."""
    (tmp_path / f"{RESET_MARK}.new").mkdir()
    assert (await ask(live, "/micro/reset")).status == 503
    (tmp_path / RESET_MARK).write_text("no number")
    assert (await told(live, "all"))["total"] == 0
    feed.error = OSError()
    for name in ("all", "good", "bad", "reset"):
        assert (await ask(live, f"/micro/{name}")).status == 503


async def test_d_9_schemas(live: Live) -> None:
    """D-9: schemas are found by whoever composed the application."""
    assert (await ask(live, "/micro/iglu/com.acme/known/jsonschema/1-0-0")).status == 200
    assert (await ask(live, "/micro/iglu/com.acme/other/jsonschema/1-0-0")).status == 404


async def test_contract_15_behind_the_gate(tmp_path: Path, feed: MemoryFeed) -> None:
    """Contract 15, D-10: no page of another origin, not even a local one, reads real events."""
    open_pages, closed = worker(tmp_path, feed), worker(tmp_path, feed, "t0ken")
    for path in ("/micro/all", "/micro/good", "/micro/reset"):
        local_page = {"Host": HOST, "Origin": "http://localhost:3000"}
        assert (await ask(open_pages, path, local_page)).status == 403
        assert (await ask(open_pages, path, {"Host": HOST}, client="192.0.2.1")).status == 403
        assert (await ask(closed, path, {"Host": HOST})).status == 401
        bearer = {"Host": HOST, "Authorization": "Bearer t0ken"}
        assert (await ask(closed, path, bearer)).status == 200


@pytest.mark.parametrize(
    "sent",
    [
        {
            "aid": "shop",
            "url": "https://shop.example/a?b=c",
            "page": "Shop",
            "refr": "https://a.example/",
        },
        {"dtm": "1714557600123", "stm": "1714557600000", "ttm": "0", "eid": UUID, "tna": "sp"},
        {
            "uid": "bob",
            "duid": "d",
            "sid": UUID,
            "vid": "3",
            "lang": "de",
            "cookie": "1",
            "f_pdf": "0",
        },
        {
            "res": "10x20",
            "vp": "30x40",
            "ds": "50x60",
            "cd": "24",
            "tz": "Europe/Berlin",
            "cs": "UTF-8",
        },
        {"e": "se", "se_ca": "c", "se_ac": "a", "se_la": "l", "se_pr": "p", "se_va": "1.5"},
        {"e": "pp", "pp_mix": "1", "pp_max": "2", "pp_miy": "3", "pp_may": "4"},
        {
            "e": "ti",
            "ti_id": "1",
            "ti_sk": "s",
            "ti_nm": "n",
            "ti_ca": "c",
            "ti_pr": "2.5",
            "ti_qu": "3",
        },
        {"e": "ue", "ue_pr": unstruct(LINK_CLICK, {"targetUrl": "https://a.example/"})},
    ],
    ids=",".join,
)
def test_d_16_parameters_are_rebuilt_from_the_event(sent: dict[str, str]) -> None:
    """D-16: where what was sent is not kept, the parameters are those that give the same event."""
    event = {**PAGE_VIEW, "dtm": "1714557600000", **sent}
    entry = json.loads(event_entry(enrich(post(event)).events[0]))
    rebuilt = parameters_of(entry["event"])
    if "eid" not in sent:
        rebuilt.pop("eid")
    assert {**rebuilt, "ue_pr": None} == {**event, "ue_pr": None}
    again = json.loads(event_entry(enrich(post({**rebuilt})).events[0]))
    for made in (again, entry):
        made["event"].pop("event_id")
    assert again["event"] == entry["event"]


def test_d_16_entities_are_rebuilt_as_json() -> None:
    """D-16: entities that came as base64 are shown as the JSON that they are."""
    coded = encoded(contexts(entity(WEB_PAGE, {"id": UUID})))
    row = json.loads(event_entry(enrich(post({**PAGE_VIEW, "cx": coded})).events[0]))["event"]
    rebuilt = parameters_of(row)
    assert "cx" not in rebuilt
    assert json.loads(rebuilt["co"])["data"] == [{"schema": WEB_PAGE, "data": {"id": UUID}}]


@pytest.mark.parametrize(
    ("moment", "long", "short"),
    [
        (1_714_557_600_000, "2024-05-01T10:00:00.000Z", "2024-05-01T10:00:00Z"),
        (1_714_557_600_120, "2024-05-01T10:00:00.120Z", "2024-05-01T10:00:00.120Z"),
        (-62_167_219_200_000, "-62167219200000 ms", "-62167219200000 ms"),
    ],
)
def test_d_17_and_b_83_times(moment: int, long: str, short: str) -> None:
    """D-17, B-83: all milliseconds in the request, as few as possible in the event."""
    assert (with_millis(moment), instant(moment)) == (long, short)
    assert (with_millis(long), milliseconds(long), milliseconds(moment)) == (long, moment, moment)

"""`/micro` of an instance for tests: shapes by key set, filters, reset and gate (D-1 to D-35)."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.live.asgi import HOST, Answer, ask
from tests.schemas.registry_server import KEY, ORDER, registry
from tests.support.micro import BAD, CONTEXT, GOOD, PAYLOAD, RAW_EVENT, SOURCE
from whiteout.config import load
from whiteout.live import MemoryWindow, MicroEvent
from whiteout.micro import COLLECTOR, MicroApplication, MicroSettings, micro_config
from whiteout.privacy import ZERO_UUID
from whiteout.protocol.columns import CANONICAL_COLUMNS
from whiteout.schemas import HttpRegistry

SNOWPLOW = "com.snowplowanalytics.snowplow"
TP2 = f"/{SNOWPLOW}/tp2"
EVENT_ID = "1f1b8a1e-0b1a-4c0e-9d6a-0f4a3c1f0c11"
USER = "5dbed41c-48cb-4c17-a6a6-aa7a8bdf29cd"
WEB_PAGE = f"iglu:{SNOWPLOW}/web_page/jsonschema/1-0-0"
LINK_CLICK = f"iglu:{SNOWPLOW}/link_click/jsonschema/1-0-1"
PAGE = {"schema": WEB_PAGE, "data": {"id": EVENT_ID}}
PAGE_VIEW = {"e": "pv", "p": "web", "tv": "js-4"}


def make(settings: MicroSettings | None = None, **flags: str) -> MicroApplication:
    """An instance for tests with its usual configuration, or these flags."""
    return MicroApplication(micro_config(*load(flags, environ={})), settings)


@pytest.fixture
def micro() -> MicroApplication:
    """An instance for tests."""
    return make()


async def send(app: MicroApplication, *events: Any, **headers: str) -> Answer:
    """POST events."""
    schema = f"iglu:{SNOWPLOW}/payload_data/jsonschema/1-0-4"
    body = json.dumps({"schema": schema, "data": list(events)}).encode()
    lines = {"Host": HOST, "Content-Type": "application/json; charset=UTF-8"}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await ask(app, TP2, lines, body=body)
    assert answer.status == 200
    return answer


async def get(app: MicroApplication, target: str, **headers: str) -> Answer:
    """GET something."""
    lines = {"Host": HOST, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return await ask(app, target, lines)


async def told(app: MicroApplication, name: str, wanted: Any = None) -> Any:
    """What `/micro/<name>` answers; with a filter, by POST."""
    body = b"" if wanted is None else json.dumps(wanted).encode()
    answer = await ask(app, f"/micro/{name}", body=body)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    return json.loads(answer.body)


def entities(*items: Any) -> str:
    """The parameter `co`."""
    schema = f"iglu:{SNOWPLOW}/contexts/jsonschema/1-0-0"
    return json.dumps({"schema": schema, "data": list(items)})


def self_describing(schema: str, data: Any) -> dict[str, str]:
    """A self-describing event."""
    wrapper = f"iglu:{SNOWPLOW}/unstruct_event/jsonschema/1-0-0"
    event = {"schema": wrapper, "data": {"schema": schema, "data": data}}
    return {"e": "ue", "p": "web", "tv": "js-4", "ue_pr": json.dumps(event)}


@pytest.mark.parametrize(
    ("query", "counts"),
    [
        ("?e=pp&p=web&tv=x", {"total": 1, "good": 1, "bad": 0}),
        ("?e=pp&p=web&tv=x&eid=invalidEventId", {"total": 1, "good": 0, "bad": 1}),
        ("", {"total": 1, "good": 0, "bad": 1}),
    ],
)
async def test_d_24_examples(micro: MicroApplication, query: str, counts: dict[str, int]) -> None:
    """D-24, D-3: a page ping counts as soon as it is acknowledged, and so does what is wrong."""
    assert (await get(micro, f"/i{query}")).status == 200
    assert await told(micro, "all") == counts
    if counts["good"]:
        [event] = await told(micro, "good")
        schema = f"iglu:{SNOWPLOW}/page_ping/jsonschema/1-0-0"
        assert (event["eventType"], event["schema"]) == ("page_ping", schema)


async def test_d_24_a_body_that_is_no_json(micro: MicroApplication) -> None:
    """D-24 (d): the answer is 200, and the request counts as bad."""
    headers = {"Host": HOST, "Content-Type": "application/json"}
    assert (await ask(micro, TP2, headers, body=b"x")).status == 200
    assert await told(micro, "all") == {"total": 1, "good": 0, "bad": 1}


async def test_d_24_and_d_16_anonymous_requests_show_the_sentinels(
    micro: MicroApplication,
) -> None:
    """D-24 (e), D-16, contract 10: no cookie, zero UUID for the user, `unknown` for the address."""
    await send(micro, PAGE_VIEW, SP_Anonymous="*", Cookie=f"sp={USER}")
    [event] = await told(micro, "good")
    assert event["event"]["network_userid"] == ZERO_UUID
    assert event["event"]["user_ipaddress"] == "unknown"
    context = event["rawEvent"]["context"]
    assert (context["userId"], context["ipAddress"]) == (ZERO_UUID, "unknown")
    assert not any(line.lower().startswith("cookie") for line in context["headers"])
    assert "SP-Anonymous: *" in context["headers"]


@pytest.mark.parametrize("good", [True, False])
async def test_f_p1_nothing_of_an_anonymous_request_is_shown_that_it_may_not_keep(
    micro: MicroApplication, good: bool
) -> None:
    """F-P1, F-P11, contract 11: no identifier is in /micro, in good events nor in bad ones."""
    secrets = {
        "uid": "alice",
        "duid": "d1f7e6c2-0000-4000-8000-000000000001",
        "nuid": "d1f7e6c2-0000-4000-8000-000000000002",
        "tnuid": "d1f7e6c2-0000-4000-8000-000000000003",
        "ip": "203.0.113.77",
        "fp": "fingerprint77",
        "url": "https://shop.example/?email=bob@shop.example",
    }
    event = {**PAGE_VIEW, **secrets, **({} if good else {"eid": "no uuid"})}
    await send(micro, event, SP_Anonymous="*", Cookie=f"sp={USER}", X_Forwarded_For="203.0.113.78")
    await ask(micro, f"/{SNOWPLOW}/tp9?uid=alice", {"Host": HOST, "SP-Anonymous": "*"})
    shown = (await ask(micro, "/micro/good")).text + (await ask(micro, "/micro/bad")).text
    assert (await told(micro, "all"))["good"] == int(good)
    for secret in ("alice", "d1f7e6c2", "203.0.113", "fingerprint77", "bob", USER):
        assert secret not in shown


async def test_d_5_and_d_14_the_shape_of_a_good_event(micro: MicroApplication) -> None:
    """D-5, D-14, D-15, D-17, B-83: all keys are there, and nothing else."""
    event = {**PAGE_VIEW, "eid": EVENT_ID, "co": entities(PAGE), "dtm": "1714557600000"}
    await send(
        micro, event, User_Agent="agent", Referer="https://shop.example/", Cookie=f"sp={USER}"
    )
    text = (await ask(micro, "/micro/all")).text
    assert text == '{"total":1,"good":1,"bad":0}'
    [good] = await told(micro, "good")
    raw = good["rawEvent"]
    assert set(good) == GOOD
    assert set(raw) == RAW_EVENT
    assert raw["api"] == {"vendor": SNOWPLOW, "version": "tp2"}
    assert raw["parameters"] == event
    assert raw["contentType"] == "application/json; charset=utf-8"
    assert (set(raw["source"]), raw["source"]["name"]) == (SOURCE, COLLECTOR)
    assert (set(raw["context"]), raw["context"]["userId"]) == (CONTEXT, USER)
    assert raw["context"]["timestamp"][-5] == "."
    assert {"User-Agent: agent", "Referer: https://shop.example/"} <= set(raw["context"]["headers"])
    assert (good["contexts"], good["incomplete"]) == ([WEB_PAGE], False)
    assert list(good["event"]) == [column.name for column in CANONICAL_COLUMNS]
    assert good["event"]["event_id"] == EVENT_ID
    assert good["event"]["dvce_created_tstamp"] == "2024-05-01T10:00:00Z"
    assert good["event"]["contexts"] == json.loads(entities(PAGE))
    assert good["event"]["unstruct_event"] is None
    derived = good["event"]["derived_contexts"]
    assert derived == {} or derived["schema"] == good["event"]["contexts"]["schema"]


async def test_b_83_no_entities_are_an_empty_object(micro: MicroApplication) -> None:
    """B-83: where there are no entities, sent or derived, there is an object without members."""
    await send(micro, PAGE_VIEW)
    [good] = await told(micro, "good")
    assert (good["event"]["contexts"], good["event"]["derived_contexts"]) == ({}, {})
    assert good["contexts"] == []


async def test_d_16_parameters_are_merged_and_still_encoded(micro: MicroApplication) -> None:
    """D-16, B-17: base64 stays base64, and the query string of a POST is merged in."""
    coded = base64.urlsafe_b64encode(entities(PAGE).encode()).decode().rstrip("=")
    schema = f"iglu:{SNOWPLOW}/payload_data/jsonschema/1-0-4"
    body = json.dumps({"schema": schema, "data": [{**PAGE_VIEW, "cx": coded}]}).encode()
    headers = {"Host": HOST, "Content-Type": "application/json"}
    await ask(micro, f"{TP2}?aid=shop", headers, body=body)
    [good] = await told(micro, "good")
    assert good["rawEvent"]["parameters"] == {**PAGE_VIEW, "cx": coded, "aid": "shop"}
    assert good["contexts"] == [WEB_PAGE]


async def test_d_15_no_schema_without_all_parts(micro: MicroApplication) -> None:
    """D-15: a self-describing event without its data has no schema."""
    await get(micro, "/i?e=ue&p=web&tv=x")
    [good] = await told(micro, "good")
    assert (good["eventType"], good["schema"]) == ("unstruct", None)


async def test_d_5_newest_first(micro: MicroApplication) -> None:
    """D-5: each batch goes in front of those before it, in the order in which it was sent."""
    await send(micro, {**PAGE_VIEW, "aid": "a"}, {**PAGE_VIEW, "aid": "b"})
    await send(micro, {**PAGE_VIEW, "aid": "c"}, {**PAGE_VIEW, "aid": "d"})
    assert [one["event"]["app_id"] for one in await told(micro, "good")] == ["c", "d", "a", "b"]


async def test_d_20_and_d_6_events_fail_alone_and_requests_as_a_whole(
    micro: MicroApplication,
) -> None:
    """D-20, D-6, B-18: of three events one is bad; a request that is wrong makes one entry."""
    broken = {**PAGE_VIEW, "aid": "broken", "vid": "x"}
    await send(micro, {**PAGE_VIEW, "aid": "1"}, broken, {**PAGE_VIEW, "aid": "3"})
    assert await told(micro, "all") == {"total": 3, "good": 2, "bad": 1}
    good, [bad] = await told(micro, "good"), await told(micro, "bad")
    assert [one["rawEvent"]["parameters"]["aid"] for one in good] == ["1", "3"]
    assert [one["event"]["app_id"] for one in good] == ["1", "3"]
    assert bad["rawEvent"]["parameters"]["aid"] == "broken"
    await told(micro, "reset")
    await send(micro, PAGE_VIEW, {**PAGE_VIEW, "stranger": "x"}, PAGE_VIEW)
    assert await told(micro, "all") == {"total": 1, "good": 0, "bad": 1}


NOT_READ = "Can't deserialize Thrift bytes."
NOT_EXTRACTED = "Error while extracting event(s) from collector payload and validating it/them."
NOT_VALID = "Error while validating the event."


@pytest.mark.parametrize(
    ("target", "body", "headline", "keys", "failure"),
    [
        ("/i?e=pv|x", b"", NOT_READ, (0, 0), "collector_payload_format_violation"),
        ("/i", b"", NOT_EXTRACTED, (1, 0), "adapter_failures"),
        (TP2, b"x", NOT_EXTRACTED, (1, 0), "tracker_protocol_violations"),
        ("/i?e=pv&p=web&tv=x&eid=y", b"", NOT_VALID, (1, 1), "schema_violations"),
        ("/i?p=web&tv=x", b"", NOT_VALID, (1, 1), "enrichment_failures"),
    ],
)
async def test_d_18_and_d_19_the_shape_of_a_bad_event(
    micro: MicroApplication,
    target: str,
    body: bytes,
    headline: str,
    keys: tuple[bool, bool],
    failure: str,
) -> None:
    """D-18, D-19, B-74 to B-77: what is there, the first line, and the failed event behind it."""
    headers = {"Host": HOST, "Content-Type": "application/json"} if body else {"Host": HOST}
    await ask(micro, target, headers, body=body)
    [bad] = await told(micro, "bad")
    assert set(bad) == BAD
    assert (bad["collectorPayload"] is not None, bad["rawEvent"] is not None) == keys
    assert bad["errors"][0] == headline
    row = json.loads(bad["errors"][1])
    version = "2-0-0" if headline == NOT_VALID else "1-0-0"
    assert row["schema"] == f"iglu:{SNOWPLOW}.badrows/{failure}/jsonschema/{version}"
    assert set(row["data"]) == {"processor", "failure", "payload"}
    assert row["data"]["processor"]["artifact"] == "whiteout-micro"
    if keys[0]:
        payload = bad["collectorPayload"]
        assert set(payload) == PAYLOAD
        assert (set(payload["source"]), set(payload["context"])) == (SOURCE, CONTEXT)
        assert payload["body"] == (body.decode() or None)
    if keys[1]:
        assert set(bad["rawEvent"]) == RAW_EVENT
        assert set(row["data"]["payload"]) == {"enriched", "raw"}
        assert len(row["data"]["payload"]["enriched"]) == 131


async def test_d_18_a_name_without_a_value(micro: MicroApplication) -> None:
    """D-18: a parameter without `=` is told as null."""
    await get(micro, "/i?e=pv&p=web&tv=x&vid=x&page")
    [bad] = await told(micro, "bad")
    assert "page=null" in bad["collectorPayload"]["querystring"]


async def test_b_78_problems_are_told_with_place_and_keyword(micro: MicroApplication) -> None:
    """B-78, B-52: every problem of an event is told, unknown schemas included (contract 12)."""
    unknown = {"schema": "iglu:com.acme/gadget/jsonschema/1-0-0", "data": {}}
    broken = {"schema": WEB_PAGE, "data": {"id": 5}}
    await send(micro, {**PAGE_VIEW, "co": entities(unknown, broken)})
    [bad] = await told(micro, "bad")
    messages = json.loads(bad["errors"][1])["data"]["failure"]["messages"]
    kinds = {message["error"]["error"] for message in messages}
    assert kinds == {"ResolutionError", "ValidationError"}
    [report] = [m["error"]["dataReports"][0] for m in messages if "dataReports" in m["error"]]
    assert (report["keyword"], report["targets"]) == ("type", [])
    assert report["path"].endswith("data.id")


async def test_contract_12_defaults_can_be_changed() -> None:
    """Contract 12: batches and unknown schemas are strict here, unless something says otherwise."""
    app = make(batch="event", unknown_schemas="accept")
    unknown = {"schema": "iglu:com.acme/gadget/jsonschema/1-0-0", "data": {}}
    await send(app, {**PAGE_VIEW, "co": entities(unknown)}, {**PAGE_VIEW, "stranger": "x"})
    assert await told(app, "all") == {"total": 2, "good": 1, "bad": 1}


@pytest.mark.parametrize(
    ("wanted", "apps"),
    [
        ({}, ["click", "view", "ping"]),
        ({"event_type": "page_view"}, ["view"]),
        ({"event_type": "pv"}, ["view"]),
        ({"event_type": "unstruct", "schema": LINK_CLICK}, ["click"]),
        ({"schema": LINK_CLICK.removeprefix("iglu:")}, ["click"]),
        ({"schema": f"iglu:{SNOWPLOW}/link_click/jsonschema/1-0-0"}, []),
        ({"event_type": "page_ping", "schema": LINK_CLICK}, []),
        ({"contexts": [WEB_PAGE]}, ["click", "view"]),
        ({"contexts": [WEB_PAGE.removeprefix("iglu:")]}, ["click", "view"]),
        ({"contexts": [WEB_PAGE, LINK_CLICK]}, []),
        ({"contexts": []}, ["click", "view", "ping"]),
        ({"limit": 2}, ["click", "view"]),
        ({"limit": 0}, []),
        ({"contexts": [WEB_PAGE], "limit": 1}, ["click"]),
        ({"event_type": None, "stranger": 1}, ["click", "view", "ping"]),
    ],
)
async def test_d_21_and_d_22_filters_of_good_events(
    micro: MicroApplication, wanted: Any, apps: list[str]
) -> None:
    """D-21, D-22: what is given has to hold together; short codes and bare names are understood."""
    await get(micro, "/i?e=pp&p=web&tv=x&aid=ping")
    await send(micro, {**PAGE_VIEW, "aid": "view", "co": entities(PAGE)})
    click = self_describing(LINK_CLICK, {"targetUrl": "https://shop.example/"})
    await send(micro, {**click, "aid": "click", "co": entities(PAGE)})
    assert [one["event"]["app_id"] for one in await told(micro, "good", wanted)] == apps


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({}, 3),
        ({"vendor": SNOWPLOW}, 3),
        ({"vendor": SNOWPLOW, "version": "tp1"}, 2),
        ({"version": "tp2"}, 2),
        ({"vendor": "com.acme"}, 1),
        ({"limit": 1}, 1),
    ],
)
async def test_d_23_filters_of_bad_events(micro: MicroApplication, wanted: Any, count: int) -> None:
    """D-23: vendor and version of the path; what could not be read passes every filter."""
    await get(micro, "/i?e=pv|x")
    await get(micro, "/i")
    await ask(micro, TP2, {"Host": HOST, "Content-Type": "application/json"}, body=b"x")
    assert len(await told(micro, "bad", wanted)) == count


@pytest.mark.parametrize("name", ["good", "bad"])
@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'"x"', b'{"limit":"1"}', b'{"limit":-1}', b" " * 70_000, b""]
)
async def test_d_12_a_filter_that_is_none(micro: MicroApplication, name: str, body: bytes) -> None:
    """D-12: 400 with what is wrong, and nothing changes."""
    await get(micro, "/i?e=pp&p=web&tv=x")
    answer = await ask(micro, f"/micro/{name}", body=body, method="POST")
    assert (answer.status, "not a filter" in answer.text) == (400, True)
    assert (await told(micro, "all"))["total"] == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_d_7_reset_answers_with_the_counts(micro: MicroApplication, method: str) -> None:
    """D-7: the window is empty, and the answer says so as JSON."""
    await get(micro, "/i?e=pp&p=web&tv=x")
    answer = await ask(micro, "/micro/reset", method=method)
    assert answer.text == '{"total":0,"good":0,"bad":0}'
    assert await told(micro, "all") == {"total": 0, "good": 0, "bad": 0}
    assert (await told(micro, "good"), await told(micro, "bad")) == ([], [])


@pytest.mark.parametrize("path", ["/micro", "/micro/", "/micro/x", "/micro/all/x", "/micro/events"])
async def test_d_8_other_paths(micro: MicroApplication, path: str) -> None:
    """D-8: 404 as text that names the endpoints; no such path is an event."""
    for method in ("GET", "POST"):
        answer = await ask(micro, path, method=method)
        assert (answer.status, "/micro/all" in answer.text) == (404, True)
    assert (await told(micro, "all"))["total"] == 0


async def test_d_9_schemas_are_handed_out(micro: MicroApplication) -> None:
    """D-9, E-17: a schema as its document, else 404; labels of the protocol are no schemas."""
    base = f"/micro/iglu/{SNOWPLOW}"
    answer = await ask(micro, f"{base}/web_page/jsonschema/1-0-0")
    assert (answer.status, json.loads(answer.body)["self"]["name"]) == (200, "web_page")
    missing = await ask(micro, f"{base}/page_view/jsonschema/1-0-0")
    assert missing.status == 404
    [entry] = json.loads(missing.body)["value"].values()
    assert set(entry) == {"errors", "attempts", "lastAttempt"}
    for odd in ("/1-0", "/01-0-0", ""):
        answer = await ask(micro, f"{base}/web_page/jsonschema{odd}")
        assert (answer.status, "jsonschema/{model}" in answer.text) == (404, True)


async def test_d_31_registries_are_asked_and_waited_for() -> None:
    """D-31, E-6: a schema of a registry is handed out, and events are checked by it at once."""
    with registry() as server:
        app = make(MicroSettings(registries=(HttpRegistry(server.address),)))
        server.delay = 0.2
        await send(app, self_describing(KEY.uri, {"id": 1}), self_describing(KEY.uri, {"id": "x"}))
        assert await told(app, "all") == {"total": 2, "good": 1, "bad": 1}
        answer = await ask(app, f"/micro/iglu/{'/'.join(KEY)}")
        assert json.loads(answer.body) == ORDER
        missing = await ask(app, f"/micro/iglu/{'/'.join(KEY._replace(name='none'))}")
        assert set(json.loads(missing.body)["value"]) == {"whiteout", server.address}
        await app.collector.close()


async def test_e_6_registries_learn_names_of_schemas_and_nothing_else() -> None:
    """E-6, F-P22: of identified and anonymous events alike, a registry gets schema keys alone."""
    with registry() as server:
        app = make(MicroSettings(registries=(HttpRegistry(server.address),)))
        event = {**self_describing(KEY.uri, {"id": "canary77"}), "uid": "canary77"}
        headers = {"Cookie": "sp=canary77", "User-Agent": "canary77", "Referer": "http://canary77/"}
        await send(app, event, **headers)
        await send(app, event, **headers, SP_Anonymous="*")
        odd = f"iglu:com.acme/u{USER}/jsonschema/1-0-0"
        await send(app, self_describing(odd, {}), **headers)
        assert (await told(app, "all"))["bad"] == 3
        await app.collector.close()
    assert server.paths == [f"/schemas/{'/'.join(KEY)}"]
    assert not any(b"canary77" in request for request in server.requests)


LOCAL_PAGE = "http://localhost:3000"


async def test_d_10_pages_of_this_machine_may_read_answers() -> None:
    """D-10: pages on loopback and configured origins read answers; no cookie goes along."""
    app = make(cors_origins="https://shop.example")
    for page in (LOCAL_PAGE, "http://127.0.0.1:8080", "https://shop.example"):
        for method in ("GET", "OPTIONS"):
            lines = {"Host": HOST, "Origin": page, "Sec-Fetch-Site": "cross-site"}
            answer = await ask(app, "/micro/all", lines, method=method)
            assert answer.status == 200
            assert answer.headers["access-control-allow-origin"] == page
            assert answer.headers["access-control-allow-methods"] == "POST, GET, OPTIONS"
            assert answer.headers["access-control-allow-headers"] == "Content-Type"
            assert "access-control-allow-credentials" not in answer.headers
            assert "Origin" in answer.headers["vary"]
    for page in ("https://evil.example", "http://localhost.evil.example", "null", "http://[bad"):
        lines = {"Host": HOST, "Origin": page, "Sec-Fetch-Site": "cross-site"}
        for method in ("GET", "OPTIONS"):
            answer = await ask(app, "/micro/all", lines, method=method)
            assert answer.status == 403
            assert "access-control-allow-origin" not in answer.headers


async def test_d_11_answers_are_compressed_where_that_is_understood(
    micro: MicroApplication,
) -> None:
    """D-11: gzip for who accepts it."""
    answer = await get(micro, "/micro/all", Accept_Encoding="gzip")
    assert answer.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(answer.body)) == {"total": 0, "good": 0, "bad": 0}
    assert "content-encoding" not in (await get(micro, "/micro/all")).headers


async def test_d_13_without_storage_there_is_no_micro() -> None:
    """D-13, D-33: every path of it is 404, events are taken, and can be printed."""
    printed: list[bytes] = []
    app = make(MicroSettings(storage=False, output=printed.append))
    await send(app, {**PAGE_VIEW, "aid": "shop"}, {**PAGE_VIEW, "vid": "x"})
    assert [json.loads(body)["event"]["app_id"] for body in printed] == ["shop"]
    for path in ("all", "good", "bad", "reset", "iglu/a/b/jsonschema/1-0-0"):
        assert (await ask(app, f"/micro/{path}")).status == 404


async def test_d_35_a_foreign_page_cannot_reset(micro: MicroApplication) -> None:
    """D-35, D-10: neither link nor script of another site empties the window; a local page may."""
    await get(micro, "/i?e=pp&p=web&tv=x")
    link = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    for headers in (link, {"Sec_Fetch_Site": "same-site"}, {"Origin": "https://evil.example"}):
        answer = await get(micro, "/micro/reset", Sec_Fetch_Dest="document", **headers)
        assert answer.status == 403
    assert (await told(micro, "all"))["total"] == 1
    answer = await get(micro, "/micro/reset", Origin=LOCAL_PAGE, Sec_Fetch_Site="same-site")
    assert answer.status == 200
    assert (await told(micro, "all"))["total"] == 0


async def test_contract_15_the_gate_stands_before_micro() -> None:
    """Contract 15, D-34: another host name, another machine or a proxy needs the token."""
    open_app, closed = make(), make(token="t0ken")
    for headers, client in (
        ({"Host": "micro.example"}, "127.0.0.1"),
        ({"Host": HOST}, "192.0.2.1"),
        ({"Host": HOST, "X-Forwarded-For": "192.0.2.1"}, "127.0.0.1"),
    ):
        answer = await ask(open_app, "/micro/all", headers, client=client)
        assert (answer.status, "--token" in answer.text) == (403, True)
        assert (await ask(closed, "/micro/all", headers, client=client)).status == 401
        bearer = {**headers, "Authorization": "Bearer t0ken"}
        assert (await ask(closed, "/micro/all", bearer, client=client)).status == 200
    assert (
        await ask(open_app, "/i?e=pv&p=web&tv=x", {"Host": "any"}, client="192.0.2.1")
    ).status == 200


async def test_d_2_the_collector_is_a_whole_one(micro: MicroApplication) -> None:
    """D-1, D-2, D-4: its routes, its cookie and its health are those of every collector."""
    answer = await send(micro, PAGE_VIEW)
    assert answer.text == "ok"
    assert answer.headers["set-cookie"].startswith("sp=")
    assert (await ask(micro, "/health")).text == "ok"
    assert (await ask(micro, "/sink-health")).text == "ok"
    assert (await ask(micro, "/whiteout.js")).status == 200
    assert (await ask(micro, "/api/events")).status == 404
    assert json.loads((await ask(micro, "/micro/auth-config")).body) == {
        "domain": "",
        "audience": "",
        "clientId": "",
        "enabled": False,
    }
    await micro.collector.close()
    assert (await ask(micro, TP2, body=b"{}")).status == 503


async def test_many_requests_at_once_are_all_there(micro: MicroApplication) -> None:
    """D-3: whoever got an answer finds the event, however many are sent at a time."""

    async def one(number: int) -> None:
        await send(micro, {**PAGE_VIEW, "aid": f"a{number}"})
        found = await told(micro, "good")
        assert f"a{number}" in {event["event"]["app_id"] for event in found}

    await asyncio.gather(*(one(number) for number in range(30)))
    assert (await told(micro, "all"))["good"] == 30


async def test_an_unforeseen_failure_is_not_acknowledged(
    micro: MicroApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A-17: what could not be kept is answered with 503, on the short way as on the long one."""
    store: Any = micro.collector._open_spool(Path())

    def fail(_raw: bytes) -> None:
        raise RuntimeError

    monkeypatch.setattr(store, "events", fail)
    done: list[Any] = []
    store.append_then(b"", done.append)
    for _ in range(50):
        await asyncio.sleep(0.01)
    assert [type(error).__name__ for error in done] == ["SpoolUnavailable"]


def event(size: int) -> MicroEvent:
    """An entry of so many bytes."""
    return MicroEvent(good=True, body=b"x" * size)


@pytest.mark.parametrize(
    ("window", "left"),
    [(lambda: MemoryWindow(3), 3), (lambda: MemoryWindow(100, most_bytes=250), 2)],
)
async def test_the_window_is_bounded(window: Callable[[], MemoryWindow], left: int) -> None:
    """D-6: the newest events stay, in number and in bytes; counts are those of the window."""
    made = window()
    for size in range(100, 110):
        made.add([event(size)])
    kept = await made.events(good=True)
    assert [len(one.body) for one in kept] == [109, 108, 107][:left]
    assert await made.count() == (left, 0)


async def test_pseudonyms_have_a_key_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D-1, F-P13: what is pseudonymised is shown nowhere as it was, and no key is written."""
    monkeypatch.chdir(tmp_path)
    app = make(pii="user_id=pseudonymise")
    await send(app, {**PAGE_VIEW, "uid": "alice"}, {**PAGE_VIEW, "uid": "alice", "eid": "x"})
    await send(app, {**PAGE_VIEW, "uid": "alice", "stranger": "x"})
    assert await told(app, "all") == {"total": 3, "good": 1, "bad": 2}
    [good] = await told(app, "good")
    assert good["event"]["user_id"]
    shown = (await ask(app, "/micro/good")).text + (await ask(app, "/micro/bad")).text
    assert "alice" not in shown
    assert list(tmp_path.iterdir()) == []

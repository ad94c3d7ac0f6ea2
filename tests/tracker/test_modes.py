"""What each mode sends and stores under each strategy (2.1 of the protocol, as corrected)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.tag.tables import table
from tests.tracker.support import BOTH, PAGE, SERVER, SESSION, Bench
from whiteout.privacy import ZERO_UUID

MODES: dict[str, Any] = {
    "identified": False,
    "anonymous": True,
    "anonymous, `{}`": {},
    "anonymous session": SESSION,
    "server-anonymous": SERVER,
    "server-anonymous session": BOTH,
}
ROWS = table("tag.md", "### Modes and storage")
TRAITS = {"res", "vp", "cd", "tz", "ip", "ua", "nuid", "tnuid"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['mode']} {row['strategy']}")
def test_rows(bench: Bench, row: dict[str, str]) -> None:
    """A tracker sends and stores what the row of the tag's table says, and nothing else."""
    tracker = bench.tracker(
        anonymous_tracking=MODES[row["mode"]], state_storage_strategy=row["strategy"]
    )
    tracker.set_user_id("bob")
    tracker.set_ip_address("192.0.2.7")
    tracker.set_useragent("Mozilla/5.0 (secret)")
    tracker.set_network_user_id("n-1")
    tracker.set_screen_resolution(800, 600)
    tracker.set_viewport(700, 500)
    tracker.set_color_depth(24)
    tracker.set_timezone("Europe/Rome")
    event = bench.view(tracker)
    tracker.flush()
    session = event.entity("client_session")
    observed = {name: "yes" if name in event else "" for name in ("duid", "sid", "vid", "uid")}
    observed["header"] = "yes" if event.server_anonymous else ""
    observed["client_session"] = (
        "" if session is None else "zero UUID" if session["userId"] == ZERO_UUID else "duid"
    )
    cookies = {name.partition(".")[0] for name in bench.cookies.keys()}  # noqa: SIM118
    local = {name.partition(".")[0] for name in bench.local.keys()}  # noqa: SIM118
    assert not (cookies and local)
    observed["ids"] = ", ".join(sorted(cookies | local))
    assert observed == {name: row[name] for name in observed}
    assert bool(TRAITS & event.keys()) == (row["mode"] == "identified")
    if session is not None:
        assert session["storageMechanism"] == (
            "LOCAL_STORAGE" if row["strategy"] == "localStorage" else "COOKIE_1"
        )


def test_the_table_is_whole() -> None:
    """The table has a row for each of six option values under each of four strategies."""
    assert len({(row["mode"], row["strategy"]) for row in ROWS}) == 24


@pytest.mark.parametrize("mode", [True, SESSION, SERVER, BOTH])
def test_urls_texts_and_entities_are_scrubbed(bench: Bench, mode: Any) -> None:
    """Whatever a program puts into an anonymous event meets the same gate (W5, W11, W19, R179)."""
    tracker = bench.tracker(anonymous_tracking=mode)
    tracker.add_payload_pair("uid", "bob-1234")
    tracker.add_payload_pair("duid", "11111111-1111-4111-8111-111111111111")
    tracker.add_payload_pair("fp", "fingerprint")
    tracker.track_page_view(
        "https://user:pw@shop.example.test/p?utm_source=x&token=secret&_sp=aa.bb#part",
        "Mail of bob@example.test",
        "https://from.example.test/r?q=private",
        context=[
            {"schema": "iglu:a.b/c/jsonschema/1-0-0", "data": {"email": "bob@example.test"}},
            {"schema": "iglu:com.google.analytics/cookies/jsonschema/1-0-0", "data": {"_ga": "g"}},
        ],
    )
    event = bench.last
    text = json.dumps(event)
    assert event["url"] == "https://shop.example.test/p?utm_source=x"
    assert event["refr"] == "https://from.example.test/r"
    for secret in ("bob", "1111", "fingerprint", "secret", "private", "_ga"):
        assert secret not in text
    assert event.entity("c") == {}


def test_identified_events_keep_what_the_program_says(bench: Bench) -> None:
    """While identified only credentials in URLs go; ids set by hand replace the tracker's own."""
    tracker = bench.tracker()
    tracker.set_user_id("bob")
    tracker.set_domain_user_id("11111111-1111-4111-8111-111111111111")
    tracker.set_ip_address("192.0.2.7")
    tracker.track_page_view("https://user:pw@shop.example.test/p?_sp=a.1&token=x#part")
    event = bench.last
    assert event["url"] == "https://shop.example.test/p?_sp=a.1&token=x#part"
    assert (event["uid"], event["ip"]) == ("bob", "192.0.2.7")
    assert event["duid"] == "11111111-1111-4111-8111-111111111111"


def test_more_can_be_allowed(bench: Bench) -> None:
    """Traits and some URL parameters stay in anonymous events where the site wants them (W24)."""
    tracker = bench.tracker(
        anonymous_tracking=True,
        anonymous_fields="full",
        anonymous_url_parameters=["page", "email", "uid"],
    )
    tracker.set_lang("de-AT")
    tracker.set_viewport(700, 500)
    tracker.track_page_view("https://shop.example.test/p?page=2&email=a%40b.test&uid=7&q=1")
    assert bench.last["url"] == "https://shop.example.test/p?page=2"
    assert (bench.last["lang"], bench.last["vp"]) == ("de-AT", "700x500")
    other = bench.tracker(anonymous_tracking=True)
    other.set_lang("de-AT")
    assert bench.view(other)["lang"] == "de"


def test_only_our_collector_is_told_by_path_and_entity(bench: Bench) -> None:
    """The anonymous path and the privacy entity need `whiteout_collector` (contract 8)."""
    ours = bench.tracker(anonymous_tracking=SERVER, whiteout_collector=True)
    assert bench.view(ours).entity("privacy_state") == {"mode": "server_anonymous", "signal": None}
    request = bench.collector.requests[-1]
    assert "/anonymous/com.snowplowanalytics.snowplow/tp2" in request.url
    assert request.headers["sp-anonymous"] == "*"
    theirs = bench.tracker(anonymous_tracking=SERVER, custom_headers={"X-Site": "me"})
    assert bench.view(theirs).entity("privacy_state") is None
    request = bench.collector.requests[-1]
    assert "anonymous" not in request.url
    assert request.headers["sp-anonymous"] == "*"
    assert "x-site" not in request.headers


def test_an_event_that_is_an_identifier_is_not_sent(bench: Bench) -> None:
    """A self-describing event of which nothing may stay is dropped as a whole."""
    tracker = bench.tracker(anonymous_tracking=True)
    tracker.track_self_describing_event(
        {
            "schema": "iglu:com.snowplowanalytics.snowplow.ecommerce/user/jsonschema/1-0-0",
            "data": {"id": "bob"},
        }
    )
    bench.collector.assert_nothing_sent()
    assert PAGE

"""What a site wants left out of every event (B-68, C-6, F-P4, F-P12)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.enrich.records import (
    LINK_CLICK,
    NOW,
    PAGE_VIEW,
    anonymous,
    bad,
    contexts,
    encoded,
    enrich,
    entity,
    failed_columns,
    good,
    page_view,
    post,
    scrubbed,
    unstruct,
)
from whiteout.enrich import AddressMask
from whiteout.privacy import UrlRules, decode_base64url

RULES = {"url_rules": UrlRules(frozenset({"token", "gclid"}), frozenset({"email"}))}
URL = "https://a.example/p?token=canary&email=canary&utm_source=n&gclid=canary#token=canary"
CLEAN = "https://a.example/p?email=***&utm_source=n"


def test_urls_lose_what_the_site_names_before_anything_is_derived() -> None:
    """F-P4, C-3: page and referrer, their parts, and what follows from them."""
    row = good(page_view(url=URL, refr=URL, duid="d"), **RULES)
    assert (row["page_url"], row["page_referrer"]) == (CLEAN, CLEAN)
    assert row["page_urlquery"] == row["refr_urlquery"] == "email=***&utm_source=n"
    assert row["page_urlfragment"] is None
    assert (row["mkt_source"], row["mkt_network"]) == ("n", None)
    assert "canary" not in json.dumps(row)


def test_a_page_that_the_header_names_loses_it_too() -> None:
    """B-63, F-P4: the fallback is a URL like any other."""
    assert good(post(PAGE_VIEW, referer=URL), **RULES)["page_url"] == CLEAN


def test_urls_in_entities_lose_it_too() -> None:
    """F-P4: wherever a URL stands in the data of an event."""
    data = {"targetUrl": URL, "elementContent": "token=1"}
    event = {
        **PAGE_VIEW,
        "e": "ue",
        "ue_px": encoded(unstruct(LINK_CLICK, data)),
        "co": contexts(entity("iglu:com.acme/a/jsonschema/1-0-0", {"deep": [{"u": URL}, 1.5]})),
    }
    row = good(post(event), **RULES)
    link = json.loads(row["unstruct_event"])["data"]["data"]
    assert link == {"targetUrl": CLEAN, "elementContent": "token=1"}
    assert json.loads(row["contexts"])["data"][0]["data"] == {"deep": [{"u": CLEAN}, 1.5]}


def test_by_default_identified_urls_stay() -> None:
    """Contract 13: of identified events only user info and _sp are removed."""
    url = "https://a.example/?token=1&email=2#token=3"
    assert good(page_view(url=url))["page_url"] == url


@pytest.mark.parametrize(
    "changed",
    [
        {"dtm": "x"},
        {"url": "https://a.example:99999999999999/?token=canary", "refr": URL},
        {"co": '{"schema": "canary'},
        {"cx": encoded('{"schema": "canary?')},
        {"cx": "%canary"},
        {"ue_px": encoded(unstruct("canary?", {"u": URL})), "e": "ue"},
        {"ip": "canary", "url": 7},
    ],
)
def test_failed_events_lose_it_too(changed: dict[str, Any]) -> None:
    """F-P11: a failed event holds no more than an event, and quotes nothing of it."""
    enriched = enrich(post({**PAGE_VIEW, "url": URL, "dtm": "x", **changed}), **RULES)
    assert (len(enriched.events), len(enriched.failed)) == (0, 1)
    told = str(enriched.failed)
    payload = failed_columns(enriched.failed[0])["payload"]
    decoded = [
        decode_base64url(str(payload[name]).encode())
        for name in ("cx", "ue_px")
        if payload.get(name)
    ]
    for name in ("token", "email", "gclid"):
        assert f"{name}=canary" not in told + str(decoded)


def test_what_can_be_looked_through_of_a_failed_event_stays() -> None:
    """F-P11: its entities with clean URLs, readable as they were sent."""
    link = unstruct(LINK_CLICK, {"targetUrl": URL})
    event = {**PAGE_VIEW, "e": "ue", "dtm": "x", "ue_px": encoded(link), "co": "{"}
    row = bad(post(event), **RULES)
    assert row["payload"]["co"] == "{"
    compact = json.dumps(json.loads(link.replace(URL, CLEAN)), separators=(",", ":"))
    assert row["payload"]["ue_px"] == encoded(compact)


MASKED = {"mask": AddressMask(2, 5)}


def test_addresses_lose_what_the_site_wants() -> None:
    """C-6, C-7: beyond what the collector left of them."""
    row = good(post(PAGE_VIEW, address="203.0.113.0"), **MASKED)
    assert row["user_ipaddress"] == "203.0.x.x"
    row = good(post(PAGE_VIEW, address="2001:db8:1::"), **MASKED)
    assert row["user_ipaddress"] == "2001:db8:1:x:x:x:x:x"


def test_the_address_that_a_tracker_sends_loses_it_too() -> None:
    """B-43, F-P12: in events and in failed events."""
    believed = {**MASKED, "trust_tracker_ip": True}
    assert good(page_view(ip="198.51.100.7"), **believed)["user_ipaddress"] == "198.51.x.x"
    row = bad(page_view(ip="198.51.100.7", dtm="x"), **believed)
    assert row["payload"]["ip"] == "198.51.x.x"


@pytest.mark.parametrize("address", ["unknown", "hello;goodbye", "", None])
def test_what_is_no_address_is_none(address: str | None) -> None:
    """C-12: it is never passed on."""
    assert good(post(PAGE_VIEW, address=address), **MASKED)["user_ipaddress"] is None


def test_anonymous_events_have_no_address_to_mask() -> None:
    """Contract 7: there is none, and its sentinel stays."""
    row = good(anonymous(scrubbed(PAGE_VIEW)), **MASKED, sentinel="zero")
    assert row["user_ipaddress"] == "unknown"
    assert row["etl_tstamp"] == NOW

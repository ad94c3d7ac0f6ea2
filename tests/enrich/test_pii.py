"""Pseudonymisation (C.3, F-P13)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.enrich.records import (
    CHROME,
    CLIENT_SESSION,
    EVERYTHING,
    LINK_CLICK,
    NOW,
    OTHER_UUID,
    PAGE_VIEW,
    RECEIVED,
    UUID,
    Keys,
    anonymous,
    bad,
    contexts,
    encoded,
    enricher,
    entity,
    good,
    page_view,
    pii,
    post,
    scrubbed,
    session,
    unstruct,
)
from whiteout.enrich import KeysUnavailable, PiiSettings, parse_rules
from whiteout.enrich.pii_rules import COARSE_COLUMNS, JSON_COLUMNS
from whiteout.privacy import ZERO_UUID, compatible_pseudonyms, pseudonyms
from whiteout.protocol.columns import CANONICAL_COLUMNS

DAY = 86_400_000
KEY = Keys().key(RECEIVED, NOW)
ACME = "iglu:com.acme/user/jsonschema/1-0-3"
ANY_ACME = "iglu:com.acme/user/jsonschema/1-*-*"


def entities(row: dict[str, Any]) -> list[Any]:
    """The data of an event's entities."""
    return [one["data"] for one in json.loads(row["contexts"])["data"]]


def test_columns_hold_pseudonyms() -> None:
    """C-23: the same value has the same pseudonym wherever it stands in a site and a day."""
    rules = pii("user_id=pseudonymise", "domain_userid=pseudonymise", "page_title=pseudonymise")
    row = good(page_view(uid="bob", duid=UUID, page="bob", aid="shop"), pii=rules)
    name = pseudonyms(KEY, "shop")
    assert (row["user_id"], row["domain_userid"], row["page_title"]) == (
        *(name("bob"), name(UUID), name("bob")),
    )
    assert row["mode_inferred"] == "identified"
    assert row["redacted"] == []


def test_pseudonyms_change_with_site_and_day() -> None:
    """C-23: so nobody is followed from one to the next, unless sites shall be counted together."""
    rules = pii("user_id=pseudonymise")
    seen = {
        good(post({**PAGE_VIEW, "uid": "bob", **app}, received=at), pii=rules)["user_id"]
        for app in ({}, {"aid": "shop"}, {"aid": "blog"})
        for at in (RECEIVED, RECEIVED + DAY)
    }
    assert len(seen) == 6
    together = pii("user_id=pseudonymise", per_site=False)
    rows = [good(page_view(uid="bob", aid=app), pii=together) for app in ("shop", "blog")]
    assert rows[0]["user_id"] == rows[1]["user_id"] == pseudonyms(KEY)("bob")


def test_columns_are_redacted_and_coarsened() -> None:
    """C-24: redact leaves null and tells which identifier it removed, coarsen leaves a part."""
    event = {
        **PAGE_VIEW,
        "duid": UUID,
        "page": "Bob",
        "vid": "3",
        "url": "https://a.example/p?utm_source=n&email=x#f",
    }
    rules = pii(
        *("domain_userid=redact", "page_title=redact", "domain_sessionidx=redact"),
        *("user_ipaddress=coarsen", "useragent=coarsen", "page_url=coarsen"),
        *("page_urlquery=redact", "page_urlfragment=redact"),
    )
    raw = post(event, address="2001:db8:1:2::7", user_agent=CHROME)
    row = good(raw, pii=rules)
    assert (row["domain_userid"], row["page_title"], row["domain_sessionidx"]) == (None,) * 3
    assert row["user_ipaddress"] == "2001:db8:1::"
    assert row["useragent"] == "Chrome/140; Windows; desktop"
    assert (row["page_url"], row["page_urlquery"], row["page_urlpath"]) == (
        *("https://a.example/p", None, "/p"),
    )
    assert row["redacted"] == ["domain_sessionidx", "domain_userid"]


def test_what_was_derived_is_reached_too() -> None:
    """C-3, F-P14: pseudonymisation comes after everything that fills a column."""
    rules = pii(
        "mkt_campaign=redact", "refr_medium=redact", "br_name=redact", "mkt_term=pseudonymise"
    )
    url = "https://a.example/?utm_campaign=bob&utm_term=t"
    row = good(page_view(url=url, refr="https://t.co/", ua="Firefox/140.0"), pii=rules)
    assert (row["mkt_campaign"], row["refr_medium"], row["br_name"]) == (None, None, None)
    assert row["mkt_term"] == pseudonyms(KEY)("t")


def test_places_in_entities() -> None:
    """C-13, C-17: of the schemas that match, in entities and self-describing events."""
    rules = pii(
        f"contexts {ANY_ACME} $.email=pseudonymise",
        f"contexts {ANY_ACME} $.phones[*]=redact",
        f"contexts {ANY_ACME} $..where=coarsen",
        f"unstruct_event {LINK_CLICK} $.targetUrl=coarsen",
    )
    data = {
        "email": "bob@a.example",
        "phones": ["1", "2"],
        "x": [{"where": "203.0.113.77"}, {"where": "https://a.example/p?q=1"}, {"where": "bob"}],
    }
    other = entity("iglu:com.acme/user/jsonschema/2-0-0", {"email": "ann@a.example"})
    event = {
        **PAGE_VIEW,
        "e": "ue",
        "co": contexts(entity(ACME, data), other),
        "ue_px": encoded(unstruct(LINK_CLICK, {"targetUrl": "https://b.example/l?token=1"})),
    }
    row = good(post(event), pii=rules)
    assert entities(row) == [
        {
            "email": pseudonyms(KEY)("bob@a.example"),
            "phones": [],
            "x": [{"where": "203.0.113.0"}, {"where": "https://a.example/p"}, {}],
        },
        {"email": "ann@a.example"},
    ]
    assert json.loads(row["unstruct_event"])["data"]["data"] == {"targetUrl": "https://b.example/l"}


def test_whatever_a_place_holds_is_hidden() -> None:
    """F-P13: numbers and what is nested deeper are not passed over in silence."""
    data = {"n": 42, "t": True, "deep": {"a": ["x", 1.5, None]}, "zero": ZERO_UUID}
    rules = pii(f"contexts {ANY_ACME} $.*=pseudonymise")
    name = pseudonyms(KEY)
    assert entities(good(page_view(co=contexts(entity(ACME, data))), pii=rules)) == [
        {
            "n": name("42"),
            "t": name("true"),
            "deep": {"a": [name("x"), name("1.5"), None]},
            "zero": ZERO_UUID,
        }
    ]


def test_older_systems_hash_texts_alone() -> None:
    """C-16, C-17, C-19: with the hash of such a system, and twice where two rules meet."""
    old = compatible_pseudonyms("SHA-1", "pepper123")
    rules = pii(
        "user_id=pseudonymise",
        *[f"contexts {ANY_ACME} $.a=pseudonymise"] * 2,
        f"contexts {ANY_ACME} $.list=pseudonymise",
        f"contexts {ANY_ACME} $.n=pseudonymise",
        compatible=old,
    )
    data = {"a": "x", "list": ["x", 1, ["y"]], "n": 7}
    row = good(page_view(uid="user-42", co=contexts(entity(ACME, data))), pii=rules)
    assert row["user_id"] == "ed2b316b68d45b6e95bec085dd4e203e8b9579e0"
    assert entities(row) == [{"a": old(old("x")), "list": [old("x"), 1, ["y"]], "n": 7}]


def test_a_session_stays_one_across_column_and_entity() -> None:
    """C-20: UUIDs get pseudonyms that are UUIDs, the same in both places."""
    rules = pii(
        "domain_sessionid=pseudonymise",
        "domain_userid=pseudonymise",
        f"contexts {CLIENT_SESSION} $.sessionId=pseudonymise",
        f"contexts {CLIENT_SESSION} $.userId=pseudonymise",
    )
    one = session(sessionId=OTHER_UUID, userId=UUID)
    row = good(page_view(duid=UUID, sid=OTHER_UUID, co=contexts(one)), pii=rules)
    held = entities(row)[0]
    assert held["sessionId"] == row["domain_sessionid"] != OTHER_UUID
    assert held["userId"] == row["domain_userid"] != UUID
    assert len(held["userId"]) == 36


def test_no_event_tells_who_is_behind_a_pseudonym() -> None:
    """C-22: nothing comes of a record but its own events, and nothing in them is the value."""
    event = {**PAGE_VIEW, "uid": "bob-the-user"}
    enriched = enricher(pii=pii("user_id=pseudonymise")).enrich(post(event), NOW)
    assert (len(enriched.events), enriched.failed) == (1, [])
    assert "bob-the-user" not in str(enriched)


def test_failed_events_hold_nothing_that_rules_name() -> None:
    """F-P11: neither in the payload, nor quoted in what is told of the fault."""
    rules = pii(
        *("user_id=pseudonymise", "se_label=redact", "page_url=redact", "page_urlpath=redact"),
        *("page_urlquery=redact", "page_urlfragment=redact", f"contexts {ANY_ACME} $.a=redact"),
    )
    event = {
        **PAGE_VIEW,
        "uid": "canary-1",
        "se_la": "canary-2",
        "url": "https://a.example:99999999999999/canary-3",
        "co": contexts(entity(ACME, {"a": "canary-4"}), entity("canary-5", {})),
        "dtm": "canary-6",
        "aid": "shop",
    }
    row = bad(post(event), pii=rules)
    assert row["payload"] == {**PAGE_VIEW, "aid": "shop", "dtm": "canary-6"}
    assert row["mode_inferred"] == "identified"
    told = json.dumps({**row, "payload": None})
    assert "canary" not in told


def test_anonymous_events_keep_their_sentinels() -> None:
    """Contract 10: what stands for nobody is no value that could have a pseudonym."""
    rules = pii("network_userid=pseudonymise", "user_ipaddress=redact", "page_title=pseudonymise")
    event = scrubbed({**PAGE_VIEW, "page": "Shoes"})
    row = good(anonymous(event), pii=rules, sentinel="zero")
    assert (row["network_userid"], row["user_ipaddress"]) == (ZERO_UUID, "unknown")
    assert row["page_title"] == pseudonyms(KEY)("Shoes")


class NoKeys:
    """Keys that cannot be read."""

    def key(self, received: int, now: int) -> bytes:
        """No key."""
        raise KeysUnavailable("key file is away")

    def tidy(self, now: int) -> None:
        """Nothing to destroy."""


@pytest.mark.parametrize("raw", [page_view(uid="bob"), anonymous(scrubbed(PAGE_VIEW))])
def test_without_keys_no_event_is_lost(raw: bytes) -> None:
    """C-23: the loader stops and tries again; an event is neither stored plainly nor failed."""
    one = enricher(pii=PiiSettings(parse_rules(["user_id=pseudonymise"]), NoKeys()))
    with pytest.raises(KeysUnavailable):
        one.enrich(raw, NOW)
    with pytest.raises(KeysUnavailable):
        one.enrich_all([(1, raw)], NOW, "file")


STRINGS = [c.name for c in CANONICAL_COLUMNS if c.type == "string"]


@pytest.mark.parametrize("name", STRINGS)
def test_every_column_of_text_can_be_hidden(name: str) -> None:
    """C-15: but for those without which there is no event."""
    whole = {"page": "page_url", "refr": "page_referrer"}.get(name.partition("_url")[0])
    parts = {
        "page_url": ("page_urlpath", "page_urlquery", "page_urlfragment"),
        "page_referrer": ("refr_urlpath", "refr_urlquery", "refr_urlfragment"),
    }.get(whole or name, ())
    needed = {"app_id", "platform", "event", "v_collector", "v_etl"}
    needed |= {"event_vendor", "event_name", "event_format", "event_version"}
    names = {name, *parts, *([whole] if whole else [])}
    texts = [f"{one}=redact" for one in sorted(names)]
    if name in needed:
        with pytest.raises(ValueError, match=f"{name} is needed in every event"):
            parse_rules(texts)
    else:
        assert {rule.column for rule in parse_rules(texts).columns} == names


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        (["user_id"], "'user_id' has no `=`"),
        (["user=redact"], "no column 'user'; did you mean user_id"),
        (["zzz=redact"], "no column 'zzz'$"),
        (["user_id=hash"], "one of pseudonymise, redact, coarsen for 'user_id'"),
        (["event_id=redact"], "event_id is needed"),
        (["derived_tstamp=redact"], "derived_tstamp is needed"),
        (["domain_sessionidx=pseudonymise"], "domain_sessionidx is no text"),
        (["br_name=pseudonymise"], "br_name holds only 50 characters"),
        (["user_id=coarsen"], "for user_id pseudonymise or redact"),
        (["contexts=redact"], "contexts SCHEMA PATH=redact"),
        (["contexts acme $.a=redact"], "for contexts, not 'acme'"),
        ([f"contexts {ANY_ACME} a=redact"], "begins with"),
        (["user_id=redact", "user_id=redact"], "user_id has 2"),
        (["page_urlquery=redact"], "a rule for page_url too, which holds page_urlquery"),
        (["page_url=redact"], "page_urlpath, page_urlquery, page_urlfragment too"),
        (["page_url=coarsen", "page_urlquery=redact"], "page_urlfragment too, which holds parts"),
        (["refr_urlpath=redact"], "a rule for page_referrer too"),
    ],
)
def test_rules_that_cannot_be(rules: list[str], says: str) -> None:
    """C-13, C-14: a rule that cannot be is refused by the name of its field."""
    with pytest.raises(ValueError, match=says.replace("$.", r"\$\.")):
        parse_rules(rules)


@given(st.text(max_size=60))
def test_any_text_is_a_rule_or_refused(text: str) -> None:
    """C-13: nothing but ValueError comes of reading rules."""
    for rule in (text, f"contexts {text}", f"contexts {ANY_ACME} ${text}=redact"):
        try:
            found = parse_rules([rule])
        except ValueError:
            continue
        assert len(found.columns) + len(found.entities) == 1


def test_the_lists_of_rules_are_columns() -> None:
    """C-14: what can be coarsened, and what holds JSON, are columns."""
    names = {column.name for column in CANONICAL_COLUMNS}
    assert names.issuperset({*COARSE_COLUMNS, *JSON_COLUMNS})


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_no_identifier_passes(user: str, title: str, member: str) -> None:
    """F-P13: whatever is sent, nothing of a field with a rule is in any row."""
    marks = [f"canary{number}{text}" for number, text in enumerate((user, title, member))]
    one = session(userId=UUID, sessionId=OTHER_UUID)
    event = {**PAGE_VIEW, "uid": marks[0], "page": marks[1], "duid": UUID, "co": contexts(one)}
    link = encoded(unstruct(LINK_CLICK, {"targetUrl": f"https://a.example/?{marks[2]}"}))
    raw = post(event, {**event, "e": "ue", "ue_px": link}, address="203.0.113.77")
    shown = str(enricher(**EVERYTHING).enrich(raw, NOW))
    assert "canary" not in shown
    assert UUID not in shown
    assert "203.0.113" not in shown

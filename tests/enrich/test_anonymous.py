"""Anonymous records (F-P11; contracts 7, 9, 10 and 11)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.enrich.records import (
    CLIENT_SESSION,
    LINK_CLICK,
    OTHER_UUID,
    PAGE_VIEW,
    PRIVACY_STATE,
    UUID,
    WEB_PAGE,
    anonymous,
    bad,
    columns,
    contexts,
    encoded,
    enrich,
    entity,
    failed_columns,
    good,
    scrubbed,
    session,
    unstruct,
)
from whiteout.privacy import BY_PARAMETER, ZERO_UUID, Mode, Problem, forbidden_columns
from whiteout.protocol.parameters import NAMES
from whiteout.protocol.record import AnonymousEvent

_UNKNOWN = "iglu:com.acme/thing/jsonschema/1-0-0"
_CANARY = "canary7f3a"


def test_contract_9_anonymous_event() -> None:
    """An anonymous event has no identifier, says what was removed, and who asked for it."""
    event = scrubbed({**PAGE_VIEW, "duid": UUID, "uid": "bob", "ip": "203.0.113.9"})
    row = good(anonymous(event, signals=["sp-anonymous", "gpc"], user_agent="Chrome/140; Linux"))
    assert row["server_anonymous"] is True
    assert row["signal"] == "sp-anonymous+gpc"
    assert row["mode_inferred"] == "server_anonymous"
    assert row["redacted"] == ["domain_userid", "network_userid", "user_id", "user_ipaddress"]
    assert row["useragent"] == "Chrome/140; Linux"
    for column in forbidden_columns(Mode.SERVER_ANONYMOUS):
        assert row[column] is None


def test_contract_9_never_read_is_always_redacted() -> None:
    """The collector never reads address and cookie of an anonymous request, and that is said."""
    assert good(anonymous(scrubbed(PAGE_VIEW)))["redacted"] == ["network_userid", "user_ipaddress"]


def test_contract_7_session_is_kept_where_nothing_else_identifies() -> None:
    """A session alone is kept; with a user identifier it goes as well (contract 7)."""
    co = contexts(session(userId=ZERO_UUID))
    row = good(anonymous(scrubbed({**PAGE_VIEW, "sid": OTHER_UUID, "vid": "3", "co": co})))
    assert row["mode_inferred"] == "server_anonymous_session"
    assert (row["domain_sessionid"], row["domain_sessionidx"]) == (OTHER_UUID, 3)
    assert CLIENT_SESSION in row["contexts"]
    row = good(anonymous(scrubbed({**PAGE_VIEW, "sid": OTHER_UUID, "uid": "bob", "co": co})))
    assert row["mode_inferred"] == "server_anonymous"
    assert row["domain_sessionid"] is None
    assert row["contexts"] is None


def test_contract_9_declared_mode_of_an_anonymous_event() -> None:
    """The declared mode stands beside the inferred one (contract 9)."""
    state = entity(PRIVACY_STATE, {"mode": "server_anonymous", "signal": "gpc"})
    row = good(anonymous(scrubbed({**PAGE_VIEW, "co": contexts(state)})))
    assert row["mode_declared"] == "server_anonymous"
    assert row["validated"] is True


def test_b_69_referer_stands_in_as_origin() -> None:
    """The Referer of an anonymous request, which is an origin, is the page URL without `url`."""
    row = good(anonymous(scrubbed(PAGE_VIEW), referer="https://a.example"))
    assert row["page_url"] == "https://a.example"
    assert row["page_urlpath"] is None


def test_contract_10_sentinels() -> None:
    """Absence is null, or the protocol's words for it where that is asked for (contract 10)."""
    raw = anonymous(scrubbed(PAGE_VIEW))
    row = good(raw)
    assert (row["network_userid"], row["user_ipaddress"]) == (None, None)
    row = good(raw, sentinel="zero")
    assert (row["network_userid"], row["user_ipaddress"]) == (ZERO_UUID, "unknown")


@pytest.mark.parametrize("keep_session", [False, True])
def test_contract_9_forbidden_columns_are_emptied_once_more(keep_session: bool) -> None:
    """Whatever a record holds, the columns that its mode forbids are empty (contract 9)."""
    parameters = {
        **PAGE_VIEW,
        **{name: OTHER_UUID for name in BY_PARAMETER if name not in ("vid", "ip")},
        "vid": "7",
        "ip": "203.0.113.9",
        "url": "https://a.example/?_sp=abc.1700000000000",
    }
    event = AnonymousEvent(parameters, session=keep_session)
    row = good(anonymous(event), trust_tracker_ip=True)
    mode = Mode.SERVER_ANONYMOUS_SESSION if keep_session else Mode.SERVER_ANONYMOUS
    assert row["mode_inferred"] == mode
    assert not [column for column in forbidden_columns(mode) if row[column] is not None]
    assert (row["domain_sessionid"] is None) != keep_session
    assert {"domain_userid", "user_id", "user_fingerprint"} <= set(row["redacted"])
    assert row["redacted"] == sorted(row["redacted"])


@pytest.mark.parametrize(
    ("problem", "vendor_version", "failure"),
    [
        (Problem("path", "unsupported_path"), (None, None), "adapter_failures"),
        (
            Problem("querystring", "bad_query", 7),
            ("com.snowplowanalytics.snowplow", "tp1"),
            "collector_payload_format_violation",
        ),
        (
            Problem("querystring", "empty"),
            ("com.snowplowanalytics.snowplow", "tp1"),
            "adapter_failures",
        ),
        (
            Problem("body", "not_json", 17),
            ("com.snowplowanalytics.snowplow", "tp2"),
            "tracker_protocol_violations",
        ),
        (
            Problem("contentType", "unsupported_content_type"),
            ("com.snowplowanalytics.snowplow", "tp2"),
            "tracker_protocol_violations",
        ),
    ],
)
def test_contract_11_request_that_cannot_be_read(
    problem: Problem, vendor_version: tuple[str | None, str | None], failure: str
) -> None:
    """A request without events leaves kind and position of its fault, and its length."""
    vendor, version = vendor_version
    row = bad(anonymous(failure=problem, vendor=vendor, version=version, body_length=99))
    assert row["failure"] == failure
    assert [(e["where"], e["keyword"]) for e in row["errors"]] == [(problem.where, problem.what)]
    assert row["errors"][0].get("position") == problem.position
    assert (row["vendor"], row["version"]) == (vendor, version)
    assert row["payload"] is None
    assert row["body_length"] == 99
    assert row["mode_inferred"] == "server_anonymous"
    assert row["server_anonymous"] is True
    assert row["redacted"] == ["network_userid", "user_ipaddress"]


@pytest.mark.parametrize(
    ("parameters", "where", "keyword", "failure"),
    [
        ({"foo": "1"}, "event", "unknown_parameter", "tracker_protocol_violations"),
        ({"aid": 5}, "aid", "not_a_string", "tracker_protocol_violations"),
        ({"tv": None}, "tv", "not_a_string", "tracker_protocol_violations"),
        ({"co": "{"}, "co", "not_json", "schema_violations"),
        ({"cx": "*"}, "cx", "not_base64", "schema_violations"),
        ({"co": "[]"}, "co", "not_self_describing", "schema_violations"),
        ({"vp": "x"}, "vp", "dims", "schema_violations"),
        ({"e": "xx"}, "e", "event", "schema_violations"),
    ],
)
def test_b_33_faults_of_anonymous_events(
    parameters: dict[str, Any], where: str, keyword: str, failure: str
) -> None:
    """What the collector could not read, and what cannot be converted, fails the event."""
    row = bad(anonymous(scrubbed({**PAGE_VIEW, **parameters})))
    assert [(e["where"], e["keyword"]) for e in row["errors"]] == [(where, keyword)]
    assert row["failure"] == failure
    assert row["payload"]["p"] == "web"


def test_b_27_required_keys_of_an_anonymous_post() -> None:
    """A POST event needs its three keys while anonymous too; a GET does not (B-27)."""
    row = bad(anonymous(scrubbed({"e": "pv"})))
    assert [(e["where"], e["keyword"]) for e in row["errors"]] == [
        *(("tv", "missing"), ("p", "missing"))
    ]
    assert good(anonymous(scrubbed({"e": "pv"}), body_length=None))["event"] == "page_view"
    assert good(anonymous(scrubbed({"e": "pv"}), version="tp1"))["event"] == "page_view"


def test_contract_12_anonymous_batches() -> None:
    """Good events beside bad ones are kept; where batches are rejected, none is (B-18)."""
    lost = AnonymousEvent({}, problems=[Problem("body.data[1]", "not_an_object")])
    named = scrubbed({**PAGE_VIEW, "uid": "bob"})
    raw = anonymous(scrubbed(PAGE_VIEW), lost, named)
    enriched = enrich(raw)
    assert len(enriched.events) == 2
    row = failed_columns(enriched.failed[0])
    assert [(e["where"], e["keyword"]) for e in row["errors"]] == [
        ("body.data[1]", "not_an_object")
    ]
    assert row["payload"] is None
    row = bad(raw, reject_batch=True)
    assert row["redacted"] == ["network_userid", "user_id", "user_ipaddress"]
    assert row["payload"] == [PAGE_VIEW, {}, PAGE_VIEW]


def test_f_p11_errors_never_quote() -> None:
    """Errors of anonymous events name places and kinds, never a value (F-P11)."""
    search = "iglu:com.snowplowanalytics.snowplow/site_search/jsonschema/1-0-0"
    event = scrubbed(
        {
            **PAGE_VIEW,
            "e": "ue",
            "vp": _CANARY,
            "dtm": _CANARY,
            "cookie": _CANARY,
            "aid": _CANARY * 100,
            "co": contexts(
                entity(WEB_PAGE, {"id": _CANARY}),
                entity(WEB_PAGE, {_CANARY: 1, "id": UUID}),
                entity(_CANARY, {}),
            ),
            "ue_pr": unstruct(search, {"terms": [_CANARY, 1], "filters": {_CANARY: 5}}),
        }
    )
    row = bad(anonymous(event), unknown_schemas="fail")
    assert _CANARY not in json.dumps(row["errors"])
    assert _CANARY not in row["reason"]
    assert {error["where"] for error in row["errors"]} >= {
        "vp",
        "co.data[0].data.id",
        "co.data[1].data",
        "co.data[2].schema",
        "ue_pr.data.data.terms[1]",
        "ue_pr.data.data.filters.*",
    }


def rows_of(raw: bytes, **settings: Any) -> str:
    """All rows of a record as one text."""
    enriched = enrich(raw, **settings)
    assert enriched.events or enriched.failed
    for event in enriched.events:
        columns(event)
    for failed in enriched.failed:
        failed_columns(failed)
    return json.dumps([enriched.events, enriched.failed], ensure_ascii=False)


def leaks(parameters: dict[str, Any], canary: str) -> bool:
    """Whether a canary that the scrubber removed comes back in any row."""
    event = scrubbed(parameters)
    kept = json.dumps([event.parameters, event.redacted], ensure_ascii=False)
    shown = rows_of(anonymous(event), unknown_schemas="fail") + rows_of(anonymous(event))
    return canary in shown and canary not in kept


@pytest.mark.parametrize("name", sorted(NAMES))
@pytest.mark.parametrize("broken", [False, True])
def test_f_p1_canary_in_every_parameter(name: str, broken: bool) -> None:
    """A canary that was removed from any parameter is in no row, good or failed (F-P1, F-P11)."""
    canary = f"0{_CANARY}"
    parameters: dict[str, Any] = {**PAGE_VIEW, name: canary}
    if broken:
        parameters |= {"vp": "x", "co": "{", "zz": canary}
    assert not leaks(parameters, canary)
    if name in BY_PARAMETER:
        assert canary not in rows_of(anonymous(scrubbed(parameters)))


@pytest.mark.parametrize("wrapped", [contexts, unstruct])
@pytest.mark.parametrize("encode", [False, True])
@pytest.mark.parametrize(
    "member", ["userId", "sessionId", "previousSessionId", "firstEventId", "email", "ip", "token"]
)
def test_f_p10_canary_in_every_entity_field(wrapped: Any, encode: bool, member: str) -> None:
    """An identifier in an entity or in a self-describing event is in no row (F-P10, F-P11)."""
    data = {"id": UUID, member: _CANARY}
    for schema in (WEB_PAGE, LINK_CLICK, CLIENT_SESSION, _UNKNOWN):
        if wrapped is contexts:
            text, names = contexts(entity(schema, data)), ("co", "cx")
        else:
            text, names = unstruct(schema, data), ("ue_pr", "ue_px")
        parameters = {**PAGE_VIEW, names[encode]: encoded(text) if encode else text}
        shown = rows_of(anonymous(scrubbed(parameters)))
        assert _CANARY not in shown
        assert encoded(_CANARY) not in shown


@given(
    st.dictionaries(
        st.sampled_from(sorted(NAMES | {"zz"})),
        st.text(max_size=20) | st.none() | st.integers() | st.lists(st.text(max_size=3)),
        max_size=8,
    )
)
def test_f_p11_what_was_scrubbed_never_comes_back(parameters: dict[str, Any]) -> None:
    """Rows of an anonymous record hold nothing that its scrubbed parameters do not hold (F-P11)."""
    canary = "0c5e1d5eed"
    planted = {
        name: f"{canary}{value}" if isinstance(value, str) else [canary, value]
        for name, value in parameters.items()
    }
    assert not leaks({**PAGE_VIEW, **planted}, canary)


def test_unknown_names_in_an_anonymous_record_are_ignored() -> None:
    """A name that no parameter has, which no collector writes, changes nothing."""
    row = good(anonymous(AnonymousEvent({**PAGE_VIEW, "zz": "1"})))
    assert row["event"] == "page_view"

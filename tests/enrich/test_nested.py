"""Entities and self-describing events (B-44, B-50 to B-55, B-20; contracts 9 and 12)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.enrich.records import (
    CLIENT_SESSION,
    CONTEXTS,
    LINK_CLICK,
    NOW,
    PRIVACY_STATE,
    SNOWPLOW,
    UNSTRUCT,
    UUID,
    WEB_PAGE,
    bad,
    contexts,
    encoded,
    enrich,
    enricher,
    entity,
    good,
    page_view,
    session,
    unstruct,
)
from whiteout.privacy import ZERO_UUID

_PAGE = entity(WEB_PAGE, {"id": UUID})
_UNKNOWN = "iglu:com.acme/thing/jsonschema/1-0-0"


def nested(depth: int) -> Any:
    """That many lists in each other."""
    value: Any = []
    for _ in range(depth - 1):
        value = [value]
    return value


def errors(raw: bytes, **settings: Any) -> list[tuple[str, str]]:
    """Place and keyword of each error of a failed event."""
    row = bad(raw, **settings)
    assert row["failure"] == "schema_violations"
    return [(error["where"], error["keyword"]) for error in row["errors"]]


@pytest.mark.parametrize("version", ["1-0-0", "1-0-1"])
@pytest.mark.parametrize("encode", [False, True])
def test_b_55_entities_are_stored_as_contexts_1_0_1(version: str, encode: bool) -> None:
    """Entities are stored compact under contexts/1-0-1, whatever they came in (B-44, B-55)."""
    text = contexts(_PAGE, schema=f"{SNOWPLOW}/contexts/jsonschema/{version}")
    row = good(page_view(cx=encoded(text)) if encode else page_view(co=text))
    stored = json.loads(row["contexts"])
    assert stored == entity(f"{SNOWPLOW}/contexts/jsonschema/1-0-1", [_PAGE])
    assert ": " not in row["contexts"]
    assert row["validated"] is True


@pytest.mark.parametrize("encode", [False, True])
def test_b_55_self_describing_event_is_stored(encode: bool) -> None:
    """A self-describing event is stored in its wrapper and names the event (B-55, B-59)."""
    text = unstruct(LINK_CLICK, {"targetUrl": "/ü\t"})
    row = good(page_view(e="ue", **({"ue_px": encoded(text)} if encode else {"ue_pr": text})))
    assert json.loads(row["unstruct_event"]) == json.loads(text)
    assert "\t" not in row["unstruct_event"]
    assert row["event_vendor"] == "com.snowplowanalytics.snowplow"
    assert (row["event_name"], row["event_format"]) == ("link_click", "jsonschema")
    assert row["event_version"] == "1-0-1"


def test_b_53_empty_contexts() -> None:
    """An empty list is a violation of contexts/1-0-0, and nothing at all in 1-0-1 (B-53)."""
    assert errors(page_view(co=contexts())) == [("co.data", "no_entities")]
    row = good(page_view(co=contexts(schema=f"{SNOWPLOW}/contexts/jsonschema/1-0-1")))
    assert row["contexts"] is None


@pytest.mark.parametrize(
    ("text", "place", "keyword"),
    [
        ("", "co", "not_json"),
        ("{", "co", "not_json"),
        ('{"a":NaN}', "co", "not_json"),
        ('"\\ud800"', "co", "not_json"),
        ('{"schema":1e999}', "co", "not_json"),
        ("[" * 2000, "co", "too_deep"),
        ("[]", "co", "INVALID_SCHEMA"),
        ('{"data":[]}', "co", "INVALID_SCHEMA"),
        ('{"schema":"x","data":[]}', "co", "INVALID_IGLUURI"),
        ('{"schema":5,"data":[]}', "co", "INVALID_IGLUURI"),
        (json.dumps({"schema": CONTEXTS}), "co", "INVALID_DATA_PAYLOAD"),
        (json.dumps(entity(UNSTRUCT, [_PAGE])), "co.schema", "not_contexts"),
        (contexts(_PAGE, schema=CONTEXTS[:-5] + "2-0-0"), "co.schema", "not_contexts"),
        (json.dumps(entity(CONTEXTS, _PAGE)), "co.data", "not_a_list"),
        (contexts(5), "co.data[0]", "INVALID_SCHEMA"),
        (contexts({"schema": WEB_PAGE}), "co.data[0]", "INVALID_DATA_PAYLOAD"),
        (contexts({"schema": 5, "data": {}}), "co.data[0]", "INVALID_IGLUURI"),
        (contexts({"schema": "x", "data": {}}), "co.data[0].schema", "INVALID_IGLUURI"),
        (contexts({"schema": "x" * 500, "data": {}}), "co.data[0].schema", "INVALID_IGLUURI"),
        (contexts({**_PAGE, "extra": 1}), "co.data[0]", "extra_member"),
        (contexts(_PAGE, entity(WEB_PAGE, {"id": "x"})), "co.data[1].data.id", "pattern"),
        (contexts(entity(WEB_PAGE, {})), "co.data[0].data", "required"),
        (contexts(entity(WEB_PAGE, None)), "co.data[0].data", "type"),
    ],
)
def test_b_51_faults_of_entities(text: str, place: str, keyword: str) -> None:
    """What is wrong with entities is told with its place and its kind (B-20, B-50, B-51, B-53)."""
    assert errors(page_view(co=text)) == [(place, keyword)]
    assert errors(page_view(cx=encoded(text))) == [(place.replace("co", "cx", 1), keyword)]


@pytest.mark.parametrize(
    ("text", "place", "keyword"),
    [
        ("null", "ue_pr", "INVALID_SCHEMA"),
        (json.dumps(entity(CONTEXTS, _PAGE)), "ue_pr.schema", "not_unstruct_event"),
        (json.dumps(entity(UNSTRUCT, None)), "ue_pr.data", "INVALID_SCHEMA"),
        (json.dumps(entity(UNSTRUCT, entity("x", {}))), "ue_pr.data.schema", "INVALID_IGLUURI"),
        (json.dumps(entity(UNSTRUCT, {**_PAGE, "more": 1})), "ue_pr.data", "extra_member"),
        (unstruct(LINK_CLICK, {"targetUrl": ""}), "ue_pr.data.data.targetUrl", "minLength"),
        (unstruct(LINK_CLICK, []), "ue_pr.data.data", "type"),
    ],
)
def test_b_51_faults_of_self_describing_events(text: str, place: str, keyword: str) -> None:
    """What is wrong with a self-describing event is told with place and kind (B-50, B-51)."""
    assert errors(page_view(e="ue", ue_pr=text)) == [(place, keyword)]


@pytest.mark.parametrize("text", ["*", "a", "e30==="])
def test_b_44_not_base64(text: str) -> None:
    """Text that is no base64url fails (B-44)."""
    assert errors(page_view(cx=text))[0][0] == "cx"
    assert errors(page_view(e="ue", ue_px=text))[0][0] == "ue_px"


@pytest.mark.parametrize("tail", ["", "=", "==", "\n"])
def test_b_44_padding_is_optional(tail: str) -> None:
    """Padding, standard alphabet and a line feed at the end make no difference (B-44)."""
    text = contexts(entity(_UNKNOWN, {"x": "??>>~~ÿ"}))
    padded = encoded(text).replace("-", "+").replace("_", "/") + tail
    row = good(page_view(cx=padded if tail != "\n" else encoded(text) + tail))
    assert json.loads(row["contexts"])["data"][0]["data"] == {"x": "??>>~~ÿ"}


def test_b_44_not_utf_8() -> None:
    """Base64url of bytes that are no UTF-8 fails (B-44)."""
    assert errors(page_view(cx="__79")) == [("cx", "not_utf8")]


def test_b_52_all_errors_are_told_together() -> None:
    """Errors of all entities and of the event are reported together (B-52)."""
    found = errors(
        page_view(
            e="ue",
            co=contexts(entity(WEB_PAGE, {}), _PAGE, entity(WEB_PAGE, {"id": 5})),
            ue_pr=unstruct(LINK_CLICK, {}),
        )
    )
    assert [place for place, _ in found] == [
        *("ue_pr.data.data", "co.data[0].data", "co.data[2].data.id")
    ]


def test_b_51_error_names_schema_and_value() -> None:
    """An error of an identified event quotes the value and names the schema (B-51)."""
    row = bad(page_view(co=contexts(session(userId="BOB"))))
    (error,) = row["errors"]
    assert error["schema"] == CLIENT_SESSION
    assert "BOB" in error["what"]
    assert "BOB" in row["reason"]
    assert CLIENT_SESSION in row["reason"]


def test_contract_12_unknown_schema_is_accepted() -> None:
    """An unknown schema is kept as JSON and the event is not validated (contract 12)."""
    row = good(page_view(co=contexts(_PAGE, entity(_UNKNOWN, {"a": [1, None, 2.5]}))))
    assert json.loads(row["contexts"])["data"][1] == entity(_UNKNOWN, {"a": [1, None, 2.5]})
    assert row["validated"] is False
    row = good(page_view(e="ue", ue_pr=unstruct(_UNKNOWN, 5)))
    assert (row["event_name"], row["validated"]) == ("thing", False)


def test_contract_12_unknown_schema_fails_where_that_is_asked_for() -> None:
    """With `fail` an unknown schema fails the event, and a known one does not (contract 12)."""
    raw = page_view(e="ue", co=contexts(entity(_UNKNOWN, {})), ue_pr=unstruct(_UNKNOWN, {}))
    assert errors(raw, unknown_schemas="fail") == [
        ("ue_pr.data.schema", "unknown_schema"),
        ("co.data[0].schema", "unknown_schema"),
    ]
    assert good(page_view(co=contexts(_PAGE)), unknown_schemas="fail")["validated"] is True


def test_e_3_other_version_of_a_known_schema_is_unknown() -> None:
    """A look-up is for the exact version (E-3)."""
    other = WEB_PAGE[:-5] + "1-0-7"
    assert good(page_view(co=contexts(entity(other, {}))))["validated"] is False


@pytest.mark.parametrize(("depth", "fits"), [(37, True), (38, False), (500, False)])
def test_b_20_depth_of_entities(depth: int, fits: bool) -> None:
    """Forty levels of JSON are read, wrapper and entity included, and not one more (B-20)."""
    raw = page_view(co=contexts(entity(_UNKNOWN, nested(depth))))
    if fits:
        assert good(raw)["contexts"] is not None
    else:
        assert errors(raw) == [("co.data[0].data", "too_deep")]


def test_b_20_depth_inside_a_known_wrapper() -> None:
    """A known schema in which anything may stand does not hide deep nesting (B-20)."""
    inner = entity(CONTEXTS, [entity(_UNKNOWN, nested(60))])
    assert errors(page_view(co=contexts(inner))) == [("co.data[0].data", "too_deep")]


def test_b_31_encoded_parameter_wins() -> None:
    """Of `co` and `cx`, and of `ue_pr` and `ue_px`, the encoded one is stored (B-31)."""
    other = entity(WEB_PAGE, {"id": ZERO_UUID})
    row = good(
        page_view(
            e="ue",
            cx=encoded(contexts(other)),
            co=contexts(_PAGE),
            ue_px=encoded(unstruct(LINK_CLICK, {"targetUrl": "/second"})),
            ue_pr=unstruct(LINK_CLICK, {"targetUrl": "/first"}),
        )
    )
    assert json.loads(row["contexts"])["data"] == [other]
    assert "/second" in row["unstruct_event"]


def test_duplicate_keys_and_odd_numbers_are_settled() -> None:
    """Of equal keys the last counts, and numbers stay what they were."""
    text = (
        f'{{"schema":"{CONTEXTS}","data":[{{"schema":"{_UNKNOWN}",'
        '"data":{"a":1,"a":2,"b":1e2,"c":12345678901234567890,"d":-0.0}}]}'
    )
    data = json.loads(good(page_view(co=text))["contexts"])["data"][0]["data"]
    assert data == {"a": 2, "b": 100.0, "c": 12345678901234567890, "d": 0}


@pytest.mark.parametrize(
    ("parameters", "mode"),
    [
        ({}, "anonymous"),
        ({"sid": UUID}, "anonymous_session"),
        ({"vid": "1"}, "anonymous_session"),
        ({"duid": UUID}, "identified"),
        ({"uid": "bob", "sid": UUID}, "identified"),
        ({"fp": "1"}, "identified"),
        ({"nuid": UUID}, "identified"),
        ({"mac": "00:00"}, "identified"),
        ({"ip": "203.0.113.9"}, "identified"),
        ({"duid": "", "uid": ""}, "anonymous"),
        ({"co": contexts(_PAGE)}, "anonymous"),
        ({"co": contexts(session())}, "identified"),
        ({"co": contexts(session(userId=ZERO_UUID))}, "anonymous_session"),
        (
            {"co": contexts(session(userId=ZERO_UUID, sessionId=ZERO_UUID, sessionIndex=0))},
            "anonymous_session",
        ),
        ({"co": contexts(entity(_UNKNOWN, {"user_id": "bob"}))}, "identified"),
        ({"co": contexts(entity(_UNKNOWN, {"a": [{"sessionId": UUID}]}))}, "anonymous_session"),
        ({"co": contexts(entity(_UNKNOWN, {"userId": None, "uid": True}))}, "anonymous"),
        ({"co": contexts(entity(_UNKNOWN, {"userId": 1}))}, "identified"),
        ({"co": contexts(entity(_UNKNOWN, ["userId"]))}, "anonymous"),
        (
            {
                "co": contexts(
                    entity("iglu:com.google.analytics/cookies/jsonschema/1-0-0", {"x": 1})
                )
            },
            "identified",
        ),
        ({"e": "ue", "ue_pr": unstruct(_UNKNOWN, {"currentUserId": "b"})}, "identified"),
    ],
)
def test_contract_9_inferred_mode(parameters: dict[str, str], mode: str) -> None:
    """The mode is inferred from the identifiers that an event carries (contract 9)."""
    row = good(page_view(**parameters))
    assert row["mode_inferred"] == mode
    assert row["server_anonymous"] is False
    assert row["signal"] is None
    assert row["mode_declared"] is None


def test_contract_9_declared_mode() -> None:
    """The mode that a tracker of ours declares is stored beside the inferred one (contract 9)."""
    state = entity(PRIVACY_STATE, {"mode": "anonymous", "signal": "gpc"})
    row = good(page_view(co=contexts(_PAGE, state), duid=UUID))
    assert (row["mode_declared"], row["mode_inferred"]) == ("anonymous", "identified")
    assert row["signal"] is None
    assert row["validated"] is True


def test_contract_9_strictest_declared_mode_counts() -> None:
    """Of several declarations the most restrictive one counts (contract 9)."""
    states = [
        entity(PRIVACY_STATE, {"mode": mode, "signal": None})
        for mode in ("identified", "server_anonymous", "anonymous_session")
    ]
    assert good(page_view(co=contexts(*states)))["mode_declared"] == "server_anonymous"


def test_b_73_declared_anonymity_keeps_a_link_from_being_followed() -> None:
    """An event whose tracker declares anonymity gets no user from `_sp` (B-73)."""
    state = entity(PRIVACY_STATE, {"mode": "anonymous", "signal": None})
    url = "https://a.example/?_sp=abc.1"
    row = good(page_view(co=contexts(state), duid=UUID, url=url))
    assert row["refr_domain_userid"] is None
    assert row["redacted"] == ["domain_userid"]


@pytest.mark.parametrize(
    "data", [{"mode": "secret", "signal": None}, {"mode": "identified"}, [], 5]
)
def test_contract_9_broken_declaration_fails(data: Any) -> None:
    """A declaration that its schema does not allow fails the event (contract 9)."""
    assert errors(page_view(co=contexts(entity(PRIVACY_STATE, data))))


def test_declaration_of_an_unknown_version_that_says_nothing() -> None:
    """A declaration of another version is accepted, and declares nothing where it is odd."""
    odd = entity(PRIVACY_STATE[:-5] + "1-0-9", ["mode"])
    row = good(page_view(co=contexts(odd)))
    assert (row["mode_declared"], row["validated"]) == (None, False)


def test_many_entities_and_many_errors_stay_bounded() -> None:
    """A thousand wrong entities are told by fifty errors at most."""
    wrong = [entity(WEB_PAGE, {"id": "x" * 2000})] * 1_000
    row = bad(page_view(co=contexts(*wrong)))
    assert len(row["errors"]) == 50
    assert len(json.dumps(row["errors"])) < 50_000
    for item in ({"schema": "x", "data": 1}, 5):
        assert len(bad(page_view(co=contexts(*[item] * 1000)))["errors"]) == 50


def test_unknown_schemas_are_not_remembered() -> None:
    """What strangers name costs no lasting memory (B-56)."""
    fresh = enricher()
    for number in range(50):
        fresh.enrich(page_view(co=contexts(entity(f"iglu:a/b{number}/c/1-0-0", {}), _PAGE)), NOW)
    assert list(fresh._identified._schemas._known) == [WEB_PAGE]
    assert enrich(page_view(co=contexts(_PAGE))).failed == []

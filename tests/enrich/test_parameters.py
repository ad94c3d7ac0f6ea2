"""Every parameter of the protocol with a valid and an invalid value (B-28 to B-45, B-48, B.6)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.enrich.records import (
    LINK_CLICK,
    OTHER_UUID,
    PAGE_VIEW,
    UUID,
    WEB_PAGE,
    bad,
    contexts,
    encoded,
    entity,
    get,
    good,
    page_view,
    post,
    unstruct,
)
from whiteout.enrich.setters import SLOTS
from whiteout.protocol.columns import EVENT_COLUMNS
from whiteout.protocol.parameters import NAMES, PARAMETERS, PAYLOAD_NAMES

_LONG = "x" * 20_000
_MAX = {column.name: column.max_length for column in EVENT_COLUMNS}
_CO = contexts(entity(WEB_PAGE, {"id": UUID}))
_UE = unstruct(LINK_CLICK, {"targetUrl": "/a"})

Expected = dict[str, Any]

TEXTS = {
    "tna": "name_tracker",
    "aid": "app_id",
    "tv": "v_tracker",
    "cv": "v_collector",
    "uid": "user_id",
    "duid": "domain_userid",
    "fp": "user_fingerprint",
    "ua": "useragent",
    "page": "page_title",
    "lang": "br_lang",
    "cd": "br_colordepth",
    "tz": "os_timezone",
    "cs": "doc_charset",
    "nuid": "network_userid",
    "tnuid": "network_userid",
    "se_ca": "se_category",
    "se_ac": "se_action",
    "se_la": "se_label",
    "se_pr": "se_property",
    "ev_ca": "se_category",
    "ev_ac": "se_action",
    "ev_la": "se_label",
    "ev_pr": "se_property",
    "tr_id": "tr_orderid",
    "tr_af": "tr_affiliation",
    "tr_ci": "tr_city",
    "tr_st": "tr_state",
    "tr_co": "tr_country",
    "tr_cu": "tr_currency",
    "ti_id": "ti_orderid",
    "ti_sk": "ti_sku",
    "ti_na": "ti_name",
    "ti_nm": "ti_name",
    "ti_ca": "ti_category",
    "ti_cu": "ti_currency",
}
INTS = {
    "tid": "txn_id",
    "vid": "domain_sessionidx",
    "ti_qu": "ti_quantity",
    "pp_mix": "pp_xoffset_min",
    "pp_max": "pp_xoffset_max",
    "pp_miy": "pp_yoffset_min",
    "pp_may": "pp_yoffset_max",
}
DECIMALS = {
    "se_va": "se_value",
    "ev_va": "se_value",
    "ti_pr": "ti_price",
    "tr_tt": "tr_total",
    "tr_tx": "tr_tax",
    "tr_sh": "tr_shipping",
}
BOOLS = {
    "cookie": "br_cookies",
    "f_pdf": "br_features_pdf",
    "f_fla": "br_features_flash",
    "f_java": "br_features_java",
    "f_dir": "br_features_director",
    "f_qt": "br_features_quicktime",
    "f_realp": "br_features_realplayer",
    "f_wma": "br_features_windowsmedia",
    "f_gears": "br_features_gears",
    "f_ag": "br_features_silverlight",
}
TIMES = {"dtm": "dvce_created_tstamp", "stm": "dvce_sent_tstamp", "ttm": "true_tstamp"}
SIZES = {
    "res": ("dvce_screenwidth", "dvce_screenheight"),
    "vp": ("br_viewwidth", "br_viewheight"),
    "ds": ("doc_width", "doc_height"),
}

TABLE: list[tuple[str, str, Expected, str]] = [
    ("e", "pp", {"event": "page_ping", "event_name": "page_ping"}, "xx"),
    ("p", "mob", {"platform": "mob"}, "toaster"),
    ("eid", UUID.upper(), {"event_id": UUID}, "not-a-uuid"),
    ("sid", UUID.upper(), {"domain_sessionid": UUID}, UUID.replace("-", "")),
    ("url", "https://a.example/x", {"page_url": "https://a.example/x"}, "://"),
    ("refr", "https://b.example/y", {"page_referrer": "https://b.example/y"}, "http://[::"),
    ("co", _CO, {"validated": True}, "{"),
    ("cx", encoded(_CO), {"validated": True}, "*"),
    ("ue_pr", _UE, {"validated": True}, "[]"),
    ("ue_px", encoded(_UE), {"validated": True}, "e30"),
    *(
        (name, "Ä", {column: "Ä"}, "x" * ((_MAX[column] or 0) + 1))
        for name, column in TEXTS.items()
    ),
    *((name, "-12", {column: -12}, "1.5") for name, column in INTS.items()),
    *((name, "1e2", {column: 100.0}, "1,5") for name, column in DECIMALS.items()),
    *((name, "1", {column: True}, "true") for name, column in BOOLS.items()),
    *(
        (name, "1795501200123", {column: 1_795_501_200_123}, "now")
        for name, column in TIMES.items()
    ),
    *((name, "12x34", {a: 12, b: 34}, "12-34") for name, (a, b) in SIZES.items()),
]
DROPPED = [row.name for row in PARAMETERS if row.converter == "none"]


def test_table_has_every_parameter() -> None:
    """The table below has a line for each parameter that is stored; `ip` has tests of its own."""
    assert {name for name, *_ in TABLE} | set(DROPPED) | {"ip"} == NAMES


def send(name: str, value: str) -> bytes:
    """A request with one parameter more than it needs, by GET where POST does not know it."""
    if name in PAYLOAD_NAMES:
        return page_view(**{name: value})
    return get(f"e=pv&p=web&tv=js&{name}={value}")


@pytest.mark.parametrize(("name", "value", "expected", "_invalid"), TABLE)
def test_b_29_valid_value_is_stored(
    name: str, value: str, expected: Expected, _invalid: str
) -> None:
    """A valid value of a parameter stands in its column (B-29, B.6)."""
    row = good(send(name, value))
    assert {column: row[column] for column in expected} == expected


@pytest.mark.parametrize(("name", "_value", "_expected", "invalid"), TABLE)
def test_b_33_invalid_value_fails(
    name: str, _value: str, _expected: Expected, invalid: str
) -> None:
    """An invalid or too long value fails the event, and the error names the place (B-33, B-48)."""
    row = bad(send(name, invalid))
    places = {name, TEXTS.get(name, name)}
    assert any(error["where"].partition(".")[0] in places for error in row["errors"])
    assert row["failure"] in {"schema_violations", "enrichment_failures"}
    assert row["errors"][0]["where"] in row["reason"]


@pytest.mark.parametrize("name", DROPPED)
def test_b_25_dropped_parameters_are_accepted(name: str) -> None:
    """A parameter that the envelope knows and no column holds is accepted (B-25)."""
    assert _LONG[:50] not in good(page_view(**{name: _LONG[:50]})).values()


@pytest.mark.parametrize("name", [*INTS, *DECIMALS])
def test_b_35_null_is_absence_of_a_number(name: str) -> None:
    """A number written `null` in any case is absent (B-35, B-36)."""
    columns = {**INTS, **DECIMALS}
    assert good(send(name, "NuLL"))[columns[name]] is None


@pytest.mark.parametrize("name", [*INTS, *DECIMALS, *BOOLS, *TIMES, *SIZES, "eid", "sid", "e", "p"])
def test_b_32_empty_value_fails_where_a_value_is_needed(name: str) -> None:
    """Empty text is no number, boolean, time, size, UUID, event or platform (B-32)."""
    row = bad(page_view(**{name: ""}) if name in PAYLOAD_NAMES else get(f"e=pv&{name}="))
    assert row["errors"][0]["where"] == name


@pytest.mark.parametrize("name", sorted(TEXTS.keys() - {"cv"}))
def test_b_32_empty_text_is_absent(name: str) -> None:
    """Empty text is stored as null (B-32)."""
    raw = page_view(**{name: ""}) if name in PAYLOAD_NAMES else get(f"e=pv&{name}=")
    assert good(raw)[TEXTS[name]] is None


@pytest.mark.parametrize("name", sorted(TEXTS.keys() - {"nuid", "tnuid"}))
def test_b_34_text_is_tsv_safe(name: str) -> None:
    """A tab becomes four spaces and other control characters go (B-34)."""
    if name in PAYLOAD_NAMES:
        raw = page_view(**{name: "a\t\x00\r\n\x7f"})
    else:
        raw = get(f"e=pv&{name}=a%09%00%0D%0A%7F")
    limit = _MAX[TEXTS[name]]
    if limit is not None and limit < 5:
        assert bad(raw)["errors"][0]["keyword"] == "maxLength"
    else:
        assert good(raw)[TEXTS[name]] == "a    "


@pytest.mark.parametrize(
    ("text", "fits"), [("😀" * 50, True), ("😀" * 51, False), ("é" * 100, True)]
)
def test_b_48_length_counts_utf_16_units(text: str, fits: bool) -> None:
    """A character outside the basic plane counts twice (B-48)."""
    raw = page_view(tv=text)
    if fits:
        assert good(raw)["v_tracker"] == text
    else:
        row = bad(raw)
        assert row["failure"] == "schema_violations"
        assert row["errors"][0]["where"] == "v_tracker"


def test_b_33_all_errors_of_an_event_are_told() -> None:
    """Every conversion error of an event is reported, not just the first (B-33)."""
    row = bad(page_view(vp="x", res="y", dtm="z", cookie="w", co="{", duid="d" * 200))
    assert {e["where"] for e in row["errors"]} == {
        *("vp", "res", "dtm", "cookie", "co", "domain_userid")
    }
    assert "5 more problems" in row["reason"]


def test_b_29_later_of_two_parameters_wins_whatever_their_order() -> None:
    """`tnuid` beats `nuid`, `se_*` beats `ev_*`, `ti_nm` beats `ti_na` (B-29, B-31)."""
    for first, second in ((("nuid", "a"), ("tnuid", "b")), (("tnuid", "b"), ("nuid", "a"))):
        assert good(post({**PAGE_VIEW, **dict((first, second))}))["network_userid"] == "b"
    for query in ("ev_ca=a&se_ca=b", "se_ca=b&ev_ca=a"):
        assert good(get(f"e=se&{query}"))["se_category"] == "b"
    for query in ("ti_na=a&ti_nm=b", "ti_nm=b&ti_na=a"):
        assert good(get(f"e=ti&{query}"))["ti_name"] == "b"
    for query in ("ev_va=1&se_va=2", "se_va=2&ev_va=1"):
        assert good(get(f"e=se&{query}"))["se_value"] == 2.0


def test_b_29_tracker_beats_request() -> None:
    """A network user id and a user agent of the event beat those of the request (B-29)."""
    row = good(
        post(
            {**PAGE_VIEW, "ua": "mine", "nuid": OTHER_UUID},
            user_agent="header",
            network_userid=UUID,
        )
    )
    assert row["useragent"] == "mine"
    assert row["network_userid"] == OTHER_UUID


def test_b_28_request_fills_what_the_event_leaves_out() -> None:
    """Times, versions, address, network user id and user agent come from the request (B-28)."""
    row = good(
        post(
            PAGE_VIEW,
            user_agent="A\r\n\tB",
            network_userid=UUID,
            address="203.0.113.77",
        )
    )
    assert row["etl_tstamp"] == 1_795_501_201_000
    assert row["collector_tstamp"] == 1_795_501_200_789
    assert row["collector_date"] == "2026-11-24"
    assert row["v_collector"] == "wo-c-1"
    assert row["v_etl"] == "wo-e-1"
    assert row["user_ipaddress"] == "203.0.113.0"
    assert row["network_userid"] == UUID
    assert row["useragent"] == "A    B"


def test_b_48_user_agent_header_is_limited_like_the_parameter() -> None:
    """A user agent header longer than its column fails, unless `ua` replaces it (B-48)."""
    assert bad(post(PAGE_VIEW, user_agent="u" * 1001))["errors"][0]["where"] == "useragent"
    assert good(post({**PAGE_VIEW, "ua": "x"}, user_agent="u" * 1001))["useragent"] == "x"


def test_b_58_v_collector_must_be_set() -> None:
    """An empty `cv` fails the enrichment of the event (B-58)."""
    row = bad(get("e=pv&cv="))
    assert row["failure"] == "enrichment_failures"
    assert row["errors"][0]["where"] == "cv"


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("198.51.100.7", "198.51.100.0"),
        ("198.51.100.7, 10.0.0.1", "198.51.100.0"),
        ("198.51.100.7|x", "198.51.100.0"),
        ("2001:db8:1:2::3", "2001:db8:1::"),
    ],
)
def test_b_43_believed_address(text: str, stored: str) -> None:
    """A believed `ip` is cut at the first comma, pipe or space, and shortened (B-43, A-58)."""
    assert good(page_view(ip=text), trust_tracker_ip=True)["user_ipaddress"] == stored


def test_b_43_address_must_be_one() -> None:
    """A believed `ip` that is no address fails the event; its text is not in the payload (B-43)."""
    row = bad(page_view(ip="hello"), trust_tracker_ip=True)
    assert row["errors"][0]["where"] == "ip"
    assert "ip" not in row["payload"]


def test_b_43_address_is_ignored_by_default() -> None:
    """Without trust `ip` changes nothing, whatever it says (B-43)."""
    raw = post({**PAGE_VIEW, "ip": "hello"}, address="203.0.113.0")
    assert good(raw)["user_ipaddress"] == "203.0.113.0"


def test_remembered_values_are_bounded_and_right() -> None:
    """Values that come again and again are remembered, a bounded number of them."""
    for number in range(1_200):
        row = good(page_view(tna=f"n{number}", vp=f"{number}x{number + 1}"))
        assert row["name_tracker"] == f"n{number}"
        assert (row["br_viewwidth"], row["br_viewheight"]) == (number, number + 1)
    assert all(len(slot[1] or ()) <= 1_024 for slot in SLOTS.values() if slot is not None)
    assert good(page_view(tna="n7", vp="7x8"))["br_viewheight"] == 8

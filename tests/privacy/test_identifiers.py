"""The table of identifiers, which everything else consults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from whiteout.privacy import (
    BY_COLUMN,
    BY_NAME,
    BY_PARAMETER,
    HEADERS,
    IDENTIFIERS,
    SHOWN_IDENTIFIERS,
    ZERO_UUID,
    Identifier,
    IdentifierClass,
)
from whiteout.privacy.keys import spelling


def repeated(items: Iterable[object]) -> list[object]:
    """What occurs more than once."""
    return [item for item, count in Counter(items).items() if count > 1]


def test_each_identifier_is_declared_once() -> None:
    """Names are unique, and each row says what it is."""
    assert repeated(row.name for row in IDENTIFIERS) == []
    assert all(row.doc.endswith(".") for row in IDENTIFIERS)
    assert list(BY_NAME.values()) == list(IDENTIFIERS)


@pytest.mark.parametrize(
    "place", ["parameters", "columns", "headers", "url_parameters", "json_keys", "json_endings"]
)
def test_a_place_belongs_to_one_identifier(place: str) -> None:
    """No parameter, column, header, URL parameter or member is claimed by two rows."""
    assert repeated(item for row in IDENTIFIERS for item in getattr(row, place)) == []


def test_entities_and_their_fields_belong_to_one_identifier() -> None:
    """No entity and no member of one is claimed by two rows."""
    assert repeated(entity for row in IDENTIFIERS for entity in row.entities) == []
    fields = [(p.vendor, p.name, p.field) for row in IDENTIFIERS for p in row.entity_fields]
    assert repeated(fields) == []
    replacements = {p.replacement for row in IDENTIFIERS for p in row.entity_fields}
    assert replacements == {"zero", "null", "absent"}


@pytest.mark.parametrize("row", IDENTIFIERS, ids=lambda row: row.name)
def test_every_identifier_has_a_place(row: Identifier) -> None:
    """A row without a place would protect nothing."""
    places = (row.parameters, row.columns, row.headers, row.cookies, row.entity_fields)
    assert any((*places, row.url_parameters, row.json_keys, row.entities))


@pytest.mark.parametrize("row", IDENTIFIERS, ids=lambda row: row.name)
def test_member_names_are_written_as_they_are_compared(row: Identifier) -> None:
    """Names of members stand in the table in lower case and without separators."""
    names = (*row.json_keys, *row.json_endings)
    assert [name for name in names if spelling(name) != name] == []


def test_look_ups_hold_every_place() -> None:
    """The look-up tables are the table, read from the other side."""
    assert {p: row.name for p, row in BY_PARAMETER.items()} == {
        "uid": "user_id",
        "duid": "domain_userid",
        "sid": "domain_sessionid",
        "vid": "domain_sessionidx",
        "nuid": "network_userid",
        "tnuid": "network_userid",
        "ip": "user_ipaddress",
        "fp": "user_fingerprint",
        "mac": "device_id",
        "ad_uid": "device_id",
    }
    assert {c: row.name for c, row in BY_COLUMN.items()} == {
        "user_id": "user_id",
        "domain_userid": "domain_userid",
        "refr_domain_userid": "domain_userid",
        "refr_dvce_tstamp": "domain_userid",
        "domain_sessionid": "domain_sessionid",
        "domain_sessionidx": "domain_sessionidx",
        "network_userid": "network_userid",
        "user_ipaddress": "user_ipaddress",
        "user_fingerprint": "user_fingerprint",
        "mkt_clickid": "foreign_id",
    }


def test_only_the_current_session_outlives_anonymity() -> None:
    """Contract 7: nothing but the session and its number may stay with an anonymous event."""
    assert {row.name for row in IDENTIFIERS if row.with_session} == {
        "domain_sessionid",
        "domain_sessionidx",
    }
    assert all(row.kind is IdentifierClass.SESSION for row in IDENTIFIERS if row.with_session)


def test_every_header_that_carries_an_identifier_is_known() -> None:
    """A-48, A-50: cookies, proof of identity, and whatever proxies call an address."""
    assert {
        *("authorization", "cf-connecting-ip", "client-ip", "cookie", "fastly-client-ip"),
        *("fly-client-ip", "forwarded", "forwarded-for", "proxy-authorization", "set-cookie"),
        *("true-client-ip", "via", "x-appengine-user-ip", "x-azure-clientip", "x-azure-socketip"),
        *("x-client-ip", "x-cluster-client-ip", "x-envoy-external-address", "x-forwarded"),
        *("x-forwarded-for", "x-original-forwarded-for", "x-originating-ip", "x-real-ip"),
        *("x-remote-addr", "x-remote-ip", "x-vercel-forwarded-for"),
    } <= HEADERS
    assert all(name == name.lower() for name in HEADERS)


def test_shown_identifiers_are_columns() -> None:
    """What a person is shown beside an event is an identifier and a column of the same name."""
    assert [BY_COLUMN[name].name for name in SHOWN_IDENTIFIERS] == list(SHOWN_IDENTIFIERS)


def test_zero_uuid() -> None:
    """Contract 10: the value that stands where a schema demands one."""
    assert ZERO_UUID == "00000000-0000-0000-0000-000000000000"

"""Which identifier a name stands for (F-P4, F-P10)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.privacy.strategies import FIELDS, JSON_ENDINGS, JSON_KEYS, WHOLE_ENTITIES, spelled, words
from whiteout.privacy import IDENTIFIERS, identifier_of
from whiteout.privacy.keys import entity_field, entity_identifier, is_session, kind_of, spelling


@given(st.sampled_from(JSON_KEYS).flatmap(spelled), st.sampled_from(("", "2", "_1")))
def test_names_are_known_in_every_spelling(name: str, number: str) -> None:
    """`userId`, `user_id`, `User-ID` and `user.id2` are one name."""
    assert identifier_of(name + number) is not None


@given(words, st.sampled_from(JSON_ENDINGS).flatmap(spelled))
def test_names_are_known_behind_other_words(word: str, ending: str) -> None:
    """`currentUserId` is a user id too."""
    assert identifier_of(f"{word}_{ending}") is not None


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("refr_domain_userid", "domain_userid"),
        ("user[email]", "email"),
        ("\N{FULLWIDTH LATIN SMALL LETTER U}id", "user_id"),
        ("user\N{ZERO WIDTH SPACE}Id", "user_id"),
        ("X-Forwarded-For", "user_ipaddress"),
        ("Authorization", "credentials"),
        ("cookie", "network_userid"),
        ("_sp", "domain_userid"),
        ("sp", "network_userid"),
        ("_sp_id.1fff", "domain_userid"),
        ("_sp_ses.1fff", "domain_sessionid"),
        ("_ga", "foreign_id"),
        ("session.id", "domain_sessionid"),
        ("x" * 200 + "UserId", "user_id"),
        ("ipv4", "user_ipaddress"),
    ],
)
def test_names_of_identifiers(name: str, identifier: str) -> None:
    """Parameters, columns, headers, cookies and members are found by their names."""
    found = identifier_of(name)
    assert found is not None
    assert found.name == identifier


@pytest.mark.parametrize(
    "name",
    [
        *("id", "name", "title", "value", "data", "schema", "url", "targetUrl", "elementId"),
        *("eventIndex", "storageMechanism", "documentId", "productId", "sku", "via", "address"),
        *("useragent", "user", "session", "emails_sent", "phoneModel", "script", "zip", ""),
    ],
)
def test_ordinary_names(name: str) -> None:
    """Names that say nothing about who somebody is."""
    assert identifier_of(name) is None


def test_every_place_of_the_table_is_found_by_its_name() -> None:
    """What is an identifier as parameter, column or header is one as a member of JSON too."""
    for row in IDENTIFIERS:
        for name in (*row.parameters, *row.columns, *row.headers, *row.url_parameters):
            assert name == "via" or identifier_of(name) is not None
        for name in row.cookies:
            assert identifier_of(name) is not None


@pytest.mark.parametrize(("vendor", "name"), WHOLE_ENTITIES)
@pytest.mark.parametrize("form", ["{}", "  {}", "{}/more"])
def test_entities_are_known_in_every_spelling(vendor: str, name: str, form: str) -> None:
    """An entity that goes whole is not saved by another case or a schema that is no URI."""
    for text in (f"iglu:{vendor}/{name}/jsonschema/1-0-0", f"iglu:{vendor}/{name}/".upper()):
        kind = kind_of(form.format(text))
        assert kind is not None
        assert entity_identifier(kind) is not None
        assert not is_session(kind)


def test_session_entity_is_known() -> None:
    """R35: `client_session` is nothing but a session."""
    kind = kind_of("iglu:com.snowplowanalytics.snowplow/client_session/jsonschema/1-0-2")
    assert kind is not None
    assert is_session(kind)
    assert entity_identifier(kind) is None


@pytest.mark.parametrize("schema", [None, 5, "", "iglu:a", "iglu:a/b", "http://a/b/c", ["iglu:"]])
def test_what_names_no_entity(schema: object) -> None:
    """Anything but an Iglu URI names no entity."""
    assert kind_of(schema) is None


def test_members_of_entities_are_known_in_every_spelling() -> None:
    """R35, R37, E-18: members of known entities, with what replaces them."""
    for place in FIELDS:
        kind = kind_of(f"iglu:{place.vendor}/{place.name}/jsonschema/1-0-0")
        assert kind is not None
        for name in (place.field, place.field.upper()):
            found = entity_field(kind, spelling(name))
            assert found is not None
            assert found[1] is place
    assert entity_field(("a", "b"), "userid") is None

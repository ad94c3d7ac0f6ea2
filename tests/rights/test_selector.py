"""Whom a request can be about."""

from __future__ import annotations

import pytest

from whiteout.privacy import ZERO_UUID
from whiteout.rights import KINDS, Request, Selector, SelectorError
from whiteout.rights.selector import Kind

UUID = "6F1C1A2E-0000-4000-8000-000000000001"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_nobody_is_found_by_what_stands_for_nobody(kind: Kind) -> None:
    """Contract 10: the zero UUID and the like are absence; they would select everybody."""
    for value in ("", "  ", ZERO_UUID, "unknown", "null", "x" * 1_001):
        with pytest.raises(SelectorError) as caught:
            Selector.of(kind.name, value)
        assert value.strip() == "" or value not in str(caught.value)


def test_an_event_is_named_by_a_uuid() -> None:
    """B.6: an event_id is a UUID, stored in lower case."""
    assert Selector.of("event", UUID).value == UUID.lower()
    with pytest.raises(SelectorError, match="UUID"):
        Selector.of("event", "the-first-one")


@pytest.mark.parametrize(
    ("value", "clear"),
    [
        (UUID, True),
        ("ann@example.com", True),
        ("customer-0123456789", True),
        ("elizabeth", False),
        ("42", False),
        ("1234567890123456789", False),
        ("a-word-that-is-long-enough", False),
    ],
)
def test_only_what_is_nobody_elses_counts_everywhere(value: str, *, clear: bool) -> None:
    """`elizabeth` may be the title of a page; a UUID or an address is somebody wherever it is."""
    assert Selector.of("user_id", value).unmistakable is clear


def test_uuids_are_the_same_in_either_case() -> None:
    """A UUID is one in upper and in lower case, other identifiers are what they are."""
    assert Selector.of("domain_userid", UUID).same(UUID.lower())
    assert not Selector.of("user_id", "Ann").same("ann")
    assert not Selector.of("user_id", "Ann").same(None)


def test_a_selector_does_not_show_up_in_errors() -> None:
    """A request that is printed names nobody."""
    assert "ann" not in repr(Request("1", "forget", "now", "user_id", "ann"))

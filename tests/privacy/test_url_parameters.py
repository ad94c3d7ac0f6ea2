"""URLs without parameters that a site names (B-68, F-P4)."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whiteout.privacy import UrlRules

RULES = UrlRules(frozenset({"token", "sid"}), frozenset({"email"}))


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://a.example/p?token=1", "https://a.example/p"),
        ("https://a.example/p?a=1&token=2&b=3", "https://a.example/p?a=1&b=3"),
        ("https://a.example/p?token=2;a=1;b", "https://a.example/p?a=1;b"),
        ("https://a.example/?TOKEN=1&%74oken=2&+token=3", "https://a.example/"),
        ("https://a.example/?email=me%40a.example", "https://a.example/?email=***"),
        ("https://a.example/?email", "https://a.example/?email"),
        ("https://a.example/#token=1&x=2", "https://a.example/#x=2"),
        ("https://a.example/#/way?token=1", "https://a.example/#/way?"),
        ("https://a.example/#token=1", "https://a.example/"),
        ("https://a.example/#token", "https://a.example/#token"),
        ("https://a.example/?", "https://a.example/?"),
        ("https://a.example/token=1", "https://a.example/token=1"),
        ("?sid=1", ""),
        ("", ""),
    ],
)
def test_named_parameters_go(url: str, clean: str) -> None:
    """F-P4: they go from query and fragment, however their names are written."""
    assert RULES.clean(url) == clean


@given(st.text("a=&;?#%token26", max_size=40))
def test_nothing_of_that_name_is_left(url: str) -> None:
    """F-P4: what a reader of the query finds has no such name, and a clean URL stays as it is."""
    clean = RULES.clean(f"https://a.example/?{url}")
    query = clean.partition("#")[0].partition("?")[2].replace(";", "&")
    assert not {name.strip().lower() for name, _ in parse_qsl(query, keep_blank_values=True)} & {
        "token"
    }
    assert RULES.clean(clean) == clean


@given(st.text(max_size=60))
def test_without_such_names_a_url_stays(url: str) -> None:
    """F-P4: nothing else of a URL is rewritten."""
    assert UrlRules(frozenset({"\0"})).clean(url) == url


def test_rules_without_names_are_none() -> None:
    """The rules of a site that names nothing are false."""
    assert not UrlRules()
    assert UrlRules(masked=frozenset({"a"}))

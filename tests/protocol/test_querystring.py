"""Query strings of GET requests (A-38, B-6, B-7)."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whiteout.protocol.querystring import MAX_PAIRS, BadQueryError, first_value, parse_query


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        ("", {}),
        ("e=pv&p=web", {"e": "pv", "p": "web"}),
        ("a=1;b=2", {"a": "1", "b": "2"}),
        ("a=1&&;b=2&", {"a": "1", "b": "2"}),
        ("a=1&a=2", {"a": "2"}),
        ("a=1&a", {"a": None}),
        ("a", {"a": None}),
        ("a=", {"a": ""}),
        ("a=b=c", {"a": "b=c"}),
        ("a=x+y%20z%2B", {"a": "x y z+"}),
        ("%61=%C3%A9", {"a": "\u00e9"}),
        ("a=%FF", {"a": "\ufffd"}),
        ("a=\u00e9&b=[1]", {"a": "\u00e9", "b": "[1]"}),
        ("=x", {"": "x"}),
    ],
)
def test_query_strings(query: str, parameters: dict[str, str | None]) -> None:
    """B-7: form decoding, both separators, the last of equal names, and names without a value."""
    assert parse_query(query) == parameters


@pytest.mark.parametrize(
    ("query", "position"),
    [
        *(("a=|", 2), ("a={", 2), ('"', 0), ("a b", 1), ("a=%", 2), ("a=%2", 2), ("a=%zz", 2)),
        *(("a=%41%", 5), ("a\x00", 1), ("a\n", 1), ("a\x7f", 1), ("a<", 1), ("^", 0), ("`", 0)),
    ],
)
def test_what_no_uri_can_hold(query: str, position: int) -> None:
    """B-6: the first fault is told by its position, without content."""
    with pytest.raises(BadQueryError) as caught:
        parse_query(query)
    assert caught.value.position == position
    assert str(caught.value).endswith(f"position {position}")


def test_too_many_pairs() -> None:
    """A query string cannot make a table of any size."""
    pairs = [f"a{n}=1" for n in range(MAX_PAIRS)]
    assert len(parse_query("&".join(pairs))) == MAX_PAIRS
    with pytest.raises(BadQueryError) as caught:
        parse_query("&".join([*pairs, "more=1"]))
    assert caught.value.position == len("&".join(pairs))


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_round_trip(parameters: dict[str, str]) -> None:
    """B-7: what a client encodes as a form is read again."""
    assert parse_query(urlencode(parameters)) == parameters
    assert parse_query(urlencode(parameters, quote_via=quote, safe="")) == parameters


@given(st.text())
def test_nothing_else_is_raised(query: str) -> None:
    """B-6: any text is read or refused, and a refusal points into the text."""
    try:
        parameters = parse_query(query)
    except BadQueryError as error:
        position = error.position
    else:
        position = 0
        assert all(isinstance(name, str) for name in parameters)
    assert 0 <= position <= len(query)


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("nuid=a%20b&nuid=c", "a b"),
        ("a=1;nuid=x", "x"),
        ("nu%69d=x", "x"),
        ("nuid", None),
        ("nuid=", ""),
        ("a=|&nuid=x", "x"),
        ("xnuid=1&NUID=1", None),
        ("", None),
    ],
)
def test_first_value(query: str, value: str | None) -> None:
    """A-38: the first value of one parameter, whatever else the query holds."""
    assert first_value(query, "nuid") == value

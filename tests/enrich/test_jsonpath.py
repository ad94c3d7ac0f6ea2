"""Places in entities (C-17, C-18)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whiteout.enrich.jsonpath import GONE, Path

DATA = {
    "user": {"email": "a", "phones": ["b", {"email": "c"}]},
    "items": [{"id": 1}, {"id": 2, "email": "d"}],
    "e-mail": "e",
    "a b": "f",
    "none": None,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=12,
)
PATHS = st.lists(
    st.sampled_from([".a", "..b", "[*]", "[0]", ".*", "..*", "['c']"]), min_size=1, max_size=3
).map(lambda steps: "$" + "".join(steps))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$.user.email", ["a"]),
        ("$['user']['email']", ["a"]),
        ('$["user"].email', ["a"]),
        ("$.e-mail", ["e"]),
        ("$['a b']", ["f"]),
        ("$.items[*].id", [1, 2]),
        ("$.items[1].id", [2]),
        ("$.items[7].id", []),
        ("$.items.id", []),
        ("$..email", ["a", "c", "d"]),
        ("$.user..email", ["a", "c"]),
        ("$.user.*", ["a", ["b", {"email": "c"}]]),
        ("$.none", [None]),
        ("$.none.deeper", []),
        ("$.nothing", []),
        ("$.user[0]", []),
    ],
)
def test_what_a_path_names(text: str, found: list[Any]) -> None:
    """C-17: members, elements, all of them, any depth; what is not there is left out."""
    seen: list[Any] = []

    def see(value: Any) -> Any:
        seen.append(value)
        return value

    data = copy.deepcopy(DATA)
    assert Path(text).change(data, see) == DATA
    assert sorted(map(str, seen)) == sorted(map(str, found))


@pytest.mark.parametrize(
    "text",
    ["", "$", "a", "$a", "$.", "$..", "$.a.", "$.a b", "$['a", "$[?(@.a)]", "$[-1]", "$...a"],
)
def test_what_is_no_path(text: str) -> None:
    """C-13: a path that cannot be read stops the start-up, and is named."""
    with pytest.raises(ValueError, match="a JSONPath"):
        Path(text)


def test_what_is_taken_out_is_gone() -> None:
    """C-24: members and elements go, whatever stands beside them."""
    data: Any = {"a": [1, 2, 3], "b": {"c": 1, "d": 2}}
    Path("$.a[*]").change(data, lambda value: GONE if value < 3 else value)
    Path("$.b.c").change(data, lambda _: GONE)
    assert data == {"a": [3], "b": {"d": 2}}


@given(JSON, PATHS)
def test_no_member_is_made(data: Any, text: str) -> None:
    """C-18: a path that changes nothing leaves all data as it was, and never raises."""
    assert Path(text).change(copy.deepcopy(data), lambda value: value) == data


@given(JSON, PATHS)
def test_what_was_taken_out_is_not_found_again(data: Any, text: str) -> None:
    """C-24: of names no second look finds anything; of an element the next may follow."""
    path = Path(text)
    path.change(data, lambda _: GONE)
    if "[0]" not in text:
        seen: list[Any] = []
        path.change(data, seen.append)
        assert seen == []

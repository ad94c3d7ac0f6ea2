"""Request paths that carry events (A.1, A-1, B-5, B-10; contracts 7 and 14)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whiteout.protocol.paths import (
    ANONYMOUS_PREFIX,
    PIXEL_PATHS,
    RESERVED,
    SUPPORTED,
    TP1,
    TP2,
    Adapter,
    adapter_of,
    is_event_path,
)

VENDOR = "com.snowplowanalytics.snowplow"


@pytest.mark.parametrize(
    ("path", "adapter"),
    [
        ("/i", TP1),
        ("/ice.png", TP1),
        (f"/{VENDOR}/tp1", TP1),
        (f"/{VENDOR}/tp2", TP2),
        (f"{VENDOR}/tp2", TP2),
        (f"/{VENDOR}/tp2/", TP2),
        ("/foo/bar", Adapter("foo", "bar")),
        ("/", None),
        ("", None),
        ("/foo", None),
        ("/foo/", None),
        ("//bar", None),
        ("/foo/bar/more", None),
        ("/foo/bar//", None),
        ("/i/", None),
    ],
)
def test_adapters(path: str, adapter: Adapter | None) -> None:
    """B-5, B-10: two segments name an adapter, the oldest paths name the first one."""
    assert adapter_of(path) == adapter


@pytest.mark.parametrize("path", [f"/{VENDOR}/tp2", f"/{VENDOR}/tp1", "/foo/bar", "/r/tp2"])
def test_event_paths(path: str) -> None:
    """A.1, A-1: every path of two segments is an event path, known or not."""
    assert is_event_path(path)


@pytest.mark.parametrize(
    "path",
    [
        *("", "*", "/", "/foo", "/foo/", "/foo/bar/", "/foo/bar/more", "//foo", "//", "foo/bar"),
        *(f"/{segment}/x" for segment in RESERVED),
        *PIXEL_PATHS,
    ],
)
def test_other_paths(path: str) -> None:
    """A.1, contract 14: other numbers of segments, and first segments of our own."""
    assert not is_event_path(path)


@given(st.text("ab/.", max_size=8))
def test_event_paths_have_an_adapter(path: str) -> None:
    """B-5: whatever is accepted as an event can be read as one later."""
    assert not is_event_path(path) or adapter_of(path) is not None


def test_fixed_names() -> None:
    """Contracts 7 and 14: the anonymous prefix is reserved, and both adapters are supported."""
    assert ANONYMOUS_PREFIX.strip("/") in RESERVED
    reserved = {"anonymous", "privacy", "micro", "assets", "plugins", "api", "demo", "try"}
    assert reserved == RESERVED
    supported = {TP1, TP2}
    assert supported == SUPPORTED

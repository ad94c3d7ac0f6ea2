"""Wrong and contradictory options are errors at once; right ones are copied (W40)."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from tests.tracker.support import Bench
from whiteout.privacy import StorageStrategy
from whiteout.tracker import ConfigurationError, Options, Tracker, TrackerOptions
from whiteout.tracker.options import NAMES

URL = "https://collector.invalid"
WRONG: list[dict[str, Any]] = [
    {"app_id": 3},
    {"app_Id": "x"},
    {"appId": "x"},
    {"keepalive": True},
    {"platform": "toaster"},
    {"encode_base64": "yes"},
    {"cookie_name": "a b"},
    {"cookie_name": ""},
    {"cookie_domain": "a;b"},
    {"cookie_path": "a\r\nb"},
    {"cookie_same_site": "Loose"},
    {"cookie_same_site": "None", "cookie_secure": False},
    {"cookie_lifetime": -1},
    {"cookie_lifetime": 1.5},
    {"session_cookie_timeout": 0},
    {"session_cookie_timeout": True},
    {"state_storage_strategy": "cookies"},
    {"state_storage_strategy": None},
    {"anonymous_tracking": "yes"},
    {"anonymous_tracking": 1},
    {"anonymous_tracking": {"withServerAnonymization": True}},
    {"anonymous_tracking": {"with_session_tracking": 1}},
    {"anonymous_tracking": {"withSessionTracking": True, "with_session_tracking": False}},
    {"respect_do_not_track": "maybe"},
    {"respect_global_privacy_control": 1},
    {"opt_out_cookie": "a=b"},
    {"contexts": ["session"]},
    {"contexts": {"browser": True}},
    {"contexts": {"session": 1}},
    {"plugins": "x"},
    {"on_drop": "x"},
    {"consent_buffer": 0},
    {"consent_buffer": True},
    {"event_method": "put"},
    {"post_path": "x"},
    {"post_path": "/a b"},
    {"protocol": "ftp"},
    {"port": 0},
    {"port": "80"},
    {"buffer_size": 0},
    {"buffer_size": 20_000},
    {"max_post_bytes": 1},
    {"custom_headers": {"a b": "c"}},
    {"custom_headers": {"a": "b\r\nc: d"}},
    {"custom_headers": ["a"]},
    {"retry_status_codes": [99]},
    {"retry_status_codes": 500},
    {"retry_status_codes": [500], "dont_retry_status_codes": [500]},
    {"use_local_storage": True, "state_storage_strategy": "none"},
    {"use_local_storage": True, "state_storage_strategy": "cookie"},
    {"data_folder": 3},
    {"cookies": {}},
    {"signals": object()},
    {"transport": object()},
    {"clock": 3},
    {"anonymous_fields": "some"},
    {"anonymous_url_parameters": "page"},
]


@pytest.mark.parametrize("options", WRONG)
def test_wrong_options(options: dict[str, Any]) -> None:
    """Each wrong value is refused with the name of its option, and nothing is started."""
    with pytest.raises(ConfigurationError) as caught:
        Tracker("sp", URL, **options)
    assert any(
        name in str(caught.value) for name in (*options, "retry_", "endpoint", "anonymous_tracking")
    )


@pytest.mark.parametrize(
    ("namespace", "endpoint"),
    [
        ("", URL),
        (None, URL),
        ("sp", ""),
        ("sp", None),
        ("sp", "http://"),
        ("sp", "https://a b"),
        ("sp", "https://user:pw@host"),
        ("sp", "https://host/?q"),
        ("sp", "https://host:99999"),
        ("sp", "https://host/\r\nx"),
    ],
)
def test_wrong_endpoints(namespace: Any, endpoint: Any) -> None:
    """A namespace is text, and an endpoint an address without credentials or query."""
    with pytest.raises(ConfigurationError):
        Tracker(namespace, endpoint)


@pytest.mark.parametrize(
    ("endpoint", "options", "url"),
    [
        ("c.test", {}, "https://c.test"),
        ("c.test/", {"protocol": "http"}, "http://c.test"),
        ("http://c.test", {}, "http://c.test"),
        ("c.test/base/", {"port": 8080}, "https://c.test:8080/base"),
        ("https://c.test:8080", {"port": 8080}, "https://c.test:8080"),
        ("httpbin.test", {}, "https://httpbin.test"),
    ],
)
def test_endpoints(endpoint: str, options: dict[str, Any], url: str) -> None:
    """An endpoint gets a scheme and a port, and loses a slash at its end (R4)."""
    assert Options.read("sp", endpoint, options).endpoint == url


@pytest.mark.parametrize("strategy", StorageStrategy)
def test_both_spellings(strategy: StorageStrategy) -> None:
    """Values are accepted as the protocol spells them, and in snake_case."""
    snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in strategy.value)
    for spelling in (strategy.value, snake):
        options = Options.read("sp", URL, {"state_storage_strategy": spelling})
        assert options.state_storage_strategy is strategy


def test_options_are_copied(bench: Bench) -> None:
    """What the program does to its configuration afterwards changes nothing (W40)."""
    headers = {"X-Site": "me"}
    contexts = {"session": True}
    tracker = bench.tracker(custom_headers=headers, contexts=contexts)
    headers["X-Site"] = "you"
    contexts["session"] = False
    event = bench.view(tracker)
    assert bench.collector.requests[0].headers["x-site"] == "me"
    assert event.entity("client_session") is not None


def test_every_option_is_typed_and_explained() -> None:
    """Keyword arguments, checks and documentation name the same options."""
    typed = set(TrackerOptions.__annotations__)
    assert typed == NAMES
    special = {"namespace", "endpoint", "web_page", "session_context"}
    documented = {row.name for row in fields(Options)} - special
    assert documented == NAMES - {"protocol", "port", "contexts"}
    page = (Path(__file__).parents[2] / "docs" / "python.md").read_text()
    assert [name for name in sorted(NAMES) if f"`{name}`" not in page] == []


def test_setters_take_text(bench: Bench) -> None:
    """A setter with a value of the wrong type says so at once."""
    tracker: Any = bench.tracker()
    calls: list[Any] = [
        lambda: tracker.set_user_id(3),
        lambda: tracker.set_ip_address(b"x"),
        lambda: tracker.set_viewport("a", 1),
        lambda: tracker.set_color_depth("24"),
        lambda: tracker.set_domain_session_index("1"),
        lambda: tracker.add_payload_pair("", "x"),
        lambda: tracker.set_opt_out_cookie("a b"),
        lambda: tracker.set_visitor_cookie_timeout("1"),
        lambda: tracker.set_cookie_path("a b"),
    ]
    for call in calls:
        with pytest.raises(ConfigurationError):
            call()


def test_setters(bench: Bench) -> None:
    """What is set by hand is sent, until it is taken back."""
    tracker = bench.tracker()
    tracker.set_domain_session_id("s")
    tracker.set_domain_session_index(7)
    tracker.set_platform("srv")
    tracker.set_color_depth(24)
    event = bench.view(tracker)
    assert [event[name] for name in ("sid", "vid", "p", "cd")] == ["s", "7", "srv", "24"]
    tracker.set_domain_session_id(None)
    tracker.set_platform(None)
    event = bench.view(tracker)
    assert (event["sid"], event["p"]) == (tracker.get_domain_session_id(), "pc")

"""The official Python and Node.js trackers, unmodified: their events arrive by GET and by POST."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from snowplow_tracker import (
    Emitter,
    PageView,
    SelfDescribing,
    SelfDescribingJson,
    Subject,
    Tracker,
)

from tests.support.process import Whiteout
from tests.support.web import node, prepare

METHODS: tuple[Literal["get", "post"], ...] = ("get", "post")
BASKET = "iglu:com.example/basket/jsonschema/1-0-0"
CHECKOUT = "iglu:com.example/checkout/jsonschema/1-0-0"


@pytest.fixture(scope="module")
def whiteout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whiteout]:
    """A server for all trackers of this module."""
    with Whiteout(Path(tmp_path_factory.mktemp("others"))) as server:
        yield server


def _assert_stored(whiteout: Whiteout, app_id: str, tracker: str) -> None:
    """A page view and a self-describing event with an entity each are there, as they were sent."""
    rows = whiteout.wait_for_rows(f"SELECT * FROM events WHERE app_id = '{app_id}'", 2)
    by_event = {row["event"]: row for row in rows}
    view, checkout = by_event["page_view"], by_event["unstruct"]
    assert view["page_url"] == "https://shop.example.test/a?b=c"
    assert view["page_title"] == "Shop"
    assert checkout["event_name"] == "checkout"
    assert _data(checkout["unstruct_event"]) == {"schema": CHECKOUT, "data": {"total": 12.5}}
    for row in rows:
        assert _data(row["contexts"]) == [{"schema": BASKET, "data": {"items": 3}}]
        assert row["user_id"] == "bob"
        assert row["v_tracker"].startswith(tracker)
        assert row["mode_inferred"] == "identified"
    failed = whiteout.rows(f"SELECT * FROM failed_events WHERE app_id = '{app_id}'")
    assert failed == []


def _data(text: str) -> Any:
    return json.loads(text)["data"]


@pytest.mark.parametrize("method", METHODS)
def test_python_tracker(whiteout: Whiteout, method: Literal["get", "post"]) -> None:
    """Events of the tracker from the Python package index are stored."""
    failures: list[int] = []
    emitter = Emitter(
        "127.0.0.1",
        protocol="http",
        port=whiteout.port,
        method=method,
        batch_size=1,
        on_failure=lambda sent, unsent: failures.append(len(unsent)),
    )
    app_id = f"python-{method}"
    subject = Subject().set_user_id("bob")
    tracker = Tracker("py", emitter, app_id=app_id, subject=subject, encode_base64=method == "get")
    context = [SelfDescribingJson(BASKET, {"items": 3})]
    tracker.track(PageView("https://shop.example.test/a?b=c", page_title="Shop", context=context))
    event = SelfDescribingJson(CHECKOUT, {"total": 12.5})
    tracker.track(SelfDescribing(event, context=context))
    tracker.flush()
    assert failures == []
    _assert_stored(whiteout, app_id, "py-")


@pytest.mark.parametrize("method", METHODS)
def test_node_tracker(whiteout: Whiteout, method: str) -> None:
    """Events of the Node.js tracker from the npm registry are stored."""
    prepare()
    assert node("node-events.mjs", whiteout.url, method, f"node-{method}") == "2\n"
    _assert_stored(whiteout, f"node-{method}", "node-")

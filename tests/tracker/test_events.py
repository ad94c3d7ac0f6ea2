"""Events, entities, global contexts, plugins (chapters 6 and 7 of the protocol)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracker.support import START, Bench
from whiteout.privacy import decode_base64url
from whiteout.protocol.iglu import parse_uri
from whiteout.schemas.registry import SchemaRegistry
from whiteout.tracker import (
    CmpVisible,
    ConfigurationError,
    ConsentGranted,
    ConsentPreferences,
    ConsentWithdrawn,
    ContextEvent,
    Entity,
    Event,
    LinkClick,
    PagePing,
    PageView,
    Plugin,
    ScreenView,
    SelfDescribing,
    StructuredEvent,
    TrueTimestamp,
)

THING = "iglu:com.acme.shop/thing/jsonschema/1-0-0"
PREFERENCES: dict[str, Any] = {
    "basis_for_processing": "consent",
    "consent_url": "https://shop.test/consent",
    "consent_version": "1.0",
    "consent_scopes": ["analytics"],
    "domains_applied": ["shop.test"],
    "gdpr_applies": True,
}
EVENTS: list[Event] = [
    PageView("https://shop.test/", "Shop", "https://from.test/"),
    PagePing("https://shop.test/", min_x=0, max_x=10, min_y=0, max_y=200),
    StructuredEvent("shop", "add", "hat", "red", 0),
    SelfDescribing(THING, {"size": 3}),
    ScreenView("home", "s-1"),
    LinkClick("https://other.test/", "id", ["a", "b"], "_blank", "text"),
    ConsentPreferences("allow_all", **PREFERENCES),
    CmpVisible(150.5),
    ConsentGranted("d-1", "1", "Terms", "All of it", expiry=datetime(2027, 1, 1, tzinfo=UTC)),
    ConsentWithdrawn("d-1", "1", all=True),
]
REGISTRY = SchemaRegistry()


def check(schema: str, data: Any) -> None:
    """Data is valid under a schema that is known; the site's own is not."""
    key = parse_uri(schema)
    assert key is not None
    validator = REGISTRY.validator(key)
    if schema != THING:
        assert validator is not None
        assert validator(data) == []


@pytest.mark.parametrize("anonymous", [False, True, {"with_session_tracking": True}])
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_event_is_valid(bench: Bench, event: Event, anonymous: Any) -> None:
    """Each event and every entity beside it satisfies its schema, in each mode (R36, R161)."""
    tracker = bench.tracker(
        anonymous_tracking=anonymous, whiteout_collector=True, app_version="1.2", app_id="shop"
    )
    tracker.enable_gdpr_context("legitimateInterests", document_id="d")
    assert tracker.track(event) == bench.last["eid"]
    sent = bench.last
    assert sent["e"] == event.code
    assert (sent["aid"], sent["tna"], sent["p"]) == ("shop", "sp", "pc")
    assert sent["tv"].startswith("whiteout-py-")
    if sent.self_describing is not None:
        check(**sent.self_describing)
    for entity in sent.entities:
        check(**entity)


def test_parameters(bench: Bench) -> None:
    """Each event has its parameters; zero is a value and empty text is none (R110, R118, W36)."""
    tracker = bench.tracker()
    tracker.track_page_ping("https://shop.test/", min_x=0, max_x=-1, min_y=5, max_y=9)
    ping = bench.last
    assert [ping[name] for name in ("pp_mix", "pp_max", "pp_miy", "pp_may")] == [
        "0",
        "-1",
        "5",
        "9",
    ]
    for value, text in ((0, "0"), (2.5, "2.5"), (3.0, "3"), (Decimal("1.10"), "1.10")):
        tracker.track_struct_event("c", "a", "", value=value)  # type: ignore[arg-type]
        assert bench.last["se_va"] == text
        assert "se_la" not in bench.last
    tracker.track_screen_view("home")
    assert bench.last.self_describing == {
        "schema": "iglu:com.snowplowanalytics.snowplow/screen_view/jsonschema/1-0-0",
        "data": {"name": "home"},
    }


def test_consent_events(bench: Bench) -> None:
    """Each function names its choice; both generations of withdrawal are told apart (R160-R167)."""
    tracker = bench.tracker()
    calls = {
        "allow_all": tracker.track_consent_allow,
        "allow_selected": tracker.track_consent_selected,
        "pending": tracker.track_consent_pending,
        "implicit_consent": tracker.track_consent_implicit,
        "deny_all": tracker.track_consent_deny,
        "expired": tracker.track_consent_expired,
        "withdrawn": tracker.track_consent_withdrawn,
    }
    for choice, call in calls.items():
        call(**PREFERENCES)
        assert (bench.last.self_describing or {})["data"]["eventType"] == choice
    tracker.track_consent_withdrawn(all=False, id="d-1", version="2")
    assert bench.last.entity("consent_document") == {"id": "d-1", "version": "2"}
    tracker.track_consent_withdrawn(all=True)
    assert bench.last.entity("consent_document") is None
    tracker.track_consent_granted("d-1", "1", expiry="2027-01-01T00:00:00Z")
    assert (bench.last.self_describing or {})["data"] == {"expiry": "2027-01-01T00:00:00Z"}
    tracker.track_cmp_visible(12)
    assert (bench.last.self_describing or {})["data"] == {"elapsedTime": 12}
    with pytest.raises(ConfigurationError, match="basis"):
        tracker.enable_gdpr_context("because")


@pytest.mark.parametrize(
    ("timestamp", "name", "value"),
    [
        (None, "dtm", int(START * 1000)),
        (1_700_000_000_000, "dtm", 1_700_000_000_000),
        (1_700_000_000_000.9, "dtm", 1_700_000_000_000),
        (datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC), "dtm", 1_700_000_000_000),
        (
            datetime(2023, 11, 15, 0, 13, 20, tzinfo=timezone(timedelta(hours=2))),
            "dtm",
            1_700_000_000_000,
        ),
        (TrueTimestamp(1_700_000_000_000), "ttm", 1_700_000_000_000),
        ({"type": "ttm", "value": 1_700_000_000_000}, "ttm", 1_700_000_000_000),
        ({"type": "dtm"}, "dtm", int(START * 1000)),
    ],
)
def test_times(bench: Bench, timestamp: Any, name: str, value: int) -> None:
    """A time is now, or what the program says; a true time takes the place of the other (R112)."""
    bench.tracker().track_page_view(timestamp=timestamp)
    assert bench.last[name] == str(value)
    assert len({"dtm", "ttm"} & bench.last.keys()) == 1


def test_the_page_of_later_events(bench: Bench) -> None:
    """Address, referrer and title that were set hold for later events, the title for views only."""
    tracker = bench.tracker()
    tracker.set_custom_url("https://shop.test/a")
    tracker.set_referrer_url("https://from.test/")
    tracker.set_document_title("A")
    tracker.track_struct_event("c", "a")
    assert bench.last["url"] == "https://shop.test/a"
    assert "page" not in bench.last
    tracker.track_page_view("https://shop.test/b")
    assert (bench.last["url"], bench.last["page"]) == ("https://shop.test/b", "A")
    assert bench.last["refr"] == "https://from.test/"


def test_page_view_ids(bench: Bench) -> None:
    """The id rotates with the second page view, and not when it is preserved (R78, R79)."""
    tracker = bench.tracker()

    def view() -> str:
        return str((bench.last.entity("web_page") or {})["id"])

    tracker.track_struct_event("before", "view")
    early = view()
    tracker.track_page_view()
    first = view()
    tracker.track_struct_event("after", "view")
    after = view()
    tracker.track_page_view()
    assert early == first == after != view()
    tracker.preserve_page_view_id()
    kept = view()
    tracker.track_page_view()
    assert view() == kept == tracker.get_page_view_id()


class Colour(Enum):
    """A value of the program's own."""

    RED = "red"


def test_types_of_python(bench: Bench) -> None:
    """Dates, decimals, UUIDs, enumerations and sets become JSON; a copy is taken at once."""
    data = {
        "at": datetime(2026, 1, 2, 3, 4, 5, 6000, tzinfo=UTC),
        "day": date(2026, 1, 2),
        "price": Decimal("1.5"),
        "count": Decimal(3),
        "key": UUID(int=1),
        "colour": Colour.RED,
        "tags": {"a"},
        "nested": {"text": "ü\ud800"},
    }
    bench.collector.down = True
    tracker = bench.tracker()
    tracker.track(SelfDescribing(THING, data))
    data.clear()
    bench.collector.down = False
    tracker.flush()
    assert (bench.last.self_describing or {})["data"] == {
        "at": "2026-01-02T03:04:05.006Z",
        "day": "2026-01-02",
        "price": 1.5,
        "count": 3,
        "key": str(UUID(int=1)),
        "colour": "red",
        "tags": ["a"],
        "nested": {"text": "ü?"},
    }


WRONG: list[Any] = [
    lambda t: t.track_struct_event(object(), "a"),
    lambda t: t.track_struct_event("c", "a", value=float("nan")),
    lambda t: t.track_page_view(b"canary"),
    lambda t: t.track_page_view(context=[{"schema": "canary"}]),
    lambda t: t.track_page_view(context=[3]),
    lambda t: t.track_page_view(context=5),
    lambda t: t.track_page_view(timestamp="canary"),
    lambda t: t.track_page_view(timestamp=float("inf")),
    lambda t: t.track_self_describing_event("canary"),
    lambda t: t.track_self_describing_event({"schema": THING, "data": {"x": object()}}),
    lambda t: t.track_self_describing_event({"schema": THING, "data": {"x": float("inf")}}),
    lambda t: t.track_screen_view(),
    lambda t: t.track_consent_allow(unknown="canary"),
    lambda t: t.track(None),
    lambda t: t.track("canary"),
]


@pytest.mark.parametrize("call", WRONG)
def test_tracking_never_raises(bench: Bench, call: Any, caplog: pytest.LogCaptureFixture) -> None:
    """What cannot be sent is dropped with one line in the log, which says nothing of it (W13)."""
    caplog.set_level(logging.DEBUG)
    assert call(bench.tracker()) is None
    bench.collector.assert_nothing_sent()
    assert len(caplog.records) == 1
    assert "canary" not in caplog.text


@given(st.text(), st.text(), st.dictionaries(st.text(), st.text()), st.sampled_from([False, True]))
def test_any_text_is_carried(category: str, url: str, data: dict[str, str], base64: bool) -> None:
    """Text of any alphabet arrives as it was, and never breaks a request."""
    bench = Bench()
    tracker = bench.tracker(encode_base64=base64)
    tracker.track_struct_event(category, "a", context=[Entity(THING, data)])
    sent = bench.last
    if category:
        assert sent["se_ca"] == category.encode("utf-8", "replace").decode()
    expected = {
        k.encode("utf-8", "replace").decode(): v.encode("utf-8", "replace").decode()
        for k, v in data.items()
    }
    assert sent.entity("thing") == expected
    assert ("cx" in sent) == base64
    bench.tracker(anonymous_tracking=True).track_page_view(url, category)
    assert len(bench.collector) == 2


def test_encoding(bench: Bench) -> None:
    """Encoded JSON is base64 for URLs without padding (R121, R171)."""
    tracker = bench.tracker(encode_base64=True, contexts={"web_page": False})
    tracker.track_self_describing_event(
        {"schema": "iglu:a/b/jsonschema/1-0-0", "data": {"k": "é✓?>"}}
    )
    text = bench.last["ue_px"]
    assert not set(text) & set("+/=")
    assert "é✓?>" in decode_base64url(text.encode()).decode()


def thing(**data: Any) -> dict[str, Any]:
    """An entity of the site's own."""
    return {"schema": THING, "data": data}


def test_global_contexts(bench: Bench) -> None:
    """Entities for all events, by name, by filter, by rule and by function (R151-R155, W34)."""
    tracker = bench.tracker()
    asked: list[ContextEvent] = []

    def made(about: ContextEvent) -> list[dict[str, Any]]:
        asked.append(about)
        return [thing(n=1), thing(n=2)]

    def fails(about: ContextEvent) -> Any:
        raise ValueError("canary")

    rules = {"accept": "iglu:com.acme.*/*/jsonschema/*-*-*", "reject": ["iglu:com.acme.shop/x/*"]}
    tracker.add_global_contexts([thing(n=0), made, fails, lambda _: "nothing"])
    tracker.add_global_contexts({"named": (rules, [thing(n=3)])})
    tracker.add_global_contexts([(lambda about: about.event_type == "pv", thing(n=4))])

    def numbers() -> list[int]:
        return [one["data"]["n"] for one in bench.last.entities if one["schema"] == THING]

    tracker.track_self_describing_event(thing(n=9))
    assert numbers() == [0, 1, 2, 3]
    assert (asked[0].event_type, asked[0].event_schema) == ("ue", THING)
    tracker.track_page_view()
    assert numbers() == [0, 1, 2, 4]
    tracker.remove_global_contexts(["named", thing(n=0), made])
    tracker.track_self_describing_event(thing(n=9))
    assert numbers() == []
    tracker.clear_global_contexts()
    tracker.track_page_view()
    assert numbers() == []


@pytest.mark.parametrize("wrong", [3, ["x"], [{"schema": "x"}], [(1, 2)], {"a": 3}, [("x",)]])
def test_global_contexts_that_are_wrong(bench: Bench, wrong: Any) -> None:
    """What can be no global context is refused when it is added."""
    with pytest.raises(ConfigurationError):
        bench.tracker().add_global_contexts(wrong)


class Helper(Plugin):
    """Adds, changes, filters and sees."""

    def __init__(self) -> None:
        self.seen: list[Mapping[str, str]] = []
        self.lets = True

    def contexts(self) -> list[Entity]:
        """One entity."""
        return [Entity(THING, {"n": 7})]

    def before_track(self, payload: dict[str, str]) -> None:
        """Change a parameter."""
        payload["se_la"] = "changed"

    def filter(self, payload: Mapping[str, str]) -> bool:
        """Let it go, or not."""
        return self.lets

    def after_track(self, payload: Mapping[str, str]) -> None:
        """Keep what was handed over."""
        self.seen.append(payload)


class Broken(Plugin):
    """Fails everywhere."""

    def contexts(self) -> list[Entity]:
        """Fail."""
        raise KeyError("canary")

    def before_track(self, payload: dict[str, str]) -> None:
        """Fail."""
        raise KeyError("canary")

    def filter(self, payload: Mapping[str, str]) -> bool:
        """Fail."""
        raise KeyError("canary")

    def after_track(self, payload: Mapping[str, str]) -> None:
        """Fail."""
        raise KeyError("canary")


def test_plugins(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """A plugin adds, changes, filters and sees; one that fails stops nothing (R157)."""
    helper = Helper()
    tracker = bench.tracker(plugins=[Broken(), helper], encode_base64=True)
    tracker.track_struct_event("c", "a")
    assert bench.last["se_la"] == "changed"
    assert bench.last.entity("thing") == {"n": 7}
    assert helper.seen[0]["eid"] == bench.last["eid"]
    helper.lets = False
    assert tracker.track_struct_event("c", "a") is None
    assert len(bench.collector) == len(helper.seen) == 1
    assert "canary" not in caplog.text


def test_the_package_offers_the_tracker(tmp_path: Path) -> None:
    """`from whiteout import Tracker` is the tracker."""
    import whiteout  # noqa: PLC0415
    from whiteout.tracker import Tracker  # noqa: PLC0415

    assert whiteout.Tracker is Tracker
    with pytest.raises(AttributeError):
        _ = whiteout.Trakcer

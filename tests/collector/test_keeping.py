"""How much an anonymous event keeps (B-68, B-69, C-38, F-P4, F-P10, F-P21)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.collector.conftest import Start
from tests.collector.edge import ANONYMOUS, EVENT, Edge, envelope
from whiteout.collector import (
    AgentPolicy,
    AnonymousSettings,
    CollectorSettings,
    ReferrerPolicy,
    UrlPolicy,
)
from whiteout.collector.anonymous import AnonymousInput, anonymise
from whiteout.privacy import Signal
from whiteout.protocol.record import AnonymousEvent, AnonymousRequest

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"
COARSE = "Chrome/140; Linux; desktop"
URL = "https://shop.example/a/b?utm_source=news&mail=anna#top"
REFERRER = "https://news.example/story?who=anna"
SENT = {**EVENT, "ua": AGENT, "url": URL, "refr": REFERRER}
TIMES = {"dtm": "1764000001234", "ttm": "1764000061999", "stm": "1764000099999"}


def keeping(**named: Any) -> CollectorSettings:
    """Settings that differ in what an anonymous event keeps."""
    return CollectorSettings(anonymous=AnonymousSettings(**named))


async def sent(edge: Edge, event: dict[str, Any]) -> tuple[AnonymousRequest, AnonymousEvent]:
    """The record of an anonymous event, and the event."""
    headers = (ANONYMOUS, ("User-Agent", AGENT), ("Referer", REFERRER))
    await edge.post(*headers, body=envelope(event))
    record = edge.anonymous()
    return record, record.events[0]


@pytest.mark.parametrize(
    ("policy", "kept"),
    [(AgentPolicy.KEEP, AGENT), (AgentPolicy.COARSE, COARSE), (AgentPolicy.DROP, None)],
)
async def test_c_38_user_agent(start: Start, policy: AgentPolicy, kept: str | None) -> None:
    """C-38: that of the header and that of the event are kept, made coarse or dropped alike."""
    record, event = await sent(start(keeping(agent=policy)), SENT)
    assert record.user_agent == kept
    assert event.parameters.get("ua") == kept


@pytest.mark.parametrize(
    ("policy", "kept"),
    [
        (UrlPolicy.CAMPAIGN, "https://shop.example/a/b?utm_source=news"),
        (UrlPolicy.PATH, "https://shop.example/a/b"),
        (UrlPolicy.ORIGIN, "https://shop.example"),
    ],
)
async def test_b_68_url(start: Start, policy: UrlPolicy, kept: str) -> None:
    """B-68, F-P4: a page's URL keeps its campaign, its path, or its host alone."""
    _, event = await sent(start(keeping(url=policy)), SENT)
    assert event.parameters["url"] == kept


async def test_b_68_what_has_no_origin_goes(start: Start) -> None:
    """B-68: where only the host may stay, a URL without one is dropped."""
    edge = start(keeping(url=UrlPolicy.ORIGIN, referrer=ReferrerPolicy.ORIGIN))
    _, event = await sent(edge, {**SENT, "url": "/a/b", "refr": "about:blank"})
    assert event.parameters.keys().isdisjoint({"url", "refr"})


@pytest.mark.parametrize(
    ("policy", "header", "kept"),
    [
        (ReferrerPolicy.PATH, "https://news.example", "https://news.example/story"),
        (ReferrerPolicy.ORIGIN, "https://news.example", "https://news.example"),
        (ReferrerPolicy.NONE, None, None),
    ],
)
async def test_b_69_referrer(
    start: Start, policy: ReferrerPolicy, header: str | None, kept: str | None
) -> None:
    """B-69: a referrer keeps its path, its host, or nothing; the header never its path."""
    record, event = await sent(start(keeping(referrer=policy)), SENT)
    assert (record.referer, event.parameters.get("refr")) == (header, kept)


@pytest.mark.parametrize("step", [60, 3_600])
async def test_f_p21_times_in_steps(start: Start, step: int) -> None:
    """F-P21: every time of an anonymous event is the last step before it; that of sending goes."""
    record, event = await sent(start(keeping(seconds=step)), {**SENT, **TIMES})
    assert record.received % (step * 1000) == 0
    for name in ("dtm", "ttm"):
        told, real = int(event.parameters[name]), int(TIMES[name])
        assert told % (step * 1000) == 0
        assert 0 <= real - told < step * 1000
    assert "stm" not in event.parameters


async def test_f_p21_off_by_default(edge: Edge) -> None:
    """F-P21, contract 13: by default times are told as they are."""
    _, event = await sent(edge, {**SENT, **TIMES})
    assert TIMES.items() <= event.parameters.items()


@pytest.mark.parametrize("time", ["", "-1", "x", "1.5", "\N{FULLWIDTH DIGIT NINE}", "1" * 16, " 1"])
async def test_f_p21_what_is_no_time_goes(start: Start, time: str) -> None:
    """F-P21: what cannot be told in steps is not told at all."""
    _, event = await sent(start(keeping(seconds=60)), {**SENT, "dtm": time})
    assert "dtm" not in event.parameters


async def test_f_p21_identified_events_keep_their_times(start: Start) -> None:
    """F-P21: the steps are for anonymous events."""
    edge = start(keeping(seconds=3_600))
    await edge.post(body=envelope({**SENT, **TIMES}))
    assert b"1764000001234" in edge.raw()[0]


@pytest.mark.parametrize("keep", [True, False])
async def test_f_p10_session(start: Start, keep: bool) -> None:
    """F-P10, contract 7: a session of nobody is kept or dropped, as the operator says."""
    session = {"sid": "6a1c3ff0-9e0b-4d2f-8b57-0d9ad8b3a001", "vid": "3"}
    _, event = await sent(start(keeping(keep_session=keep)), {**EVENT, **session})
    assert (session.items() <= event.parameters.items()) is keep


@given(
    st.dictionaries(
        st.sampled_from(["ua", "url", "refr", "dtm", "ttm", "stm", "uid", "e"]),
        st.text() | st.none() | st.integers(),
    ),
    st.builds(
        AnonymousSettings,
        agent=st.sampled_from(AgentPolicy),
        url=st.sampled_from(UrlPolicy),
        referrer=st.sampled_from(ReferrerPolicy),
        seconds=st.sampled_from([0, 1, 86_400]),
    ),
)
def test_a_17_no_event_is_an_error(event: dict[str, Any], settings: AnonymousSettings) -> None:
    """A-17: whatever an event holds, what is kept of it is text."""
    seen = AnonymousInput(
        received=1,
        signals=(Signal.HEADER,),
        path="/com.snowplowanalytics.snowplow/tp2",
        query="",
        body=envelope(event),
        content_type="application/json",
        user_agent=None,
        referer=None,
        origin=None,
        plain_text=False,
    )
    for found in anonymise(seen, settings).events:
        assert all(type(value) is str for value in found.parameters.values())

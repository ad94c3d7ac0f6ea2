"""Browser, system, device and bots, from the user agent (C-34, C-35, C-38)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.enrich.records import (
    CHROME,
    GOOGLEBOT,
    IPHONE,
    PAGE_VIEW,
    anonymous,
    good,
    page_view,
    scrubbed,
)
from whiteout.enrich import DerivedSettings
from whiteout.enrich.agents import AGENT_COLUMNS, LONGEST_AGENT, NO_AGENT, Agents
from whiteout.enrich.bots import is_bot
from whiteout.enrich.setters import LIMITS
from whiteout.enrich.text import tsv_safe
from whiteout.privacy import coarse_user_agent
from whiteout.protocol.iglu import CONTEXTS

UA_PARSER = "iglu:com.snowplowanalytics.snowplow/ua_parser_context/jsonschema/1-0-0"
BOT_DETECTION = "iglu:com.snowplowanalytics.snowplow/bot_detection/jsonschema/1-0-1"
ALL = Agents(columns=True, bots=True)


def derived(row: dict[str, Any]) -> dict[str, Any]:
    """The derived entities of an event by schema."""
    wrapper = json.loads(row["derived_contexts"])
    assert wrapper["schema"] == CONTEXTS
    return {entity["schema"]: entity["data"] for entity in wrapper["data"]}


def told(row: dict[str, Any]) -> list[Any]:
    """What the columns say of a user agent."""
    names = (
        *("br_name", "br_family", "br_version", "br_type", "br_renderengine"),
        *("os_name", "os_family", "os_manufacturer", "dvce_type", "dvce_ismobile"),
    )
    return [row[name] for name in names]


def test_the_columns_of_a_browser() -> None:
    """Browser, system and device are told by columns, and in full by the entity."""
    row = good(page_view(ua=CHROME))
    assert told(row) == [
        *("Chrome 140", "Chrome", "140.0.0.0", "Browser", "Blink"),
        *("Windows 10", "Windows", "Microsoft", "Computer", False),
    ]
    entities = derived(row)
    assert entities[UA_PARSER]["useragentVersion"] == "Chrome 140.0.0.0"
    assert entities[UA_PARSER]["osFamily"] == "Windows"
    assert entities[BOT_DETECTION] == {"bot": False, "indicators": []}


def test_the_columns_of_a_phone() -> None:
    """A phone is mobile, and the entity names what it is."""
    row = good(page_view(ua=IPHONE))
    assert told(row) == [
        *("Mobile Safari 17", "Mobile Safari", "17.5", "Browser (mobile)", "WebKit"),
        *("iOS 17", "iOS", "Apple", "Mobile", True),
    ]
    assert derived(row)[UA_PARSER]["deviceFamily"] == "iPhone"


@pytest.mark.parametrize("agent", [CHROME, IPHONE])
def test_anonymous_events_tell_what_their_coarse_form_tells(agent: str) -> None:
    """C-38: nothing is derived but family, major version, system and class of device."""
    row = good(anonymous(scrubbed(PAGE_VIEW), user_agent=agent))
    assert row["br_version"] in ("140", "17")
    assert row["br_renderengine"] is None
    assert row["os_name"] == row["os_family"]
    entity = derived(row)[UA_PARSER]
    assert entity["useragentMinor"] is None
    assert (entity["osVersion"], entity["deviceFamily"]) == (row["os_family"], "Other")
    shown = json.dumps(row)
    assert "17.5" not in shown.replace(agent, "")
    assert "iPhone" not in shown.replace(agent, "")


@given(st.text(max_size=120) | st.sampled_from([CHROME, IPHONE, GOOGLEBOT]))
def test_the_coarse_form_is_all_that_is_told(agent: str) -> None:
    """C-38: whether the collector made it coarse or the pipeline does, words of closed lists."""
    once = ALL.read_coarse(agent)
    assert ALL.read_coarse(coarse_user_agent(tsv_safe(agent) or "")) == once or not once[-1]
    if once != NO_AGENT:
        family, version, system = once[1], once[2], once[6]
        assert version is None or (version.isdecimal() and len(version) <= 3)
        assert family in {None, "Edge", "Opera", "Samsung Internet", "Firefox", "Chrome", "Safari"}
        assert system in {None, "iOS", "Android", "Windows", "ChromeOS", "macOS", "Linux"}


@pytest.mark.parametrize(
    "agent",
    [
        GOOGLEBOT,
        "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "facebookexternalhit/1.1",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/140.0.0.0 Safari/537.36",
        "Mozilla/5.0 AppleWebKit/537.36 (compatible; GPTBot/1.2; +https://openai.com/gptbot)",
        "AhrefsSiteAudit/6.1",
        "Some-Crawler/1.0",
        "Bot; Other; other",
    ],
)
def test_bots_are_known(agent: str) -> None:
    """C-35: crawlers, browsers without a person, watchers."""
    row = good(page_view(ua=agent))
    assert derived(row)[BOT_DETECTION] == {"bot": True, "indicators": []}
    assert row["br_type"] == "Robot"
    assert row["dvce_type"] is None


@pytest.mark.parametrize(
    "agent",
    [
        *(CHROME, IPHONE, "python-urllib3/2.5", "curl/8.9"),
        "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 Chrome/140.0 Mobile",
        "Mozilla/5.0 (Linux; Android 13; Robotics X) Chrome/140.0.0.0",
    ],
)
def test_people_and_servers_are_no_bots(agent: str) -> None:
    """C-35: nor is the program of a tracker on a server, which visits no page."""
    assert not is_bot(agent)


def test_without_a_user_agent_nothing_is_told() -> None:
    """C-34: what is not known is not said."""
    row = good(page_view())
    assert row["derived_contexts"] is None
    assert set(told(row)) == {None}


def test_each_part_can_be_off() -> None:
    """C-34: columns without bots, bots without columns, neither."""
    row = good(page_view(ua=GOOGLEBOT), derived=DerivedSettings(bots=False))
    assert set(derived(row)) == {UA_PARSER}
    row = good(page_view(ua=GOOGLEBOT), derived=DerivedSettings(user_agents=False))
    assert set(derived(row)) == {BOT_DETECTION}
    assert set(told(row)) == {None}
    off = DerivedSettings(user_agents=False, bots=False)
    assert good(page_view(ua=GOOGLEBOT), derived=off)["derived_contexts"] is None
    bots = Agents(columns=False, bots=True)
    assert bots.read_coarse(GOOGLEBOT)[:-1] == (None,) * 10
    assert "true" in bots.read_coarse(GOOGLEBOT)[-1]


@given(st.text(max_size=2_000))
def test_any_text_can_be_a_user_agent(agent: str) -> None:
    """Nothing that strangers send raises, and what is told fits into its columns (B-48)."""
    for read in (ALL.read, ALL.read_coarse):
        for place, value in zip(AGENT_COLUMNS, read(agent), strict=True):
            limit = LIMITS[place]
            assert (
                limit is None or value is None or len(str(value).encode("utf-16-le")) <= 2 * limit
            )


def test_a_long_user_agent_is_looked_at_in_part() -> None:
    """The time that a user agent takes is bounded."""
    assert ALL.read(" " * LONGEST_AGENT + CHROME)[1] is None
    assert ALL.read(CHROME + " " * 5_000) == ALL.read(CHROME)

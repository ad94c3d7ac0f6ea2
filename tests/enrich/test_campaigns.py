"""Campaigns from the page's URL (B-70, B-71)."""

from __future__ import annotations

from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.enrich.records import anonymous, good, page_view, scrubbed
from whiteout.enrich import DerivedSettings
from whiteout.enrich.campaigns import CAMPAIGN_COLUMNS, NO_CAMPAIGN, Campaigns
from whiteout.enrich.setters import LIMITS
from whiteout.protocol.campaigns import USUAL_PARAMETERS

USUAL = Campaigns(USUAL_PARAMETERS, (), click_ids=True)
WITH_CLICKS = {"derived": DerivedSettings(click_networks=(("fbclid", "Meta"),), click_ids=True)}


def test_utm_parameters_fill_the_columns() -> None:
    """B-70: each field has its parameter, decoded."""
    query = (
        "utm_medium=e-mail&utm_source=news%20letter&utm_term=red+shoes&utm_content=a&utm_campaign=x"
    )
    row = good(page_view(url=f"https://a.example/?{query}"))
    assert [row[f"mkt_{name}"] for name in ("medium", "source", "term", "content", "campaign")] == [
        *("e-mail", "news letter", "red shoes", "a", "x")
    ]
    assert (row["mkt_network"], row["mkt_clickid"]) == (None, None)


@pytest.mark.parametrize(
    ("query", "source"),
    [
        ("utm_source=a&source=b", "a"),
        ("source=b", "b"),
        ("utm_source=&source=b", None),
        ("utm_source&source=b", None),
        ("UTM_SOURCE=a", None),
        ("utm_source=a&utm_source=b", "b"),
        ("x=1;utm_source=a", "a"),
        ("utm%5Fsource=a", "a"),
        ("utm_source=a%00%09b", "a    b"),
        ("", None),
    ],
)
def test_the_first_parameter_that_is_there_wins(query: str, source: str | None) -> None:
    """B-70: even with an empty value, which is stored as null."""
    campaigns = Campaigns((("source", "utm_source"), ("source", "source")), (), click_ids=False)
    assert campaigns.read(query)[1] == source


def test_the_network_of_a_click_is_kept_and_the_click_is_not() -> None:
    """B-71: by default mkt_network alone."""
    row = good(page_view(url="https://a.example/?gclid=Click7", duid="d"))
    assert (row["mkt_network"], row["mkt_clickid"]) == ("Google", None)


@pytest.mark.parametrize(
    ("name", "network"),
    [("gclid", "Google"), ("msclkid", "Microsoft"), ("dclid", "DoubleClick"), ("fbclid", "Meta")],
)
def test_clicks_are_kept_where_that_is_wanted(name: str, network: str) -> None:
    """B-71: of identified events, for networks that are known or configured."""
    row = good(page_view(url=f"https://a.example/?{name}=Click7", duid="d"), **WITH_CLICKS)
    assert (row["mkt_network"], row["mkt_clickid"]) == (network, "Click7")


def test_clicks_of_anonymous_events_are_never_kept() -> None:
    """B-71, contract 13: neither where the tracker is anonymous nor where the server is."""
    parameters = {"url": "https://a.example/?gclid=Click7&utm_source=news"}
    row = good(page_view(**parameters), **WITH_CLICKS)
    assert (row["mode_inferred"], row["mkt_clickid"], row["mkt_source"]) == (
        *("anonymous", None, "news"),
    )
    row = good(anonymous(scrubbed({**parameters, "e": "pv", "p": "web", "tv": "t"})), **WITH_CLICKS)
    assert (row["mkt_network"], row["mkt_clickid"], row["mkt_source"]) == (None, None, "news")
    assert "Click7" not in str(row)


def test_campaigns_can_be_off() -> None:
    """B-70: without parameters no column is filled."""
    off = Campaigns((), (), click_ids=True)
    assert off.read("utm_source=a&gclid=1") == NO_CAMPAIGN


@given(st.text(min_size=1, max_size=700), st.sampled_from([name for _, name in USUAL_PARAMETERS]))
def test_no_event_fails_for_a_long_campaign(value: str, name: str) -> None:
    """B-48: what is derived is cut to what its column holds."""
    query = f"{name}={quote_plus(value.encode('utf-8', 'replace'))}"
    for place, found in zip(CAMPAIGN_COLUMNS, USUAL.read(query), strict=True):
        if found is not None:
            assert 0 < len(found.encode("utf-16-le")) // 2 <= (LIMITS[place] or 0)


@given(st.text("utm_source=&;%+gclid12", max_size=60))
def test_any_query_can_be_read(query: str) -> None:
    """B-70: nothing that stands in a query raises."""
    assert len(USUAL.read(query)) == len(CAMPAIGN_COLUMNS)

"""What kind of site a visitor came from (B-67)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.enrich.records import PAGE_VIEW, anonymous, good, page_view, scrubbed
from whiteout.enrich import DerivedSettings
from whiteout.enrich.referrer_sites import ANYWHERE, SITES
from whiteout.enrich.referrers import INTERNAL, NO_SOURCE, UNKNOWN, Referrers
from whiteout.enrich.setters import LIMITS
from whiteout.protocol.columns import EVENT_INDEX

PAGE = "https://shop.example/cart"
SITE = Referrers(["shop.example"])


@pytest.mark.parametrize(
    ("host", "query", "found"),
    [
        ("www.google.de", "q=red+shoes&hl=de", ("search", "Google", "red shoes")),
        ("google.co.uk", None, ("search", "Google", None)),
        ("images.google.com.au", "q=", ("search", "Google", None)),
        ("WWW.GOOGLE.COM.", "q=a", ("search", "Google", "a")),
        ("docs.google.com", "q=a", UNKNOWN),
        ("google.evil.example", "q=a", UNKNOWN),
        ("mygoogle.com", "q=a", UNKNOWN),
        ("mail.google.com", None, ("email", "Gmail", None)),
        ("gemini.google.com", "q=a", ("chatbot", "Gemini", None)),
        ("de.search.yahoo.com", "p=a", ("search", "Yahoo!", "a")),
        ("yandex.ru", "text=a", ("search", "Yandex", "a")),
        ("m.facebook.com", None, ("social", "Facebook", None)),
        ("notfacebook.com", None, UNKNOWN),
        ("t.co", None, ("social", "Twitter", None)),
        ("chatgpt.com", None, ("chatbot", "ChatGPT", None)),
        ("googleads.g.doubleclick.net", None, ("paid", "DoubleClick", None)),
        ("com.google.android.gm", None, ("email", "Gmail", None)),
        ("shop.example", None, INTERNAL),
        ("a.b.shop.example", None, INTERNAL),
        ("myshop.example", None, UNKNOWN),
        ("192.0.2.1", None, UNKNOWN),
        (None, "q=a", NO_SOURCE),
    ],
)
def test_sites_are_known_by_the_end_of_their_host(
    host: str | None, query: str | None, found: tuple[str | None, ...]
) -> None:
    """B-67: at the borders of labels only."""
    assert SITE.read(host, query) == found


def test_a_page_of_the_same_host_is_internal() -> None:
    """B-67: the host of the page, or one that is configured."""
    row = good(page_view(url=PAGE, refr="https://shop.example/?q=a", duid="d"))
    assert (row["refr_medium"], row["refr_source"], row["refr_term"]) == INTERNAL
    row = good(page_view(url=PAGE, refr="https://www.shop.example/"))
    assert row["refr_medium"] == "unknown"
    internal = DerivedSettings(internal_hosts=("shop.example",))
    row = good(page_view(url=PAGE, refr="https://www.shop.example/"), derived=internal)
    assert row["refr_medium"] == "internal"


def test_a_search_engine_is_internal_on_its_own_pages() -> None:
    """B-67: the page's own host comes before every list."""
    row = good(page_view(url="https://kagi.com/b", refr="https://kagi.com/?q=a", duid="d"))
    assert (row["refr_medium"], row["refr_source"], row["refr_term"]) == INTERNAL


def test_search_words_are_kept_of_identified_events_alone() -> None:
    """B-67, contract 13: what somebody searched for tells much about them."""
    parameters = {"url": PAGE, "refr": "https://duckduckgo.com/?q=red+shoes"}
    row = good(page_view(**parameters, duid="d"))
    assert (row["refr_source"], row["refr_term"]) == ("DuckDuckGo", "red shoes")
    row = good(page_view(**parameters))
    assert (row["refr_source"], row["refr_term"]) == ("DuckDuckGo", None)
    row = good(anonymous(scrubbed({**PAGE_VIEW, **parameters})))
    assert (row["refr_medium"], row["refr_source"], row["refr_term"]) == (
        *("search", "DuckDuckGo", None),
    )


def test_referrers_can_be_off_and_absent() -> None:
    """B-67: without a referrer, or switched off, nothing is told."""
    off = DerivedSettings(referrers=False)
    assert good(page_view(url=PAGE, refr="https://t.co/"), derived=off)["refr_medium"] is None
    assert good(page_view(url=PAGE))["refr_medium"] is None
    assert good(page_view(refr="/relative"))["refr_medium"] is None


def test_the_list_is_sound() -> None:
    """B-67: hosts are in lower case, and what they tell fits into its columns."""
    for host, site in {**SITES, **ANYWHERE}.items():
        assert host == host.lower().strip(".")
        assert len(site.medium) <= (LIMITS[EVENT_INDEX["refr_medium"]] or 0)
        assert len(site.source) <= (LIMITS[EVENT_INDEX["refr_source"]] or 0)
        assert bool(site.terms) == (site.medium == "search")


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_host_and_query_can_be_read(host: str, query: str) -> None:
    """B-67: nothing raises, and words are cut to what their column holds."""
    medium, _, term = SITE.read(f"{host}.google.com", f"q={query}")
    assert medium is not None
    assert term is None or len(term) <= 255

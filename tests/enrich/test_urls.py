"""Page and referrer URLs (B-63 to B-67, B-72, B-73; contract 13)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.enrich.records import (
    NOW,
    PRIVACY_STATE,
    UUID,
    bad,
    columns,
    contexts,
    enrich,
    enricher,
    entity,
    get,
    good,
    page_view,
    post,
)
from whiteout.enrich.urls import NO_PARTS, UrlParts, read_url

PARTS: list[tuple[str, UrlParts | None]] = [
    ("https://a.example", ("https", "a.example", 443, None, None, None)),
    ("http://a.example/", ("http", "a.example", 80, "/", None, None)),
    (
        "https://a.example:8443/p/q?x=1&y#frag",
        ("https", "a.example", 8443, "/p/q", "x=1&y", "frag"),
    ),
    ("HTTPS://A.example/", ("HTTPS", "A.example", 80, "/", None, None)),
    ("http://a.example:/x", ("http", "a.example", 80, "/x", None, None)),
    ("http://a_b.example/x", ("http", None, 80, "/x", None, None)),
    ("https://bücher.example/x", ("https", None, 443, "/x", None, None)),
    ("http://203.0.113.9/x", ("http", "203.0.113.9", 80, "/x", None, None)),
    ("http://203.0.113.999/x", ("http", None, 80, "/x", None, None)),
    ("http://[2001:db8::1]:81/x", ("http", "[2001:db8::1]", 81, "/x", None, None)),
    ("http://a.example:99999999999/x", ("http", None, 80, "/x", None, None)),
    ("http://a.example:port/x", ("http", None, 80, "/x", None, None)),
    ("file:///data/x", ("file", None, 80, "/data/x", None, None)),
    ("app:/screen", ("app", None, 80, "/screen", None, None)),
    ("mailto:x", ("mailto", None, None, None, None, None)),
    ("about:blank#x", ("about", None, None, None, None, None)),
    ("/just/a/path?q", (None, None, 80, "/just/a/path", "q", None)),
    ("//a.example/x", (None, "a.example", 80, "/x", None, None)),
    ("http://a.example?", ("http", "a.example", 80, None, None, None)),
    ("http:///x", ("http", None, 80, "/x", None, None)),
    ("http://", None),
    ("http:", None),
    (":x", None),
    ("foo_bar:x", None),
    ("http://[::1/x", None),
    ("http://a]b/x", None),
]


@pytest.mark.parametrize(("url", "parts"), PARTS)
def test_b_65_parts_of_a_url(url: str, parts: UrlParts | None) -> None:
    """Parts are raw; odd hosts, ports and schemes are as B-65 and B-66 say."""
    assert read_url(url).parts == parts


@pytest.mark.parametrize(
    ("url", "legal"),
    [
        ("http://a.example/a b", "http://a.example/a%20b"),
        ("http://a.example/a|b", "http://a.example/a%7Cb"),
        ("http://a.example/?q=%zz", "http://a.example/?q=%25zz"),
        ("http://a.example/?q=a+b", "http://a.example/?q=a+b"),
        ('http://a.example/{x}"<y>', "http://a.example/%7Bx%7D%22%3Cy%3E"),
        ("http://a.example/é%C3%A9", "http://a.example/é%C3%A9"),
    ],
)
def test_b_64_page_url_is_made_legal(url: str, legal: str) -> None:
    """Illegal characters of a page URL are encoded; a referrer stays as it is (B-64)."""
    row = good(page_view(url=url, refr=url))
    assert row["page_url"] == legal
    assert row["page_referrer"] == url


def test_b_67_page_and_referrer_have_the_same_parts() -> None:
    """Both URLs are split alike into their columns (B-65, B-67)."""
    url = "https://a.example:8443/p?x=1#f"
    row = good(page_view(url=url, refr=url))
    for prefix in ("page", "refr"):
        assert row[f"{prefix}_urlscheme"] == "https"
        assert row[f"{prefix}_urlhost"] == "a.example"
        assert row[f"{prefix}_urlport"] == 8443
        assert row[f"{prefix}_urlpath"] == "/p"
        assert row[f"{prefix}_urlquery"] == "x=1"
        assert row[f"{prefix}_urlfragment"] == "f"


@pytest.mark.parametrize("url", ["", None])
def test_b_63_referer_header_stands_in_for_the_page_url(url: str | None) -> None:
    """Where `url` is absent or empty, the Referer header is the page URL (B-63)."""
    event = {"e": "pv", "p": "web", "tv": "js", **({} if url is None else {"url": url})}
    row = good(post(event, referer="https://a.example/from?x#y"))
    assert row["page_url"] == "https://a.example/from?x#y"
    assert row["page_urlhost"] == "a.example"


@pytest.mark.parametrize("mode", ["anonymous", "anonymous_session", "identified", None])
def test_b_63_referer_of_a_declared_anonymous_event(mode: str | None) -> None:
    """The Referer of an event that declares anonymity gives no query (B-63, contract 13)."""
    event = {"e": "pv", "p": "web", "tv": "js"}
    if mode is not None:
        event["co"] = contexts(entity(PRIVACY_STATE, {"mode": mode, "signal": None}))
    raw = post(event, referer="https://u:p@a.example/from?email=e@x.example&utm_source=n#y")
    batch = enricher().enrich_all([(1, raw)], NOW, "s").events
    rows = [good(raw), columns(batch.row(0))]
    kept = "?email=e@x.example&utm_source=n#y" if mode in ("identified", None) else ""
    assert [row["page_url"] for row in rows] == [f"https://a.example/from{kept}"] * 2


def test_b_63_no_url_at_all() -> None:
    """Without `url` and Referer there is no page URL (B-63)."""
    row = good(page_view())
    assert row["page_url"] is None
    assert row["page_urlport"] is None


@pytest.mark.parametrize("name", ["url", "refr"])
def test_b_64_unreadable_url_fails_the_enrichment(name: str) -> None:
    """A URL that no parser reads fails the event, with its place and its text (B-64)."""
    row = bad(page_view(**{name: "http://[::1/x"}))
    assert row["failure"] == "enrichment_failures"
    assert row["errors"][0]["where"] == name
    assert "http://[::1/x" in row["reason"]


@pytest.mark.parametrize(
    ("url", "column"),
    [
        ("https://a.example/" + "p" * 3000, "page_urlpath"),
        ("https://a.example/?" + "q" * 6001, "page_urlquery"),
        ("https://a.example/#" + "f" * 3001, "page_urlfragment"),
        ("https://" + "h" * 256 + ".example/", "page_urlhost"),
        ("s" * 17 + "://a.example/", "page_urlscheme"),
        ("https://a.example/?" + "q" * 10_000, "page_url"),
        ("https://me:pw@a.example/?" + "q" * 70_000, "page_url"),
    ],
)
def test_b_48_long_parts_fail(url: str, column: str) -> None:
    """A part that is longer than its column fails the event (B-48)."""
    row = bad(page_view(url=url))
    assert column in {error["where"] for error in row["errors"]}
    assert "me:pw" not in str(row["payload"])


def test_contract_13_identified_url_loses_user_info_and_linker_only() -> None:
    """An identified URL loses user info and `_sp`, nothing else (contract 13, B-73)."""
    raw = page_view(duid=UUID, url="https://me:pw@a.example/p?x=1&_sp=abc.1700000000000&y=2#frag")
    row = good(raw)
    assert row["page_url"] == "https://a.example/p?x=1&y=2#frag"
    assert row["page_urlquery"] == "x=1&y=2"
    assert row["redacted"] == []


@pytest.mark.parametrize(
    ("linker", "user", "time"),
    [
        ("abc.1700000000000", "abc", 1_700_000_000_000),
        ("abc", "abc", None),
        (".1700000000000", None, 1_700_000_000_000),
        ("abc.1700000000000.sid.Ym9i.YXBw.web.", "abc", 1_700_000_000_000),
        ("a.1.2.3.4.5.6.7", None, None),
    ],
)
def test_b_72_link_from_another_site(linker: str, user: str | None, time: int | None) -> None:
    """The parts of `_sp` tell who followed a link, and when; too many parts tell nothing (B-72)."""
    row = good(page_view(duid=UUID, url=f"https://a.example/?_sp={linker}"))
    assert row["refr_domain_userid"] == user
    assert row["refr_dvce_tstamp"] == time


def test_b_72_broken_time_of_a_link() -> None:
    """A `_sp` whose second part is no time fails the enrichment (B-72)."""
    row = bad(page_view(duid=UUID, url="https://a.example/?_sp=abc.x"))
    assert row["failure"] == "enrichment_failures"
    assert row["errors"][0]["where"] == "url"


def test_b_72_long_user_of_a_link() -> None:
    """A `_sp` whose user is longer than its column fails the event (B-48, B-72)."""
    row = bad(page_view(duid=UUID, url=f"https://a.example/?_sp={'x' * 129}.1"))
    assert row["errors"][0]["where"] == "refr_domain_userid"


@pytest.mark.parametrize("linker", ["abc.1700000000000", "abc.x"])
def test_b_73_link_is_not_followed_without_identity(linker: str) -> None:
    """An event that shows no user does not get one from `_sp`, which goes all the same (B-73)."""
    row = good(page_view(url=f"https://a.example/?_sp={linker}"))
    assert row["refr_domain_userid"] is None
    assert row["refr_dvce_tstamp"] is None
    assert row["page_url"] == "https://a.example/"
    assert row["redacted"] == ["domain_userid"]


@pytest.mark.parametrize("linker", ["undefined.1700000000000", ".1700000000000"])
def test_b_73_link_without_a_user_redacts_nothing(linker: str) -> None:
    """What an anonymous tracker puts into `_sp` names nobody, so nothing was redacted (B-73)."""
    assert good(page_view(url=f"https://a.example/?_sp={linker}"))["redacted"] == []


@given(st.text(max_size=200))
def test_urls_never_raise(text: str) -> None:
    """No text makes the reader raise, and its parts hold no control characters."""
    url = read_url(text)
    for part in (*(url.parts or NO_PARTS), url.text):
        assert not isinstance(part, str) or not any(ord(c) < 32 or ord(c) == 127 for c in part)


@given(st.text(alphabet="ab:/?#[]@%&=.;_sp1 \\", max_size=60))
def test_urls_in_events_never_raise(text: str) -> None:
    """Whatever the URL of an event is, the event comes out somewhere."""
    for name in ("url", "refr"):
        enriched = enrich(page_view(**{name: text}))
        assert len(enriched.events) + len(enriched.failed) == 1
        for event in enriched.events:
            columns(event)


def test_b_66_get_url_is_decoded_once() -> None:
    """The page URL of a GET is form-decoded once and split raw (B-6, B-65)."""
    row = good(get("e=pv&url=https%3A%2F%2Fa.example%2Fa%2520b%3Fx%3D1"))
    assert row["page_urlpath"] == "/a%20b"
    assert row["page_urlquery"] == "x=1"

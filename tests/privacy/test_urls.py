"""URLs without what identifies (B-68, B-69, B-73, F-P4, F-P5; contract 13)."""

from __future__ import annotations

import re
from urllib.parse import unquote_plus, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.privacy.strategies import CANARY, any_url, everything, odd_urls, secret_urls, words
from whiteout.privacy import Findings, linker_value, origin_of, scrub_url, tidy_url, urls

odd_text = st.text() | st.lists(
    st.sampled_from(
        (
            *("https:", "http:", "//", "/", "\\", "@", "?", "#", ";", ":", "%", "25", "2F", "%40"),
            *("%3F", "%3b", "=", "&", "utm_source", "uid", ".", "a.de", "[", "]", "::1", "\t", " "),
        )
    )
    | st.text(max_size=4),
    max_size=14,
).map("".join)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://shop.example.com/a/b", "https://shop.example.com/a/b"),
        ("https://shop.example.com:8080", "https://shop.example.com:8080"),
        ("HTTPS://Shop.Example.com/A", "HTTPS://Shop.Example.com/A"),
        ("https://b\u00fccher.example/\u00e4?x=\u00f6", "https://b\u00fccher.example/\u00e4"),
        ("https://[2001:db8::1]:80/x?y", "https://[2001:db8::1]:80/x"),
        ("https://user:pw@[2001:db8::1]/x", "https://[2001:db8::1]/x"),
        ("https://a@b@c/x", "https://c/x"),
        ("https://u%40mail.example@c/x", "https://c/x"),
        ("https://u%40c/x", "https://c/x"),
        ("https:/\\u@c/x", "https://c/x"),
        ("https:///u@c/x", "https://c/x"),
        ("ht\ttps://us\ner@c/x", "https://c/x"),
        ("https:/u@c/x", "https:"),
        ("http:u@c", "http:"),
        ("https://u:p/w@c/x", "https:"),
        ("https://ho st/x", "https:"),
        ("app://ho st/x", ""),
        ("app://host/x", "app://host/x"),
        ("//u@c/x?y", "//c/x"),
        ("//", ""),
        ("/a/b?x=1#y", "/a/b"),
        ("?x=1", ""),
        ("", ""),
        ("u@c/x", "c/x"),
        ("localhost:8080/x", ""),
        ("mailto:bob@mail.example", "mailto:"),
        ("tel:+4930123", "tel:"),
        ("data:text/html,x", "data:"),
        ("about:blank", "about:"),
        ("file:///home/bob/x.html", "file:"),
        ("javascript://c/%0ax", "javascript:"),
        ("android-app://com.example/", "android-app://com.example/"),
        ("https://c/a;jsessionid=1/b;x=2", "https://c/a/b"),
        ("https://c;x=1/a", "https://c/a"),
        ("https://c/a%3Bx=1/b", "https://c/a/b"),
        ("https://c/a%3Fx=1/b", "https://c/a"),
        ("https://c/a%2523x/b", "https://c/a"),
        ("https://c/100%/a%20b", "https://c/100%/a%20b"),
        ("https://c/" + "%25" * 3 + "zz", "https://c/" + "%25" * 3 + "zz"),
        ("https://c/" + "%" + "25" * 9 + "41", "https://c/"),
        ("https://c/u/bob@mail.example/edit", "https://c/u//edit"),
        ("https://c/u/bob%2540mail.example/edit", "https://c/u//edit"),
        ("https://c/@bob/article", "https://c/@bob/article"),
        ("https://c/npm/jquery@3.1.0/x.js", "https://c/npm/jquery@3.1.0/x.js"),
        ("https://c/go/https://u:p@d/x", "https://c/go/https://d/x"),
        ("https://c/go/https:/u@d/x", "https://c/go/https:/d/x"),
        ("https://c/go/https%3A%2F%2Fu%40d%2Fx%3Fy/z", "https://c/go/https:%2F%2Fd%2Fx"),
        ("https://c/go/https%3A%2F%2Fd%2Fx", "https://c/go/https%3A%2F%2Fd%2Fx"),
        ("https://c/userId=5&x=1", "https://c/&x=1"),
        ("https://c/p?utm_source=a&x=1&utm_term=b+c", "https://c/p?utm_source=a&utm_term=b+c"),
        ("https://c/p?UTM_Source=a&utm%5Fterm=b", "https://c/p?UTM_Source=a&utm%5Fterm=b"),
        ("https://c/p?utm_source=a;x=1", "https://c/p?utm_source=a"),
        ("https://c/p?utm_source&utm_term=", "https://c/p?utm_source&utm_term="),
        ("https://c/p?utm_source=a%26x%3D1", "https://c/p?utm_source=a"),
        ("https://c/p?utm_source=%26x%3D1", "https://c/p"),
        ("https://c/p?utm_email=x&utm_uid=x&utm_=x&utm_a-b=x", "https://c/p"),
        ("https://c/p?utm_term=bob%40mail.example&utm_id=1", "https://c/p?utm_id=1"),
        ("https://c/p?utm_term=ask+bob%40mail.example", "https://c/p?utm_term=ask+"),
        (
            "https://c/p?utm_content=https%3A%2F%2Fu%40d%2F%3Fx",
            "https://c/p?utm_content=https%3A%2F%2Fd%2F",
        ),
        ("https://c/p?utm_campaign=a:b/2026", "https://c/p?utm_campaign=a:b/2026"),
        ("https://c/p?utm_term=" + "%" + "25" * 9 + "41", "https://c/p"),
        ("https://c/p#/route?utm_source=a", "https://c/p"),
        ("  https://c/p  ", "https://c/p"),
        ("https://c/\ud800/x", "https://c/"),
    ],
)
def test_anonymous_urls(url: str, kept: str) -> None:
    """B-68, contract 13: what is kept of each form of URL."""
    assert scrub_url(url) == kept


@given(any_url(CANARY) | odd_urls, st.booleans())
@settings(max_examples=200)
def test_no_secret_gets_through(url: str, keep_campaign: bool) -> None:
    """F-P4, F-P5: user info, query, fragment and path parameters go, in every encoding."""
    assert CANARY.lower() in everything({"url": url})
    assert CANARY.lower() not in everything({"url": scrub_url(url, keep_campaign=keep_campaign)})


@given(odd_text | any_url(CANARY), st.booleans())
@settings(max_examples=200)
def test_scrubbing_a_url(url: str, keep_campaign: bool) -> None:
    """B-68: never an exception, nothing to lose the second time, no user info, no fragment."""
    kept = scrub_url(url, keep_campaign=keep_campaign)
    assert scrub_url(kept, keep_campaign=keep_campaign) == kept
    assert "#" not in kept
    head, _, query = kept.partition("?")
    assert ";" not in kept
    assert "?" not in query
    authority = re.match(r"(?:[A-Za-z][A-Za-z0-9+.\-]*:)?//([^/]*)", head)
    assert authority is None or "@" not in authority[1]
    keys = [unquote_plus(pair.partition("=")[0]).lower() for pair in query.split("&") if pair]
    assert all(key.strip().startswith("utm_") for key in keys)
    assert keep_campaign or not query


@given(st.sampled_from(("https", "http")), words, words, words)
def test_ordinary_urls_keep_what_is_ordinary(scheme: str, host: str, path: str, term: str) -> None:
    """Contract 13: scheme, host, port, path and campaign stay to the letter."""
    url = f"{scheme}://{host}.example:8443/{path}/{term}?utm_campaign={term}&utm_source={host}"
    assert scrub_url(url) == url
    assert scrub_url(f"{url}&x={path}#{term}") == url
    assert scrub_url(url, keep_campaign=False) == url.partition("?")[0]


@pytest.mark.parametrize(
    ("url", "names", "user"),
    [
        ("https://c/?_sp=4f0e.1600000000000", {"domain_userid"}, True),
        ("https://c/?_sp=undefined.1600000000000", {"domain_userid"}, False),
        ("https://c/?_sp=.1600000000000", {"domain_userid"}, False),
        ("https://c/?_sp=.1600000000000.s.Ym9i.YXBw", {"domain_userid", "user_id"}, True),
        ("https://c/?_sp=", set(), False),
        ("https://c/?email=x&gclid=y&sid=z", {"email", "foreign_id"}, False),
        ("https://c/#access_token=x", {"credentials"}, False),
        ("https://c/#/route?uid=x", {"user_id"}, False),
        ("https://u@c/", {"credentials"}, False),
        ("https://c/u/bob@mail.example", {"email"}, False),
        ("https://c/?q=shoes", set(), False),
    ],
)
def test_what_a_url_gives_away_is_told(url: str, names: set[str], user: bool) -> None:
    """Contract 7, F-P5: only `_sp` with an id in it says who sent the event."""
    findings = Findings()
    scrub_url(url, findings=findings)
    assert (findings.names, findings.user) == (names, user)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://shop.example.com/a?b#c", "https://shop.example.com"),
        ("https://u:p@shop.example.com:8443", "https://shop.example.com:8443"),
        ("https://a@b@c;x=1/d", "https://c"),
        ("http:/\\[2001:db8::1]:80/x", "http://[2001:db8::1]:80"),
        ("android-app://com.example/", "android-app://com.example"),
        ("null", None),
        ("", None),
        ("/a/b", None),
        ("//c/x", None),
        ("https:c", None),
        ("https://u:p/w@c", None),
        ("file:///home/bob", None),
        ("data://c", None),
        ("mailto:bob@mail.example", None),
        ("https://" + "%25" * 3 + "c", None),
        ("https://" + "%" + "25" * 9 + "41", None),
    ],
)
def test_origins(url: str, origin: str | None) -> None:
    """A-51, B-69: scheme, host and port, or nothing."""
    assert origin_of(url) == origin


@given(any_url(CANARY) | odd_text)
def test_an_origin_has_no_secret(url: str) -> None:
    """A-51: an origin is a scheme and a host, whatever it is made from."""
    origin = origin_of(url)
    if origin is not None:
        assert CANARY.lower() not in origin.lower()
        assert origin_of(origin) == origin
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9+.\-]*://[^/?#@\s]+", origin)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://c/a;b?x=1&y#z", "https://c/a;b?x=1&y#z"),
        ("https://c/?", "https://c/?"),
        ("https://u:p@c/a?x=1", "https://c/a?x=1"),
        ("https://a@b@c/", "https://c/"),
        ("https:/\\u@c/", "https:/\\c/"),
        ("http:u@c/", "http:c/"),
        ("//u@c/", "//c/"),
        ("  ht\ttps://u\n@c/ ", "https://c/"),
        ("mailto:bob@mail.example", "mailto:bob@mail.example"),
        ("https://c/@bob?mail=bob@mail.example", "https://c/@bob?mail=bob@mail.example"),
        ("https://c/go/https://u:p@d/x", "https://c/go/https://d/x"),
        ("https://c/?u=https%3A%2F%2Fu%3Ap%40x%40d%2Fx", "https://c/?u=https%3A%2F%2Fd%2Fx"),
        ("https://c/?u=https://d/@e", "https://c/?u=https://d/@e"),
        ("https://c/?_sp=4f0e.16&x=1", "https://c/?x=1"),
        ("https://c/?x=1;_sp=4f0e.16&y#z", "https://c/?x=1&y#z"),
        ("https://c/?_sp=4f0e.16#z", "https://c/#z"),
        ("https://c/?%5Fsp=4f0e.16", "https://c/"),
        ("https://c/#/route?_sp=4f0e.16&x=1", "https://c/#/route?x=1"),
        ("HTTP:@/@", "HTTP:/"),
        ("https://@/@/c", "https:////c"),
    ],
)
def test_identified_urls(url: str, kept: str) -> None:
    """Contract 13, B-73: an identified event keeps everything but user info and `_sp`."""
    assert tidy_url(url) == kept


@given(odd_text | any_url(CANARY))
def test_tidying_a_url(url: str) -> None:
    """B-73: never an exception, and nothing to lose the second time."""
    kept = tidy_url(url)
    assert tidy_url(kept) == kept
    assert linker_value(kept) is None


@given(words, words, words)
def test_user_info_of_identified_urls_goes(user: str, host: str, path: str) -> None:
    """Contract 13: what a browser takes for user info is not stored."""
    kept = tidy_url(f"https://{user}:pw@{host}.example/{path}?x={path}#{user}")
    assert urlsplit(kept).username is None
    assert kept == f"https://{host}.example/{path}?x={path}#{user}"


@pytest.mark.parametrize(
    ("url", "value"),
    [
        ("https://c/?_sp=4f0e.16", "4f0e.16"),
        ("https://c/?a=1&_sp=a%2Eb&_sp=c#_sp=d", "a.b"),
        ("https://c/?_sp", ""),
        ("https://c/?sp=1", None),
        ("https://c/#?_sp=1", None),
        ("https://c/", None),
    ],
)
def test_linker_value(url: str, value: str | None) -> None:
    """B-72: the value that another site's link handed over."""
    assert linker_value(url) == value


def test_a_url_that_does_not_settle_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """B-68: what has more to lose after the last look is not kept."""
    monkeypatch.setattr(urls, "_PASSES", 1)
    assert scrub_url("https://c/a?x=1") == "https://c/a"
    assert scrub_url("https://c/bob@mail.example") == ""
    assert tidy_url("https://c/a?x=1") == "https://c/a?x=1"
    assert tidy_url("https://u@c/") == ""


@given(secret_urls(CANARY))
def test_findings_do_not_change_the_url(url: str) -> None:
    """A URL is scrubbed alike whether anybody asks what was found or not."""
    if "_sp=" not in url:
        assert scrub_url(url, findings=Findings()) == scrub_url(url)

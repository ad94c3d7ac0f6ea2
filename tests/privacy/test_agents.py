"""The coarse user agent (C-38, F-P6; contract 13)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whiteout.privacy import coarse_user_agent

MOZILLA = "Mozilla/5.0"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko)"

VOCABULARY = re.compile(
    r"(?:Bot|Other|(?:Edge|Opera|Samsung Internet|Firefox|Chrome|Safari)/[0-9]{1,3}); "
    r"(?:iOS|Android|Windows|ChromeOS|macOS|Linux|Other); (?:desktop|mobile|tablet|other)"
)

PIECES = [
    *("Mozilla/5.0", " ", "(", ")", "; ", "Chrome/", "Firefox/", "Version/", "Safari/", "Edg/"),
    *("OPR/", "SamsungBrowser/", "Mobile/", "Mobile ", "140.0", "17", "99999", "iPhone", "iPad"),
    *("Android", "Windows NT 10.0", "CrOS", "Mac OS X", "Linux", "X11", "Tablet", "bot", "curl/"),
]


@pytest.mark.parametrize(
    ("user_agent", "coarse"),
    [
        (
            f"{MOZILLA} (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0.7339.80 Safari/537.36",
            "Chrome/140; Windows; desktop",
        ),
        (
            (
                f"{MOZILLA} (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0.0.0 Safari/537.36 "
                "Edg/140.0.3485.54"
            ),
            "Edge/140; Windows; desktop",
        ),
        (
            f"{MOZILLA} (X11; Linux x86_64) {WEBKIT} Chrome/124.0.0.0 Safari/537.36 OPR/110.0.0.0",
            "Opera/110; Linux; desktop",
        ),
        (
            f"{MOZILLA} (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/139.0.0.0 Safari/537.36",
            "Chrome/139; ChromeOS; desktop",
        ),
        (
            f"{MOZILLA} (X11; Ubuntu; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0",
            "Firefox/131; Linux; desktop",
        ),
        (
            f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) {SAFARI} Version/17.6 Safari/605.1.15",
            "Safari/17; macOS; desktop",
        ),
        (
            (
                f"{MOZILLA} (iPhone; CPU iPhone OS 17_6 like Mac OS X) {SAFARI} Version/17.6 "
                "Mobile/15E148 Safari/604.1"
            ),
            "Safari/17; iOS; mobile",
        ),
        (
            (
                f"{MOZILLA} (iPad; CPU OS 17_6 like Mac OS X) {SAFARI} CriOS/139.0.7258.76 "
                "Mobile/15E148 Safari/604.1"
            ),
            "Chrome/139; iOS; tablet",
        ),
        (
            (
                f"{MOZILLA} (Linux; Android 14; SM-S918B) {WEBKIT} SamsungBrowser/28.0 "
                "Chrome/130.0.0.0 Mobile Safari/537.36"
            ),
            "Samsung Internet/28; Android; mobile",
        ),
        (
            (
                f"{MOZILLA} (Linux; Android 13; CUBOT X30) {WEBKIT} Chrome/139.0.0.0 Mobile "
                "Safari/537.36"
            ),
            "Chrome/139; Android; mobile",
        ),
        (
            f"{MOZILLA} (Android 14; Tablet; rv:131.0) Gecko/131.0 Firefox/131.0",
            "Firefox/131; Android; tablet",
        ),
        (
            f"{MOZILLA} (Linux; Android 14; Pixel Tablet) {WEBKIT} Chrome/139.0.0.0 Safari/537.36",
            "Chrome/139; Android; tablet",
        ),
        (
            f"{MOZILLA} (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Bot; Other; other",
        ),
        ("python-requests/2.32", "Bot; Other; other"),
        ("curl/8.5.0", "Bot; Other; other"),
        (f"{MOZILLA} {WEBKIT} HeadlessChrome/140.0.0.0 Safari/537.36", "Bot; Other; other"),
        ("Safari/17; iOS; mobile", "Safari/17; iOS; mobile"),
        ("MyApp/1.0 Mobile", "Other; Other; mobile"),
        ("Chrome/20261124; customer 4711", "Other; Other; other"),
        ("customer-4711", "Other; Other; other"),
        ("", "Other; Other; other"),
    ],
)
def test_user_agents(user_agent: str, coarse: str) -> None:
    """C-38: family and major version, system, device; nothing else of the text."""
    assert coarse_user_agent(user_agent) == coarse


@given(st.text() | st.lists(st.sampled_from(PIECES) | st.text(max_size=5)).map("".join))
def test_only_words_of_a_closed_list_come_out(user_agent: str) -> None:
    """C-38, F-P6: no text of the original passes, and what is coarse stays as it is."""
    coarse = coarse_user_agent(user_agent)
    assert VOCABULARY.fullmatch(coarse)
    assert coarse_user_agent(coarse) == coarse

"""Free text of an anonymous event (F-P4; contract 13)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.privacy.strategies import CANARY, everything, secret_texts
from whiteout.privacy import BY_NAME, Findings, prose
from whiteout.privacy.prose import scrub_text
from whiteout.privacy.words import scrub_words, unquote_fully

odd_text = st.lists(
    st.sampled_from(
        (
            *(
                "a",
                " ",
                "@",
                "=",
                "uid",
                "email",
                "mailto:",
                "https://",
                "//",
                "?",
                "&",
                "%40",
                "%",
            ),
            *(
                "25",
                "eyJhbGciOiJIUzI1NiJ9",
                ".de",
                "x@y.de",
                ",",
                '"',
                "<",
                ">",
                "\\",
                "-",
                "[",
                "]",
            ),
        )
    )
    | st.text(max_size=3),
    max_size=14,
).map("".join)


@pytest.mark.parametrize(
    "text",
    [
        *("", "Shoes & more | Shop", "50% off", "C# and F#", "3 > 2 = true", "a=b&c=d", "10:30"),
        *("and/or", "// a remark", "a//b", "@bob said", "bob@home", "what? yes", "x@1.2.3.4"),
        *("jquery@3.1.0", "see https://c/a b", "https://schema.org/name", "hotel: 5", "Tel: ask"),
        *("100%25 caf\u00e9 \u2603", "key=value; other=1", "\N{FULLWIDTH COMMERCIAL AT}bob", "%zz"),
        *("email: none", "email", "userId", "eyJ", "greyJacket", "a\n\tb  c", "{x} [y] \\n", "@"),
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    """Contract 13: text without anything that identifies is kept to the letter."""
    findings = Findings()
    assert scrub_text(text, findings) == text
    assert findings.names == set()


@pytest.mark.parametrize(
    ("text", "kept", "names"),
    [
        ("write to bob@mail.example!", "write to ", {"email"}),
        ("(bob.smith+x@mail.example)", "()", {"email"}),
        ("a@mail.example,b@mail.example", ",", {"email"}),
        ("bob@xn--bcher-kva.xn--p1ai", "", {"email"}),
        ("bob\N{FULLWIDTH COMMERCIAL AT}mail.example", "", {"email"}),
        ("bob%40mail.example", "", {"email"}),
        ("100% of bob%2540mail.example", "100% of ", {"email"}),
        ("u@a.de+x@b.de+y@c.de", "", {"email"}),
        ("uid=5", "", {"user_id"}),
        ("a=1&userId=5&b=2", "a=1&&b=2", {"user_id"}),
        ("foo=email=bob", "foo=", {"email"}),
        ('user_email="bob smith" x', " x", {"email"}),
        ("password='a b", "", {"credentials"}),
        ('uid="a email=b c" d', " d", {"user_id"}),
        ("_sp_id.1fff=a.b.c; sp=x; y=1", "; ; y=1", {"domain_userid", "network_userid"}),
        ("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln ok", "token  ok", {"credentials"}),
        ("mailto:bob", "mailto:", {"email"}),
        ("call tel:+49-30-123 now", "call tel: now", {"personal_details"}),
        ("see https://c/a?x=1#y ok", "see https://c/a ok", set()),
        ("see https://c/a?utm_source=b&x=1", "see https://c/a?utm_source=b", set()),
        ('<a href="https://u:p@c/a?x">b</a>', '<a href="https://c/a', {"credentials"}),
        ("https://c/a?x=1 and more", "https://c/a", set()),
        ("//u@c/a", "//c/a", {"credentials"}),
        ("x\\\\u@c/a", "x//c/a", {"credentials"}),
        ("page.html?x=1 ok", "page.html ok", set()),
        ("/a/b?x#y", "/a/b", set()),
        ("https%3A%2F%2Fc%2F%3Fx ok", "https://c/ ok", set()),
        ("%" + "25" * 9 + "41", "", set()),
        ("1" * 40 + "https://u@c/?x", "1" * 40 + "https://c/", {"credentials"}),
        ("\ud800", "?", set()),
    ],
)
def test_what_identifies_goes(text: str, kept: str, names: set[str]) -> None:
    """F-P4, contract 13: addresses, tokens, named identifiers and the parts of URLs."""
    findings = Findings()
    assert scrub_text(text, findings) == kept
    assert findings.names == names
    assert findings.user is False


@given(secret_texts(CANARY))
@settings(max_examples=200)
def test_no_secret_gets_through(text: str) -> None:
    """F-P4: a secret in a URL, an address or a named identifier is gone."""
    assert CANARY.lower() in everything({"page": text})
    assert CANARY.lower() not in everything({"page": scrub_text(text, Findings())})


@given(st.text() | odd_text | secret_texts(CANARY))
@settings(max_examples=200)
def test_scrubbing_text(text: str) -> None:
    """F-P4: never an exception, and nothing to lose the second time."""
    kept = scrub_text(text, Findings())
    assert scrub_text(kept, Findings()) == kept


def test_text_that_does_not_settle_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """F-P4: what has more to lose after the last look is not kept."""
    monkeypatch.setattr(prose, "_PASSES", 1)
    assert scrub_text("Hello", Findings()) == "Hello"
    assert scrub_text("Hello bob@mail.example", Findings()) == ""


@given(odd_text)
def test_scrubbing_words(text: str) -> None:
    """Words lose what identifies, and never gain anything."""
    kept = scrub_words(text, Findings())
    assert len(kept) <= len(text)
    assert set(kept) <= set(text)


@given(st.text(max_size=20))
def test_unquoting_ends(text: str) -> None:
    """Text is decoded until there is nothing left to decode, or is given up."""
    plain = unquote_fully(text)
    assert plain is None or unquote_fully(plain) == plain


def test_values_are_removed_as_whole_words_only() -> None:
    """F-P4: a value that was found is removed in any case, but not out of the middle of a word."""
    findings = Findings()
    assert findings.carries(BY_NAME["user_id"], "Bob.42!")
    assert findings.carries(BY_NAME["domain_sessionid"], 1234567)
    assert findings.values == {"bob.42!", "1234567"}
    text = "bob.42! xBOB.42! BOB.42!x /BOB.42!/ 12345678 1234567"
    assert scrub_text(text, findings) == " xBOB.42! BOB.42!x // 12345678 "


@pytest.mark.parametrize(
    "value", ["short", "x" * 513, ["list-of-things"], {"a": "long-value"}, 1.5]
)
def test_values_that_are_not_searched(value: object) -> None:
    """Values that are too short, too long or no text are found once and not looked for."""
    findings = Findings()
    assert findings.carries(BY_NAME["user_id"], value)
    assert findings.values == frozenset()
    assert findings.user


def test_a_stranger_cannot_make_the_search_long() -> None:
    """However many identifiers an event has, few of their values are looked for."""
    findings = Findings()
    for number in range(1_000):
        findings.carries(BY_NAME["user_id"], f"customer-{number}")
    assert len(findings.values) == 32


@pytest.mark.parametrize("empty", [None, "", "00000000-0000-0000-0000-000000000000"])
def test_an_empty_value_is_none(empty: object) -> None:
    """Contract 10: where nothing stands, nobody is identified."""
    findings = Findings()
    assert not findings.carries(BY_NAME["user_id"], empty)
    assert (findings.names, findings.user) == (set(), False)


def test_a_session_names_nobody() -> None:
    """Contract 7: a session identifier is removed without making somebody of the sender."""
    findings = Findings()
    assert findings.carries(BY_NAME["domain_sessionid"], "abcdef")
    assert (findings.names, findings.user) == ({"domain_sessionid"}, False)

"""Free text of an anonymous event: titles, labels, whatever a site writes into its events.

Ordinary text stays as it is. URLs in it lose what URLs lose, and e-mail addresses, tokens and named
identifiers go (F-P4; contract 13). The time is proportional to the length.
"""

from __future__ import annotations

import re

from whiteout.privacy.findings import Findings
from whiteout.privacy.urls import scrub_url
from whiteout.privacy.words import scrub_words, unquote_fully

_SUSPICIOUS = re.compile(
    r"[@%?=\\]|//|eyJ|[\uff20\ufe6b]|(?:mailto|sip|sms|tel|xmpp):", re.IGNORECASE
)
_WHOLE_URL = re.compile(r"\s*(?:(?:[A-Za-z][A-Za-z0-9+.\-]{0,31}:)?[\\/]{2,}+[\w\[%@]|/\S*\Z)")
_SPACE = re.compile(r"(\s+)")
_SLASHES = re.compile(r"(?<![\\/])[\\/]{2,}+[\w\[%@]")
_SCHEME_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+.-"
_CONTACT = re.compile(r"(?<!\w)((?:mailto|sip|sms|tel|xmpp):)\S+", re.IGNORECASE)
_PASSES = 4


def scrub_text(text: str, findings: Findings) -> str:
    """Text without what identifies; text in which nothing is found stays exactly as it is."""
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()
    for _ in range(_PASSES):
        clean = _scrub(text, findings)
        if clean == text:
            return clean
        text = clean
    return ""


def _scrub(text: str, findings: Findings) -> str:
    text = findings.without_values(text)
    if _SUSPICIOUS.search(text) is None:
        return text
    if _WHOLE_URL.match(text):
        return scrub_url(text, findings=findings)
    text = _without_urls(text, findings)
    if "%" not in text:
        return scrub_words(text, findings)
    plain = unquote_fully(text)
    if plain is None:
        return ""
    clean = scrub_words(_without_urls(plain, findings), findings)
    return text if clean == plain else clean


def _without_urls(text: str, findings: Findings) -> str:
    text = _CONTACT.sub(lambda match: _contact(match[1], findings), text)
    return "".join(_word(word, findings) for word in _SPACE.split(text))


def _contact(scheme: str, findings: Findings) -> str:
    findings.note("email" if scheme.lower() == "mailto:" else "personal_details")
    return scheme


def _word(word: str, findings: Findings) -> str:
    """A word without spaces; if a URL begins in it, that is scrubbed up to the word's end."""
    slashes = _SLASHES.search(word)
    if slashes is not None:
        start = slashes.start()
        if word[:start].endswith(":"):
            start = len(word[: start - 1].rstrip(_SCHEME_LETTERS))
        return word[:start] + scrub_url(word[start:], findings=findings)
    mark = word.find("?")
    if mark >= 0 and "=" in word[mark:]:
        return scrub_url(word, findings=findings)
    return word

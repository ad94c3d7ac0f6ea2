"""Plain words without e-mail addresses, tokens and named identifiers (F-P4; contract 13).

Every pattern here begins only where a word begins and never goes back: the time is proportional to
the length of the text, whatever a stranger sends.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from whiteout.privacy.findings import Findings
from whiteout.privacy.keys import identifier_of

_AT = "@\N{FULLWIDTH COMMERCIAL AT}\N{SMALL COMMERCIAL AT}"
_BETWEEN = r"\s<>()\[\]{},;:\"'/\\=&?#|"
_WITH_AT = re.compile(rf"(?<![^{_BETWEEN}])[^{_BETWEEN}{_AT}]*+[{_AT}][^{_BETWEEN}]*+")
_MAILBOX = re.compile(
    rf"[^{_AT}][{_AT}](?:[\w\-]+\.)+(?:[^\W\d_]{{2,}}|xn--[\w\-]+)(?![\w\-])", re.IGNORECASE
)
_NAME = re.compile(r"(?<![\w.\-\[\]])[\w.\-\[\]]++=")
_VALUE = re.compile(r"\"[^\"]*\"?|'[^']*'?|[^&;,\s]*")
_TOKEN = re.compile(r"(?<![\w\-])eyJ[\w\-]{13,}+[\w\-.=+/]*+")
_SUSPICIOUS = re.compile(rf"[={_AT}]|eyJ")
_ROUNDS = 8


def unquote_fully(text: str) -> str | None:
    """Text without percent-encoding, however often it was encoded; None when that is absurd."""
    for _ in range(_ROUNDS):
        plain = unquote(text)
        if plain == text:
            return text
        text = plain
    return None


def scrub_words(text: str, findings: Findings) -> str:
    """Text in which no e-mail address, no token and no `identifier=value` is left.

    A word that holds an e-mail address goes whole. Text is expected without percent-encoding.
    """
    text = findings.without_values(text)
    if _SUSPICIOUS.search(text) is None:
        return text
    text = _without_pairs(text, findings)
    text, count = _TOKEN.subn("", text)
    if count:
        findings.note("credentials")
    return _WITH_AT.sub(lambda match: _without_mailbox(match.group(), findings), text)


def _without_mailbox(word: str, findings: Findings) -> str:
    if _MAILBOX.search(word) is None:
        return word
    findings.note("email")
    return ""


def _without_pairs(text: str, findings: Findings) -> str:
    """Text without `name=value` where the name is that of an identifier."""
    kept: list[str] = []
    position = 0
    for match in _NAME.finditer(text):
        identifier = identifier_of(match.group()[:-1])
        if identifier is None or match.start() < position:
            continue
        value = _VALUE.match(text, match.end())
        kept.append(text[position : match.start()])
        position = match.end() if value is None else value.end()
        findings.note(identifier.name)
    return "".join((*kept, text[position:]))

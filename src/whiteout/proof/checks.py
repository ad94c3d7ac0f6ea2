"""Whether a stored value holds an identifier; the rules of privacy decide."""

from __future__ import annotations

from functools import lru_cache

from whiteout.privacy import Findings, TooDeepError, dump_json, load_json, scrub_event, scrub_url
from whiteout.privacy import tidy_url as _tidy
from whiteout.privacy.nested import Scrubber
from whiteout.protocol.parameters import NAMES

URL = "url"
REST_OF_URL = "rest of the URL"
"""The rule that the collector keeps no more of an anonymous URL than `scrub_url` does."""
UNREADABLE = "unreadable JSON"
"""The rule that JSON can be read, or nobody can say what stands in it."""
NONE: frozenset[str] = frozenset()


@lru_cache(maxsize=65_536)
def in_url(url: str, *, campaign: bool, session: bool) -> frozenset[str]:
    """The rules that a whole URL breaks: names of identifiers in it, and `REST_OF_URL`."""
    findings = Findings()
    clean = scrub_url(url, keep_campaign=campaign, findings=findings)
    names = _without_session(findings.names, session=session)
    return names if names or clean == url else frozenset({REST_OF_URL})


@lru_cache(maxsize=65_536)
def in_query(query: str, *, session: bool) -> frozenset[str]:
    """The names of identifiers in a query or a fragment without its mark."""
    findings = Findings()
    scrub_url(f"/?{query}", findings=findings)
    return _without_session(findings.names, session=session)


@lru_cache(maxsize=65_536)
def in_text(text: str, *, version: bool, session: bool) -> frozenset[str]:
    """The names of identifiers in text; `version` tells that it holds the number of a version."""
    findings = Findings()
    _scrubber(findings, session=session).text(text, version=version)
    return frozenset(findings.names)


def in_json(text: str, *, session: bool) -> frozenset[str]:
    """The names of identifiers in JSON, or `UNREADABLE`."""
    findings = Findings()
    try:
        _scrubber(findings, session=session).walk(load_json(text.encode()))
    except (ValueError, RecursionError, TooDeepError):
        return frozenset({UNREADABLE})
    return frozenset(findings.names)


def in_payload(text: str, *, session: bool) -> frozenset[str]:
    """The names of identifiers in the parameters of a failed event, those in base64 included."""
    try:
        found = load_json(text.encode())
    except (ValueError, RecursionError):
        return frozenset({UNREADABLE})
    names: set[str] = set()
    for event in found if isinstance(found, list) else [found]:
        if isinstance(event, dict):
            names |= scrub_event(event, NAMES, keep_session=session, strict=False).redacted
    return frozenset(names)


def has_user_info(url: str) -> bool:
    """Whether a URL of an identified event holds what even such a one must not (contract 13)."""
    return _tidy(url) != url


def _without_session(names: set[str], *, session: bool) -> frozenset[str]:
    return frozenset(names - {"domain_sessionid", "domain_sessionidx"} if session else names)


def _scrubber(findings: Findings, *, session: bool) -> Scrubber:
    return Scrubber(findings, keep_session=session, loads=load_json, dumps=dump_json)

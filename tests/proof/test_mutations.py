"""Each rule of scrubbing, switched off, is noticed: by the search of the proof, or by the audit."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.enrich.records import enrich
from whiteout.collector import anonymous as collector
from whiteout.collector.anonymous import AnonymousInput, anonymise
from whiteout.lake import LakeOwner, LakeSettings, Slice
from whiteout.privacy import (
    Signal,
    agents,
    findings,
    keys,
    members,
    nested,
    prose,
    scrub,
    urls,
    words,
)
from whiteout.proof.audit import audit
from whiteout.proof.canaries import Canaries
from whiteout.proof.search import Found
from whiteout.proof.shots import Shot, well_formed
from whiteout.protocol.record import encode_anonymous

Patch = Callable[[pytest.MonkeyPatch], None]


def off(module: Any, name: str, instead: Any) -> Patch:
    """Put something else in the place of a rule."""
    return lambda patch: patch.setattr(module, name, instead)


def same(text: str, *_: object, **__: object) -> str:
    """What a rule returns that changes nothing."""
    return text


def nobody(*_: object, **__: object) -> None:
    """What a rule returns that knows no identifier."""


def unnamed(key: str) -> members.Name:
    """The reading of a member's name that knows no identifier."""
    return replace(members.name_of(key), identifier=None)


MUTATIONS: dict[str, Patch] = {
    "identifiers in parameters": off(scrub, "BY_PARAMETER", {}),
    "URLs of pages": off(scrub, "scrub_url", same),
    "user agent": off(scrub, "coarse_user_agent", same),
    "user agent of the request": off(collector, "coarse_user_agent", same),
    "URLs in JSON": off(nested, "scrub_url", same),
    "text in JSON": off(nested, "scrub_text", same),
    "entities that identify": off(nested, "entity_identifier", nobody),
    "names of members": lambda patch: patch.setattr(nested, "name_of", unnamed),
    "names of members, and fields of entities": lambda patch: (
        patch.setattr(nested, "name_of", unnamed),
        patch.setattr(nested, "entity_field", nobody),
    )[0],
    "e-mail addresses": off(words, "_without_mailbox", same),
    "contacts and e-mail in prose": off(prose, "scrub_words", same),
    "user info": off(urls, "_host", lambda authority, _findings: authority),
    "path parameters": lambda patch: patch.setattr(urls, "_QUERY_MARKS", re.compile("[?#]")),
    "campaign parameters": off(urls, "_CAMPAIGN", re.compile("([a-z0-9_]{1,40})")),
    "values of identifiers elsewhere": off(
        findings.Findings, "without_values", lambda _, text: text
    ),
    "referrer of the request": off(collector, "_referer", lambda url, _policy: url),
    "type of the content": off(collector, "_known_type", same),
}


@pytest.fixture(scope="module")
def sent() -> tuple[Canaries, list[Shot]]:
    """Well-formed requests full of canaries, and some that only a careful rule scrubs."""
    canaries = Canaries(seed=5, hashed=("POST tp2: ",))
    shots = list(well_formed(canaries, "mutation"))
    first = shots[0]
    assert first.body is not None
    uid = canaries.text("POST tp2: uid").encode()
    quoting = first.body.replace(b'"page": "Checkout"', b'"page": "Hello %s"' % uid)
    odd = [("Content-Type", f"application/{canaries.text('content type')}")]
    shots += [replace(first, body=quoting), replace(first, headers=[*first.headers[:-1], *odd])]
    return canaries, shots


def records(shots: list[Shot]) -> list[bytes]:
    """What the collector would write for each of them."""
    written = []
    for shot in shots:
        headers = {name.lower(): value for name, value in shot.headers}
        written.append(
            encode_anonymous(
                anonymise(
                    AnonymousInput(
                        received=1_700_000_000_000,
                        signals=(Signal.HEADER,),
                        path=shot.path,
                        query=shot.query,
                        body=shot.body,
                        content_type=headers.get("content-type", "").partition(";")[0],
                        user_agent=headers["user-agent"],
                        referer=headers["referer"],
                        origin=headers["origin"],
                        plain_text=False,
                    )
                ),
                msgspec.json.encode,
            )
        )
    return written


def searched(canaries: Canaries, written: list[bytes]) -> list[Found]:
    """What the search finds in records."""
    return [one for raw in written for one in canaries.search(raw, "spool")]


def audited(folder: Path, written: list[bytes]) -> int:
    """How much the audit finds in the events of records."""
    owner = LakeOwner.open(folder / "lake", LakeSettings(durable=False))
    enriched = [enrich(raw) for raw in written]
    events = [(number, row) for number, one in enumerate(enriched, 1) for row in one.events]
    failed = [(number, row) for number, one in enumerate(enriched, 1) for row in one.failed]
    owner.commit([Slice("f", len(written), events=events, failed=failed)])
    owner.close()
    return sum(audit(folder).counts.breaches.values())


def test_with_every_rule_nothing_is_found(
    sent: tuple[Canaries, list[Shot]], tmp_path: Path
) -> None:
    """Neither search nor audit cries wolf."""
    written = records(sent[1])
    assert (searched(sent[0], written), audited(tmp_path, written)) == ([], 0)


@pytest.mark.parametrize("rule", MUTATIONS)
def test_a_rule_that_is_off_is_noticed(
    sent: tuple[Canaries, list[Shot]], tmp_path: Path, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without one rule of F-P1 to F-P6 and F-P21 something is found where nothing may be."""
    caches = (members._remembered, keys._identifier_of, agents.coarse_user_agent)
    with monkeypatch.context() as patch:
        MUTATIONS[rule](patch)
        written = records(sent[1])
    for cache in caches:
        getattr(cache, "cache_clear", nobody)()
    assert searched(sent[0], written) or audited(tmp_path, written)

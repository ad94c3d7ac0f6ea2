"""No stranger can make the rules slow: the time is proportional to the length (B-20, F-P4)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from whiteout.privacy import (
    AddressPolicy,
    Findings,
    coarse_user_agent,
    keep_address,
    origin_of,
    scrub_event,
    scrub_url,
    tidy_url,
)
from whiteout.privacy.keys import identifier_of
from whiteout.privacy.prose import scrub_text
from whiteout.protocol.parameters import NAMES

LENGTH = 20_000
MOST = 1.0
"""Seconds of the processor for a text of this length; anything quadratic takes minutes."""

HOSTILE = [
    *(
        "a",
        "a.",
        "a@",
        "@",
        "@a.",
        "a@b.c",
        ".",
        "-",
        "%",
        "%25",
        "%2",
        "%40",
        "%3a%2f%2f",
        ":%2f%2f",
    ),
    *(
        "://",
        "//",
        "/",
        "\\",
        "//a@",
        "https://",
        "https:",
        "?",
        "?a=",
        "a=",
        "=",
        "uid=",
        "uid=a&",
    ),
    *(
        "&",
        ";",
        "#",
        "utm_source=",
        "?utm_a=b&",
        "eyJ",
        "eyJhbGciOiJIUzI1NiJ9.",
        "[",
        "{",
        '{"',
        '"',
    ),
    *(
        '{"a":',
        " ",
        "\t",
        "\n",
        "mailto:",
        "mailto:a ",
        "tel:",
        "1.",
        "1:",
        "::",
        "Version/1 ",
        "Chrome/1",
    ),
    *(
        "Mobile/",
        "Version/1.1",
        "bo",
        "\u00e9",
        "\u0130",
        "\N{FULLWIDTH COMMERCIAL AT}",
        "user_",
        "id",
    ),
    *("xn--", "a@xn--", "a@b-", "a-b@c.d-", "'", '\\"', "\ud800", "\x00"),
]

FUNCTIONS: dict[str, Callable[[str], object]] = {
    "text": lambda text: scrub_text(text, Findings()),
    "url": scrub_url,
    "tidy": tidy_url,
    "origin": origin_of,
    "agent": coarse_user_agent,
    "name": identifier_of,
    "address": lambda text: keep_address(text, AddressPolicy.FULL),
    "event": lambda text: scrub_event({"page": text, "url": text, "ue_pr": text}, NAMES),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_hostile_text_is_read_in_linear_time(name: str) -> None:
    """Repetitions that make careless patterns go back and forth end quickly, with any end."""
    slow = {}
    for piece in HOSTILE:
        body = piece * (LENGTH // len(piece))
        for text in (body, f"https://{body}!", f"a{body}@"):
            start = time.process_time()
            FUNCTIONS[name](text)
            spent = time.process_time() - start
            if spent > MOST:
                slow[piece] = spent
    assert slow == {}


def test_many_identifiers_are_read_in_linear_time() -> None:
    """An event full of identifiers, each with a value that is looked for elsewhere."""
    members = [{"uid": f"customer-{n}", "x": f"customer-{n} " * 20} for n in range(1_000)]
    event = {"ue_pr": json.dumps({"data": members}), "page": "customer-1 " * 5_000}
    start = time.process_time()
    scrubbed = scrub_event(event, NAMES)
    assert time.process_time() - start < MOST
    assert scrubbed.redacted == {"user_id"}

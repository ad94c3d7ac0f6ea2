"""The POST envelope, self-describing JSON and Iglu URIs (B-14 to B-27, E-1, E-2, E-4)."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whiteout.protocol.envelope import CONTENT_TYPES, MAX_EVENTS, EnvelopeProblem, open_envelope
from whiteout.protocol.iglu import (
    CONTEXTS,
    PAYLOAD_DATA,
    UNSTRUCT_EVENT,
    NotSelfDescribingError,
    SchemaKey,
    matches,
    parse_uri,
    self_describing,
)

READERS = pytest.mark.parametrize("loads", [None, msgspec.json.decode], ids=["plain", "quick"])


def open_with(body: bytes, loads: Any) -> list[Any]:
    """Open an envelope with a reader of JSON, or the one that is there by default."""
    return open_envelope(body) if loads is None else open_envelope(body, loads)


def envelope(data: Any, schema: object = PAYLOAD_DATA) -> bytes:
    """An envelope as a tracker sends it."""
    return json.dumps({"schema": schema, "data": data}).encode()


@READERS
@pytest.mark.parametrize("addition", range(6))
def test_events_are_taken_as_they_are(loads: Any, addition: int) -> None:
    """B-16, B-23: any addition of the envelope, and whatever its events are."""
    events = [{"e": "pv"}, {"e": 5}, None, "x", []]
    schema = PAYLOAD_DATA.replace("1-0-4", f"1-0-{addition}")
    assert open_with(envelope(events, schema), loads) == events


@READERS
@pytest.mark.parametrize(
    ("body", "where", "kind", "position"),
    [
        (b"\xff", "body", "not_utf8", 0),
        (b'{"schema":"secret\xff"}', "body", "not_utf8", 17),
        (b'{"schema":', "body", "not_json", None),
        (b"secret", "body", "not_json", 0),
        (b"", "body", "not_json", None),
        (b"\xef\xbb\xbf{}", "body", "not_json", None),
        ('{"a":1}'.encode("utf-16-le"), "body", "not_json", None),
        (b"[" * 100_000, "body", "too_deep", None),
        (b"[]", "body", "INVALID_SCHEMA", None),
        (b'{"data":[]}', "body", "INVALID_SCHEMA", None),
        (envelope([1], "iglu:secret"), "body", "INVALID_IGLUURI", None),
        (envelope([1], 5), "body", "INVALID_IGLUURI", None),
        (json.dumps({"schema": PAYLOAD_DATA}).encode(), "body", "INVALID_DATA_PAYLOAD", None),
        (envelope([1], CONTEXTS), "body.schema", "not_payload_data", None),
        (envelope([1], PAYLOAD_DATA.replace("1-0-4", "2-0-0")), "body.schema", None, None),
        (envelope([1], PAYLOAD_DATA.replace("1-0-4", "1-1-0")), "body.schema", None, None),
        (envelope([]), "body.data", "no_events", None),
        (envelope({}), "body.data", "no_events", None),
        (envelope(None), "body.data", "no_events", None),
        (envelope([1] * 1_001), "body.data", "too_many_events", MAX_EVENTS),
    ],
)
def test_problems(
    loads: Any, body: bytes, where: str, kind: str | None, position: int | None
) -> None:
    """B-14 to B-20, contract 11: where, what kind, which position, and nothing of the body."""
    with pytest.raises(EnvelopeProblem) as caught:
        open_with(body, loads)
    problem = caught.value
    assert problem.where == where
    assert problem.kind == (kind or "not_payload_data")
    assert position is None or problem.position == position
    assert "secret" not in str(problem)
    assert problem.__cause__ is None


def test_a_problem_in_words() -> None:
    """Contract 11: a problem reads as place, kind and position, and behaves as an exception."""
    assert str(EnvelopeProblem("body", "not_json", 3)) == "body: not_json at position 3"
    problem = EnvelopeProblem("body", "not_json").with_traceback(None)
    problem.__traceback__ = None
    assert str(problem) == "body: not_json"


@given(st.binary() | st.lists(st.none() | st.text(max_size=5), max_size=5).map(envelope))
def test_nothing_else_is_raised(body: bytes) -> None:
    """B-14: any body is opened or refused."""
    with suppress(EnvelopeProblem):
        assert 1 <= len(open_envelope(body)) <= MAX_EVENTS


def test_content_types() -> None:
    """B-14, B-15: the three content types of the protocol, to the letter."""
    assert CONTENT_TYPES == (
        "application/json",
        "application/json; charset=utf-8",
        "application/json; charset=UTF-8",
    )


@pytest.mark.parametrize(
    "uri",
    [
        *("iglu:a/b/jsonschema/1-0-0", "iglu:com.acme-x_1/My-Event_2/jsonschema/12-34-567"),
        *(CONTEXTS, UNSTRUCT_EVENT, PAYLOAD_DATA),
    ],
)
def test_iglu_uris(uri: str) -> None:
    """E-1: vendor, name, format and version, and back again."""
    key = parse_uri(uri)
    assert key is not None
    assert key.uri == uri


@pytest.mark.parametrize(
    "uri",
    [
        *(None, 5, "", "iglu:", "iglu:a/b/c", "iglu:a/b/c/0-0-0", "iglu:a/b/c/01-0-0"),
        *("iglu:a/b/c/1-00-0", "iglu:a/b/c/1-0", "iglu:a/b/c/1-0-0-0", "iglu:a/b/c/1-0-0\n"),
        *(" iglu:a/b/c/1-0-0", "IGLU:a/b/c/1-0-0", "iglu:a/b.c/d/1-0-0", "iglu:a/b/c/1-0-\u0661"),
        *("iglu:\u00e9/b/c/1-0-0", "iglu:a/../c/1-0-0", "iglu:a//c/1-0-0", "http:a/b/c/1-0-0"),
    ],
)
def test_what_is_no_iglu_uri(uri: object) -> None:
    """E-1: anything else, beyond ASCII, with leading zeros or more behind it."""
    assert parse_uri(uri) is None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "INVALID_SCHEMA"),
        ("x", "INVALID_SCHEMA"),
        ({"data": 1}, "INVALID_SCHEMA"),
        ({"schema": "x", "data": 1}, "INVALID_IGLUURI"),
        ({"schema": CONTEXTS}, "INVALID_DATA_PAYLOAD"),
    ],
)
def test_what_is_not_self_describing(value: object, code: str) -> None:
    """E-2, B-51: what is missing, in the words of the protocol."""
    with pytest.raises(NotSelfDescribingError, match=code) as caught:
        self_describing(value)
    assert caught.value.code == code


def test_self_describing_json() -> None:
    """E-2: schema and data, which may be anything, null too."""
    assert self_describing({"schema": CONTEXTS, "data": None, "more": 1}) == (
        SchemaKey("com.snowplowanalytics.snowplow", "contexts", "jsonschema", "1-0-1"),
        None,
    )


@pytest.mark.parametrize(
    ("key", "matching"),
    [
        (SchemaKey("com.snowplowanalytics.snowplow", "contexts", "jsonschema", "1-0-9"), True),
        (SchemaKey("com.snowplowanalytics.snowplow", "contexts", "jsonschema", "1-1-0"), False),
        (SchemaKey("com.snowplowanalytics.snowplow", "contexts", "jsonschema", "11-0-0"), False),
        (SchemaKey("com.snowplowanalytics.snowplow", "contexts", "avro", "1-0-0"), False),
        (SchemaKey("com.snowplowanalytics.snowplow", "context", "jsonschema", "1-0-0"), False),
        (SchemaKey("com.acme", "contexts", "jsonschema", "1-0-0"), False),
    ],
)
def test_criterion(key: SchemaKey, matching: bool) -> None:
    """E-4: vendor, name and format equal, model 1, revision 0, any addition."""
    assert matches(key, "contexts") is matching

"""Records on their way from the collector to the pipeline (A.10, A-51; contracts 7 and 11)."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, fields, is_dataclass
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whiteout.privacy import HEADERS, Problem
from whiteout.protocol.record import (
    AnonymousEvent,
    AnonymousRequest,
    IdentifiedRequest,
    RecordError,
    anonymous_parts,
    decode,
    encode_anonymous,
    encode_identified,
)

text = st.text(max_size=20)
maybe = st.none() | text
number = st.integers(0, 2**53)
identified = st.builds(
    IdentifiedRequest,
    received=number,
    path=text,
    query=text,
    content_type=maybe,
    address=maybe,
    network_userid=maybe,
    user_agent=maybe,
    referer=maybe,
    origin=maybe,
    language=maybe,
)
problems = st.builds(Problem, text, text, st.none() | number)
anonymous = st.builds(
    AnonymousRequest,
    received=number,
    signals=st.lists(text, max_size=3),
    vendor=maybe,
    version=maybe,
    content_type=maybe,
    body_length=st.none() | number,
    user_agent=maybe,
    referer=maybe,
    origin=maybe,
    events=st.lists(
        st.builds(
            AnonymousEvent,
            st.dictionaries(text, text, max_size=3),
            st.lists(text, max_size=2),
            st.booleans(),
            st.booleans(),
            st.lists(problems, max_size=2),
        ),
        max_size=2,
    ),
    failure=st.none() | problems,
)


def codec(*, quick: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Keyword arguments for writing and for reading, with the plain codec or the quick one."""
    return ({"dumps": msgspec.json.encode}, {"loads": msgspec.json.decode}) if quick else ({}, {})


@given(identified, st.none() | st.binary(max_size=40), st.booleans(), st.booleans())
def test_identified_round_trip(
    request: IdentifiedRequest, body: bytes | None, quick: bool, other: bool
) -> None:
    """A-2, A-3: the request and its body come back as they were; no body is not an empty one."""
    raw = encode_identified(request, body, **codec(quick=quick)[0])
    assert raw.startswith(b"W1I")
    assert decode(raw, **codec(quick=other)[1]) == (request, body)
    assert request.body_length == (-1 if body is None else len(body))


@given(anonymous, st.booleans(), st.booleans())
def test_anonymous_round_trip(request: AnonymousRequest, quick: bool, other: bool) -> None:
    """Contract 7: the anonymous request comes back as it was, by either codec."""
    raw = encode_anonymous(request, **codec(quick=quick)[0])
    assert raw.startswith(b"W1A")
    assert raw.count(b"\n") == 1
    assert decode(raw, **codec(quick=other)[1]) == request


@given(anonymous, number, number)
def test_anonymous_parts(request: AnonymousRequest, received: int, length: int) -> None:
    """Contract 7: a record that is put together from parts is the record of that request."""
    events, request.events = request.events, []
    head, middle, tail, end = anonymous_parts(request, msgspec.json.encode)
    written = (str(received).encode(), str(length).encode(), msgspec.json.encode(events))
    raw = b"".join((head, written[0], middle, written[1], tail, written[2], end))
    request.received, request.body_length, request.events = received, length, events
    assert raw == encode_anonymous(request, msgspec.json.encode)


def head(**members: object) -> bytes:
    """The head of an identified record, with some members changed."""
    right: dict[str, object] = {"received": 1, "path": "/i", "body_length": -1}
    return b"W1I" + json.dumps(right | members).encode() + b"\n"


def anonymous_head(**members: object) -> bytes:
    """The head of an anonymous record, with some members changed."""
    right = asdict(AnonymousRequest(1, ["path"], events=[AnonymousEvent({"e": "pv"})]))
    return b"W1A" + json.dumps(right | members).encode() + b"\n"


def event(**members: object) -> dict[str, object]:
    """An anonymous event, with some members changed."""
    return asdict(AnonymousEvent({"e": "pv"})) | members


def test_records_of_fewer_members_are_read() -> None:
    """Members that may be absent are absent: a record outlives the version that wrote it."""
    assert decode(head()) == (IdentifiedRequest(1, "/i"), None)
    assert decode(b'W1A{"received":1,"signals":[]}\n') == AnonymousRequest(1, [])
    assert decode(head(body_length=2) + b"ok") == (IdentifiedRequest(1, "/i", body_length=2), b"ok")


@pytest.mark.parametrize(
    "raw",
    [
        *(
            b"",
            b"W",
            b"W1",
            b"W1I",
            b"W1A",
            b"W1I\n",
            b"W1A\n",
            b"W2I{}\n",
            b"w1i{}\n",
            b"\n\n\n\n",
        ),
        *(b"W1I{}", b"W1I{}\n", b"W1A{}\n", b"W1I[]\n", b"W1A[]\n", b"W1Anull\n", b'W1A"x"\n'),
        *(b"W1I5\n", b"W1I\xff\n", b"W1I" + b"[" * 100_000 + b"\n", b"W1I{\n}\n", b"W1INaN\n"),
        *(head()[:-1], head() + b"x", head(body_length=2) + b"x", head(body_length=2) + b"xyz"),
        *(head(body_length=0) + b"x", head(body_length=-5), head(body_length=None)),
        *(head(received="1"), head(received=True), head(received=1.5), head(path=None)),
        *(head(address=5), head(language=[]), head(secret="x"), head(query=None)),
        *(anonymous_head() + b"x", anonymous_head(signals="x"), anonymous_head(signals=[5])),
        *(anonymous_head(events=[[]]), anonymous_head(events={}), anonymous_head(events=None)),
        *(anonymous_head(events=[{}]), anonymous_head(failure={}), anonymous_head(failure="x")),
        *(anonymous_head(events=[event(parameters={"e": 5})]), anonymous_head(address="x")),
        *(anonymous_head(events=[event(parameters=[])]), anonymous_head(body_length="5")),
        *(anonymous_head(events=[event(redacted=[5])]), anonymous_head(events=[event(user=1)])),
        *(anonymous_head(events=[event(problems=[{}])]), anonymous_head(events=[event(x=1)])),
        *(anonymous_head(failure={"where": "x", "what": 5}), anonymous_head(received=None)),
        anonymous_head(failure={"where": "x", "what": "y", "position": "z"}),
    ],
)
@pytest.mark.parametrize("quick", [False, True])
def test_what_is_no_record(raw: bytes, quick: bool) -> None:
    """Wrong version, head, type or length: refused, and nothing of the content is said."""
    with pytest.raises(RecordError) as caught:
        decode(raw, **codec(quick=quick)[1])
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


@given(
    st.binary(max_size=60)
    | st.tuples(st.sampled_from((b"W1I", b"W1A")), st.binary(max_size=60)).map(b"".join)
    | st.tuples(
        st.sampled_from((b"W1I", b"W1A")),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        [f.name for f in (*fields(IdentifiedRequest), *fields(AnonymousRequest))]
                    ),
                    inner,
                    max_size=6,
                )
            ),
        ).map(lambda value: json.dumps(value).encode()),
        st.just(b"\n"),
    ).map(b"".join),
    st.booleans(),
)
def test_nothing_else_is_raised(raw: bytes, quick: bool) -> None:
    """Whatever stands on the disk, it is a record or it is refused."""
    with suppress(RecordError):
        assert isinstance(decode(raw, **codec(quick=quick)[1]), (tuple, AnonymousRequest))


@given(identified, st.binary(max_size=20), st.data())
def test_a_torn_record_is_refused(
    request: IdentifiedRequest, body: bytes, data: st.DataObject
) -> None:
    """A record that was cut short anywhere is not taken for a shorter one."""
    raw = encode_identified(request, body)
    cut = data.draw(st.integers(0, len(raw) - 1))
    with pytest.raises(RecordError):
        decode(raw[:cut])


def types_in(hint: Any) -> set[Any]:
    """Every type that a type hint is made of."""
    inner = get_args(hint)
    return {hint} if not inner else {t for part in inner for t in types_in(part)} | {hint}


def reachable(kind: type) -> dict[str, Any]:
    """Every field of a dataclass and of the dataclasses in it, with its type."""
    found: dict[str, Any] = {}
    for name, hint in get_type_hints(kind).items():
        found[f"{kind.__name__}.{name}"] = hint
        for part in types_in(hint):
            if isinstance(part, type) and is_dataclass(part):
                found |= reachable(part)
    return found


def test_an_anonymous_request_has_no_field_for_an_identifier() -> None:
    """A-51: an allow-list. What has no place in the type cannot be kept."""
    assert reachable(AnonymousRequest) == ALLOWED


ALLOWED: dict[str, Any] = {
    "AnonymousRequest.received": int,
    "AnonymousRequest.signals": list[str],
    "AnonymousRequest.vendor": str | None,
    "AnonymousRequest.version": str | None,
    "AnonymousRequest.content_type": str | None,
    "AnonymousRequest.body_length": int | None,
    "AnonymousRequest.user_agent": str | None,
    "AnonymousRequest.referer": str | None,
    "AnonymousRequest.origin": str | None,
    "AnonymousRequest.events": list[AnonymousEvent],
    "AnonymousRequest.failure": Problem | None,
    "AnonymousEvent.parameters": dict[str, str],
    "AnonymousEvent.redacted": list[str],
    "AnonymousEvent.user": bool,
    "AnonymousEvent.session": bool,
    "AnonymousEvent.problems": list[Problem],
    "Problem.where": str,
    "Problem.what": str,
    "Problem.position": int | None,
}
"""Every field that an anonymous record may have, those inside others included."""


@pytest.mark.parametrize("name", ALLOWED)
def test_no_allowed_field_is_named_after_an_identifier(name: str) -> None:
    """A-48, A-50: no field is called like an address, a cookie, a header or a bag of headers."""
    field = name.partition(".")[2]
    suspicious = (
        "address",
        "ip",
        "cookie",
        "forward",
        "header",
        "peer",
        "client",
        "user_id",
        "raw",
    )
    assert not any(word in field.split("_") or field.startswith(word) for word in suspicious)
    assert field.replace("_", "-") not in HEADERS


def test_an_anonymous_request_takes_nothing_else() -> None:
    """A-51: neither at its making nor later can something be added."""
    with pytest.raises(TypeError):
        AnonymousRequest(1, [], address="203.0.113.7")  # type: ignore[call-arg]
    request = AnonymousRequest(1, [])
    for kind in (request, AnonymousEvent({})):
        with pytest.raises(AttributeError):
            kind.headers = {}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "name", ["address", "cookie", "headers", "network_userid", "query", "path"]
)
def test_an_anonymous_record_with_more_is_refused(name: str) -> None:
    """A-51: no such member is read back either."""
    with pytest.raises(RecordError):
        decode(anonymous_head(**{name: "x"}))

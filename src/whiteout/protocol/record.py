"""What the collector hands to the pipeline: one record a request, in one of two types (A.10, A-51).

An anonymous request becomes a type that has no field for an address, a cookie or a forwarding
header: what has no place cannot be kept. Its events are scrubbed before the record exists.

On disk a record is the text `W1I` or `W1A`, a JSON object, a line feed, and for an identified
request the body as it came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from whiteout.privacy import Problem, dump_json, load_json

IDENTIFIED = b"W1I"
"""What the record of an identified request begins with."""

_ANONYMOUS = b"W1A"
_NO_BODY = -1


class RecordError(ValueError):
    """Bytes are not a record that this version can read."""


@dataclass(slots=True)
class IdentifiedRequest:
    """A request that nothing asked to anonymise.

    `received` is the collector's clock in epoch milliseconds (A-63). `address` is as long as the
    operator's policy keeps it (A-58). `body` is None for anything but a POST (A-2, A-3). Of the
    headers only those named here are kept (A-62).
    """

    received: int
    path: str
    query: str = ""
    content_type: str | None = None
    address: str | None = None
    network_userid: str | None = None
    user_agent: str | None = None
    referer: str | None = None
    origin: str | None = None
    language: str | None = None
    body_length: int = _NO_BODY


@dataclass(slots=True)
class AnonymousEvent:
    """One scrubbed event of an anonymous request, and what was removed or unreadable in it."""

    parameters: dict[str, str]
    redacted: list[str] = field(default_factory=list)
    user: bool = False
    session: bool = False
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class AnonymousRequest:
    """A request that its sender, its path, a signal or a policy wants anonymous (A-51, contract 7).

    `vendor` and `version` are those of a path that whiteout supports, else None. `user_agent` is
    coarse, `referer` and `origin` are scheme and host only. `failure` says why there are no events
    (contract 11).
    """

    received: int
    signals: list[str]
    vendor: str | None = None
    version: str | None = None
    content_type: str | None = None
    body_length: int | None = None
    user_agent: str | None = None
    referer: str | None = None
    origin: str | None = None
    events: list[AnonymousEvent] = field(default_factory=list)
    failure: Problem | None = None


Dumps = Callable[[Any], bytes]
Loads = Callable[[bytes], Any]

_T = TypeVar("_T")
_Types = dict[str, tuple[type, ...]]

_NONE = type(None)
_REQUEST_TYPES: _Types = {
    "received": (int,),
    "path": (str,),
    "query": (str,),
    "content_type": (str, _NONE),
    "address": (str, _NONE),
    "network_userid": (str, _NONE),
    "user_agent": (str, _NONE),
    "referer": (str, _NONE),
    "origin": (str, _NONE),
    "language": (str, _NONE),
    "body_length": (int,),
}
_ANONYMOUS_TYPES: _Types = {
    "received": (int,),
    "signals": (list,),
    "vendor": (str, _NONE),
    "version": (str, _NONE),
    "content_type": (str, _NONE),
    "body_length": (int, _NONE),
    "user_agent": (str, _NONE),
    "referer": (str, _NONE),
    "origin": (str, _NONE),
    "events": (list,),
    "failure": (dict, _NONE),
}
_EVENT_TYPES: _Types = {
    "parameters": (dict,),
    "redacted": (list,),
    "user": (bool,),
    "session": (bool,),
    "problems": (list,),
}
_PROBLEM_TYPES: _Types = {"where": (str,), "what": (str,), "position": (int, _NONE)}


def _dumps(value: Any) -> bytes:
    return dump_json(asdict(value))


def encode_identified(
    request: IdentifiedRequest, body: bytes | None, dumps: Dumps = _dumps
) -> bytes:
    """The bytes of an identified record; sets `body_length`. `dumps` makes JSON of a dataclass."""
    request.body_length = _NO_BODY if body is None else len(body)
    return b"".join((IDENTIFIED, dumps(request), b"\n", body or b""))


def encode_anonymous(request: AnonymousRequest, dumps: Dumps = _dumps) -> bytes:
    """The bytes of an anonymous record. `dumps` encodes a dataclass as compact JSON."""
    return b"".join((_ANONYMOUS, dumps(request), b"\n"))


def anonymous_parts(request: AnonymousRequest, dumps: Dumps) -> tuple[bytes, ...]:
    """The bytes of the record around `received`, `body_length` and the events, in this order.

    `dumps` encodes a dataclass as compact JSON. What is put between is to be such JSON too.
    """
    request.received = request.body_length = 0
    raw = encode_anonymous(request, dumps)
    parts: list[bytes] = []
    for name, value in ((b"received", b"0"), (b"body_length", b"0"), (b"events", b"[]")):
        # No text of JSON holds a quotation mark as it is, so this is the member itself.
        head, _, raw = raw.partition(b'"%b":%b' % (name, value))
        parts.append(b'%b"%b":' % (head, name))
    return (*parts, raw)


def decode(
    raw: bytes, loads: Loads = load_json
) -> tuple[IdentifiedRequest, bytes | None] | AnonymousRequest:
    """Read a record: the identified request with its body, or the anonymous request.

    Raises RecordError for bytes that are no record of this version, in types and lengths too; it
    says nothing of their content. `loads` must raise ValueError or RecursionError for what it
    cannot read.
    """
    version = raw[:3]
    if version not in (IDENTIFIED, _ANONYMOUS):
        raise RecordError("record is of an unknown version")
    end = raw.find(b"\n", 3)
    if end < 0:
        raise RecordError("record has no end of head")
    try:
        head = loads(raw[3:end])
    except (ValueError, RecursionError):
        raise RecordError("record head is no JSON") from None
    if version == _ANONYMOUS:
        if len(raw) != end + 1:
            raise RecordError("anonymous record has a body")
        return _anonymous(head)
    request = _read(IdentifiedRequest, _REQUEST_TYPES, head)
    body = None if request.body_length == _NO_BODY else raw[end + 1 :]
    if len(raw) - end - 1 != (0 if body is None else request.body_length):
        raise RecordError("record has a body of another length")
    return request, body


def _anonymous(head: Any) -> AnonymousRequest:
    request = _read(AnonymousRequest, _ANONYMOUS_TYPES, head)
    if request.failure is not None:
        request.failure = _read(Problem, _PROBLEM_TYPES, request.failure)
    request.events = [_event(event) for event in request.events]
    _check_text(request.signals)
    return request


def _event(head: Any) -> AnonymousEvent:
    event = _read(AnonymousEvent, _EVENT_TYPES, head)
    event.problems = [_read(Problem, _PROBLEM_TYPES, problem) for problem in event.problems]
    _check_text(event.redacted)
    _check_text(event.parameters.values())
    return event


def _read(kind: type[_T], types: _Types, head: Any) -> _T:
    """An object from its JSON, whose members have the right types. Raises RecordError."""
    if type(head) is not dict:
        raise RecordError(f"{kind.__name__} is no object")
    for name, value in head.items():
        if type(value) not in types.get(name, ()):
            raise RecordError(f"{kind.__name__} has a wrong member")
    try:
        return kind(**head)
    except TypeError:
        raise RecordError(f"{kind.__name__} lacks a member") from None


def _check_text(items: Iterable[Any]) -> None:
    if any(type(item) is not str for item in items):
        raise RecordError("what should be text is not")

"""Faults of requests and events, and how they are told (B-33, B-74, B-79; F-P11).

A fault is made of fixed words. What it quotes stands apart and is told of identified requests only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from whiteout.enrich.text import cut, tsv_safe
from whiteout.privacy import Problem
from whiteout.protocol.envelope import CONTENT_TYPES, MAX_EVENTS

MAX_FAULTS = 50
"""Most faults that are told of one event."""

_LONGEST_QUOTE = 100
_LONGEST_PLACE = 200
_LONGEST_WHAT = 400


class Failure(StrEnum):
    """Names of failed events (B-74)."""

    COLLECTOR_PAYLOAD_FORMAT_VIOLATION = "collector_payload_format_violation"
    ADAPTER_FAILURES = "adapter_failures"
    TRACKER_PROTOCOL_VIOLATIONS = "tracker_protocol_violations"
    SCHEMA_VIOLATIONS = "schema_violations"
    ENRICHMENT_FAILURES = "enrichment_failures"
    GENERIC_ERROR = "generic_error"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong: `where` it is, a fixed `keyword` for its kind, and `what` it is.

    `where` and `what` make a sentence, and nothing of the event stands in them. `quote` may hold
    content of the event, `exact` the place with names from the event. `schema` is the URI of a
    schema that was violated, `position` a byte or element offset. `after` tells that it was found
    in a value made of the event rather than in the event, which matters for the failure's name.
    """

    where: str
    keyword: str
    what: str
    quote: str | None = None
    exact: str | None = None
    schema: str | None = None
    position: int | None = None
    failure: Failure = Failure.SCHEMA_VIOLATIONS
    after: bool = False


KINDS: dict[str, str] = {
    "unsupported_path": "names no adapter that whiteout has",
    "bad_query": "has a character that no URL can hold, or too many parameters",
    "empty": "is empty",
    "missing": "is missing",
    "unsupported_content_type": f"is none of {', '.join(CONTENT_TYPES)}",
    "not_utf8": "is not UTF-8 text",
    "not_json": "is not JSON",
    "not_base64": "is not base64url text",
    "too_deep": "is nested deeper than 40 levels",
    "INVALID_SCHEMA": "is not self-describing JSON: it has no member schema",
    "INVALID_IGLUURI": "is not self-describing JSON: its schema is not an Iglu URI",
    "INVALID_DATA_PAYLOAD": "is not self-describing JSON: it has no member data",
    "not_self_describing": "is not self-describing JSON",
    "not_payload_data": "is not payload_data/jsonschema/1-0-*",
    "no_events": "holds no events",
    "too_many_events": f"holds more than {MAX_EVENTS} events",
    "not_an_object": "is not an object",
    "not_a_list": "is not a list",
    "no_entities": "holds no entities, which contexts/jsonschema/1-0-0 demands",
    "unknown_parameter": "has a parameter that the tracker protocol does not know",
    "not_a_string": "is not a string",
    "not_contexts": "is not contexts/jsonschema/1-0-*",
    "not_unstruct_event": "is not unstruct_event/jsonschema/1-0-*",
    "extra_member": "has a member beside schema and data",
    "unknown_schema": "names a schema that whiteout does not know",
    "unreadable": "cannot be read",
    "internal": "could not be processed",
}
"""What each kind of fault is called, to be read behind the place where it is."""

_INPUT_KINDS = frozenset({"not_json", "not_base64", "not_utf8", "too_deep", "not_self_describing"})


def fault(
    kind: str,
    where: str,
    *,
    failure: Failure,
    quote: str | None = None,
    position: int | None = None,
) -> Fault:
    """A fault of one of the `KINDS`."""
    what = KINDS.get(kind, "cannot be read")
    return Fault(where, kind, what, quote=quote, position=position, failure=failure)


def fault_of(problem: Problem) -> Fault:
    """What a collector found in an event that it scrubbed."""
    nested = problem.what in _INPUT_KINDS
    failure = Failure.SCHEMA_VIOLATIONS if nested else Failure.TRACKER_PROTOCOL_VIOLATIONS
    return fault(problem.what, problem.where, failure=failure, position=problem.position)


def quoted(value: object) -> str:
    """A value as it is quoted: JSON, cut to 100 characters."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return cut(msgspec.json.encode(cut(text, _LONGEST_QUOTE)).decode(), _LONGEST_QUOTE + 2)


def failure_of(faults: Sequence[Fault]) -> Failure:
    """The one name under which an event with these faults fails (B-79)."""
    names = {fault.failure for fault in faults if not fault.after}
    for name in Failure:
        if name in names:
            return name
    return faults[0].failure


def reason(faults: Sequence[Fault], *, quote: bool) -> str:
    """The first fault as a sentence, and how many more there are."""
    first = faults[0]
    more = len(faults) - 1
    rest = "" if not more else f" ({more} more problem{'s' if more > 1 else ''})"
    schema = "" if first.schema is None else f" of {cut(first.schema, _LONGEST_PLACE)}"
    position = "" if first.position is None else f" (position {first.position})"
    where, what = _told(first, quote=quote)
    return f"{where} {what}{schema}{position}{rest}"


def errors(faults: Sequence[Fault], *, quote: bool) -> str:
    """The faults as a JSON list, the first `MAX_FAULTS` of them."""
    return msgspec.json.encode([_error(f, quote=quote) for f in faults[:MAX_FAULTS]]).decode()


def _error(fault: Fault, *, quote: bool) -> dict[str, object]:
    where, what = _told(fault, quote=quote)
    error: dict[str, object] = {"where": where, "what": what, "keyword": fault.keyword}
    if fault.position is not None:
        error["position"] = fault.position
    if fault.schema is not None:
        error["schema"] = cut(fault.schema, _LONGEST_PLACE)
    return error


def _told(fault: Fault, *, quote: bool) -> tuple[str, str]:
    if not quote:
        return fault.where, fault.what
    where = fault.where if fault.exact is None else fault.exact
    what = fault.what if fault.quote is None else f"{fault.what}: {fault.quote}"
    return tsv_safe(cut(where, _LONGEST_PLACE)) or "", tsv_safe(cut(what, _LONGEST_WHAT)) or ""

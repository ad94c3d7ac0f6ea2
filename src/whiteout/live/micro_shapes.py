"""The members of `/micro/good` and `/micro/bad`, by key set (B-74 to B-78, B-83; D-14 to D-20)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from whiteout.live.micro_request import UNKNOWN_ADDRESS, MicroRequest, Parameters
from whiteout.live.micro_times import instant, with_millis
from whiteout.privacy import ZERO_UUID
from whiteout.protocol.columns import CANONICAL_COLUMNS
from whiteout.protocol.iglu import SNOWPLOW

Row = Mapping[str, Any]

CONTEXTS = f"iglu:{SNOWPLOW}/contexts/jsonschema/1-0-0"
"""The wrapper of entities in an answer, whichever it is in the table (B-83)."""

NOT_READ = "Can't deserialize Thrift bytes."
NOT_EXTRACTED = "Error while extracting event(s) from collector payload and validating it/them."
NOT_VALID = "Error while validating the event."
"""First lines of `errors`, which test suites compare (D-19)."""

_HEADLINES = {
    "collector_payload_format_violation": NOT_READ,
    "generic_error": NOT_READ,
    "adapter_failures": NOT_EXTRACTED,
    "tracker_protocol_violations": NOT_EXTRACTED,
}
_VERSIONS = {"schema_violations": "2-0-0", "enrichment_failures": "2-0-0"}
_ENTITIES = ("contexts", "derived_contexts")
_decode = msgspec.json.decode
_encode = msgspec.json.encode


@dataclass(frozen=True, slots=True)
class MicroEvent:
    """One entry of `/micro/good` or `/micro/bad`: its JSON, and what filters compare.

    `api` is vendor and version of the request, None for a request that could not be read.
    """

    good: bool
    body: bytes
    event_type: str | None = None
    schema: str | None = None
    contexts: frozenset[str] = frozenset()
    api: tuple[str | None, str | None] | None = None


def good_event(
    row: Row, request: MicroRequest, parameters: Parameters, *, server_anonymous: bool
) -> MicroEvent:
    """An entry for a stored event.

    `row` has the canonical columns; what is missing is null. Absence of the network user id and of
    the address of a server-anonymous event is told in the protocol's words (contract 10).
    """
    event = {column.name: _value(column.type, row.get(column.name)) for column in CANONICAL_COLUMNS}
    for name in _ENTITIES:
        event[name] = {} if event[name] is None else {**event[name], "schema": CONTEXTS}
    if server_anonymous:
        event["network_userid"] = event["network_userid"] or ZERO_UUID
        event["user_ipaddress"] = event["user_ipaddress"] or UNKNOWN_ADDRESS
    schema = _schema(row)
    entities = [item["schema"] for item in event["contexts"].get("data", ())]
    shape = {
        "rawEvent": request.raw_event(parameters),
        "eventType": event["event"],
        "schema": schema,
        "contexts": entities,
        "event": event,
        "incomplete": False,
    }
    return MicroEvent(
        good=True,
        body=_encode(shape),
        event_type=event["event"],
        schema=schema,
        contexts=frozenset(entities),
    )


def bad_event(row: Row, request: MicroRequest, parameters: Parameters) -> MicroEvent:
    """An entry for a stored failed event; `row` has its columns, `errors` and `payload` read."""
    headline = _HEADLINES.get(row["failure"], NOT_VALID)
    shape = {
        "collectorPayload": None if headline == NOT_READ else request.collector_payload(),
        "rawEvent": request.raw_event(parameters) if headline == NOT_VALID else None,
        "errors": [headline, _encode(_bad_row(row, request, parameters)).decode()],
    }
    api = None if headline == NOT_READ else (request.vendor, request.version)
    return MicroEvent(good=False, body=_encode(shape), api=api)


def _value(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "ts":
        return instant(value)
    return _decode(value) if kind == "json" else value


def _schema(row: Row) -> str | None:
    """The schema of an event, null when a part of its name is missing (D-15)."""
    parts = [row.get(f"event_{part}") for part in ("vendor", "name", "format", "version")]
    return None if None in parts else f"iglu:{'/'.join(map(str, parts))}"


def _bad_row(row: Row, request: MicroRequest, parameters: Parameters) -> dict[str, Any]:
    """A failed event as self-describing JSON (B-74)."""
    name = row["failure"]
    of_event = _HEADLINES.get(name) is None
    failure: dict[str, Any] = {"timestamp": with_millis(row["collector_tstamp"])}
    payload: object = ""
    if name == "generic_error":
        failure["errors"] = [_sentence(error) for error in row["errors"]]
    elif name == "collector_payload_format_violation":
        failure |= {"loader": "whiteout", "message": _message(name, row["errors"][0])}
    elif of_event:
        failure["messages"] = [_message(name, error) for error in row["errors"]]
        payload = _enrichment_payload(row, request, parameters)
    else:
        failure |= request.api
        failure["messages"] = [_message(name, error) for error in row["errors"]]
        payload = _payload(request)
    version = _VERSIONS.get(name, "1-0-0")
    artifact, _, number = (row.get("v_etl") or "whiteout-").rpartition("-")
    return {
        "schema": f"iglu:{SNOWPLOW}.badrows/{name}/jsonschema/{version}",
        "data": {
            "processor": {"artifact": artifact, "version": number},
            "failure": failure,
            "payload": payload,
        },
    }


def _message(name: str, error: Mapping[str, Any]) -> dict[str, Any]:
    """One problem, in the members of its kind of failure (B-75 to B-78)."""
    if name == "enrichment_failures":
        said = {"field": error["where"], "value": None, "expectation": error["what"]}
        return {"enrichment": None, "message": said}
    if name != "schema_violations":
        member = "payloadField" if name == "collector_payload_format_violation" else "field"
        return {member: error["where"], "value": None, "expectation": error["what"]}
    report = {
        "message": _sentence(error),
        "path": error["where"],
        "keyword": error["keyword"],
        "targets": [],
    }
    key = error.get("schema", f"iglu:{SNOWPLOW}/atomic/jsonschema/1-0-0")
    if error["keyword"] == "unknown_schema":
        return {"schemaKey": key, "error": {"error": "ResolutionError", "lookupHistory": []}}
    return {"schemaKey": key, "error": {"error": "ValidationError", "dataReports": [report]}}


def _sentence(error: Mapping[str, Any]) -> str:
    return f"{error['where']} {error['what']}"


def _payload(request: MicroRequest) -> dict[str, Any]:
    """A request that gave no event, in a failed event (B-75)."""
    return {
        **request.api,
        "querystring": [{"name": name, "value": value} for name, value in request.query.items()],
        "contentType": request.content_type,
        "body": request.body,
        **_transport(request),
        "networkUserId": request.user_id,
    }


def _enrichment_payload(row: Row, request: MicroRequest, parameters: Parameters) -> dict[str, Any]:
    """An event that failed, in a failed event (B-76)."""
    known = {
        **{name: row.get(name) for name in ("event_id", "app_id", "v_collector", "v_etl")},
        "collector_tstamp": with_millis(row["collector_tstamp"]),
    }
    raw = {
        **request.api,
        "parameters": [{"name": name, "value": value} for name, value in parameters.items()],
        "contentType": request.content_type,
        "loaderName": "whiteout",
        **_transport(request),
        "userId": request.user_id,
    }
    return {"enriched": {c.name: known.get(c.name) for c in CANONICAL_COLUMNS}, "raw": raw}


def _transport(request: MicroRequest) -> dict[str, Any]:
    return {
        "collector": request.collector,
        "encoding": "UTF-8",
        "hostname": None,
        "timestamp": with_millis(request.received),
        "ipAddress": request.address,
        "useragent": request.user_agent,
        "refererUri": request.referer,
        "headers": list(request.headers),
    }


def listed(events: Sequence[MicroEvent]) -> bytes:
    """Entries as a JSON list."""
    return b"[%b]" % b",".join(event.body for event in events)

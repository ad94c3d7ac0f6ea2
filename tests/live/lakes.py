"""Lakes with events of our own making."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from whiteout.lake import LakeOwner, LakeSettings, Slice
from whiteout.protocol.columns import EVENT_COLUMNS, FAILED_COLUMNS

UNSTRUCT = "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0"
CONSENT = "iglu:com.snowplowanalytics.snowplow/consent_preferences/jsonschema/1-0-0"


def consent(choice: str) -> dict[str, Any]:
    """The fields of an event in which a visitor chose."""
    data = {"schema": CONSENT, "data": {"eventType": choice}}
    return {
        "event": "unstruct",
        "event_name": "consent_preferences",
        "unstruct_event": json.dumps({"schema": UNSTRUCT, "data": data}),
    }


def fill(
    folder: Path,
    events: Iterable[tuple[float, Mapping[str, Any]]],
    failed: Iterable[float] = (),
) -> None:
    """Put events, and failed events, into a lake; each with its time in seconds since 1970."""
    rows = [_event(seconds, fields) for seconds, fields in events]
    broken = [_failed(seconds) for seconds in failed]
    owner = LakeOwner.open(folder, LakeSettings())
    slice_ = Slice(
        file_id=uuid.uuid4().hex,
        last=len(rows) + len(broken),
        events=list(enumerate(rows, 1)),
        failed=list(enumerate(broken, 1 + len(rows))),
    )
    owner.commit([slice_])
    owner.close()


def _times(seconds: float) -> dict[str, Any]:
    day = datetime.fromtimestamp(seconds, UTC).date().isoformat()
    return {"collector_tstamp": int(seconds * 1_000), "collector_date": day}


def _event(seconds: float, fields: Mapping[str, Any]) -> tuple[Any, ...]:
    values = {
        "event": "page_view",
        "event_name": "page_view",
        "event_id": str(uuid.uuid4()),
        "v_collector": "c",
        "v_etl": "e",
        "mode_inferred": "identified",
        "page_urlhost": "shop.example",
        "page_urlpath": "/",
        **_times(seconds),
        **fields,
    }
    return tuple(values.get(column.name) for column in EVENT_COLUMNS)


def _failed(seconds: float) -> tuple[Any, ...]:
    values = {
        "failure_id": str(uuid.uuid4()),
        "failure": "schema_violations",
        "reason": "It is not what its schema wants.",
        "errors": "[]",
        **_times(seconds),
    }
    return tuple(values.get(column.name) for column in FAILED_COLUMNS)

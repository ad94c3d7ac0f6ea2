"""The request that an event came with, as `/micro` shows it (D-14, D-16 to D-18).

It shows what whiteout keeps of a request and no more: of headers only those that a record has, of
an anonymous request neither query nor body nor address (contracts 7 and 11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from whiteout.live.micro_times import with_millis
from whiteout.privacy import ZERO_UUID, Signal
from whiteout.protocol.paths import TP2, adapter_of
from whiteout.protocol.querystring import BadQueryError, parse_query
from whiteout.protocol.record import AnonymousRequest, IdentifiedRequest

UNKNOWN_ADDRESS = "unknown"
"""What stands for the address of a server-anonymous request (contract 10)."""

_SIGNAL_HEADERS = {
    Signal.HEADER.value: "SP-Anonymous: *",
    Signal.GPC.value: "Sec-GPC: 1",
    Signal.DNT.value: "DNT: 1",
}

Parameters = Mapping[str, Any]


@dataclass(slots=True)
class MicroRequest:
    """What is told of a request. `received` is milliseconds since the epoch or ISO 8601 text."""

    received: int | str
    collector: str
    vendor: str | None = None
    version: str | None = None
    content_type: str | None = None
    address: str | None = None
    user_agent: str | None = None
    referer: str | None = None
    user_id: str | None = None
    headers: Sequence[str] = field(default_factory=list)
    query: Mapping[str, str | None] = field(default_factory=dict)
    body: str | None = None

    @property
    def api(self) -> dict[str, str | None]:
        """Vendor and version of the path."""
        return {"vendor": self.vendor, "version": self.version}

    def raw_event(self, parameters: Parameters) -> dict[str, Any]:
        """The member `rawEvent` for an event with these parameters (D-14)."""
        return {
            "api": self.api,
            "parameters": {name: _text(value) for name, value in parameters.items()},
            "contentType": self.content_type,
            **self._about(),
        }

    def collector_payload(self) -> dict[str, Any]:
        """The member `collectorPayload` (D-18)."""
        pairs = (f"{k}={'null' if v is None else v}" for k, v in self.query.items())
        return {
            "api": self.api,
            "querystring": list(pairs),
            "contentType": self.content_type,
            "body": self.body,
            **self._about(),
        }

    def _about(self) -> dict[str, Any]:
        return {
            "source": {"name": self.collector, "encoding": "UTF-8", "hostname": None},
            "context": {
                "timestamp": with_millis(self.received),
                "ipAddress": self.address,
                "useragent": self.user_agent,
                "refererUri": self.referer,
                "headers": list(self.headers),
                "userId": self.user_id,
            },
        }


def of_identified(request: IdentifiedRequest, body: bytes | None, collector: str) -> MicroRequest:
    """What is told of an identified request."""
    adapter = adapter_of(request.path)
    try:
        query = parse_query(request.query)
    except BadQueryError:
        query = {}
    named = {
        "User-Agent": request.user_agent,
        "Referer": request.referer,
        "Origin": request.origin,
        "Accept-Language": request.language,
        "Content-Type": request.content_type,
    }
    return MicroRequest(
        request.received,
        collector,
        None if adapter is None else adapter.vendor,
        None if adapter is None else adapter.version,
        request.content_type,
        request.address,
        request.user_agent,
        request.referer,
        request.network_userid,
        [f"{name}: {value}" for name, value in named.items() if value is not None],
        query,
        None if body is None else body.decode("utf-8", "replace"),
    )


def of_anonymous(request: AnonymousRequest, collector: str) -> MicroRequest:
    """What is told of an anonymous request: nothing that it was not allowed to keep."""
    named = {
        "User-Agent": request.user_agent,
        "Referer": request.referer,
        "Origin": request.origin,
        "Content-Type": request.content_type,
    }
    asked = [_SIGNAL_HEADERS[name] for name in request.signals if name in _SIGNAL_HEADERS]
    return MicroRequest(
        request.received,
        collector,
        request.vendor,
        request.version,
        request.content_type,
        UNKNOWN_ADDRESS,
        request.user_agent,
        request.referer,
        ZERO_UUID,
        [*(f"{name}: {value}" for name, value in named.items() if value is not None), *asked],
    )


def of_row(row: Mapping[str, Any], *, server_anonymous: bool) -> MicroRequest:
    """What a stored event or failed event tells of its request."""
    agent = row.get("useragent")
    return MicroRequest(
        row["collector_tstamp"],
        row.get("v_collector") or "whiteout",
        row.get("vendor") or TP2.vendor,
        row.get("version") or TP2.version,
        row.get("content_type"),
        UNKNOWN_ADDRESS if server_anonymous else row.get("user_ipaddress"),
        agent,
        None,
        ZERO_UUID if server_anonymous else row.get("network_userid"),
        [] if agent is None else [f"User-Agent: {agent}"],
    )


def _text(value: Any) -> Any:
    return value if value is None or isinstance(value, str) else str(value)

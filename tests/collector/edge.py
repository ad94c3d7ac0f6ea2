"""A collector under test, and what it wrote to its spool."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.support.asgi import PEER, Body, Headers, Reply, exchange
from whiteout.collector import Collector, CollectorSettings
from whiteout.protocol.iglu import PAYLOAD_DATA
from whiteout.protocol.record import AnonymousRequest, IdentifiedRequest, decode
from whiteout.spool import SpoolReader

TP2 = "/com.snowplowanalytics.snowplow/tp2"
JSON = ("Content-Type", "application/json; charset=UTF-8")
ANONYMOUS = ("SP-Anonymous", "*")
EVENT = {"e": "pv", "p": "web", "tv": "js-4.6.8", "eid": "6a1c3ff0-9e0b-4d2f-8b57-0d9ad8b3a001"}


def envelope(*events: Any) -> bytes:
    """A POST body with these events."""
    return json.dumps({"schema": PAYLOAD_DATA, "data": list(events)}).encode()


class Edge:
    """A collector that keeps its spool in `folder`."""

    def __init__(self, folder: Path, settings: CollectorSettings | None = None) -> None:
        self.folder = folder
        self.collector = Collector(folder, settings)

    async def request(
        self,
        method: str,
        target: str,
        *headers: tuple[str, str],
        body: bytes | Body | None = None,
        root_path: str = "",
        client: Sequence[Any] | None = PEER,
    ) -> Reply:
        """The answer to a request."""
        return await exchange(
            self.collector, method, target, headers, body, root_path=root_path, client=client
        )

    async def post(
        self, *headers: tuple[str, str], body: bytes | Body | None = None, target: str = TP2
    ) -> Reply:
        """The answer to a POST of one event as JSON, or of this body."""
        sent = envelope(EVENT) if body is None else body
        kinds: Headers = () if any(k.lower() == "content-type" for k, _ in headers) else (JSON,)
        return await self.request("POST", target, *kinds, *headers, body=sent)

    async def get(self, *headers: tuple[str, str], target: str = "/i?e=pv&p=web") -> Reply:
        """The answer to a GET."""
        return await self.request("GET", target, *headers)

    def raw(self) -> list[bytes]:
        """Every record in the spool."""
        reader = SpoolReader(self.folder)
        try:
            return [record for file in reader.files() for _, record in file.read(0, 10_000)]
        finally:
            reader.close()

    def identified(self) -> tuple[IdentifiedRequest, bytes | None]:
        """The only record, which must be identified, and its body."""
        (raw,) = self.raw()
        record = decode(raw)
        assert isinstance(record, tuple)
        return record

    def anonymous(self) -> AnonymousRequest:
        """The only record, which must be anonymous."""
        (raw,) = self.raw()
        record = decode(raw)
        assert isinstance(record, AnonymousRequest)
        return record

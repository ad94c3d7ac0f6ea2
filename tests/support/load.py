"""Events that can be told apart, sent over plain sockets, and what was answered to each."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from whiteout.protocol.iglu import PAYLOAD_DATA

_TP2 = "/com.snowplowanalytics.snowplow/tp2"
_HOST = "Host: 127.0.0.1\r\n"
_PATIENCE = 20.0

Kind = Callable[[str], bytes]


def _post(event_id: str, *more: dict[str, str], headers: str = "", prefix: str = "") -> bytes:
    event = {"e": "pv", "p": "web", "tv": "load-1", "eid": event_id, "page": "x" * 1_000}
    body = json.dumps({"schema": PAYLOAD_DATA, "data": [event, *more]}).encode()
    head = f"POST {prefix}{_TP2} HTTP/1.1\r\n{_HOST}{headers}Content-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _get(event_id: str, *, method: str = "GET") -> bytes:
    query = urlencode({"e": "pv", "p": "web", "tv": "load-1", "eid": event_id})
    return f"{method} /i?{query} HTTP/1.1\r\n{_HOST}\r\n".encode()


def post(event_id: str) -> bytes:
    """A POST of one event."""
    return _post(event_id)


def anonymous(event_id: str) -> bytes:
    """A POST of one event that is to be anonymous."""
    return _post(event_id, headers="SP-Anonymous: *\r\n")


def anonymous_path(event_id: str) -> bytes:
    """A POST of one event to the anonymous path."""
    return _post(event_id, prefix="/anonymous")


def get(event_id: str) -> bytes:
    """A GET of one event."""
    return _get(event_id)


def head(event_id: str) -> bytes:
    """A HEAD of one event."""
    return _get(event_id, method="HEAD")


def mixed(event_id: str) -> bytes:
    """A POST of one good event and one that fails, with the same id."""
    return _post(event_id, {"e": "zz", "p": "web", "tv": "load-1", "eid": event_id})


KINDS: tuple[Kind, ...] = (post, anonymous, get, post, anonymous_path, head)
"""Every way in which one event can arrive."""


@dataclass(slots=True)
class Sent:
    """Which events were sent and what was answered, by event id; None where no answer came.

    `by_port` holds the ids that each local port sent, in order, `kinds` how each id was sent.
    """

    statuses: dict[str, int | None] = field(default_factory=dict)
    by_port: dict[int, list[str]] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)

    def with_status(self, status: int | None) -> set[str]:
        """The ids of the events that were answered so."""
        # Copied in one step: another thread may be adding to it.
        return {event_id for event_id, found in list(self.statuses.items()) if found == status}


class Load:
    """Clients that send event after event, each on a connection of its own, until told to stop.

    A client that loses its connection makes a new one and goes on with the next event: nothing is
    ever sent twice. `pause` is in seconds, after each answer.
    """

    def __init__(
        self, port: int, clients: int, *, kinds: Sequence[Kind] = KINDS, pause: float = 0.0
    ) -> None:
        self.sent = Sent()
        self._kinds = kinds
        self._port = port
        self._clients = clients
        self._pause = pause
        self._stopping = False

    async def run(self, events: int | None = None) -> None:
        """Send until stopped, or until every client has sent so many events."""
        await asyncio.gather(*(self._client(number, events) for number in range(self._clients)))

    def stop(self) -> None:
        """Let every client finish the event that it is sending."""
        self._stopping = True

    async def _client(self, number: int, events: int | None) -> None:
        done = 0
        while not self._stopping and done != events:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            order = self.sent.by_port.setdefault(writer.get_extra_info("sockname")[1], [])
            try:
                while not self._stopping and done != events:
                    done += 1
                    kind = self._kinds[(number + done) % len(self._kinds)]
                    event_id = str(uuid.uuid4())
                    order.append(event_id)
                    self.sent.kinds[event_id] = kind
                    self.sent.statuses[event_id] = None
                    writer.write(kind(event_id))
                    async with asyncio.timeout(_PATIENCE):
                        status = await _status(reader, with_body=kind is not head)
                    self.sent.statuses[event_id] = status
                    await asyncio.sleep(self._pause if status == 200 else 0.02)
            except (OSError, EOFError, TimeoutError):
                continue
            finally:
                writer.close()


async def _status(reader: asyncio.StreamReader, *, with_body: bool) -> int:
    top = await reader.readuntil(b"\r\n\r\n")
    lines = top.lower().split(b"\r\n")
    length = next(line for line in lines if line.startswith(b"content-length:"))
    if with_body:
        await reader.readexactly(int(length.partition(b":")[2]))
    return int(lines[0].split(b" ")[1])

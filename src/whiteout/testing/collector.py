"""A collector in memory: it takes what trackers send, and answers questions about it.

Events are there as soon as they are tracked. Nothing is written to disk.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Unpack
from urllib.parse import parse_qsl, urlsplit

from whiteout.privacy import (
    BY_PARAMETER,
    ZERO_UUID,
    Mode,
    decode_base64url,
    infer,
    permission,
)
from whiteout.protocol.paths import ANONYMOUS_PREFIX
from whiteout.tracker import MemoryStorage, Request, Response, Tracker, TrackerOptions

_NESTED = (("co", "cx"), ("ue_pr", "ue_px"))


class SentEvent(dict[str, str]):
    """The parameters of one event as they were sent, and what is nested in them."""

    server_anonymous: bool = False

    def _json(self, plain: str, encoded: str) -> dict[str, Any] | None:
        if encoded in self:
            found: dict[str, Any] = json.loads(decode_base64url(self[encoded].encode()))
            return found
        return json.loads(self[plain]) if plain in self else None

    @property
    def entities(self) -> list[dict[str, Any]]:
        """The entities, each with `schema` and `data`."""
        contexts = self._json("co", "cx")
        return [] if contexts is None else list(contexts["data"])

    def entity(self, name: str) -> dict[str, Any] | None:
        """The data of the first entity whose schema has this name, or this URI."""
        for one in self.entities:
            if one["schema"] == name or one["schema"].split("/")[1] == name:
                return dict(one["data"])
        return None

    @property
    def self_describing(self) -> dict[str, Any] | None:
        """Schema and data of a self-describing event."""
        wrapped = self._json("ue_pr", "ue_px")
        return None if wrapped is None else dict(wrapped["data"])

    @property
    def mode(self) -> Mode:
        """The mode that the event shows (contract 9)."""
        return infer(
            user=bool(self.keys() & {"uid", "duid", "nuid", "tnuid", "ip", "fp"}),
            session=bool(self.keys() & {"sid", "vid"}),
            server=self.server_anonymous,
        )

    def identifiers(self) -> dict[str, str]:
        """Every identifier that the event carries, by the name of its parameter or entity field."""
        found = {name: self[name] for name in self if name in BY_PARAMETER}
        session = self.entity("client_session") or {}
        for name in ("userId", "sessionId", "previousSessionId", "firstEventId"):
            if session.get(name) not in (None, "", ZERO_UUID):
                found[f"client_session.{name}"] = str(session[name])
        return found


@dataclass(frozen=True)
class Received:
    """One request, and the events in it."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    events: list[SentEvent]
    server_anonymous: bool


@dataclass
class MemoryCollector:
    """Takes the place of a collector.

    `tracker` makes a tracker that sends to it; `options` are the options that make any tracker, or
    one of the integrations in `whiteout.web`, do so. `status` is the answer to further requests;
    while `down` is true there is none. What was refused is in no list.
    """

    status: int = 200
    down: bool = False
    requests: list[Received] = field(default_factory=list)

    @property
    def options(self) -> TrackerOptions:
        """Options for a tracker that sends here, at once and on the thread that tracks."""
        return {
            "transport": self,
            "threads": False,
            "use_local_storage": False,
            "local_storage": MemoryStorage(),
            "retry_failed_requests": True,
        }

    def tracker(self, namespace: str = "test", **options: Unpack[TrackerOptions]) -> Tracker:
        """A tracker that sends here."""
        merged: TrackerOptions = {**self.options, **options}
        return Tracker(namespace, "https://collector.invalid", **merged)

    def send(self, request: Request) -> Response:
        """Take a request, as a transport does."""
        if self.down:
            raise ConnectionRefusedError
        if 200 <= self.status < 300:
            self.requests.append(_received(request))
        return Response(self.status)

    def close(self) -> None:
        """Nothing is open."""

    def __iter__(self) -> Iterator[SentEvent]:
        return iter(self.events)

    def __len__(self) -> int:
        return len(self.events)

    @property
    def events(self) -> list[SentEvent]:
        """All events, in the order in which they came."""
        return [event for request in self.requests for event in request.events]

    def clear(self) -> None:
        """Forget what came."""
        self.requests.clear()

    def sent(self, **parameters: str) -> list[SentEvent]:
        """The events that have these parameters."""
        return [
            event
            for event in self.events
            if all(event.get(name) == value for name, value in parameters.items())
        ]

    def assert_sent(self, count: int | None = None, **parameters: str) -> list[SentEvent]:
        """The events that have these parameters; at least one, or exactly `count`.

        Raises AssertionError with what was sent instead.
        """
        found = self.sent(**parameters)
        if not found if count is None else len(found) != count:
            wanted = "at least one event" if count is None else f"{count} events"
            seen = "; ".join(_short(event, parameters) for event in self.events) or "nothing"
            raise AssertionError(f"{wanted} with {parameters}, but found {len(found)} of: {seen}")
        return found

    def assert_nothing_sent(self) -> None:
        """No request came."""
        if self.requests:
            raise AssertionError(f"{len(self.events)} events were sent")

    def assert_anonymous(self, *, session: bool = False, server: bool = False) -> None:
        """No event carries an identifier.

        With `session`, that of an anonymous session is allowed; with `server`, every request must
        ask for server anonymisation. Raises AssertionError with the names of what was found.
        """
        flags = Mode.ANONYMOUS_SESSION if session else Mode.ANONYMOUS
        allowed = permission(flags).sent
        for number, event in enumerate(self.events):
            found = [
                name
                for name in event.identifiers()
                if (name not in BY_PARAMETER or BY_PARAMETER[name].name not in allowed)
                and not (session and name == "client_session.sessionId")
            ]
            if found:
                raise AssertionError(f"event {number} ({event.get('e')}) carries {sorted(found)}")
            if server and not event.server_anonymous:
                raise AssertionError(f"event {number} did not ask for server anonymisation")


def _short(event: SentEvent, parameters: Mapping[str, str]) -> str:
    names = ["e", *parameters]
    return " ".join(f"{name}={event.get(name)!r}" for name in dict.fromkeys(names))


def _received(request: Request) -> Received:
    parts = urlsplit(request.url)
    headers = {name.lower(): value for name, value in request.headers.items()}
    server = "sp-anonymous" in headers or parts.path.startswith(f"{ANONYMOUS_PREFIX}/")
    body = request.body or b""
    if headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    if request.method == "GET":
        found = [SentEvent(parse_qsl(parts.query, keep_blank_values=True))]
    else:
        found = [SentEvent(one) for one in json.loads(body)["data"]]
    for event in found:
        event.server_anonymous = server
    return Received(request.method, request.url, headers, body, found, server)

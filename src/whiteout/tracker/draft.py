"""An event with everything it was tracked with, before it becomes parameters (R108-R113).

What has to be true at the moment of tracking is stamped here: ids, time, level. The rest, which
takes longer, is done by `payload`, on a worker where there is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

from whiteout.privacy import Anonymity
from whiteout.protocol.state import LAST_MILLISECOND
from whiteout.tracker.encoding import to_json
from whiteout.tracker.events import TrueTimestamp
from whiteout.tracker.identity import Allowance, OwnSession, admit, with_entity, wrap
from whiteout.tracker.receipts import ClientSession
from whiteout.tracker.urls import without_userinfo

_OWN = '{"schema":"iglu:com.snowplowanalytics.snowplow/'
_SESSION = '{"schema":"iglu:com.snowplowanalytics.snowplow/client_session/jsonschema/1-0-2","data":'


class Identity(NamedTuple):
    """The ids with which an event was tracked; empty ones are not sent.

    `session` is the entity `client_session` where it is wanted.
    """

    duid: str = ""
    sid: str = ""
    vid: str = ""
    uid: str = ""
    session: ClientSession | None = None


NOBODY = Identity()


@dataclass(slots=True)
class Draft:
    """An event that was tracked.

    `common` are the parameters of all events of its tracker, `parameters` its own, `entities` JSON
    texts, `view` the page view id if the entity `web_page` is wanted, and `signal` what the entity
    `privacy_state` tells where it is `declared`.
    """

    common: Mapping[str, str]
    parameters: Mapping[str, str]
    self_describing: str | None
    entities: Sequence[str]
    level: Anonymity
    identity: Identity
    event_id: str
    time_name: str
    time: int
    view: str | None
    declared: bool
    signal: str | None
    application: str | None

    def payload(self, allowance: Allowance) -> dict[str, str] | None:
        """The parameters of the event, as its level allows them (contract 2)."""
        if self.level.anonymous:
            return self.admitted(self.opened(self._said()), allowance, self._made())
        return self.admitted(self.opened([*self._said(), *self._made()]), allowance)

    def admitted(
        self, parameters: dict[str, str], allowance: Allowance, made: Sequence[str] = ()
    ) -> dict[str, str] | None:
        """What `opened` returned, and plugins may have changed, with ids and through the gate."""
        identity = self.identity
        if self.level.anonymous:
            own = None
            if self.level.session and identity.sid:
                own = OwnSession(identity.sid, identity.vid, _session_text(identity.session, 1))
            return admit(parameters, self.level, allowance, own, made)
        for name, value in (
            ("vid", identity.vid),
            ("sid", identity.sid),
            ("duid", identity.duid),
            ("uid", identity.uid),
        ):
            # What the program set by hand is what it means (R87).
            if value and name not in parameters:
                parameters[name] = value
        entity = _session_text(identity.session, 0)
        if entity is not None:
            parameters["co"] = with_entity(parameters.get("co"), entity)
        return admit(parameters, self.level, allowance)

    def opened(self, entities: list[str] | None = None) -> dict[str, str]:
        """The parameters without the ids of the visitor, before the gate; with all entities."""
        found = {**self.common, **self.parameters}
        found["eid"] = self.event_id
        found[self.time_name] = str(self.time)
        for name in ("url", "refr"):
            if name in found:
                found[name] = without_userinfo(found[name])
        if self.self_describing is not None:
            found["ue_pr"] = (
                '{"schema":"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0",'
                f'"data":{self.self_describing}}}'
            )
        if entities is None:
            entities = [*self._said(), *self._made()]
        if entities:
            found["co"] = wrap(entities)
        return found

    def _said(self) -> list[str]:
        """Entities that the program has given, its own version included."""
        if self.application is None:
            return list(self.entities)
        version = to_json(self.application)
        return [
            *self.entities,
            f'{_OWN}application/jsonschema/1-0-0","data":{{"version":{version}}}}}',
        ]

    def _made(self) -> list[str]:
        """Entities that the tracker makes."""
        found = []
        if self.view is not None:
            found.append(f'{_OWN}web_page/jsonschema/1-0-0","data":{{"id":"{self.view}"}}}}')
        if self.declared:
            found.append(privacy_state(self.level, self.signal))
        return found


def privacy_state(level: Anonymity, signal: str | None) -> str:
    """The entity that declares mode and signal, as JSON (contract 8)."""
    data = to_json({"mode": level.mode.value, "signal": signal})
    return f'{{"schema":"iglu:io.whiteout/privacy_state/jsonschema/1-0-0","data":{data}}}'


def _session_text(session: ClientSession | None, anonymous: int) -> str | None:
    if session is None:
        return None
    if anonymous:
        # The first event may have been sent while identified (W8).
        kept = {name: value for name, value in session.items() if name != "firstEventId"}
        return f"{_SESSION}{to_json(kept)}}}"
    return f"{_SESSION}{to_json(session)}}}"


def texts(parameters: Mapping[str, object]) -> dict[str, str]:
    """Parameters as texts, without empty ones. Raises TypeError or ValueError."""
    found: dict[str, str] = {}
    for name, value in parameters.items():
        if value is not None and (text := value if value.__class__ is str else as_text(value)):
            found[name] = text
    return found


def as_text(value: object) -> str:
    """A parameter as text; empty for None. Raises TypeError for what is no plain value (R110)."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return as_text(value.value)
    if isinstance(value, float):
        if value - value != 0:
            raise ValueError("a parameter must be finite")
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, (int, Decimal, UUID)):
        return str(value)
    raise TypeError("a parameter must be text or a number")


def moment(timestamp: Any, now: float) -> tuple[str, int]:
    """Name and value, in epoch milliseconds, of the time of an event (R112).

    `now` is epoch seconds. Raises TypeError or ValueError for what is no time.
    """
    if timestamp is None:
        return "dtm", int(now * 1000)
    if isinstance(timestamp, TrueTimestamp):
        return "ttm", _milliseconds(timestamp.value)
    if isinstance(timestamp, Mapping):
        value = timestamp.get("value")
        name = "ttm" if timestamp.get("type") == "ttm" else "dtm"
        return name, int(now * 1000) if value is None else _milliseconds(value)
    return "dtm", _milliseconds(timestamp)


def _milliseconds(value: Any) -> int:
    if isinstance(value, datetime):
        return _milliseconds(value.timestamp() * 1000)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError("a time is epoch milliseconds or a datetime")
    if not 0 <= value <= LAST_MILLISECOND:
        raise ValueError("a time has a year of four digits, from 1970 on")
    return int(value)

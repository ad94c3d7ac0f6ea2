"""Data folders with events of made-up people in them, and what of those is still there."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from whiteout.config import load
from whiteout.feed import FeedReader
from whiteout.lake import LakeReader
from whiteout.loader import loader_settings
from whiteout.pipeline import Loader
from whiteout.protocol.record import IdentifiedRequest, encode_identified
from whiteout.rights import Desk
from whiteout.spool import SpoolWriter

TP2 = "/com.snowplowanalytics.snowplow/tp2"
JSON = "application/json; charset=utf-8"
VENDOR = "iglu:com.snowplowanalytics.snowplow"
DAY = 86_400_000
_SPACE = NAMESPACE_OID
RECEIVED = 1_767_261_600_000
"""10 o'clock on 1 January 2026."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody made up, whose identifiers nobody else has."""

    user_id: str
    domain_userid: str
    network_userid: str
    session: str

    @classmethod
    def number(cls, number: int) -> Person:
        """The person of a number."""
        made = [str(uuid5(_SPACE, f"{kind} {number}")) for kind in ("user", "network", "visit")]
        return cls(f"person-{number}@example.com", *made)


def event_id(number: int) -> str:
    """The id of an event by its number."""
    return str(uuid5(_SPACE, f"event {number}"))


def contexts(**session: Any) -> str:
    """The entity client_session, as the parameter `cx`."""
    data = {
        "userId": str(UUID(int=1, version=4)),
        "sessionId": str(UUID(int=2, version=4)),
        "sessionIndex": 1,
        "previousSessionId": None,
        "storageMechanism": "COOKIE_1",
        **session,
    }
    entity = {"schema": f"{VENDOR}/client_session/jsonschema/1-0-2", "data": data}
    wrapper = {"schema": f"{VENDOR}/contexts/jsonschema/1-0-0", "data": [entity]}
    return base64.urlsafe_b64encode(json.dumps(wrapper).encode()).decode()


def record(person: Person, number: int, *, day: int = 0, **parameters: str) -> bytes:
    """The record of a request with one event of a person; a parameter may be left out by ``."""
    event = {
        "e": "pv",
        "p": "web",
        "tv": "t",
        "aid": "shop",
        "eid": event_id(number),
        "uid": person.user_id,
        "duid": person.domain_userid,
        "sid": person.session,
        "vid": "1",
        **parameters,
    }
    request = IdentifiedRequest(
        RECEIVED + day * DAY + number,
        TP2,
        content_type=JSON,
        network_userid=person.network_userid,
    )
    data = [{name: value for name, value in event.items() if value}]
    body = {"schema": f"{VENDOR}/payload_data/jsonschema/1-0-4", "data": data}
    return encode_identified(request, json.dumps(body).encode())


async def spooled(folder: Path, records: Sequence[bytes]) -> None:
    """Put records into the spool of a data folder, durably."""
    writer = SpoolWriter.open(folder / "spool")
    for raw in records:
        await writer.append(raw)
    await writer.close()


def loader(folder: Path, **options: object) -> Loader:
    """A loader of the default configuration, but for some options."""
    flags = {"data": str(folder), **options}
    return Loader(loader_settings(load(flags, environ={})[0]))


async def loaded(folder: Path, records: Sequence[bytes]) -> None:
    """Load records into the lake and the feed of a data folder."""
    await spooled(folder, records)
    work = loader(folder)
    work.drain()
    work.close()


def forgotten(folder: Path, selector: str, value: str) -> dict[str, Any]:
    """Have somebody forgotten by a loader of its own; the receipt."""
    request = Desk(folder).ask("forget", selector=selector, value=value)
    work = loader(folder)
    work.attend()
    work.close()
    receipt = Desk(folder).receipt(request.number)
    assert receipt is not None
    return receipt


def stored(folder: Path, table: str = "events") -> list[str]:
    """The ids of the events in a table, sorted."""
    with LakeReader(folder / "lake").connect() as connection:
        rows = connection.execute(f"SELECT event_id FROM {table} ORDER BY ALL").fetchall()
    return [found for (found,) in rows]


def shown(folder: Path) -> list[str]:
    """The ids of the events in the feed, oldest first."""
    entries = FeedReader(folder / "feed.db").newest(100_000)
    return [json.loads(raw)["event_id"] for _, raw in entries]

"""The one gate: what an event may hold, as the last step before it is kept (R179; contract 2).

Whatever set a parameter, a method, a plugin, a pair or an entity, passes here. An anonymous event
is scrubbed by `whiteout.privacy`; only then its own session is added, where the mode has one. At
last the names of its parameters are checked once more, and on any doubt the event is dropped (W13).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from whiteout.privacy import (
    IDENTIFIERS,
    Anonymity,
    Mode,
    dump_json,
    identifier_of,
    permission,
    scrub_event,
)
from whiteout.protocol.parameters import EVENT_CODES, PAYLOAD_NAMES, PLATFORMS
from whiteout.tracker.log import logger

_TRAITS = frozenset({"res", "vp", "ds", "cd", "tz", "cookie"})
_BROWSER = "iglu:com.snowplowanalytics.snowplow/browser_context/"
_FORBIDDEN: dict[Mode, frozenset[str]] = {
    mode: frozenset(
        parameter
        for row in IDENTIFIERS
        if row.name not in permission(mode).sent
        for parameter in row.parameters
    )
    for mode in Mode
}
_FORMS = (
    ("e", EVENT_CODES.__contains__),
    ("p", PLATFORMS.__contains__),
    ("eid", re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch),
    ("dtm", re.compile(r"[0-9]{12,14}").fullmatch),
    ("tv", re.compile(r"whiteout-py-[0-9.]{1,12}").fullmatch),
)
_ALLOWED: dict[Mode, frozenset[str]] = {
    mode: PAYLOAD_NAMES - forbidden - {"sid", "vid", "ua"} for mode, forbidden in _FORBIDDEN.items()
}


@dataclass(frozen=True, slots=True)
class Allowance:
    """What anonymous events may hold besides: traits of the device, and URL parameters."""

    traits: bool = False
    url_parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnSession:
    """The anonymous session of an event: `sid`, `vid`, and the entity as JSON text, if wanted."""

    sid: str
    vid: str
    entity: str | None = None


def admit(
    parameters: Mapping[str, str],
    level: Anonymity,
    allowance: Allowance,
    session: OwnSession | None = None,
    made: Sequence[str] = (),
) -> dict[str, str] | None:
    """The parameters that an event of a level may hold; None when it may not be sent at all.

    JSON is expected unencoded in `co` and `ue_pr`; what is encoded is scrubbed too. `made` are
    entities that the tracker itself made and that say nothing about anybody. What can only be a
    number, a random UUID or a word of a closed list is not looked at any further.
    """
    mode = level.mode
    if mode is Mode.IDENTIFIED:
        return dict(parameters)
    kept = _scrubbed(parameters, mode, allowance)
    for entity in made:
        kept["co"] = with_entity(kept.get("co"), entity)
    if parameters.get("e") == "ue" and not kept.keys() & {"ue_pr", "ue_px"}:
        return None
    if session is not None and level.session:
        _add_session(kept, session)
    if _FORBIDDEN[mode] & kept.keys():
        logger.error("an event was dropped: it held what its mode forbids")
        return None
    return kept


def _scrubbed(parameters: Mapping[str, str], mode: Mode, allowance: Allowance) -> dict[str, str]:
    """What the program has said, without everything that identifies."""
    kept = {name: text for name, text in parameters.items() if name in _ALLOWED[mode]}
    if not allowance.traits:
        for name in _TRAITS:
            kept.pop(name, None)
        if "lang" in kept:
            kept["lang"] = kept["lang"].partition("-")[0].partition("_")[0]
    plain = {name: kept.pop(name) for name, form in _FORMS if form(kept.get(name, ""))}
    kept = scrub_event(kept, PAYLOAD_NAMES, keep_session=False, strict=False).parameters
    kept |= plain
    if not allowance.traits and "co" in kept:
        _drop_browser(kept)
    if allowance.url_parameters and "url" in kept:
        kept["url"] = _with_parameters(kept["url"], parameters["url"], allowance.url_parameters)
    return kept


def _add_session(kept: dict[str, str], session: OwnSession) -> None:
    kept["sid"], kept["vid"] = session.sid, session.vid
    if session.entity is not None:
        kept["co"] = with_entity(kept.get("co"), session.entity)


def with_entity(contexts: str | None, entity: str) -> str:
    """The JSON text of `co` with one entity more, which is the last."""
    if contexts is None:
        return wrap([entity])
    if not (contexts.startswith('{"schema":') and contexts.endswith("]}")):
        # A plugin has written it: nobody knows where the list ends.
        value = json.loads(contexts)
        value["data"].append(json.loads(entity))
        return dump_json(value).decode()
    return f"{contexts[:-2]},{entity}]}}"


def wrap(entities: list[str]) -> str:
    """The JSON text of `co` for these entities (R120)."""
    return (
        '{"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0","data":['
        + ",".join(entities)
        + "]}"
    )


def _drop_browser(kept: dict[str, str]) -> None:
    if _BROWSER not in kept["co"]:
        return
    contexts: dict[str, Any] = json.loads(kept["co"])
    left = [
        one
        for one in contexts["data"]
        if not (isinstance(one, dict) and str(one.get("schema")).startswith(_BROWSER))
    ]
    if left:
        kept["co"] = dump_json({**contexts, "data": left}).decode()
    else:
        del kept["co"]


def _with_parameters(clean: str, original: str, names: tuple[str, ...]) -> str:
    """A scrubbed URL with those parameters of the original that the site allows (contract 13)."""
    query = original.partition("#")[0].partition("?")[2]
    known = set(clean.partition("?")[2].split("&"))
    more = [
        pair
        for pair in query.split("&")
        if pair not in known
        and (name := unquote_plus(pair.partition("=")[0])) in names
        and identifier_of(name) is None
        and "@" not in pair
        and "%40" not in pair
    ]
    if not more:
        return clean
    return clean + ("&" if "?" in clean else "?") + "&".join(more)

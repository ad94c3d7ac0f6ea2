"""Links that count a click and lead on: `/r/tp2?u=…` (A-74 to A-78, B-21, F-P15)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlencode

from whiteout.collector.codec import dumps, loads
from whiteout.privacy import decode_base64url, encode_base64url
from whiteout.protocol.iglu import CONTEXTS, SNOWPLOW, UNSTRUCT_EVENT
from whiteout.protocol.paths import TP1
from whiteout.protocol.querystring import BadQueryError, first_value, parse_query

CLICK_PATH = f"/{TP1.vendor}/{TP1.version}"
"""The path under which the event of a redirect is kept."""

_PREFIX = "/r/"
_CLICK = f"iglu:{SNOWPLOW}/uri_redirect/jsonschema/1-0-0"
_TARGET = re.compile(r"(?i:https?)://([A-Za-z0-9.\-]{1,253})(?::[0-9]{1,5})?(?:[/?#][^\\]*)?")
_UNFIT = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]")
_LONGEST = 4_096
_ASCII = "".join(map(chr, range(0x21, 0x7F)))


def is_redirect(path: str) -> bool:
    """Whether a path is `/r/` and one segment (A.1 row 1)."""
    return path.startswith(_PREFIX) and len(path) > 3 and "/" not in path[3:]


def target_of(query: str, hosts: frozenset[str], own_host: str | None) -> bytes | None:
    """Where a request leads, as a `Location`; None where it may not lead there (A-74, A-78).

    Its target must be a web address of one of these hosts, in lower case, and not of this
    collector, whose host name is `own_host`. No user info, control characters or backslashes.
    """
    target = first_value(query, "u") or ""
    match = _TARGET.fullmatch(target)
    if match is None or len(target) > _LONGEST or _UNFIT.search(target) is not None:
        return None
    host = match[1].lower()
    if host not in hosts or host == own_host:
        return None
    return quote(target, safe=_ASCII).encode()


def host_of(headers: dict[bytes, bytes]) -> str | None:
    """The host name by which a request called this collector, without its port."""
    host = headers.get(b"host")
    return None if host is None else host.decode("latin-1").lower().partition(":")[0]


def click(query: str) -> str | None:
    """The query of the event that a redirect is: a GET of its own with a target (B-21).

    None for a query that cannot be read or has no target.
    """
    try:
        parameters = parse_query(query)
    except BadQueryError:
        return None
    target = parameters.pop("u", None)
    if not target:
        return None
    clicked = {"schema": _CLICK, "data": {"uri": target}}
    parameters["tv"] = "r-tp2"
    parameters["p"] = parameters.get("p") or "web"
    if not parameters.get("e"):
        parameters["e"] = "ue"
        parameters["ue_pr"] = _json(UNSTRUCT_EVENT, clicked)
    else:
        _join(parameters, clicked)
    return urlencode({k: "" if v is None else v for k, v in parameters.items()}, errors="replace")


def _join(parameters: dict[str, str | None], clicked: dict[str, Any]) -> None:
    """Put the click before the entities of an event; entities that are none stay as they are."""
    encoded = "cx" in parameters
    name = "cx" if encoded else "co"
    sent = parameters.get(name)
    if not sent:
        parameters.pop("cx", None)
        parameters["co"] = _json(CONTEXTS, [clicked])
        return
    try:
        entities = loads(decode_base64url(sent.encode()) if encoded else sent.encode())
        entities["data"].insert(0, clicked)
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return
    raw = dumps(entities)
    parameters[name] = encode_base64url(raw).decode() if encoded else raw.decode()


def _json(schema: str, data: object) -> str:
    return dumps({"schema": schema, "data": data}).decode()

"""The rules of privacy, pure and without I/O. Every place that touches an identifier asks here."""

from __future__ import annotations

from whiteout.privacy.addresses import AddressPolicy, keep_address, parse_address
from whiteout.privacy.agents import coarse_user_agent
from whiteout.privacy.findings import Findings
from whiteout.privacy.identifiers import (
    BY_COLUMN,
    BY_NAME,
    BY_PARAMETER,
    HEADERS,
    IDENTIFIERS,
    SHOWN_IDENTIFIERS,
    ZERO_UUID,
    EntityField,
    Identifier,
    IdentifierClass,
)
from whiteout.privacy.keys import identifier_of
from whiteout.privacy.modes import (
    Anonymity,
    Mode,
    Permission,
    StorageStrategy,
    effective,
    forbidden_columns,
    infer,
    permission,
    resolve,
)
from whiteout.privacy.nested import MAX_DEPTH, TooDeepError
from whiteout.privacy.scrub import JSON_PARAMETERS, Problem, Scrubbed, scrub_event
from whiteout.privacy.signals import (
    Policy,
    Signal,
    SignalPolicy,
    Treatment,
    dnt_header,
    do_not_track,
    gpc_header,
    treatment,
)
from whiteout.privacy.text import (
    NotBase64Error,
    decode_base64url,
    dump_json,
    encode_base64url,
    error_position,
    load_json,
)
from whiteout.privacy.urls import linker_value, origin_of, scrub_url, tidy_url

__all__ = [
    "BY_COLUMN",
    "BY_NAME",
    "BY_PARAMETER",
    "HEADERS",
    "IDENTIFIERS",
    "JSON_PARAMETERS",
    "MAX_DEPTH",
    "SHOWN_IDENTIFIERS",
    "ZERO_UUID",
    "AddressPolicy",
    "Anonymity",
    "EntityField",
    "Findings",
    "Identifier",
    "IdentifierClass",
    "Mode",
    "NotBase64Error",
    "Permission",
    "Policy",
    "Problem",
    "Scrubbed",
    "Signal",
    "SignalPolicy",
    "StorageStrategy",
    "TooDeepError",
    "Treatment",
    "coarse_user_agent",
    "decode_base64url",
    "dnt_header",
    "do_not_track",
    "dump_json",
    "effective",
    "encode_base64url",
    "error_position",
    "forbidden_columns",
    "gpc_header",
    "identifier_of",
    "infer",
    "keep_address",
    "linker_value",
    "load_json",
    "origin_of",
    "parse_address",
    "permission",
    "resolve",
    "scrub_event",
    "scrub_url",
    "tidy_url",
    "treatment",
]

"""The rules of privacy, pure and without I/O. Every place that touches an identifier asks here."""

from __future__ import annotations

from whiteout.privacy.addresses import AddressPolicy, keep_address, mask_address, parse_address
from whiteout.privacy.agents import coarse_user_agent
from whiteout.privacy.findings import Findings
from whiteout.privacy.forms import Form, form_of
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
from whiteout.privacy.nested import JSON_PARAMETERS, MAX_DEPTH, TooDeepError
from whiteout.privacy.parameters import UrlRules
from whiteout.privacy.pseudonyms import (
    COMPATIBLE_HASHES,
    Pseudonym,
    compatible_pseudonyms,
    pseudonyms,
)
from whiteout.privacy.scrub import Problem, Scrubbed, scrub_event
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
    "COMPATIBLE_HASHES",
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
    "Form",
    "Identifier",
    "IdentifierClass",
    "Mode",
    "NotBase64Error",
    "Permission",
    "Policy",
    "Problem",
    "Pseudonym",
    "Scrubbed",
    "Signal",
    "SignalPolicy",
    "StorageStrategy",
    "TooDeepError",
    "Treatment",
    "UrlRules",
    "coarse_user_agent",
    "compatible_pseudonyms",
    "decode_base64url",
    "dnt_header",
    "do_not_track",
    "dump_json",
    "effective",
    "encode_base64url",
    "error_position",
    "forbidden_columns",
    "form_of",
    "gpc_header",
    "identifier_of",
    "infer",
    "keep_address",
    "linker_value",
    "load_json",
    "mask_address",
    "origin_of",
    "parse_address",
    "permission",
    "pseudonyms",
    "resolve",
    "scrub_event",
    "scrub_url",
    "tidy_url",
    "treatment",
]

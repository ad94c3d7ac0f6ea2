"""Consent: what a visitor was asked and what they chose (E-19, R160 to R166)."""

from __future__ import annotations

from whiteout.protocol.iglu import SNOWPLOW as VENDOR
from whiteout.schemas.definitions.fields import (
    INT64,
    Field,
    flag,
    formatted,
    members,
    number,
    one_of,
    or_null,
    several,
    text,
)

__all__ = ["SCHEMAS", "VENDOR"]

_BASIS = one_of(
    "consent",
    "contract",
    "legal_obligation",
    "vital_interests",
    "public_task",
    "legitimate_interests",
)
_SEVERAL_TEXTS = several(text(1024), at_least=1)

SCHEMAS: dict[str, Field] = {
    "consent_preferences/jsonschema/1-0-0": members(
        {
            "eventType": one_of(
                "deny_all",
                "allow_all",
                "allow_selected",
                "pending",
                "implicit_consent",
                "withdrawn",
                "expired",
            ),
            "basisForProcessing": _BASIS,
            "consentUrl": formatted("uri"),
            "consentVersion": text(16),
            "consentScopes": _SEVERAL_TEXTS,
            "domainsApplied": _SEVERAL_TEXTS,
        },
        {"gdprApplies": or_null(flag())},
    ),
    "cmp_visible/jsonschema/1-0-0": members({"elapsedTime": number(INT64, least=0)}),
    "gdpr/jsonschema/1-0-0": members(
        {"basisForProcessing": _BASIS},
        {
            "documentId": or_null(text(255)),
            "documentVersion": or_null(text(16)),
            "documentDescription": or_null(text(4096)),
        },
    ),
    "consent_granted/jsonschema/1-0-0": members({}, {"expiry": formatted("date-time")}),
    "consent_withdrawn/jsonschema/1-0-0": members({"all": flag()}),
    "consent_document/jsonschema/1-0-0": members(
        {"id": text(36), "version": text(36)}, {"name": text(60), "description": text(10_000)}
    ),
}
"""Each schema by name, format and version."""

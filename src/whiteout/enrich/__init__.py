"""Enrichment: a pure function from one raw record to event rows and failed event rows."""

from __future__ import annotations

from whiteout.enrich.enricher import Enricher
from whiteout.enrich.outcome import Batch, Columns, Enriched
from whiteout.enrich.pii_rules import parse_rules
from whiteout.enrich.records import Record, read_record
from whiteout.enrich.sent import Correlated, correlate, shows_requests
from whiteout.enrich.settings import (
    AddressMask,
    DerivedSettings,
    EnrichSettings,
    KeySource,
    KeysUnavailable,
    PiiSettings,
    SchemaLookup,
    Validator,
    Violation,
)

__all__ = [
    "AddressMask",
    "Batch",
    "Columns",
    "Correlated",
    "DerivedSettings",
    "EnrichSettings",
    "Enriched",
    "Enricher",
    "KeySource",
    "KeysUnavailable",
    "PiiSettings",
    "Record",
    "SchemaLookup",
    "Validator",
    "Violation",
    "correlate",
    "parse_rules",
    "read_record",
    "shows_requests",
]

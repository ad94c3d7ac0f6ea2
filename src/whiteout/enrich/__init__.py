"""Enrichment: a pure function from one raw record to event rows and failed event rows."""

from __future__ import annotations

from whiteout.enrich.enricher import Enricher
from whiteout.enrich.outcome import Batch, Columns, Enriched
from whiteout.enrich.settings import EnrichSettings, SchemaLookup, Validator, Violation

__all__ = [
    "Batch",
    "Columns",
    "EnrichSettings",
    "Enriched",
    "Enricher",
    "SchemaLookup",
    "Validator",
    "Violation",
]

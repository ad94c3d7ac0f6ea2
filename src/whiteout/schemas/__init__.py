"""Schemas: our own definitions of what trackers send, and their validators."""

from __future__ import annotations

from whiteout.schemas.dialect import BadSchemaError, Validator, compile_schema
from whiteout.schemas.faults import SchemaFault
from whiteout.schemas.registry import SchemaRegistry

__all__ = ["BadSchemaError", "SchemaFault", "SchemaRegistry", "Validator", "compile_schema"]

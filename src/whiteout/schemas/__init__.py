"""Schemas: our own definitions of what trackers send, validators, and registries of others."""

from __future__ import annotations

from whiteout.schemas.dialect import BadSchemaError, Definition, Validator, compile_schema
from whiteout.schemas.documents import document
from whiteout.schemas.faults import SchemaFault
from whiteout.schemas.lint import Finding, key_of, lint
from whiteout.schemas.registries import (
    FolderRegistry,
    HttpRegistry,
    Registry,
    RegistryError,
    SchemaNotFound,
    is_askable,
    registry_at,
)
from whiteout.schemas.registry import SchemaRegistry
from whiteout.schemas.resolver import Resolver, ResolverSettings, find

__all__ = [
    "BadSchemaError",
    "Definition",
    "Finding",
    "FolderRegistry",
    "HttpRegistry",
    "Registry",
    "RegistryError",
    "Resolver",
    "ResolverSettings",
    "SchemaFault",
    "SchemaNotFound",
    "SchemaRegistry",
    "Validator",
    "compile_schema",
    "document",
    "find",
    "is_askable",
    "key_of",
    "lint",
    "registry_at",
]

"""How records are enriched, and what is handed in for it (contracts 10 and 12, B-43)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from whiteout.privacy import AddressPolicy
from whiteout.protocol.iglu import SchemaKey


@dataclass(frozen=True, slots=True)
class EnrichSettings:
    """How records become events.

    `v_collector` and `v_etl` name the collector and the pipeline, each with its version.
    `reject_batch`: one bad event refuses its whole request (B-18). `unknown_schemas`: what names an
    unknown schema is kept unchecked, or fails. `trust_tracker_ip`: believe the parameter `ip`
    (B-43), of which `address` says how much is kept. `sentinel`: what stands for the network user
    id and the address of a server-anonymous event, nothing or the protocol's words for it.
    """

    v_collector: str
    v_etl: str
    reject_batch: bool = False
    unknown_schemas: Literal["accept", "fail"] = "accept"
    trust_tracker_ip: bool = False
    address: AddressPolicy = AddressPolicy.TRUNCATED
    sentinel: Literal["null", "zero"] = "null"


class Violation(Protocol):
    """How data violates a schema.

    `path` (JSONPath) and `message` may quote the data; `place` and `rule` say the same in the
    schema's words alone.
    """

    @property
    def path(self) -> str:
        """Where, exactly."""

    @property
    def keyword(self) -> str:
        """Keyword of the schema that is violated."""

    @property
    def message(self) -> str:
        """What is wrong, with the value."""

    @property
    def place(self) -> str:
        """Where, without names that the schema does not define."""

    @property
    def rule(self) -> str:
        """What is wrong, without the value."""


Validator = Callable[[Any], Sequence[Violation]]
"""Checks data against one schema; nothing is returned for valid data."""


class SchemaLookup(Protocol):
    """Finds the validator of a schema."""

    def validator(self, key: SchemaKey) -> Validator | None:
        """The validator; None when the schema is unknown."""

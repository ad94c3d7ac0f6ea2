"""What an event says of schemas that were superseded: which it named, and by which it was checked.

Rule B-54.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from whiteout.protocol.iglu import CONTEXTS, SchemaKey

VALIDATION_INFO = "iglu:com.snowplowanalytics.iglu/validation_info/jsonschema/1-0-0"
"""The schema of that entity."""


def with_validation(derived: str | None, replaced: Iterable[tuple[str, SchemaKey]]) -> str:
    """The column `derived_contexts` with an entity for each schema that was superseded."""
    whole: dict[str, Any] = (
        {"schema": CONTEXTS, "data": []} if derived is None else msgspec.json.decode(derived)
    )
    for named, key in dict(replaced).items():
        data = {"originalSchema": named, "validatedWith": key.version}
        whole["data"].append({"schema": VALIDATION_INFO, "data": data})
    return msgspec.json.encode(whole).decode()

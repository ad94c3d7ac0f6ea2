"""What is wrong with self-describing JSON that was not taken (B-50, B-51, B-53)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from whiteout.enrich.faults import Failure, Fault, fault, quoted
from whiteout.privacy import error_position
from whiteout.protocol.iglu import NotSelfDescribingError, matches, self_describing

_MEMBERS = 2
_decode = msgspec.json.Decoder().decode


def json_fault(
    kind: str, where: str, *, quote: str | None = None, position: int | None = None
) -> Fault:
    """A fault in the JSON of an event."""
    return fault(kind, where, failure=Failure.SCHEMA_VIOLATIONS, quote=quote, position=position)


def explain(name: str, raw: str, wrapper: str) -> Iterator[Fault]:
    """The faults of JSON in the parameter `name`, which should be wrapped in `wrapper`."""
    try:
        value = _decode(raw)
    except RecursionError:
        yield json_fault("too_deep", name)
        return
    except ValueError as error:
        yield json_fault("not_json", name, position=error_position(error))
        return
    try:
        key, data = self_describing(value)
    except NotSelfDescribingError as error:
        yield json_fault(error.code, name)
        return
    if not matches(key, wrapper):
        yield json_fault(f"not_{wrapper}", f"{name}.schema", quote=quoted(key.uri))
    elif wrapper == "unstruct_event":
        yield from _item(f"{name}.data", data)
    elif not isinstance(data, list):
        yield json_fault("not_a_list", f"{name}.data")
    else:
        for index, item in enumerate(data):
            yield from _item(f"{name}.data[{index}]", item)


def _item(where: str, item: Any) -> Iterator[Fault]:
    try:
        self_describing(item)
    except NotSelfDescribingError as error:
        yield json_fault(error.code, where)
        return
    if len(item) > _MEMBERS:
        yield json_fault("extra_member", where)

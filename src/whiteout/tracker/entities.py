"""Self-describing JSON: entities, and the data of self-describing events (R119, R120)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from whiteout.protocol.iglu import SNOWPLOW, parse_uri
from whiteout.tracker.encoding import to_json


@dataclass(frozen=True, slots=True)
class Entity:
    """A schema URI, and data that the schema describes.

    Wherever a tracker takes one, a mapping with the members `schema` and `data` will do as well.
    """

    schema: str
    data: Mapping[str, Any]


def schema_of(name: str, version: str = "1-0-0", vendor: str = SNOWPLOW) -> str:
    """The URI of one of the protocol's own schemas."""
    return f"iglu:{vendor}/{name}/jsonschema/{version}"


def read_entity(value: object) -> Entity:
    """An entity from an `Entity` or a mapping. Raises ValueError for anything else."""
    if isinstance(value, Entity):
        schema: object = value.schema
        data: object = value.data
    elif isinstance(value, Mapping):
        schema, data = value.get("schema"), value.get("data")
    else:
        schema = data = None
    if not isinstance(schema, str) or not isinstance(data, Mapping):
        raise ValueError("an entity has a schema and data")  # noqa: TRY004  # it is caught as one
    return value if isinstance(value, Entity) else Entity(schema, data)


def is_entity(value: object) -> bool:
    """Whether something is a valid entity with a readable schema URI (R151)."""
    try:
        return parse_uri(read_entity(value).schema) is not None
    except ValueError:
        return False


def entity_text(value: object) -> str:
    """An entity as JSON, copied: changes of its data afterwards change no event."""
    entity = read_entity(value)
    return f'{{"schema":{to_json(entity.schema)},"data":{to_json(entity.data)}}}'


def without_none(data: Mapping[str, Any]) -> dict[str, Any]:
    """A copy without members that are None."""
    return {name: value for name, value in data.items() if value is not None}

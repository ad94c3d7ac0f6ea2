"""Our own schema definitions, each under its Iglu URI (E-17 to E-19, L-7).

They are written from facts: names of members, types and limits.
"""

from __future__ import annotations

from whiteout.schemas.definitions import (
    commerce,
    consent,
    device,
    forms,
    interaction,
    own,
    page,
    problems,
    protocol,
    session,
)
from whiteout.schemas.definitions.fields import Field

DEFINITIONS: dict[str, Field] = {
    f"iglu:{room.VENDOR}/{name}": schema
    for room in (
        commerce,
        consent,
        device,
        forms,
        interaction,
        own,
        page,
        problems,
        protocol,
        session,
    )
    for name, schema in room.SCHEMAS.items()
}
"""Every bundled schema by its Iglu URI."""

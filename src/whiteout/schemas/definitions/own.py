"""What whiteout's own trackers say (contracts 8 and 9)."""

from __future__ import annotations

from whiteout.schemas.definitions.fields import Field, members, one_of, or_null, text

VENDOR = "io.whiteout"
"""Vendor of whiteout's own schemas."""

SCHEMAS: dict[str, Field] = {
    "privacy_state/jsonschema/1-0-0": members(
        {
            "mode": one_of(
                "identified",
                "anonymous",
                "anonymous_session",
                "server_anonymous",
                "server_anonymous_session",
            ),
            "signal": or_null(text(255)),
        }
    ),
}
"""Each schema by name, format and version."""

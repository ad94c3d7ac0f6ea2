"""The words for a campaign (B-70)."""

from __future__ import annotations

CAMPAIGN_FIELDS = ("medium", "source", "term", "content", "campaign")
"""What a campaign is told by; each has a column, `mkt_medium` and so on."""

USUAL_PARAMETERS: tuple[tuple[str, str], ...] = tuple(
    (field, f"utm_{field}") for field in CAMPAIGN_FIELDS
)
"""The parameter of each of these in a usual URL."""

"""Where the published schemas stand, if they do: beside the checkout."""

from __future__ import annotations

from pathlib import Path

PUBLISHED = Path(__file__).parents[3] / "shared" / "iglu-central" / "schemas"

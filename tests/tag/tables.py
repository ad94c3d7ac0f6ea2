"""Tables of the documentation, as tests read them."""

from __future__ import annotations

from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def table(page: str, heading: str) -> list[dict[str, str]]:
    """The rows of the first table below a heading, each by the names of its columns."""
    lines = (DOCS / page).read_text().split(f"\n{heading}\n", 1)[1].splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("|"))
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    names, _, *values = rows
    return [dict(zip(names, row, strict=True)) for row in values]

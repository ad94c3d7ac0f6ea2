"""What `prove` and `audit` found, in one form: text for a terminal, JSON, and a page for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

_MOST_SHOWN = 20


class Verdict(StrEnum):
    """How it ended: all is well, something is where it must not be, or nobody can tell."""

    GOOD = "good"
    LEAK = "leak"
    FAILED = "failed"

    @property
    def exit_code(self) -> int:
        """The exit code of the command."""
        return {Verdict.GOOD: 0, Verdict.LEAK: 1, Verdict.FAILED: 2}[self]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a title. `bad` tells that each row is something that must not be.

    `key` names it in JSON, where each row is an object with the columns as keys. A table that is
    `folded` is closed on the page until somebody opens it.
    """

    key: str
    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str | int | float | None, ...]]
    note: str = ""
    bad: bool = False
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A finished report. `headline` is the verdict in one sentence; no text holds an identifier."""

    command: str
    verdict: Verdict
    headline: str
    facts: tuple[tuple[str, str | int], ...]
    tables: tuple[Table, ...]
    limits: tuple[str, ...] = ()
    made_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def as_json(self) -> str:
        """One JSON object, indented."""
        shown: dict[str, Any] = {
            "command": self.command,
            "verdict": self.verdict.value,
            "headline": self.headline,
            "made_at": self.made_at.isoformat(timespec="seconds"),
            "facts": dict(self.facts),
        }
        for table in self.tables:
            shown[table.key] = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        shown["limits"] = list(self.limits)
        return json.dumps(shown, indent=2, ensure_ascii=False)

    def as_text(self) -> str:
        """A summary for a terminal: the verdict, the figures, and what is bad."""
        lines = [self.headline, ""]
        width = max((len(label) for label, _ in self.facts), default=0)
        lines += [f"  {label:<{width}}  {value}" for label, value in self.facts]
        for table in self.tables:
            if table.folded or not table.rows:
                continue
            lines += ["", table.title, *_text_rows(table)]
        return "\n".join(lines)


def cell(value: str | float | None) -> str:
    """How a value stands in text and on the page."""
    return "" if value is None else str(value)


def _text_rows(table: Table) -> list[str]:
    shown = [tuple(cell(value) for value in row) for row in table.rows[:_MOST_SHOWN]]
    widths = [max(map(len, column)) for column in zip(table.columns, *shown, strict=True)]
    rows = [
        "  "
        + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in (table.columns, *shown)
    ]
    if len(table.rows) > _MOST_SHOWN:
        rows.append(f"  … and {len(table.rows) - _MOST_SHOWN} more; --json and --html show all")
    return rows

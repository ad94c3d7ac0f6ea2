"""From what an audit counted to its report."""

from __future__ import annotations

from collections import Counter

from whiteout.proof.audit import Audited
from whiteout.proof.audited import Breach
from whiteout.proof.report import Report, Table, Verdict

_LIMITS = (
    (
        "An event that declares no mode and came without a header may hold anything; most trackers "
        "of others declare none. They are counted apart."
    ),
    (
        "Text is read as the collector reads it: an identifier that looks like an ordinary word, "
        "in a place that nobody would expect, is not known as one."
    ),
    "What waits in the spool is not in the lake yet; `whiteout prove` searches there too.",
)


def report_of(audited: Audited, seconds: float) -> Report:
    """The report of an audit."""
    kinds = audited.counts.kinds
    breaches = audited.counts.breaches
    findings = sum(breaches.values())
    stored: Counter[str] = Counter()
    undeclared = 0
    for kind, count in kinds.items():
        stored[kind.table] += count
        undeclared += 0 if kind.declared or kind.server else count
    return Report(
        command="audit",
        verdict=Verdict.LEAK if findings else Verdict.GOOD,
        headline=(
            f"{findings:,} findings: stored events hold what their mode forbids."
            if findings
            else "No stored event holds what its mode forbids."
        ),
        facts=(
            ("Events", stored["events"]),
            ("Failed events", stored["failed_events"]),
            ("Without a declared mode or header", undeclared),
            ("Findings", findings),
            ("Files read", audited.read),
            ("Files known from before", audited.known),
            ("Seconds", round(seconds)),
        ),
        tables=(
            Table(
                "findings",
                "Findings",
                ("rule", "column", "table", "mode", "rows"),
                _by_rule(breaches),
                "The rule is the name of the identifier that must not be there.",
                bad=True,
            ),
            Table(
                "first_rows",
                "First rows with a finding",
                ("received", "table", "id", "column", "rule"),
                [tuple(one) for one in audited.counts.first],
                "By the time of arrival. The values themselves are not shown.",
                bad=True,
            ),
            Table(
                "modes",
                "Modes",
                ("table", "declared", "header", "signal", "inferred", "rows"),
                _by_mode(audited),
            ),
            Table(
                "days",
                "Days",
                ("day", "rows", "anonymous", "undeclared", "findings"),
                _by_day(audited),
                "Anonymous are those that declare it or came with a header.",
            ),
        ),
        limits=_LIMITS,
    )


def _by_rule(breaches: Counter[Breach]) -> list[tuple[str | int, ...]]:
    rows: Counter[tuple[str, str, str, str]] = Counter()
    for one, count in breaches.items():
        rows[one.rule, one.column, one.table, one.mode] += count
    return [(*key, count) for key, count in rows.most_common()]


def _by_mode(audited: Audited) -> list[tuple[str | int, ...]]:
    rows: Counter[tuple[str, str, str, str, str]] = Counter()
    for kind, count in audited.counts.kinds.items():
        header = "yes" if kind.server else "no"
        declared, inferred = kind.declared or "none", kind.inferred or "none"
        rows[kind.table, declared, header, kind.signal or "", inferred] += count
    return [(*key, count) for key, count in sorted(rows.items())]


def _by_day(audited: Audited) -> list[tuple[str | int, ...]]:
    rows: Counter[str] = Counter()
    anonymous: Counter[str] = Counter()
    undeclared: Counter[str] = Counter()
    findings: Counter[str] = Counter()
    for kind, count in audited.counts.kinds.items():
        rows[kind.day] += count
        if kind.server or kind.declared not in (None, "identified"):
            anonymous[kind.day] += count
        elif kind.declared is None:
            undeclared[kind.day] += count
    for one, count in audited.counts.breaches.items():
        findings[one.day] += count
    return [
        (day, rows[day], anonymous[day], undeclared[day], findings[day]) for day in sorted(rows)
    ]

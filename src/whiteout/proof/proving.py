"""From what a proof found to its report."""

from __future__ import annotations

import re
from collections import Counter

from whiteout.proof.matrix import ROUNDS, Cell, cells
from whiteout.proof.prove import Evidence, control_failures
from whiteout.proof.report import Report, Table, Verdict
from whiteout.proof.rounds import COMPAT, GROUPS, STRICT
from whiteout.proof.search import Found

_AREAS: tuple[tuple[str, str], ...] = (
    ("answer to ", "answers, the texts of errors included"),
    ("live stream", "live stream"),
    ("live API", "live API"),
    ("metrics", "metrics"),
    ("log ", "logs"),
    ("temporary files", "temporary files"),
    ("spool/", "spool and its journals"),
    ("feed.db", "feed"),
    ("lake/events", "lake: events, with its log"),
    ("lake/failed_events", "lake: failed events, with its log"),
)
_REST = "the rest of the data folder"
_LIMITS = (
    (
        "It proves what this version did with these requests; other software that sees requests "
        "before or after it (a proxy, a load balancer, a log shipper) was not searched."
    ),
    "Memory was not searched, only what was written or sent.",
    (
        "In the modes anonymous and anonymous session the tracker leaves identifiers away; "
        "what is proved there is that the collector keeps nothing that no event needs."
    ),
)
_DAY = re.compile(r"(part-)[0-9a-f-]{36}")


def report_of(evidence: Evidence, *, own: bool) -> Report:
    """The report of a proof."""
    leaks = [
        (group.name, one)
        for group in GROUPS
        for one in sorted(evidence.found[group.name])
        if group.forbidden(one.name)
    ]
    lost = control_failures(evidence, own=own)
    found = {group.name: {one.name for one in evidence.found[group.name]} for group in GROUPS}
    matrix = cells(evidence.rows, found[STRICT.name], exact=own)
    compat = (
        cells(evidence.compat_rows, found[COMPAT.name], exact=True, compat=True)
        if evidence.compat_rows
        else []
    )
    wrong = [cell for cell in (*matrix, *compat) if cell.wrong]
    cookies = evidence.cookies if own else []
    verdict, headline = _verdict(len(leaks), len(cookies), wrong, lost)
    return Report(
        command="prove",
        verdict=verdict,
        headline=headline,
        facts=_facts(evidence, len(leaks) + len(cookies), [*matrix, *compat], wrong),
        tables=(*_bad(leaks, cookies, lost), *_evidence(evidence, matrix, compat)),
        limits=_LIMITS,
    )


def _verdict(leaks: int, cookies: int, wrong: list[Cell], lost: list[str]) -> tuple[Verdict, str]:
    if leaks or cookies:
        return Verdict.LEAK, f"Leak: {leaks + cookies} findings where nothing may be."
    if lost:
        return (
            Verdict.FAILED,
            (
                f"Not proved: the search itself fails, {len(lost)} things that are there were "
                "not found."
            ),
        )
    if wrong:
        return (
            Verdict.LEAK,
            f"Leak: {len(wrong)} cells of the matrix hold something else than they may.",
        )
    return Verdict.GOOD, "Proved: of all that was planted, nothing is left where it may not be."


def _facts(
    evidence: Evidence, findings: int, matrix: list[Cell], wrong: list[Cell]
) -> tuple[tuple[str, str | int], ...]:
    return (
        ("Requests sent", len(evidence.sent)),
        ("Canaries planted", evidence.canaries),
        ("Bytes searched, compressed", evidence.bytes),
        ("Findings where nothing may be", findings),
        ("Cells of the matrix that hold", f"{len(matrix) - len(wrong)} of {len(matrix)}"),
        ("Found in the control run", len(evidence.found["control"])),
        ("Seconds", round(evidence.seconds)),
    )


def _bad(leaks: list[tuple[str, Found]], cookies: list[str], lost: list[str]) -> list[Table]:
    rows = [
        (group, *_split(one.name), _DAY.sub(r"\1…", one.place), one.form) for group, one in leaks
    ]
    rows += [
        ("server-anonymous", place, "Set-Cookie", place, "a cookie is set") for place in cookies
    ]
    tables = [
        Table(
            "leaks",
            "Leaks",
            ("mode", "request", "identifier", "place", "form"),
            rows,
            "Canaries that were found although their mode forbids them.",
            bad=True,
        )
    ]
    if lost:
        note = "What the control run has to find. While it does not, silence proves nothing."
        rest = [(text,) for text in lost]
        tables.append(Table("search_fails", "Not found", ("what",), rest, note, bad=True))
    return tables


def _split(channel: str) -> tuple[str, str]:
    request, mark, place = channel.partition(": ")
    return (request, place) if mark else ("any", request)


def _evidence(evidence: Evidence, matrix: list[Cell], compat: list[Cell]) -> list[Table]:
    statuses = Counter(sent.answer.status for sent in evidence.sent)
    kinds = {kind: n for (kind, anonymous), n in evidence.failed.items() if anonymous}
    tables = [
        Table(
            "places",
            "Where was searched",
            ("place", "found in the control run", "found where forbidden"),
            _places(evidence),
            "Every byte, with compression undone, in every form: plain in any case, escaped for "
            "URLs, JSON and HTML, hex, base64, UUIDs as bytes, MD5, SHA-1 and SHA-256. The control "
            "run shows that the search finds what is there; where it finds nothing, identified "
            "events leave nothing either.",
        ),
        _matrix_table("matrix", "Matrix", matrix),
        Table(
            "answers",
            "Answers by status",
            ("status", "answers"),
            [
                ("no answer" if status is None else str(status), count)
                for status, count in sorted(statuses.items(), key=lambda kv: kv[0] or 0)
            ],
            folded=True,
        ),
        Table(
            "failed_events",
            "Failed events of anonymous requests",
            ("failure", "events"),
            sorted(kinds.items()),
            "Broken requests reached the pipeline too, and left no identifier there.",
            folded=True,
        ),
    ]
    if compat:
        title = "Matrix, with the settings of older collectors"
        tables.insert(2, _matrix_table("matrix_compat", title, compat))
    return tables


def _matrix_table(name: str, title: str, matrix: list[Cell]) -> Table:
    transports = dict.fromkeys(cell.transport for cell in matrix)
    note = f"Each by {', '.join(transports)}. A cell counts the transports that hold."
    columns = ("injected", *(asked.name for asked in ROUNDS))
    return Table(name, title, columns, _matrix(matrix), note)


def _places(evidence: Evidence) -> list[tuple[str, int, int]]:
    control: Counter[str] = Counter()
    bad: Counter[str] = Counter()
    for group in GROUPS:
        for one in evidence.found[group.name]:
            if group.forbidden(one.name):
                bad[_area(one.place)] += 1
            elif group.name == "control":
                control[_area(one.place)] += 1
    return [(name, control[name], bad[name]) for name in (*(n for _, n in _AREAS), _REST)]


def _area(place: str) -> str:
    return next((name for start, name in _AREAS if place.startswith(start)), _REST)


def _matrix(matrix: list[Cell]) -> list[tuple[str, ...]]:
    held: Counter[tuple[str, str]] = Counter()
    of: Counter[tuple[str, str]] = Counter()
    for cell in matrix:
        held[cell.datum, cell.asked] += not cell.wrong
        of[cell.datum, cell.asked] += 1
    return [
        (datum, *(f"{held[datum, way.name]} of {of[datum, way.name]}" for way in ROUNDS))
        for datum in dict.fromkeys(cell.datum for cell in matrix)
    ]

"""A report as one page for people: a single file, without script, that loads nothing.

Everything in it is escaped text; its policy forbids all but the style that it brings.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from html import escape

from whiteout.proof.report import Report, Table, Verdict, cell

_STYLE = """
:root{color-scheme:light dark;--paper:#f4f1e9;--sheet:#fbf9f4;--ink:#1f1c16;--soft:#5a5448;
--line:#d3ccbd;--good:#0c6a62;--leak:#a8123d;--failed:#8a5a00}
@media (prefers-color-scheme:dark){:root{--paper:#14140f;--sheet:#1e1e18;--ink:#ece8dd;
--soft:#a9a292;--line:#3a3930;--good:#62cabc;--leak:#ff8aa6;--failed:#e5b45a}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,"Segoe UI",
"Helvetica Neue","Liberation Sans",sans-serif}
main{max-width:72rem;margin:0 auto;padding:clamp(1rem,4vw,3rem)}
header p{color:var(--soft);margin:0}
h1{font:600 clamp(1.5rem,4.5vw,2.4rem)/1.2 "Iowan Old Style",Palatino,Charter,Georgia,serif;
margin:.3rem 0 1rem;padding-left:.8rem;border-left:.35rem solid currentcolor;text-wrap:balance}
.good h1{color:var(--good)}.leak h1{color:var(--leak)}.failed h1{color:var(--failed)}
h2,summary{font-size:1.1rem;font-weight:600}
section,details{background:var(--sheet);border:1px solid var(--line);border-radius:.5rem;
padding:1rem 1.2rem;margin:1rem 0}
section h2{margin:0 0 .4rem}summary{cursor:pointer}
summary:focus-visible{outline:3px solid var(--good);outline-offset:3px}
.note{color:var(--soft);margin:.2rem 0 .8rem;max-width:60rem}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(14rem,40%),1fr));gap:.8rem 1.5rem;
margin:0}
dt{color:var(--soft);font-size:.88rem}dd{margin:0;font-weight:600;overflow-wrap:anywhere}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);
vertical-align:top}
th{color:var(--soft);font-weight:600;white-space:nowrap}
td{white-space:nowrap}td.n,th.n{text-align:right}
td.long{white-space:normal;overflow-wrap:anywhere;min-width:16rem}
.bad td:first-child{color:var(--leak);font-weight:600}
.none{color:var(--good);margin:0}
ul{margin:0;padding-left:1.2rem}
footer{color:var(--soft);font-size:.88rem}
@media (max-width:40rem){th,td:first-child{white-space:normal;min-width:5.5rem}}
@media print{section,details{break-inside:avoid;background:none}}
"""

_NAMES = {Verdict.GOOD: "good", Verdict.LEAK: "leak", Verdict.FAILED: "failed"}


def page(report: Report, version: str) -> str:
    """The report as HTML."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    made = report.made_at.strftime("%Y-%m-%d %H:%M UTC")
    title = f"whiteout {report.command}: {report.headline}"
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{escape(title)}</title>",
            f"<style>{_STYLE}</style></head>",
            f'<body class="{_NAMES[report.verdict]}"><main>',
            f"<header><p>whiteout {escape(report.command)}, {escape(made)}</p>",
            f"<h1>{escape(report.headline)}</h1></header>",
            *_facts(report),
            *(line for table in report.tables for line in _table(table)),
            *_limits(report),
            (
                f"<footer><p>Made by whiteout {escape(version)}. This page holds no identifier, "
                "loads nothing and runs no script.</p></footer>"
            ),
            "</main></body></html>",
            "",
        ]
    )


def _facts(report: Report) -> Iterator[str]:
    yield '<section aria-label="Figures"><dl>'
    for label, value in report.facts:
        shown = f"{value:,}" if isinstance(value, int) else value
        yield f"<div><dt>{escape(label)}</dt><dd>{escape(shown)}</dd></div>"
    yield "</dl></section>"


def _table(table: Table) -> Iterator[str]:
    count = f" ({len(table.rows):,})" if table.rows and (table.folded or table.bad) else ""
    title = escape(table.title) + count
    if table.folded:
        yield f"<details><summary>{title}</summary>"
    else:
        yield f"<section><h2>{title}</h2>"
    if table.note:
        yield f'<p class="note">{escape(table.note)}</p>'
    if table.rows:
        yield from _rows(table)
    else:
        yield '<p class="none">None.</p>'
    yield "</details>" if table.folded else "</section>"


def _rows(table: Table) -> Iterator[str]:
    numeric = [
        all(isinstance(row[at], int | float | None) for row in table.rows)
        for at in range(len(table.columns))
    ]
    kind = ' class="bad"' if table.bad else ""
    yield f'<div class="wide" role="region" tabindex="0" aria-label="{escape(table.title)}">'
    yield f"<table{kind}><thead><tr>"
    for name, right in zip(table.columns, numeric, strict=True):
        yield f'<th scope="col"{_CLASS[right]}>{escape(name)}</th>'
    yield "</tr></thead><tbody>"
    for row in table.rows:
        cells = "".join(
            _cell(value, right=right) for value, right in zip(row, numeric, strict=True)
        )
        yield f"<tr>{cells}</tr>"
    yield "</tbody></table></div>"


_CLASS = {True: ' class="n"', False: ""}
_LONG = ' class="long"'
_LINE = 48
"""Characters from which a value may be broken into lines."""


def _cell(value: str | float | None, *, right: bool) -> str:
    shown = _shown(value)
    kind = _LONG if len(shown) > _LINE else _CLASS[right]
    return f"<td{kind}>{escape(shown)}</td>"


def _shown(value: str | float | None) -> str:
    return f"{value:,}" if isinstance(value, int) else cell(value)


def _limits(report: Report) -> Iterator[str]:
    if report.limits:
        yield "<section><h2>What this does not say</h2><ul>"
        yield from (f"<li>{escape(text)}</li>" for text in report.limits)
        yield "</ul></section>"

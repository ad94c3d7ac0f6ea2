"""The results that `whiteout sql` prints."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import duckdb

from whiteout.lake import LakeReader

_FETCH = 1_000
_TABLE_ROWS = 1_000


class QueryError(Exception):
    """A query cannot be answered; the text says why."""


def run_query(lake: Path, query: str, form: str | None) -> None:
    """Run one SQL query over the lake and print its result. Raises QueryError and LakeError."""
    chosen = form or ("table" if sys.stdout.isatty() else "csv")
    with LakeReader(lake).connect() as connection:
        try:
            connection.execute(query)
            names = [column[0] for column in connection.description or []]
            rows = _rows(connection)
            {"table": _table, "json": _json, "csv": _csv}[chosen](names, rows)
        except duckdb.Error as error:
            raise QueryError(str(error)) from None


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while batch := connection.fetchmany(_FETCH):
        yield from batch


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        text = value.isoformat(sep=" ", timespec="milliseconds")
        return text.replace("+00:00", "Z")
    if isinstance(value, date | UUID | Decimal):
        return str(value)
    return value


def _json(names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    for row in rows:
        record = dict(zip(names, map(_plain, row), strict=True))
        click.echo(json.dumps(record, ensure_ascii=False, default=str))


def _csv(names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow(["" if value is None else _plain(value) for value in row])


def _table(names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    shown = [[_cell(value) for value in row] for row in islice(rows, _TABLE_ROWS)]
    rest = sum(1 for _ in rows)
    widths = [max(map(len, column)) for column in zip(names, *shown, strict=True)]
    click.secho("  ".join(n.ljust(w) for n, w in zip(names, widths, strict=True)), bold=True)
    for row in shown:
        click.echo("  ".join(v.ljust(w) for v, w in zip(row, widths, strict=True)).rstrip())
    if rest:
        click.echo(f"… and {rest} more rows; use --format csv for all")


def _cell(value: object) -> str:
    text = "" if value is None else str(_plain(value))
    return "".join(c if c.isprintable() else " " for c in text)[:120]

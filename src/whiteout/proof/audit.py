"""`whiteout audit`: whether what is stored is what it may be, for every event and every column.

Content is compared with the mode that an event declares and with the header of its request; events
that declare nothing and came without a header are counted apart (contract 9). Each file is read by
DuckDB, a column at a time; only values that may hold an identifier come to Python.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whiteout.lake import LakeReader
from whiteout.lake.sql import readable, select_from
from whiteout.lake.table import TABLES, TableSpec
from whiteout.privacy import BY_COLUMN
from whiteout.proof import checks, suspects
from whiteout.proof.allowance import Allowance, allowance
from whiteout.proof.audited import FIRST_ROWS, Breach, Counts, Kind, Memory, Offender

if TYPE_CHECKING:
    import duckdb

Progress = Callable[[int, int], None]
"""Is told how many files of how many were read."""

_BATCH = 1_000
# With a limit, though it is never reached, the test is not moved in front of what is distinct.
_ALL = 2**62
_AT_ONCE = max(1, min(4, os.cpu_count() or 1))
"""Files that are read at once: each is read by one thread of DuckDB, a row group at a time."""

_IDS = {"events": "event_id", "failed_events": "failure_id"}
_SET_BY_US = frozenset(
    {
        *("event_id", "failure_id", "v_collector", "v_etl", "mode_declared", "mode_inferred"),
        *("signal", "failure", "event_fingerprint", "etl_tags"),
    }
)
"""Columns that hold nothing that was sent."""
_URLS = {"page_url": True, "page_referrer": False}
"""Columns with whole URLs, and whether campaign parameters may stay in them."""
_QUERIES = frozenset({"page_urlquery", "page_urlfragment", "refr_urlquery", "refr_urlfragment"})
_NO_ADDRESSES = frozenset(
    {"v_tracker", "br_version", "event_version", "version", "page_urlhost", "refr_urlhost"}
)
"""Columns in which numbers with dots between them are a version, or the host of a site."""


@dataclass(frozen=True, slots=True)
class Audited:
    """The counts of a whole lake, and how many files were read or known already."""

    counts: Counts
    read: int
    known: int


def audit(data: Path, *, memory: Memory | None = None, progress: Progress | None = None) -> Audited:
    """Audit the lake in a data folder; files that `memory` knows are not read again.

    Raises LakeError.
    """
    lake = data / "lake"
    reader = LakeReader(lake)
    total = Counts()
    read = known = 0
    with reader.connect() as connection, readable(lake), ThreadPoolExecutor(_AT_ONCE) as pool:
        files = [(spec, path) for spec in TABLES for path in reader.files(spec.name)]

        def look(spec: TableSpec, path: Path) -> tuple[Counts, bool]:
            name = str(path.relative_to(lake.absolute()))
            counts = None if memory is None else memory.recall(name)
            if counts is not None:
                return counts, True
            with connection.cursor() as own:
                own.execute("SET TimeZone = 'UTC'")
                counts = _File(own, spec, path).audited()
            if memory is not None:
                memory.remember(name, counts)
            return counts, False

        futures = [pool.submit(look, *file) for file in files]
        try:
            for number, future in enumerate(as_completed(futures), 1):
                counts, was_known = future.result()
                known += was_known
                read += not was_known
                total.add(counts)
                if progress is not None:
                    progress(number, len(files))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return Audited(total, read, known)


class _File:
    """One file of a table."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, spec: TableSpec, path: Path) -> None:
        self._connection = connection
        self._spec = spec
        self._source = select_from(spec, [path])
        self._id = _IDS[spec.name]
        self._counts = Counts()

    def audited(self) -> Counts:
        """What stands in it."""
        classes: dict[tuple[str | None, bool], None] = {}
        for row in self._rows(
            "SELECT collector_date, mode_declared, mode_inferred, "
            "coalesce(server_anonymous, false), signal, count(*) FROM source GROUP BY ALL"
        ):
            day, declared, inferred, server, signal, count = row
            kind = Kind(self._spec.name, str(day), declared, inferred, server, signal)
            self._counts.kinds[kind] += count
            classes[declared, server] = None
        for declared, server in classes:
            allowed = allowance(declared, server=server)
            if allowed is None:
                self._identified(declared)
                continue
            mode = _named(declared, server=server)
            self._columns(allowed, declared, mode, server=server)
            self._contents(allowed, declared, mode, server=server)
        return self._counts

    def _rows(self, query: str, *apart: str) -> Iterator[tuple[Any, ...]]:
        """What a query gives of the file, `source`; `apart` are relations that it reads besides."""
        self._connection.execute(
            f"WITH {', '.join((f'source AS NOT MATERIALIZED ({self._source})', *apart))} {query}"
        )
        while rows := self._connection.fetchmany(_BATCH):
            yield from rows

    def _columns(
        self, allowed: Allowance, declared: str | None, mode: str, *, server: bool
    ) -> None:
        """Columns that must be empty."""
        present = [c.name for c in self._spec.columns if c.name in allowed.columns]
        if not present:
            return
        kind = _where(declared, server=server)
        counts = ", ".join(f"count_if({_is_present(name)})" for name in present)
        query = f"SELECT collector_date, {counts} FROM source WHERE {kind} GROUP BY 1"  # noqa: S608
        for day, *found in list(self._rows(query)):
            for column, count in zip(present, found, strict=True):
                if count:
                    rule = BY_COLUMN[column].name
                    breach = Breach(self._spec.name, str(day), mode, column, rule)
                    self._counts.breaches[breach] += count
                    self._first(column, rule, f"{kind} AND {_is_present(column)}")

    def _first(self, column: str, rule: str, where: str) -> None:
        for received, row_id in self._rows(
            f"SELECT collector_tstamp, {self._id} FROM source WHERE {where} "  # noqa: S608
            f"ORDER BY 1, 2 LIMIT {FIRST_ROWS}"
        ):
            self._counts.offend(self._offender(received, row_id, column, rule))

    def _contents(
        self, allowed: Allowance, declared: str | None, mode: str, *, server: bool
    ) -> None:
        """Columns that hold text, URLs or JSON: of those that are suspect, what stands in them."""
        columns = self._texts
        if not columns:
            return
        where = _where(declared, server=server)
        looks = [_Look.of(name, kind, allowed, where) for name, kind in columns]
        values = ", ".join(
            f"CASE WHEN {look.test} THEN {_quoted(name)} END AS {_quoted(name)}"
            for (name, _), look in zip(columns, looks, strict=True)
        )
        apart = [look.apart for look in looks if look.apart]
        first = f"min({{'at': collector_tstamp, 'id': {self._id}}}, {FIRST_ROWS})"
        names = ", ".join(_quoted(name) for name, _ in columns)
        # What stands in many rows is looked at once.
        query = (
            f"SELECT collector_date, count(*), {first}, {names} FROM (SELECT collector_date, "  # noqa: S608
            f"collector_tstamp, {self._id}, {values} FROM source WHERE {where}) "
            f"WHERE coalesce({names}) IS NOT NULL GROUP BY collector_date, {names}"
        )
        for day, count, rows, *found in self._rows(query, *apart):
            for (column, kind), value in zip(columns, found, strict=True):
                if value is None:
                    continue
                for rule in _broken(column, kind, value, allowed):
                    breach = Breach(self._spec.name, str(day), mode, column, rule)
                    self._counts.breaches[breach] += count
                    for row in rows:
                        self._counts.offend(self._offender(row["at"], row["id"], column, rule))

    @cached_property
    def _texts(self) -> list[tuple[str, str]]:
        """Name and type of the columns with text that was sent, and that are not all empty."""
        columns = [
            (c.name, c.type)
            for c in self._spec.columns
            if c.type in ("string", "uuid", "json")
            and c.name not in _SET_BY_US
            and c.name not in BY_COLUMN
        ]
        counts = ", ".join(f"count({_quoted(name)})" for name, _ in columns)
        (filled,) = self._rows(f"SELECT {counts} FROM source")  # noqa: S608 (quoted)
        return [column for column, count in zip(columns, filled, strict=True) if count]

    def _identified(self, declared: str | None) -> None:
        """Events of which all may be kept but user info and `_sp` in the URLs of pages."""
        if self._spec.name != "events":
            return
        kind = _where(declared, server=False)
        for column in _URLS:
            query = (
                f"SELECT collector_date, collector_tstamp, {self._id}, {column} FROM source "  # noqa: S608
                f"WHERE {kind} AND regexp_matches({column}, {_text(suspects.USER_INFO)})"
            )
            for day, received, row_id, url in self._rows(query):
                if checks.has_user_info(url):
                    mode = _named(declared, server=False)
                    breach = Breach(self._spec.name, str(day), mode, column, "credentials")
                    self._counts.breaches[breach] += 1
                    self._counts.offend(self._offender(received, row_id, column, "credentials"))

    def _offender(self, received: Any, row_id: Any, column: str, rule: str) -> Offender:
        when = received.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return Offender(when, self._spec.name, str(row_id), column, rule)


def _broken(column: str, kind: str, value: str, allowed: Allowance) -> frozenset[str]:
    """The rules that a value breaks: names of identifiers, or what else is wrong with it."""
    session = allowed.session
    if column in _URLS:
        found = checks.in_url(value, campaign=_URLS[column], session=session)
        found = found if allowed.strict else found - {checks.REST_OF_URL}
    elif column in _QUERIES:
        found = checks.in_query(value, session=session)
    elif column == "payload":
        found = checks.in_payload(value, session=session)
    elif kind == "json":
        found = checks.in_json(value, session=session)
    else:
        found = checks.in_text(value, version=column in _NO_ADDRESSES, session=session)
    return found & (allowed.content | {checks.REST_OF_URL, checks.UNREADABLE})


@dataclass(frozen=True, slots=True)
class _Look:
    """How a column is looked through: the test of a value, and what is worked out before."""

    test: str
    apart: str = ""

    @classmethod
    def of(cls, column: str, kind: str, allowed: Allowance, where: str) -> _Look:
        """JSON takes long to look through, and the same often stands in many rows."""
        if kind != "json" or column == "payload":
            return cls(_suspect(column, kind, allowed))
        name, odd = _quoted(column), _quoted(f"odd {column}")
        every = f"SELECT DISTINCT {name} FROM source WHERE {where} LIMIT {_ALL}"  # noqa: S608
        test = _suspect(column, kind, allowed)
        apart = f"{odd} AS MATERIALIZED (SELECT {name} FROM ({every}) WHERE {test})"  # noqa: S608
        return cls(f"{name} IN (FROM {odd})", apart)


def _suspect(column: str, kind: str, allowed: Allowance) -> str:
    """The SQL that tells whether a value has to be looked at."""
    name = _quoted(column)
    if column == "payload":
        return f"{name} IS NOT NULL"
    if column in _URLS:
        plain = _text(suspects.PLAIN_URL)
        return f"(NOT regexp_full_match({name}, {plain}) OR contains({name}, 'eyJ'))"
    if kind == "json":
        bare = f"lower({name})"
        for separator in suspects.SEPARATORS:
            bare = f"replace({bare}, {_text(separator)}, '')"
        pattern = _text(suspects.names_in_json(session=allowed.session))
        values = _text(suspects.IN_JSON)
        return f"(regexp_matches({name}, {values}) OR regexp_matches({bare}, {pattern}))"
    return f"regexp_matches({name}, {_text(suspects.TEXT)})"


def _is_present(column: str) -> str:
    absent = ", ".join(_text(text) for text in suspects.ABSENT)
    return f"CAST({_quoted(column)} AS VARCHAR) NOT IN ({absent})"


def _where(declared: str | None, *, server: bool) -> str:
    mode = "NULL" if declared is None else _text(declared)
    return (
        f"mode_declared IS NOT DISTINCT FROM {mode} "
        f"AND coalesce(server_anonymous, false) = {str(server).lower()}"
    )


def _named(declared: str | None, *, server: bool) -> str:
    """What an event is called by what it is allowed."""
    name = declared or "undeclared"
    return f"{name}, by header" if server else name


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

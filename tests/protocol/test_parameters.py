"""The table of parameters (B-23 to B-45, B.6) and the table of identifiers, held to each other."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from tests.protocol.facts import (
    CANONICAL,
    NEVER_MAPPED,
    PAYLOAD_COUNTS,
    PAYLOAD_KEYS,
    QUERY_ONLY,
)
from whiteout.privacy import BY_COLUMN, BY_PARAMETER, IDENTIFIERS, JSON_PARAMETERS, Identifier
from whiteout.protocol.columns import (
    CANONICAL_COLUMNS,
    EVENT_COLUMNS,
    EVENT_INDEX,
    FAILED_COLUMNS,
    FAILED_INDEX,
    Column,
)
from whiteout.protocol.parameters import (
    BY_NAME,
    EVENT_CODES,
    NAMES,
    PARAMETERS,
    PAYLOAD_NAMES,
    PLATFORMS,
    QUERY_FORBIDDEN_IN_POST,
    REQUIRED,
)

ROWS = [line.split() for line in CANONICAL.split("\n") if line]
TYPES = {
    "text": {"string"},
    "event": {"string"},
    "platform": {"string"},
    "ip": {"string"},
    "int": {"int"},
    "dims": {"int"},
    "decimal": {"double"},
    "bool": {"bool"},
    "ts": {"ts"},
    "uuid": {"uuid", "string"},
    "json": {"json"},
    "none": set[str](),
}
"""Which types of column a converter can fill (B-34 to B-44)."""


def test_columns_are_the_canonical_ones() -> None:
    """B.6, B-46: 131 columns in TSV order, with their types, lengths and demands."""
    assert len(CANONICAL_COLUMNS) == 131
    assert [
        (column.name, column.type + ("" if column.nullable else "!"), column.max_length)
        for column in CANONICAL_COLUMNS
    ] == [(name, kind, None if length == "-" else int(length)) for name, kind, length, *_ in ROWS]


def test_parameters_fill_the_canonical_columns() -> None:
    """B.6, B-29, B-31: which parameters fill a column, the winner last."""
    filled: dict[str, list[str]] = defaultdict(list)
    for row in PARAMETERS:
        for column in row.columns:
            filled[column].append(row.name)
    wanted = {name: names for name, _, _, *names in ROWS if names != ["-"]}
    assert filled == wanted


def test_payload_schema() -> None:
    """B-23, B-24: the members of `payload_data`, and since when each is one."""
    for addition, keys in PAYLOAD_KEYS.items():
        assert {row.name for row in PARAMETERS if row.since == addition} == set(keys.split())
    for addition, count in PAYLOAD_COUNTS.items():
        assert len(
            [1 for row in PARAMETERS if row.since is not None and row.since <= addition]
        ) == (count)
    assert {name for keys in PAYLOAD_KEYS.values() for name in keys.split()} == PAYLOAD_NAMES


def test_parameters_without_a_column_or_a_schema() -> None:
    """B-25: some are accepted and dropped, some come in query strings only."""
    assert {row.name for row in PARAMETERS if not row.columns} == NEVER_MAPPED
    assert {row.name for row in PARAMETERS if row.converter == "none"} == NEVER_MAPPED
    assert NAMES - PAYLOAD_NAMES == QUERY_ONLY


def test_each_parameter_has_one_row() -> None:
    """One row a parameter, found by its name."""
    assert [name for name, count in Counter(p.name for p in PARAMETERS).items() if count > 1] == []
    assert list(BY_NAME.values()) == list(PARAMETERS)
    assert set(BY_NAME) == NAMES


def test_converters_fit_the_columns() -> None:
    """B-34 to B-44: what a converter makes has the type of the column it fills."""
    types = {column.name: column.type for column in CANONICAL_COLUMNS}
    for row in PARAMETERS:
        assert {types[column] for column in row.columns} <= TYPES[row.converter], row
        assert len(row.columns) == {"dims": 2, "none": 0}.get(row.converter, 1), row


def test_json_parameters_are_the_same_everywhere() -> None:
    """B-44: which parameters hold JSON, and which of them as base64url."""
    assert {p.name: p.encoded for p in PARAMETERS if p.converter == "json"} == JSON_PARAMETERS
    assert not any(p.encoded for p in PARAMETERS if p.converter != "json")


@pytest.mark.parametrize("row", IDENTIFIERS, ids=lambda row: row.name)
def test_identifiers_name_parameters_and_columns_that_exist(row: Identifier) -> None:
    """What the table of identifiers says of parameters and columns is true."""
    assert set(row.parameters) <= NAMES
    assert set(row.columns) <= EVENT_INDEX.keys()
    mapped = {column for name in row.parameters for column in BY_NAME[name].columns}
    assert mapped <= set(row.columns)


def test_every_parameter_of_an_identifying_column_is_an_identifier() -> None:
    """A parameter that fills an identifier's column is in that identifier's row."""
    for parameter in PARAMETERS:
        for column in parameter.columns:
            assert BY_PARAMETER.get(parameter.name) == BY_COLUMN.get(column), parameter.name


def test_documented_identifiers_are_identifiers() -> None:
    """A column whose description calls it an identifier of somebody is one in the table."""
    called = {c.name for c in EVENT_COLUMNS if c.doc.endswith(" identifier.")}
    assert called <= BY_COLUMN.keys()
    assert BY_COLUMN.keys() - called == {"refr_dvce_tstamp"}


def test_small_tables() -> None:
    """B-23, B-41, B-42, F-P23: demands, event codes, platforms, and what a query may not set."""
    assert set(REQUIRED) == {"tv", "p", "e"}
    assert set(EVENT_CODES) == {"pv", "pp", "se", "ev", "ue", "tr", "ti", "ad"}
    platforms = {"web", "iot", "app", "mob", "pc", "cnsl", "tv", "srv", "headset"}
    assert platforms == PLATFORMS
    never = {"uid", "duid", "nuid", "tnuid", "ip", "fp", "sid", "vid", "eid"}
    assert never == QUERY_FORBIDDEN_IN_POST


@pytest.mark.parametrize(
    ("columns", "index"), [(EVENT_COLUMNS, EVENT_INDEX), (FAILED_COLUMNS, FAILED_INDEX)]
)
def test_stored_tables(columns: tuple[Column, ...], index: dict[str, int]) -> None:
    """Contract 9: both tables say what was allowed, and each column has a name of its own."""
    names = [column.name for column in columns]
    assert [index[name] for name in names] == list(range(len(names)))
    assert names[-1] == "collector_date"
    for name in ("mode_declared", "mode_inferred", "server_anonymous", "signal", "redacted"):
        assert name in names
    assert all(column.doc.endswith(".") for column in columns)
    assert "validated" in EVENT_INDEX
    assert EVENT_COLUMNS[:131] == CANONICAL_COLUMNS


def test_failed_events_have_no_column_for_an_identifier() -> None:
    """Contract 11: nobody is identified by a column of the table of failed events."""
    assert not BY_COLUMN.keys() & FAILED_INDEX.keys()

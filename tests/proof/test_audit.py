"""The audit finds in stored events what their mode forbids, and nothing else (contract 9)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.live.lakes import fill
from tests.privacy.strategies import (
    CANARY,
    CONTEXTS,
    FIELDS,
    JSON_ENDINGS,
    JSON_KEYS,
    SNOWPLOW,
    WHOLE_ENTITIES,
    json_values,
    secret_urls,
    spelled,
)
from whiteout.cli import main
from whiteout.lake import LakeOwner, LakeSettings, Slice
from whiteout.privacy import BY_COLUMN, ZERO_UUID, Mode, forbidden_columns
from whiteout.proof import audited
from whiteout.proof.allowance import Allowance, allowance
from whiteout.proof.audit import _broken, _suspect, audit
from whiteout.proof.audited import STATE_FILE, Counts, Memory
from whiteout.protocol.columns import EVENT_COLUMNS, FAILED_COLUMNS

UUID = "6f0bcd1e-88a1-4c2d-9b3a-0123456789ab"
NOON = 1_764_000_000.0
ANONYMOUS = {"mode_declared": "anonymous", "mode_inferred": "anonymous", "server_anonymous": False}
HEADER = {"mode_inferred": "server_anonymous", "server_anonymous": True, "signal": "gpc"}
IDENTIFIED: dict[str, Any] = {
    "user_id": "user-4711",
    "domain_userid": UUID,
    "network_userid": UUID,
    "user_ipaddress": "198.51.100.7",
    "page_url": "https://shop.example/?email=ada%40example.org#x",
    "contexts": json.dumps({"data": [{"email": "ada@example.org"}]}),
}


def contexts(*entities: tuple[str, Mapping[str, Any]]) -> str:
    """Entities as they are stored."""
    data = [
        {"schema": f"{SNOWPLOW}/{name}/jsonschema/1-0-0", "data": one} for name, one in entities
    ]
    return json.dumps({"schema": CONTEXTS, "data": data}, separators=(",", ":"))


def counted(folder: Path, *events: Mapping[str, Any]) -> Counts:
    """What an audit counts in a lake of these events."""
    fill(folder / "lake", [(NOON, event) for event in events])
    return audit(folder).counts


def rules(counts: Counts) -> set[tuple[str, str]]:
    """Column and rule of every finding."""
    return {(one.column, one.rule) for one in counts.breaches}


def test_events_that_declare_nothing_are_counted_apart(tmp_path: Path) -> None:
    """What came without a mode or header may hold anything, like what declares to be identified."""
    identified = {**IDENTIFIED, "mode_declared": "identified"}
    counts = counted(tmp_path, IDENTIFIED, identified, {**ANONYMOUS})
    assert rules(counts) == set()
    assert {(kind.declared, count) for kind, count in counts.kinds.items()} == {
        (None, 1),
        ("identified", 1),
        ("anonymous", 1),
    }


@pytest.mark.parametrize("mode", [mode for mode in Mode if mode is not Mode.IDENTIFIED])
def test_each_column_that_a_mode_forbids_is_found(tmp_path: Path, mode: Mode) -> None:
    """Every forbidden column is a finding by the name of its identifier, and no other column is."""
    values = {"int": 3, "ts": int(NOON * 1_000)}
    filled = {
        column.name: values.get(column.type, "0123-abc")
        for column in EVENT_COLUMNS
        if column.name in BY_COLUMN
    }
    server = "server" in mode.value
    event = {**filled, "mode_declared": mode.value, "server_anonymous": server}
    found = rules(counted(tmp_path, event))
    assert found == {(column, BY_COLUMN[column].name) for column in forbidden_columns(mode)}


def test_the_header_counts_whatever_is_declared(tmp_path: Path) -> None:
    """Neither the header nor a declared mode weakens the other (contract 7)."""
    lax = allowance("identified", server=True)
    both = allowance("anonymous_session", server=True)
    none = allowance("server_anonymous", server=False)
    assert lax is not None
    assert both is not None
    assert none is not None
    assert {"network_userid", "user_ipaddress"} <= lax.columns & both.columns
    assert (lax.session, both.session, none.session) == (True, True, False)
    event = {**HEADER, "mode_declared": "identified", "user_ipaddress": "198.51.100.7"}
    assert rules(counted(tmp_path, event)) == {("user_ipaddress", "user_ipaddress")}


SESSION = {"userId": ZERO_UUID, "sessionId": UUID, "sessionIndex": 3, "previousSessionId": None}
WITH_SESSION = {"mode_declared": "anonymous_session", "domain_sessionid": UUID}


@pytest.mark.parametrize(
    "event",
    [
        {**HEADER, "page_url": "https://shop.example/a?utm_source=news", "useragent": "Chrome/140"},
        {**HEADER, "network_userid": ZERO_UUID, "user_ipaddress": "unknown"},
        {**HEADER, "page_url": "http://127.0.0.1:9090/demo/", "page_urlhost": "127.0.0.1"},
        {**HEADER, "page_title": "Mail 24: 10 % off?", "v_tracker": "js-4.6.0", "se_value": 0.5},
        {
            **HEADER,
            "contexts": contexts(("web_page", {"id": UUID}), ("geo", {"a": [1, {"b": ""}]})),
        },
        {**WITH_SESSION, "contexts": contexts(("client_session", SESSION))},
        {**ANONYMOUS, "user_ipaddress": "198.51.100.7", "page_url": "https://shop.example/?page=2"},
        {"page_url": "https://shop.example/?email=ada%40example.org#_sp", "user_id": "ada"},
    ],
)
def test_what_may_stand_there_is_no_finding(tmp_path: Path, event: dict[str, Any]) -> None:
    """Sentinels, campaigns, page ids, kept sessions and ordinary text are no identifiers."""
    assert rules(counted(tmp_path, event)) == set()


@pytest.mark.parametrize(
    ("event", "finding"),
    [
        ({"page_url": "https://shop.example/?page=2"}, ("page_url", "rest of the URL")),
        ({"page_url": "https://shop.example/#a"}, ("page_url", "rest of the URL")),
        ({"page_referrer": "https://x.example/?fbclid=Zz9"}, ("page_referrer", "foreign_id")),
        ({"page_urlquery": "utm_source=x&email=a"}, ("page_urlquery", "email")),
        ({"page_title": "Hello ada@example.org"}, ("page_title", "email")),
        ({"se_label": "198.51.100.7"}, ("se_label", "user_ipaddress")),
        ({"se_property": "https://x.example/?uid=7"}, ("se_property", "user_id")),
        ({"contexts": contexts(("x", {"customer_email": "7"}))}, ("contexts", "email")),
        ({"contexts": contexts(("x", {"a": [{"User-ID": 7}]}))}, ("contexts", "user_id")),
        ({"contexts": contexts(("client_session", SESSION))}, ("contexts", "domain_sessionid")),
        (
            {"unstruct_event": contexts(("x", {"note": "tel:+44123"}))},
            ("unstruct_event", "personal_details"),
        ),
        ({"contexts": '{"data": ["cut@'}, ("contexts", "unreadable JSON")),
    ],
)
def test_what_must_not_stand_there_is_found(
    tmp_path: Path, event: dict[str, Any], finding: tuple[str, str]
) -> None:
    """URLs, texts and JSON of an event that came with the header are looked through."""
    declared = {**HEADER, "mode_declared": "server_anonymous"}
    assert finding in rules(counted(tmp_path, {**declared, **event}))


def test_user_info_is_found_in_every_mode(tmp_path: Path) -> None:
    """Not even an identified event keeps user info and `_sp` in its URLs (contract 13)."""
    counts = counted(
        tmp_path,
        {"page_url": "https://ada:secret@shop.example/"},
        {"page_referrer": f"https://shop.example/?_sp={UUID}.1"},
    )
    assert rules(counts) == {("page_url", "credentials"), ("page_referrer", "credentials")}


def test_failed_events_are_looked_through(tmp_path: Path) -> None:
    """An anonymous failed event holds no identifier, not even in base64 (F-P11)."""
    payloads = (
        {"e": "pv", "uid": "user-4711"},
        [{"e": "pv", "cx": "eyJkYXRhIjpbeyJlbWFpbCI6Ing3eHgifV19"}],
        {"e": "pv", "url": "https://shop.example/a"},
    )
    rows = [
        {
            "failure_id": UUID,
            "failure": "schema_violations",
            "reason": "It is not what its schema wants.",
            "errors": "[]",
            "server_anonymous": True,
            "payload": json.dumps(payload),
            "collector_tstamp": int(NOON * 1_000),
            "collector_date": "2025-11-24",
        }
        for payload in payloads
    ]
    owner = LakeOwner.open(tmp_path / "lake", LakeSettings())
    failed = [
        (number, tuple(row.get(column.name) for column in FAILED_COLUMNS))
        for number, row in enumerate(rows, 1)
    ]
    owner.commit([Slice("f", 3, events=[], failed=failed)])
    owner.close()
    counts = audit(tmp_path).counts
    assert {(one.table, one.column, one.rule): n for one, n in counts.breaches.items()} == {
        ("failed_events", "payload", "user_id"): 1,
        ("failed_events", "payload", "email"): 1,
    }
    assert {one.table for one in counts.first} == {"failed_events"}


def test_later_audits_read_only_new_files(tmp_path: Path) -> None:
    """A clean file is read once, one with a finding each time, and totals stay the same."""
    fill(tmp_path / "lake", [(NOON, HEADER)])
    fill(tmp_path / "lake", [(NOON, {**HEADER, "user_id": "user-4711"})])
    totals = []
    for read, known in ((2, 0), (1, 1), (1, 1)):
        memory = Memory(tmp_path)
        result = audit(tmp_path, memory=memory)
        memory.save()
        assert (result.read, result.known) == (read, known)
        totals.append((result.counts.kinds.total(), result.counts.breaches.total()))
    assert set(totals) == {(2, 1)}
    state = (tmp_path / STATE_FILE).read_text()
    assert "user-4711" not in state
    assert (tmp_path / STATE_FILE).stat().st_mode & 0o077 == 0
    fill(tmp_path / "lake", [(NOON, HEADER)])
    assert audit(tmp_path, memory=Memory(tmp_path)).read == 2
    assert audit(tmp_path, memory=Memory(tmp_path, full=True)).known == 0


@pytest.mark.parametrize("broken", ["", "{}", "[]", '{"format": 1, "rules": "x", "files": {}}'])
def test_a_state_that_does_not_fit_counts_for_nothing(tmp_path: Path, broken: str) -> None:
    """With a damaged state, or one of other rules, everything is read again."""
    fill(tmp_path / "lake", [(NOON, HEADER)])
    (tmp_path / STATE_FILE).write_text(broken)
    assert audit(tmp_path, memory=Memory(tmp_path)).read == 1


def test_the_first_rows_are_those_that_came_first(tmp_path: Path) -> None:
    """Of many rows with a finding the earliest are shown, by id, column and rule alone."""
    ids = [f"{number:08}-0000-4000-8000-000000000000" for number in range(30)]
    events = [
        (NOON - number, {**HEADER, "event_id": id_, "user_id": "user-4711"})
        for number, id_ in enumerate(ids)
    ]
    fill(tmp_path / "lake", events)
    counts = audit(tmp_path).counts
    assert [one.id for one in counts.first] == ids[: -audited.FIRST_ROWS - 1 : -1]
    assert sum(counts.breaches.values()) == 30


def test_the_command_says_what_it_found(tmp_path: Path) -> None:
    """Exit code 1, the rule and the row, and nowhere the value (A-84); 0 for a clean lake."""
    fill(tmp_path / "lake", [(NOON, {**HEADER, "event_id": UUID, "user_id": "user-4711"})])
    page = tmp_path / "report.html"
    command = ["audit", "--data", str(tmp_path), "--html", str(page)]
    text = CliRunner().invoke(main, command)
    as_json = CliRunner().invoke(main, [*command, "--json"])
    assert (text.exit_code, as_json.exit_code) == (1, 1)
    report = json.loads(as_json.output)
    assert report["first_rows"][0]["id"] == UUID
    assert report["findings"][0]["rule"] == "user_id"
    assert report["days"] == [
        {"day": "2025-11-24", "rows": 1, "anonymous": 1, "undeclared": 0, "findings": 1}
    ]
    assert "user-4711" not in text.output + as_json.output + page.read_text()
    clean = tmp_path / "clean"
    fill(clean / "lake", [(NOON, HEADER)])
    assert CliRunner().invoke(main, ["audit", "--data", str(clean)]).exit_code == 0


def test_a_lake_that_cannot_be_read_is_no_clean_one(tmp_path: Path) -> None:
    """Exit code 2, with the reason, when nobody can tell."""
    fill(tmp_path / "lake", [(NOON, HEADER)])
    for file in (tmp_path / "lake/events").rglob("*.parquet"):
        file.write_bytes(b"PAR1 and then nothing")
    result = CliRunner().invoke(main, ["audit", "--data", str(tmp_path)])
    assert (result.exit_code, "cannot read the lake" in result.output) == (2, True)


secret = st.sampled_from((CANARY, "ada@example.org", UUID, "198.51.100.7", 12, [CANARY], {"a": 0}))


@st.composite
def stored_json(draw: st.DrawFn) -> str:
    """JSON of an event with an identifier somewhere in it."""
    name = draw(st.sampled_from((*JSON_KEYS, *(f"x{ending}" for ending in JSON_ENDINGS))))
    value = draw(secret)
    field = draw(st.sampled_from(FIELDS))
    vendor, entity = draw(st.sampled_from(WHOLE_ENTITIES))
    planted: dict[str, Any] = draw(
        st.sampled_from(
            (
                {draw(spelled(name)): value},
                {"name": name, "value": value},
                {"schema": f"iglu:{vendor}/{entity}/jsonschema/1-0-0", "data": {"a": 1}},
                {
                    "schema": f"iglu:{field.vendor}/{field.name}/jsonschema/1-0-0",
                    "data": {field.field: value},
                },
                {"text": f"say {CANARY}@example.org"},
                {"pageUrl": draw(secret_urls(CANARY))},
                {"text": draw(secret_urls(CANARY))},
                {"ip": "::1", "who": "2001:db8::7"},
            )
        )
    )
    around = draw(st.lists(json_values, max_size=2))
    ascii_only = draw(st.booleans())
    whole = {"schema": CONTEXTS, "data": [*around, planted]}
    return json.dumps(whole, ensure_ascii=ascii_only, separators=(",", ":"))


CLASSES = [("server_anonymous", True), ("anonymous", False), ("anonymous_session", False)]


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    """A database without any table."""
    return duckdb.connect(":memory:")


def suspected(
    database: duckdb.DuckDBPyConnection, column: str, kind: str, value: str, allowed: Allowance
) -> bool:
    """Whether a value would come to be looked at."""
    select = f'SELECT {_suspect(column, kind, allowed)} FROM (SELECT $1::VARCHAR AS "{column}")'
    (found,) = database.execute(select, [value]).fetchone() or (False,)
    return bool(found)


@settings(max_examples=150, deadline=None)
@given(text=stored_json(), of=st.sampled_from(CLASSES))
def test_json_that_breaks_a_rule_is_always_looked_at(
    database: duckdb.DuckDBPyConnection, text: str, of: tuple[str, bool]
) -> None:
    """The patterns that narrow down are never narrower than the rules of privacy."""
    text = text.encode(errors="replace").decode()
    allowed = allowance(of[0], server=of[1])
    assert allowed is not None
    if _broken("contexts", "json", text, allowed):
        assert suspected(database, "contexts", "json", text, allowed)


@settings(max_examples=150, deadline=None)
@given(
    text=st.one_of(
        secret_urls(CANARY), st.text(max_size=40), st.ip_addresses().map(str), st.emails()
    ),
    column=st.sampled_from(["page_url", "page_referrer", "page_urlquery", "page_title"]),
    of=st.sampled_from(CLASSES),
)
def test_text_that_breaks_a_rule_is_always_looked_at(
    database: duckdb.DuckDBPyConnection, text: str, column: str, of: tuple[str, bool]
) -> None:
    """The same for URLs and plain text."""
    text = text.encode(errors="replace").decode().replace("\0", "")
    allowed = allowance(of[0], server=of[1])
    assert allowed is not None
    if _broken(column, "string", text, allowed):
        assert suspected(database, column, "string", text, allowed)

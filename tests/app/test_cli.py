"""The command line: help, errors that say the next step, results for people and scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.app.test_pipeline import identified, loader, spooled
from whiteout.cli import main
from whiteout.commands.listing import line
from whiteout.options import OPTIONS


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with an empty data folder, named in the environment."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHITEOUT_DATA", str(folder))
    return folder


@pytest.mark.parametrize("command", ["up", "collect", "config"])
def test_every_option_is_a_flag(command: str) -> None:
    """The help of a command that takes all options names each flag and its variable."""
    text = CliRunner().invoke(main, [command, "--help"], terminal_width=200).output
    for option in OPTIONS:
        assert option.flag in text
        assert option.env in text


def test_a_bad_value_is_named() -> None:
    """A wrong flag says which, and what it takes; the exit code is that of wrong usage."""
    result = CliRunner().invoke(main, ["up", "--port", "x"])
    assert result.exit_code == 2
    assert "flag --port: the value 'x' cannot be used" in result.output


def test_a_missing_data_folder_says_the_next_step(tmp_path: Path) -> None:
    """Commands that read say which folder is missing and how to name another."""
    result = CliRunner().invoke(main, ["events", "--data", str(tmp_path / "no")])
    assert result.exit_code == 1
    assert "--data or WHITEOUT_DATA" in result.output


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """The start fails with the folder's name and the way out."""
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(main, ["up", "--data", str(tmp_path / "file" / "data")])
    assert result.exit_code == 1
    assert "cannot be written" in result.output
    assert "--data" in result.output


def test_config_shows_values_and_sources(data: Path) -> None:
    """`config` tells each option, its value and where it came from, without the secret."""
    result = CliRunner().invoke(main, ["config", "--json", "--token", "s3cret", "--port", "99"])
    shown = json.loads(result.output)
    assert set(shown) == {option.key for option in OPTIONS}
    assert shown["port"] == {"value": 99, "source": "flag --port"}
    assert shown["data"]["source"] == "environment variable WHITEOUT_DATA"
    assert "s3cret" not in result.output
    assert "(set)" in CliRunner().invoke(main, ["config", "--token", "s3cret"]).output


def test_sql_on_an_empty_folder_has_both_tables(data: Path) -> None:
    """The tables exist before the first event."""
    for table in ("events", "failed_events"):
        result = CliRunner().invoke(main, ["sql", f"select count(*) as n from {table}"])
        assert result.output == "n\n0\n", result.output


def test_sql_errors_are_one_message(data: Path) -> None:
    """A query that cannot be answered says why, without a traceback."""
    result = CliRunner().invoke(main, ["sql", "select nothing from nowhere"])
    assert result.exit_code == 1
    assert "nowhere" in result.output
    assert "Traceback" not in result.output


async def test_sql_formats(data: Path) -> None:
    """The same rows as JSON, CSV and a table."""
    await spooled(data, identified(1), identified(2))
    work = loader(data)
    work.drain()
    work.close()
    query = "select app_id, redacted, collector_tstamp from events order by app_id"
    as_json = CliRunner().invoke(main, ["sql", query, "--format", "json"]).output.splitlines()
    assert json.loads(as_json[0]) == {
        "app_id": "app-1",
        "redacted": [],
        "collector_tstamp": "2026-01-01 10:00:00.001Z",
    }
    as_csv = CliRunner().invoke(main, ["sql", query, "--format", "csv"]).output.splitlines()
    assert as_csv[0] == "app_id,redacted,collector_tstamp"
    assert as_csv[2].startswith("app-2,")
    table = CliRunner().invoke(main, ["sql", query, "--format", "table"]).output
    assert "app-2" in table


async def test_events_for_people_and_scripts(data: Path) -> None:
    """`events` prints a line an event, and with --json the entry itself."""
    assert "no events yet" in CliRunner().invoke(main, ["events"]).output
    await spooled(data, identified(1))
    work = loader(data)
    work.drain()
    work.close()
    assert "domain_userid=somebody" in CliRunner().invoke(main, ["events"]).output
    entry = json.loads(CliRunner().invoke(main, ["events", "--json"]).output)
    assert entry["app_id"] == "app-1"


def test_a_line_cannot_steer_the_terminal() -> None:
    """Text of a stranger reaches a terminal without control characters."""
    shown = line(
        {
            "kind": "event",
            "collector_tstamp": "2026-01-01T10:00:00.000Z",
            "event_name": "\x1b[2Jevil\r\n",
            "mode_inferred": "identified",
            "identifiers": {"user_id": "\x07bell"},
        }
    )
    assert all(c.isprintable() for c in shown)


def test_a_line_whites_out_what_the_mode_forbids() -> None:
    """Contract 9: what the mode forbids is a bar, what was simply absent is not shown."""
    shown = line(
        {
            "kind": "event",
            "collector_tstamp": "2026-01-01T10:00:00.000Z",
            "event_name": "page_view",
            "mode_inferred": "server_anonymous",
            "identifiers": {},
        }
    )
    assert "user_ipaddress=████████" in shown

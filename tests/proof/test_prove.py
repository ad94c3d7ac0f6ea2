"""`whiteout prove` proves a sound system, and catches one that is not, over real sockets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.support.process import Whiteout
from whiteout.cli import main
from whiteout.proof.control import missing
from whiteout.proof.matrix import DATA, ROUNDS
from whiteout.proof.page import page
from whiteout.proof.prove import Evidence
from whiteout.proof.proving import report_of
from whiteout.proof.report import Report, Table, Verdict
from whiteout.proof.rounds import GROUPS
from whiteout.proof.search import UNKNOWN, Found

pytestmark = pytest.mark.slow

LEAKY = """
from whiteout.privacy import scrub
scrub.coarse_user_agent = lambda agent: agent
"""
"""Switches one rule of scrubbing off in every process of a server."""


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, str]:
    """What the command says about a system of its own, and its page."""
    html = tmp_path_factory.mktemp("prove") / "report.html"
    result = CliRunner().invoke(main, ["prove", "--json", "--html", str(html)])
    return result, html.read_text() if html.exists() else result.output


def test_a_sound_system_is_proved(proved: tuple[Result, str]) -> None:
    """Nothing is left where it may not be, and every cell of matrix F.2 holds: exit code 0."""
    report = json.loads(proved[0].output)
    assert (proved[0].exit_code, report["verdict"], report["leaks"]) == (0, "good", [])
    held = report["facts"]["Cells of the matrix that hold"]
    assert held == f"{len(DATA) * 5 * len(ROUNDS)} of {len(DATA) * 5 * len(ROUNDS)}"
    assert report["facts"]["Requests sent"] > 400
    assert "search_fails" not in report


def test_the_control_run_finds_canaries_in_every_place(proved: tuple[Result, str]) -> None:
    """Where identified events leave something, the search finds it; elsewhere nothing is left."""
    places = {row["place"]: row for row in json.loads(proved[0].output)["places"]}
    filled = ("answers, the texts of errors included", "live stream", "live API", "feed")
    for place in (*filled, "lake: events, with its log", "lake: failed events, with its log"):
        assert places[place]["found in the control run"] > 0, place
    assert {row["found where forbidden"] for row in places.values()} == {0}


def test_broken_requests_of_every_kind_came_through(proved: tuple[Result, str]) -> None:
    """The proof is not empty: failed events of each kind are stored, and refusals were answered."""
    report = json.loads(proved[0].output)
    kinds = {row["failure"] for row in report["failed_events"]}
    assert {"adapter_failures", "schema_violations", "tracker_protocol_violations"} <= kinds
    assert {"200", "400", "422", "404"} <= {row["status"] for row in report["answers"]}


def test_the_page_is_whole_and_harmless(proved: tuple[Result, str]) -> None:
    """One file without script or link, under a policy that forbids all but its own style."""
    html = proved[1]
    assert html.startswith("<!doctype html>")
    assert "default-src &#x27;none&#x27;; style-src &#x27;sha256-" in html
    assert re.search(r"<script|<link|<img|<iframe|\son\w+=|\sstyle=|https?://", html) is None


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whiteout]:
    """A running server in which one rule of scrubbing is switched off."""
    folder = tmp_path_factory.mktemp("leaky")
    (folder / "sitecustomize.py").write_text(LEAKY)
    options = ("--body-timeout", "1", "--header-timeout", "1")
    environment = {"PYTHONPATH": str(folder)}
    with Whiteout(folder / "server", *options, environment=environment) as server:
        yield server


def test_a_leak_in_a_running_system_is_found(leaky: Whiteout, tmp_path: Path) -> None:
    """With one rule off, the exit code is 1 and the report names request, identifier and place."""
    command = ["prove", "--json", "--url", leaky.url, "--data", str(leaky.data)]
    result = CliRunner().invoke(main, [*command, "--log", str(leaky.stdout)])
    report: dict[str, Any] = json.loads(result.output)
    assert (result.exit_code, report["verdict"]) == (1, "leak")
    # Statistics of a column may cut a value short.
    assert {row["identifier"] for row in report["leaks"]} - {UNKNOWN} == {"ua"}
    assert any(row["place"].startswith("lake/events/") for row in report["leaks"])
    assert {"POST tp2", "GET i"} <= {row["request"] for row in report["leaks"]}


def test_a_search_that_finds_nothing_is_no_proof() -> None:
    """When the control run leaves nothing the search itself fails, and the exit code is 2."""
    evidence = Evidence(found={group.name: set() for group in GROUPS})
    report = report_of(evidence, own=True)
    assert (report.verdict, report.verdict.exit_code) == (Verdict.FAILED, 2)
    assert "the search itself fails" in report.headline


def test_each_thing_that_the_control_has_to_find_counts() -> None:
    """A channel that is not found in the lake is named, and so is a part that is empty."""
    found = [Found("POST tp2: uid", "lake/events/x (data page of user_id)", "plain")]
    lost = missing(found, own=False)
    assert "POST tp2: uid" not in lost
    assert {"GET i: uid", "POST tp2: duid", "lake/failed_events/", "feed.db"} <= set(lost)
    assert "compressed pages" not in lost


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["--url", "http://127.0.0.1:1"], 2, "go together"),
        (["--url", "ftp://x", "--data", "."], 2, "no address of a collector"),
        (["--url", "http://127.0.0.1:1", "--data", "/nowhere"], 2, "no data folder"),
        (["--url", "http://127.0.0.1:1", "--data", "."], 2, "went away"),
    ],
)
def test_what_cannot_run_says_why(arguments: list[str], code: int, text: str) -> None:
    """Without a system to prove the exit code is 2, and the text says what is wrong."""
    result = CliRunner().invoke(main, ["prove", *arguments])
    assert (result.exit_code, text in result.output) == (code, True), result.output


def test_a_report_escapes_what_it_shows() -> None:
    """Nothing in a report is markup, and the same rows stand in text, JSON and page."""
    rows = [("<script>alert(1)</script>", 12_345)]
    table = Table("rows", "Rows & more", ("what", "count"), rows, bad=True)
    report = Report("audit", Verdict.LEAK, "<b>1</b> finding", (("Events", 12_345),), (table,))
    html = page(report, "1.0")
    assert "<script" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "12,345" in html
    assert json.loads(report.as_json())["rows"] == [{"what": rows[0][0], "count": 12_345}]
    assert "<script>alert(1)</script>  12345" in report.as_text()

"""`whiteout prove` proves a sound system, and catches one that is not, over real sockets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.support.process import Whiteout
from whiteout.cli import main
from whiteout.privacy import ZERO_UUID
from whiteout.proof.control import ADDRESS, KEPT, missing
from whiteout.proof.matrix import DATA, ROUNDS
from whiteout.proof.page import page
from whiteout.proof.planting import NEVER_KEPT
from whiteout.proof.prove import Evidence, Proof
from whiteout.proof.proving import report_of
from whiteout.proof.report import Report, Table, Verdict
from whiteout.proof.rounds import CONTROL, GROUPS
from whiteout.proof.search import UNKNOWN, Found
from whiteout.proof.shots import MATRIX

pytestmark = pytest.mark.slow

LEAKY = """
from whiteout.privacy import scrub
scrub.coarse_user_agent = lambda agent: agent
"""
"""Switches one rule of scrubbing off in every process of a server."""


@dataclass(slots=True)
class Proved:
    """What the command says about a system of its own, its page, and what it found."""

    result: Result
    page: str
    proof: Proof
    evidence: Evidence

    @property
    def report(self) -> dict[str, Any]:
        """The report for programs."""
        report: dict[str, Any] = json.loads(self.result.output)
        return report

    def row(self, transport: str, way: str) -> Mapping[str, Any]:
        """A stored event of the usual settings."""
        return self.evidence.rows[f"{transport}.{way}"]

    def channels(self, group: str, *places: str) -> set[str]:
        """The canaries of a group that were found in places that begin like this."""
        return {
            one.name
            for one in self.evidence.found[group]
            if not places or one.place.startswith(places)
        }


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Proved:
    """One proof of a system of its own; all that can be said about it is said of this one."""
    html = tmp_path_factory.mktemp("prove") / "report.html"
    kept: list[tuple[Proof, Evidence]] = []
    carry_out = Proof.carry_out

    def keeping(proof: Proof, stop: Callable[[], None] | None = None) -> Evidence:
        kept.append((proof, carry_out(proof, stop)))
        return kept[-1][1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Proof, "carry_out", keeping)
        result = CliRunner().invoke(main, ["prove", "--json", "--html", str(html)])
    assert kept, result.output
    return Proved(result, html.read_text(), *kept[0])


def test_a_sound_system_is_proved(proved: Proved) -> None:
    """Nothing is left where it may not be, and every cell of matrix F.2 holds: exit code 0."""
    report = proved.report
    assert (proved.result.exit_code, report["verdict"], report["leaks"]) == (0, "good", [])
    cells = len(DATA) * len(MATRIX) * len(ROUNDS) * 2
    assert report["facts"]["Cells of the matrix that hold"] == f"{cells} of {cells}"
    assert report["facts"]["Requests sent"] > 900
    assert "search_fails" not in report
    assert proved.evidence.cookies == []


def test_the_matrix_holds_in_compat_mode_too(proved: Proved) -> None:
    """F.2: with the settings of older collectors absence looks as there, and nothing is kept."""
    held = {value for row in proved.report["matrix_compat"] for value in row.values()}
    assert held - {datum.name for datum in DATA} == {f"{len(MATRIX)} of {len(MATRIX)}"}
    rows = [row for row in proved.evidence.compat_rows.values() if row["server_anonymous"]]
    assert {row["network_userid"] for row in rows} == {ZERO_UUID}
    assert {row["user_ipaddress"] for row in rows} == {"unknown"}
    cookies = [s.answer.header("set-cookie") for s in proved.evidence.sent if s.round.signal]
    assert {cookie.partition(";")[0] for cookie in cookies if cookie} == {"sp="}


def test_the_control_run_finds_canaries_in_every_place(proved: Proved) -> None:
    """Where identified events leave something, the search finds it; elsewhere nothing is left."""
    places = {row["place"]: row for row in proved.report["places"]}
    filled = ("answers, the texts of errors included", "live stream", "live API", "feed")
    for place in (*filled, "lake: events, with its log", "lake: failed events, with its log"):
        assert places[place]["found in the control run"] > 0, place
    assert {row["found where forbidden"] for row in places.values()} == {0}
    assert {"headers alone: cookie sp", "GET i: nuid"} <= proved.channels("control", "answer to")
    pages = {one.name for one in proved.evidence.found["control"] if "page of" in one.place}
    assert "POST tp2: uid" in pages


def test_the_control_run_finds_what_identified_events_carry(proved: Proved) -> None:
    """All that an identified event, its headers and a failed event keep is found in the lake."""
    assert proved.channels("control", "lake/") >= KEPT - {ADDRESS}
    assert (ADDRESS in proved.channels("control", "lake/")) == proved.evidence.addressed


def test_what_nobody_needs_is_never_kept(proved: Proved) -> None:
    """Forwarding headers, foreign cookies, credentials: not even of identified requests (A-62)."""
    planted = {c for c in proved.proof.canaries["control"].planted if c.endswith(NEVER_KEPT)}
    assert len(planted) > 50
    assert planted & proved.channels("control") == set()


def test_broken_requests_of_every_kind_came_through(proved: Proved) -> None:
    """The proof is not empty: failed events of each kind are stored, and refusals were answered."""
    kinds = {row["failure"] for row in proved.report["failed_events"]}
    assert {"adapter_failures", "schema_violations", "tracker_protocol_violations"} <= kinds
    assert {"200", "400", "422", "404"} <= {row["status"] for row in proved.report["answers"]}


def test_nothing_is_too_bad_to_be_judged(proved: Proved) -> None:
    """Every failed event says what the sender did wrong; none is the pipeline's own failure."""
    assert len(proved.evidence.failed) > 5
    assert "generic_error" not in {kind for kind, _ in proved.evidence.failed}


def test_answers_are_those_of_the_protocol(proved: Proved) -> None:
    """What the protocol answers 200 is 200, however bad the event is; nothing is a 500 (A-17)."""
    sent = [one for one in proved.evidence.sent if one.statuses]
    assert len(sent) > 800
    assert [one for one in sent if one.answer.status not in one.statuses] == []


@pytest.mark.parametrize("way", [one.name for one in ROUNDS])
@pytest.mark.parametrize("transport", MATRIX)
def test_what_was_removed_is_told(proved: Proved, transport: str, way: str) -> None:
    """A stored event says what asked for anonymity and which identifiers it lost (contract 9)."""
    row = proved.row(transport, way)
    signal = {one.name: one.signal for one in ROUNDS}[way]
    assert (row["server_anonymous"], row["signal"]) == (True, signal)
    removed = {"user_id", "domain_userid", "domain_sessionid", "network_userid", "user_ipaddress"}
    assert removed <= set(row["redacted"])


@pytest.mark.parametrize("way", [one.name for one in ROUNDS])
@pytest.mark.parametrize("transport", MATRIX)
def test_conformance_matrix_of_entities(proved: Proved, transport: str, way: str) -> None:
    """The session entity is dropped beside a user identifier; the tab is forgotten (contract 7)."""
    stored = json.loads(proved.row(transport, way)["contexts"])["data"]
    entities = {item["schema"].split("/")[1]: item["data"] for item in stored}
    assert "client_session" not in entities
    assert entities["browser_context"]["tabId"] is None
    assert entities["profile"]["items"] == 3


@pytest.mark.parametrize("transport", MATRIX)
def test_without_a_signal_the_same_event_is_identified(proved: Proved, transport: str) -> None:
    """The matrix injects what would be stored: without a signal the columns are filled."""
    row = proved.row(transport, CONTROL)
    empty = {d.column for d in DATA if d.column is not None and d.expected is None}
    assert [column for column in empty if row[column] is None] == []
    assert (row["server_anonymous"], row["signal"], row["mode_inferred"]) == (
        False,
        None,
        "identified",
    )


def test_the_page_is_whole_and_harmless(proved: Proved) -> None:
    """One file without script or link, under a policy that forbids all but its own style."""
    html = proved.page
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

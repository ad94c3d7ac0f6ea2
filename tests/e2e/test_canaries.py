"""The canary proof: what server anonymity promises, searched for in every byte that is left.

Every identifier that headers and payload can carry is planted in well-formed and broken requests.
After the server-anonymous runs none of them may be anywhere: in responses, in the data folder, in
the output, in what the live page gets. The same requests without a word of anonymity must leave
most of them, or the search is worth nothing. (A-47 to A-52, F-P1 to F-P4, F-P11, F.2, S11, S12;
contracts 7, 11 and 13.)
"""

from __future__ import annotations

import json
import random
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.support.process import Whiteout
from whiteout.privacy import HEADERS
from whiteout.proof.canaries import Canaries, channels
from whiteout.proof.planting import FORWARDING, NEVER_KEPT
from whiteout.proof.search import Found
from whiteout.proof.shots import MATRIX, Shot, broken_connections, shots
from whiteout.proof.wire import Answer, exchange, request

pytestmark = pytest.mark.slow

Signal = tuple[list[tuple[str, str]], str]
"""What asks for anonymity: headers, and a prefix of the path."""

NOTHING: dict[str, Signal] = {"nothing": ([], "")}
TRIGGERS: dict[str, Signal] = {
    "header": ([("SP-Anonymous", "*")], ""),
    "empty header": ([("SP-Anonymous", "")], ""),
    "lower-case header": ([("sp-anonymous", "*")], ""),
    "path": ([], "/anonymous"),
    "gpc": ([("Sec-GPC", "1")], ""),
}
SIGNALS = {
    "header": "sp-anonymous",
    "empty header": "sp-anonymous",
    "lower-case header": "sp-anonymous",
    "path": "path",
    "gpc": "gpc",
}
"""What is stored in the column `signal`, by trigger."""

_OPTIONS = ("--address", "full", "--body-timeout", "1", "--header-timeout", "1")
_FEED = ("--feed-size", "100000")
_MARKERS = 8


@dataclass(slots=True)
class Run:
    """What one server did with all the requests, and every place where it was searched."""

    canaries: Canaries
    answers: list[tuple[Shot, str, Answer]] = field(default_factory=list)
    responses: list[Found] = field(default_factory=list)
    running: list[Found] = field(default_factory=list)
    stopped: list[Found] = field(default_factory=list)
    output: list[Found] = field(default_factory=list)
    live: list[Found] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)

    def row(self, app_id: str) -> dict[str, Any]:
        """The stored event of an app id."""
        (row,) = (row for row in self.events if row["app_id"] == app_id)
        return row


class _Stream:
    """Reads the live page's event stream for as long as it is open."""

    def __init__(self, port: int) -> None:
        self.raw = bytearray()
        self._socket = socket.create_connection(("127.0.0.1", port), 30)
        self._socket.sendall(b"GET /api/stream?after=0 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        while chunk := self._socket.recv(65_536):
            self.raw += chunk

    def close(self) -> bytes:
        """Everything that came, head included."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()
        return bytes(self.raw)


def _run(folder: Path, triggers: dict[str, Signal], *options: str) -> Run:
    """Send every request once for each trigger, then search."""
    run = Run(Canaries(hashed=("POST tp2",)))
    peer = f"127.{random.randrange(100, 255)}.{random.randrange(100, 255)}."
    run.canaries.adopt("address of the peer", f"{peer}77", peer)
    with Whiteout(folder, "--workers", "2", *_OPTIONS, *_FEED, *options) as server:
        stream = _Stream(server.port)
        for name, (headers, prefix) in triggers.items():
            _fire(run, server.port, f"{peer}77", name, headers, prefix)
        _await_all(server)
        run.running = run.canaries.search_tree(server.data)
        run.live = run.canaries.search(stream.close(), "/api/stream")
        run.live += _search_api(run.canaries, server.port)
        run.events = server.rows("SELECT * FROM events")
        run.failed = server.rows("SELECT * FROM failed_events")
    run.stopped = run.canaries.search_tree(server.data)
    run.output = run.canaries.search(server.output(), "output")
    return run


def _collect(folder: Path, triggers: dict[str, Signal]) -> Run:
    """The same without a pipeline: what the collector wrote stays in the spool as it is."""
    run = Run(Canaries(hashed=("POST tp2",)))
    with Whiteout(folder, "--workers", "2", *_OPTIONS, command="collect") as server:
        for name, (headers, prefix) in triggers.items():
            _fire(run, server.port, "127.0.0.1", name, headers, prefix)
        run.running = run.canaries.search_tree(server.data)
    return run


def _fire(
    run: Run, port: int, peer: str, name: str, headers: list[tuple[str, str]], prefix: str
) -> None:
    def send(shot: Shot) -> Answer:
        return exchange(port, shot.raw(headers, prefix), source=peer)

    def send_raw(raw: bytes) -> Answer:
        return exchange(port, raw, source=peer)

    with ThreadPoolExecutor(4) as pool:
        all_shots = list(shots(run.canaries, name))
        for shot, answer in zip(all_shots, pool.map(send, all_shots), strict=True):
            run.answers.append((shot, name, answer))
            where = f"response to {shot.shape} ({shot.method}, {name})"
            run.responses += run.canaries.search(answer.raw, where)
        for answer in pool.map(send_raw, broken_connections(run.canaries, headers, prefix)):
            run.responses += run.canaries.search(answer.raw, f"broken connection ({name})")


def _await_all(server: Whiteout) -> None:
    """Wait until everything that was sent so far is in the lake, whichever worker got it."""
    query = urlencode({"e": "pv", "p": "web", "tv": "t", "aid": "marker"})
    for _ in range(_MARKERS):
        assert exchange(server.port, request("GET", f"/i?{query}")).status == 200
    server.wait_for_rows("SELECT 1 FROM events WHERE app_id = 'marker'", _MARKERS, 60)


def _search_api(canaries: Canaries, port: int) -> list[Found]:
    found: list[Found] = []
    after = 0
    while True:
        answer = exchange(port, request("GET", f"/api/events?limit=500&after={after}"))
        found += canaries.search(answer.raw, "/api/events")
        events = json.loads(answer.body)["events"]
        if not events:
            return found
        after = events[-1]["id"]


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All requests without anything that asks for anonymity."""
    return _run(tmp_path_factory.mktemp("control"), NOTHING)


@pytest.fixture(scope="module")
def anonymous(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All requests, once with each way to ask for anonymity."""
    return _run(tmp_path_factory.mktemp("anonymous"), TRIGGERS)


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All requests, to a server that anonymises every one."""
    return _run(tmp_path_factory.mktemp("policy"), NOTHING, "--anonymous", "always")


@pytest.fixture(params=["anonymous", "policy"])
def run(request: pytest.FixtureRequest) -> Run:
    """Each of the two server-anonymous runs."""
    chosen: Run = request.getfixturevalue(request.param)
    return chosen


def _explained(findings: list[Found]) -> str:
    return "\n".join(str(finding) for finding in findings[:20])


def test_no_canary_in_any_response(run: Run) -> None:
    """No answer gives back what the request identified itself with, and none sets a cookie."""
    assert run.responses == [], _explained(run.responses)
    assert all(answer.header("set-cookie") is None for _, _, answer in run.answers)


def test_no_canary_in_the_data_folder_of_a_running_server(run: Run) -> None:
    """Nothing reached a disk: not the spool and its journals, nor the feed, nor the lake."""
    assert run.running == [], _explained(run.running)


def test_no_canary_in_the_data_folder_after_the_end(run: Run) -> None:
    """Nothing is left in files that are written at the end."""
    assert run.stopped == [], _explained(run.stopped)


def test_no_canary_in_the_output(run: Run) -> None:
    """No log line, no warning and no traceback names anybody (A-84)."""
    assert run.output == [], _explained(run.output)


def test_no_canary_in_what_the_live_page_gets(run: Run) -> None:
    """Neither the event stream nor the list of events shows anything to white out."""
    assert run.live == [], _explained(run.live)


def test_anonymous_requests_are_recorded_all_the_same(run: Run) -> None:
    """The proof is not empty: events and failed events of every kind are there, all anonymous."""
    rows = [row for row in (*run.events, *run.failed) if row["app_id"] != "marker"]
    assert {row["server_anonymous"] for row in rows} == {True}
    assert len(run.events) > 50
    kinds = {row["failure"] for row in run.failed}
    assert {"adapter_failures", "schema_violations", "tracker_protocol_violations"} <= kinds


def test_no_canary_is_handed_to_the_pipeline(tmp_path: Path) -> None:
    """The collector removes identifiers before it writes; nothing depends on what comes after."""
    assert _collect(tmp_path / "anonymous", TRIGGERS).running == []
    found = channels(_collect(tmp_path / "control", NOTHING).running)
    assert {
        "POST tp2: uid",
        "GET i: duid",
        "malformed json: fp",
        "headers alone: cookie sp",
    } <= found


@pytest.mark.parametrize("which", ["control", "anonymous", "policy"])
def test_nothing_is_too_bad_to_be_judged(request: pytest.FixtureRequest, which: str) -> None:
    """Every failed event says what the sender did wrong; none is the pipeline's own failure."""
    run: Run = request.getfixturevalue(which)
    assert [row for row in run.failed if row["failure"] == "generic_error"] == []


@pytest.mark.parametrize("which", ["control", "anonymous", "policy"])
def test_answers_are_those_of_the_protocol(request: pytest.FixtureRequest, which: str) -> None:
    """What the protocol answers 200 is 200, however bad the event is; nothing is a 500 (A-17)."""
    run: Run = request.getfixturevalue(which)
    wrong = [
        (shot.shape, shot.method, shot.path[:80], name, answer.status)
        for shot, name, answer in run.answers
        if answer.status not in shot.statuses
    ]
    assert wrong == []


def test_at_least_25_forwarding_headers_are_sent() -> None:
    """The headers that are planted include all that are known to tell an address (A-50, S12)."""
    assert len(HEADERS) >= 25
    known = "forwarded cf-connecting-ip true-client-ip x-client-ip fly-client-ip x-azure-clientip"
    assert {*known.split(), "x-appengine-user-ip"} <= set(FORWARDING)


KEPT_OF_PARAMETERS = (
    *("uid", "duid", "sid", "vid", "tnuid", "fp", "ua"),
    *("url, _sp", "url, query", "url, query gclid", "url, name in query", "url, fragment"),
    *("refr, query", "refr, fragment"),
)
KEPT_OF_ENTITIES = (
    *("client_session.userId", "client_session.sessionId", "client_session.previousSessionId"),
    *("client_session.firstEventId", "browser_context.tabId", "json key user_id"),
    *("json key password", "nested json key", "json url, query", "mailto", "e-mail in text"),
)


@pytest.mark.parametrize("shape", MATRIX)
def test_the_control_run_finds_what_identified_events_carry(control: Run, shape: str) -> None:
    """The same events without anonymity leave their canaries, by every transport."""
    found = channels(control.stopped)
    wanted = {f"{shape}: {place}" for place in (*KEPT_OF_PARAMETERS, *KEPT_OF_ENTITIES)}
    wanted = {"vid" if place.endswith(": vid") else place for place in wanted}
    assert wanted - found == set()


def test_the_control_run_finds_what_headers_carry(control: Run) -> None:
    """Of the request itself: cookie, address, user agent and referrer."""
    found = channels(control.stopped)
    places = ("cookie sp", "user agent", "referer, query", "referer, fragment", "referer")
    wanted = {f"headers alone: {place}" for place in places} | {"address of the peer"}
    assert wanted - found == set()


def test_the_control_run_finds_canaries_in_every_place(control: Run) -> None:
    """Responses, running server, feed and live page are searched in earnest."""
    assert {"headers alone: cookie sp", "GET i: nuid"} <= channels(control.responses)
    assert "POST tp2: uid" in channels(control.live)
    for part in ("lake/events", "lake/failed_events", "feed.db"):
        assert any(part in finding.place for finding in control.running), part
    pages = [finding for finding in control.stopped if "page of" in finding.place]
    assert "POST tp2: uid" in channels(pages)


def test_the_control_run_finds_canaries_of_failed_events(control: Run) -> None:
    """What an identified sender got wrong is kept with the failed event, for whoever mends it."""
    found = channels(control.stopped)
    shapes = ("unknown parameter", "wrong values", "malformed json entities", "wrong schema")
    assert {f"{shape}: duid" for shape in shapes} - found == set()


def test_what_nobody_needs_is_never_kept(control: Run) -> None:
    """Forwarding headers, foreign cookies, credentials: not even of identified requests (A-62)."""
    planted = {place for place in control.canaries.planted if place.endswith(NEVER_KEPT)}
    assert len(planted) > 50
    found = {*control.running, *control.stopped, *control.output, *control.live, *control.responses}
    assert planted & channels(found) == set()


MATRIX_ROWS = {
    "socket address": ("user_ipaddress", None),
    "nuid, tnuid, cookie sp": ("network_userid", None),
    "duid": ("domain_userid", None),
    "uid": ("user_id", None),
    "fp": ("user_fingerprint", None),
    "sid": ("domain_sessionid", None),
    "vid": ("domain_sessionidx", None),
    "url": ("page_url", "https://shop.example.test/checkout?utm_source=news"),
    "url query": ("page_urlquery", "utm_source=news"),
    "url fragment": ("page_urlfragment", None),
    "url with _sp": ("refr_domain_userid", None),
    "url with _sp, time": ("refr_dvce_tstamp", None),
    "refr": ("page_referrer", "https://shop.example.test/checkout"),
    "refr query": ("refr_urlquery", None),
    "user agent": ("useragent", "Chrome/140; Linux; desktop"),
    "mode": ("mode_inferred", "server_anonymous"),
}
"""Matrix F.2, strict column: what is injected, the column it would reach, and what stands there."""


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("transport", MATRIX)
@pytest.mark.parametrize("datum", MATRIX_ROWS)
def test_conformance_matrix(anonymous: Run, datum: str, transport: str, trigger: str) -> None:
    """Each cell of matrix F.2 in its strict column, by every transport and way to ask."""
    column, expected = MATRIX_ROWS[datum]
    assert anonymous.row(f"{transport}.{trigger}")[column] == expected


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("transport", MATRIX)
def test_conformance_matrix_of_entities(anonymous: Run, transport: str, trigger: str) -> None:
    """The session entity is dropped beside a user identifier; the tab is forgotten (contract 7)."""
    row = anonymous.row(f"{transport}.{trigger}")
    entities = {
        item["schema"].split("/")[1]: item["data"] for item in json.loads(row["contexts"])["data"]
    }
    assert "client_session" not in entities
    assert entities["browser_context"]["tabId"] is None
    assert entities["profile"]["items"] == 3


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("transport", MATRIX)
def test_what_was_removed_is_told(anonymous: Run, transport: str, trigger: str) -> None:
    """A stored event says what asked for anonymity and which identifiers it lost (contract 9)."""
    row = anonymous.row(f"{transport}.{trigger}")
    assert (row["server_anonymous"], row["signal"]) == (True, SIGNALS[trigger])
    removed = {"user_id", "domain_userid", "domain_sessionid", "network_userid", "user_ipaddress"}
    assert removed <= set(row["redacted"])


@pytest.mark.parametrize("transport", MATRIX)
def test_without_a_signal_the_same_event_is_identified(control: Run, transport: str) -> None:
    """The matrix injects what would be stored: without a signal the columns are filled."""
    row = control.row(f"{transport}.nothing")
    filled = [column for column, expected in MATRIX_ROWS.values() if expected is None]
    assert [column for column in filled if row[column] is None] == []
    assert (row["server_anonymous"], row["signal"], row["mode_inferred"]) == (
        False,
        None,
        "identified",
    )

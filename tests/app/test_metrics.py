"""Numbers, access log and log format: what they tell, and that they identify nobody (A-84)."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whiteout import worker
from whiteout.config import load
from whiteout.metrics import Metrics
from whiteout.observer import CLASSES, ROUTES, Observer
from whiteout.proof.wire import Answer, exchange, request
from whiteout.protocol.iglu import PAYLOAD_DATA

TP2 = "/com.snowplowanalytics.snowplow/tp2"
JSON = ("Content-Type", "application/json")
BODY = json.dumps({"schema": PAYLOAD_DATA, "data": [{"e": "pv", "p": "web", "tv": "x"}]}).encode()
SAMPLE = re.compile(r"([a-z_]+(?:\{[^}]*\})?) (\d+)")


@asynccontextmanager
async def running(folder: Path, **options: object) -> AsyncIterator[int]:
    """A web worker in this process; the value is its port."""
    config, _ = load({"data": str(folder), **options}, environ={})
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(100)
        server = worker.server(config, pages=False)
        serving = asyncio.ensure_future(server._serve([listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield listener.getsockname()[1]
        server.should_exit = True
        await serving


async def ask(port: int, method: str, target: str, *headers: tuple[str, str]) -> Answer:
    """The answer to a request; a POST has an event."""
    raw = request(method, target, headers, BODY if method == "POST" else None)
    return await asyncio.to_thread(exchange, port, raw)


async def numbers(port: int) -> dict[str, int]:
    """Every sample of the page."""
    answer = await ask(port, "GET", "/metrics")
    assert answer.status == 200
    assert str(answer.header("content-type")).startswith("text/plain; version=0.0.4")
    return {name: int(value) for name, value in SAMPLE.findall(answer.body.decode())}


def answers(route: str, status: str = "2xx") -> str:
    """The name of a sample."""
    return f'whiteout_answers_total{{route="{route}",status="{status}"}}'


async def test_answers_are_counted(tmp_path: Path) -> None:
    """Both ways count: events, refusals, preflights, pages, and what was done with the events."""
    async with running(tmp_path) as port:
        for headers in ([JSON], [JSON], [JSON, ("SP-Anonymous", "*")]):
            await ask(port, "POST", TP2, *headers)
        await ask(port, "GET", "/i?e=pv", ("Cookie", "whiteout_opt_out=1"))
        await ask(port, "POST", TP2, ("Content-Encoding", "gzip"))
        await ask(port, "OPTIONS", TP2)
        await ask(port, "GET", "/nowhere/at/all")
        found = await numbers(port)
        again = await numbers(port)
    assert found[answers("event_post")] == 3
    assert found[answers("event_post", "4xx")] == 1
    assert found[answers("event_get")] == 1
    assert found[answers("preflight")] == 1
    assert found[answers("other", "4xx")] == 1
    for kind, count in (("identified", 2), ("anonymous", 1), ("dropped", 1)):
        assert found[f'whiteout_requests_taken_total{{treatment="{kind}"}}'] == count
    assert found["whiteout_spool_records"] == 3
    assert found["whiteout_workers"] == 1
    assert found["whiteout_workers_unable_to_store"] == 0
    assert found["whiteout_data_free_bytes"] > 0
    assert again[answers("service")] == found[answers("service")] + 1


async def test_what_is_no_request_yet_is_counted(tmp_path: Path) -> None:
    """A-66: a head without an end is one of the answers, too."""
    async with running(tmp_path) as port:
        raw = b"GET /i HTTP/1.1\r\n" + b"x: y\r\n" * 300 + b"\r\n"
        assert (await asyncio.to_thread(exchange, port, raw)).status == 431
        assert (await numbers(port))[answers("refused", "4xx")] == 1


async def test_sums_never_fall(tmp_path: Path) -> None:
    """A worker goes on with the numbers of the one before it, so a graph sees no gap."""
    for round_ in (1, 2, 3):
        async with running(tmp_path) as port:
            await ask(port, "POST", TP2, JSON)
            assert (await numbers(port))[answers("event_post")] == round_


async def test_numbers_of_several_workers_are_added(tmp_path: Path) -> None:
    """Whichever worker is asked, it tells the sum of all that run; none counts twice."""
    async with running(tmp_path) as first, running(tmp_path) as second:
        for port in (first, second, second):
            await ask(port, "POST", TP2, JSON)
        await asyncio.sleep(1.2)
        for port in (first, second):
            found = await numbers(port)
            assert (found[answers("event_post")], found["whiteout_workers"]) == (3, 2)


async def test_numbers_of_another_version_begin_anew(tmp_path: Path) -> None:
    """A file of numbers that this version does not know is no reason to fail."""
    place = tmp_path / "metrics"
    place.mkdir()
    (place / "worker-1").write_bytes(b"x" * 999)
    async with running(tmp_path) as port:
        await ask(port, "POST", TP2, JSON)
        assert (await numbers(port))[answers("event_post")] == 1


async def test_numbers_without_a_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk on which nothing can be written costs no event and no answer."""

    def fail(self: Metrics) -> None:
        raise OSError("no space")

    monkeypatch.setattr(Metrics, "_take", fail)
    async with running(tmp_path) as port:
        assert (await ask(port, "POST", TP2, JSON)).status == 200
        assert (await numbers(port))[answers("event_post")] == 1


async def test_contract_15_the_numbers_have_a_gate(tmp_path: Path) -> None:
    """Contract 15: without a token only this machine is answered, with one only who has it."""
    async with running(tmp_path / "open") as port:
        for header in (("Host", "evil.example"), ("X-Forwarded-For", "203.0.113.7")):
            raw = request("GET", "/metrics", [header])
            if header[0] == "Host":
                raw = raw.replace(b"Host: 127.0.0.1\r\n", b"", 1)
            assert (await asyncio.to_thread(exchange, port, raw)).status == 403
        assert (await ask(port, "POST", "/metrics")).status == 405
    async with running(tmp_path / "closed", token="a-long-secret") as port:
        assert (await ask(port, "GET", "/metrics")).status == 401
        bearer = ("Authorization", "Bearer a-long-secret")
        assert (await ask(port, "GET", "/metrics", bearer)).status == 200


async def test_a_80_every_answer_has_it(tmp_path: Path) -> None:
    """A-80: with `hsts` every answer has the header, errors and refusals too; else none has."""
    shots = [("POST", TP2), ("GET", "/i"), ("OPTIONS", "/x"), ("GET", "/nowhere"), ("GET", "/r/x")]
    shots += [("GET", "/metrics"), ("GET", "/health")]
    async with running(tmp_path, hsts="31536000") as port:
        found = [await ask(port, *shot) for shot in shots]
        bad = (b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 300 + b"\r\n")
        found += [await asyncio.to_thread(exchange, port, raw) for raw in bad]
    for answer in found:
        header = answer.header("strict-transport-security")
        assert header == "max-age=31536000; includeSubDomains", answer
    async with running(tmp_path) as port:
        assert (await ask(port, "POST", TP2)).header("strict-transport-security") is None


SECRETS = ("anna", "203.0.113.77", "5b3b8f5e")


async def test_a_84_the_access_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A-84: a line for each answer, and in it nothing of address, query, cookie, agent or path."""
    caplog.set_level(logging.INFO, "whiteout.access")
    headers = [
        *[("Cookie", "sp=5b3b8f5e-9b1c-4d5e-8f00-1234567890ab"), ("User-Agent", "anna")],
        *[("Referer", "https://x.example/anna"), ("X-Forwarded-For", "203.0.113.77")],
    ]
    targets = [
        *[
            ("POST", f"{TP2}?uid=anna"),
            ("GET", "/i?uid=anna"),
            ("GET", f"/anonymous{TP2}?uid=anna"),
        ],
        *[("POST", "/anna/v1"), ("GET", "/anna"), ("PUT", "/anna/anna"), ("GET", "/anna.js")],
        *[("GET", "/anonymous/anna"), ("OPTIONS", "/anna/x"), ("GET", "/privacy/opt-out")],
        *[("GET", "/my/path?anna"), ("POST", "/privacy/anna"), ("GET", "/r/anna?u=anna")],
    ]
    async with running(tmp_path, access_log="true", paths=f"/my/path={TP2}") as port:
        for method, target in targets:
            await ask(port, method, target, *headers)
    lines = [record.getMessage() for record in caplog.records if record.name == "whiteout.access"]
    assert len(lines) == len(targets)
    assert [line for line in lines if any(secret in line for secret in SECRETS)] == []
    places = [" ".join(line.split(" ")[:3]) for line in lines]
    assert places == [
        f"POST {TP2} 200",
        "GET /i 200",
        f"GET /anonymous{TP2} 200",
        "POST /{vendor}/{version} 200",
        "GET other 404",
        "other /{vendor}/{version} 404",
        "GET script 404",
        "GET other 404",
        "OPTIONS /{vendor}/{version} 200",
        "GET /privacy/opt-out 200",
        "GET /my/path 200",
        "POST other 404",
        "GET /r/ 404",
    ]


async def test_a_84_off_by_default(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A-84: nothing is written about requests unless the operator asks for it."""
    caplog.set_level(logging.INFO)
    async with running(tmp_path) as port:
        await ask(port, "POST", TP2)
        await ask(port, "GET", "/i")
    assert [record for record in caplog.records if record.name == "whiteout.access"] == []


@given(st.text(), st.text())
def test_a_84_places_come_from_a_closed_list(method: str, path: str) -> None:
    """A-84, F-P22: whatever a stranger asks for, neither a label nor a line repeats it."""
    observer = Observer(paths=frozenset({"/my/path"}))
    route, shown = observer.place(method, f"/secret{path}")
    assert route < len(ROUTES)
    assert "secret" not in shown


def test_counts_fit_the_routes() -> None:
    """Every route has a number for each class of statuses."""
    observer = Observer()
    for route in range(len(ROUTES)):
        for status in (200, 302, 404, 503, 100, 0):
            observer.answered(route, status)
    assert observer.counts() == [1] * (len(ROUTES) * len(CLASSES))


LOGGING = """
import logging, sys
from whiteout.logs import set_up_logs
from whiteout.observer import Observer
set_up_logs("worker", as_json=sys.argv[1] == "json", access=True)
try:
    raise ValueError("mail of anna")
except ValueError:
    logging.getLogger("whiteout.x").exception("it failed")
Observer(logs=True).log("GET", "/i", 200, 43, 0.001)
logging.getLogger("whiteout.access").debug("never")
logging.getLogger("uvicorn.error").warning("never")
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_84_logs_quote_no_exception(form: str) -> None:
    """A-84: an exception is told by its type and place, in both formats, never by its text."""
    command = [sys.executable, "-c", LOGGING, form]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    assert "anna" not in said
    assert "never" not in said
    assert "ValueError" in said
    if form == "text":
        assert said.startswith("whiteout: it failed\n")
        assert said.endswith("whiteout: GET /i 200 43 0.0010\n")
        return
    failed, answered = map(json.loads, said.splitlines())
    told = ("error", "it failed", "worker")
    assert (failed["level"], failed["message"], failed["process"]) == told
    assert "ValueError" in failed["exception"]
    assert (answered["path"], answered["status"], answered["bytes"]) == ("/i", 200, 43)
    assert "message" not in answered

"""The collector inside other people's applications, as the examples show it (A.1)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.collector.edge import EVENT, envelope
from tests.support.process import free_port, wait_until
from whiteout.proof.wire import exchange, request
from whiteout.protocol.record import AnonymousRequest, decode
from whiteout.spool import SpoolReader

ROOT = Path(__file__).parents[2]
TP2 = "/t/com.snowplowanalytics.snowplow/tp2"
JSON = ("Content-Type", "application/json")
EXAMPLES = {"fastapi": "mounted_fastapi:app", "django": "mounted_django:application"}


@contextmanager
def serving(example: str, folder: Path) -> Iterator[int]:
    """An example on a server of its own; the value is its port."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", f"examples.{example}", "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [*command, "--log-level", "warning"], cwd=folder, env=environment, stderr=subprocess.PIPE
    )
    try:
        wait_until(lambda: _answers(port), timeout=30)
        yield port
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
        assert said == b""
    finally:
        process.kill()
        process.communicate()


def _answers(port: int) -> bool:
    try:
        return exchange(port, request("GET", "/")).status == 200
    except OSError:
        return False


@pytest.mark.parametrize("framework", EXAMPLES)
def test_a_1_mounted_in_a_framework(framework: str, tmp_path: Path) -> None:
    """A.1: below `/t` everything is as it is at the root; the rest of the site is untouched."""
    with serving(EXAMPLES[framework], tmp_path) as port:
        posts = [
            request("POST", TP2, [JSON], envelope(EVENT)),
            request("POST", TP2.replace("/t/", "/t/anonymous/"), [JSON], envelope(EVENT)),
            request("GET", "/t/i?e=pv&p=web"),
        ]
        answers = [exchange(port, raw) for raw in posts]
        assert [answer.status for answer in answers] == [200] * 3
        assert str(answers[0].header("set-cookie")).startswith("sp=")
        assert exchange(port, request("GET", "/t/health")).body == b"ok"
        assert exchange(port, request("GET", "/t/privacy/opt-out")).status == 200
        assert exchange(port, request("GET", "/t/nowhere/at/all")).status == 404
        assert b"Hello" in exchange(port, request("GET", "/")).body
        assert exchange(port, request("GET", "/i")).status == 404
    reader = SpoolReader(tmp_path / "whiteout-data" / "spool")
    records = [decode(raw) for file in reader.files() for _, raw in file.read(0, 10)]
    reader.close()
    assert [isinstance(record, AnonymousRequest) for record in records] == [False, True, False]

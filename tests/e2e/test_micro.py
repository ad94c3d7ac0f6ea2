"""`whiteout micro` as a process: quick, in memory only, and a stand-in for suites of others."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from snowplow_tracker import Emitter, PageView, SelfDescribing, SelfDescribingJson, Tracker

from tests.schemas.registry_server import KEY, registry
from tests.support.process import Whiteout, free_port, wait_until
from tests.support.web import node, prepare

EMPTY = {"total": 0, "good": 0, "bad": 0}


class Micro:
    """A running `whiteout micro`, and what it tells."""

    def __init__(self, port: int, process: subprocess.Popen[str]) -> None:
        self.port = port
        self.process = process
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10, trust_env=False)

    def told(self, name: str, wanted: Any = None) -> Any:
        """What `/micro/<name>` answers."""
        answer = self.client.post(f"/micro/{name}", json={} if wanted is None else wanted)
        assert answer.status_code == 200
        return answer.json()


@contextmanager
def micro(
    folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> Iterator[Micro]:
    """A running instance in an empty folder; at the end it must have left nothing there."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "whiteout", "micro", "--port", str(port), *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "TMPDIR": str(folder), **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    running = Micro(port, process)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        said = process.stderr if "--output-json" in arguments else process.stdout
        assert said.readline() == f"whiteout is ready: http://127.0.0.1:{port}\n"
        assert said.readline() == f"Events: http://127.0.0.1:{port}/micro/all\n"
        yield running
        running.client.close()
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=15)
        assert (process.returncode, errors) == (0, "")
        assert not rest or "--output-json" in arguments
        assert list(folder.iterdir()) == []
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def sent_by_python(port: int) -> None:
    """Two events of the official Python tracker, one by one."""
    emitter = Emitter("127.0.0.1", protocol="http", port=port, method="post", batch_size=1)
    tracker = Tracker("py", emitter, app_id="shop")
    tracker.track(PageView("https://shop.example.test/"))
    tracker.track(SelfDescribing(SelfDescribingJson(KEY.uri, {"id": 1})))
    tracker.flush()


def test_d_3_events_are_there_once_they_were_acknowledged(tmp_path: Path) -> None:
    """D-3, D-21: the official Python tracker, and questions as suites ask them, without waiting."""
    folder = tmp_path / "empty"
    folder.mkdir()
    with micro(folder) as server:
        assert server.told("all") == EMPTY
        sent_by_python(server.port)
        assert server.told("all") == {"total": 2, "good": 1, "bad": 1}
        [view] = server.told("good", {"event_type": "page_view"})
        assert view["event"]["page_url"] == "https://shop.example.test/"
        assert view["rawEvent"]["parameters"]["aid"] == "shop"
        [unknown] = server.told("bad")
        assert unknown["errors"][0] == "Error while validating the event."
        assert server.told("reset") == EMPTY


def test_d_30_and_d_31_registries_by_file_and_environment(tmp_path: Path) -> None:
    """D-30, D-31, D-33, E-9: a resolver's file or Micro's variable names a registry; -j prints."""
    folder = tmp_path / "empty"
    folder.mkdir()
    with registry() as server:
        connection = {"http": {"uri": server.address}}
        entry = {"name": "ours", "priority": 0, "vendorPrefixes": [], "connection": connection}
        file = tmp_path / "resolver.json"
        file.write_text(json.dumps({"schema": "x", "data": {"repositories": [entry]}}))
        with micro(folder, "--iglu", str(file), "--output-json") as running:
            sent_by_python(running.port)
            assert running.told("all") == {"total": 2, "good": 2, "bad": 0}
            assert running.process.stdout is not None
            line = json.loads(running.process.stdout.readline())
            assert (len(line), line["app_id"]) == (131, "shop")
        asked = len(server.requests)
        with micro(folder, environment={"MICRO_IGLU_REGISTRY_URL": server.address}) as running:
            sent_by_python(running.port)
            assert running.told("all") == {"total": 2, "good": 2, "bad": 0}
        assert len(server.requests) == asked + 1


def test_node_tracker(tmp_path: Path) -> None:
    """D-3: events of the official Node.js tracker, unmodified."""
    folder = tmp_path / "empty"
    folder.mkdir()
    with micro(folder, "--unknown-schemas", "accept") as server:
        prepare()
        sent = node("node-events.mjs", f"http://127.0.0.1:{server.port}", "post", "node-post")
        assert sent == "2\n"
        assert server.told("all") == {"total": 2, "good": 2, "bad": 0}
        events = server.told("good")
        assert {event["eventType"] for event in events} == {"page_view", "unstruct"}
        assert {event["event"]["v_tracker"].partition("-")[0] for event in events} == {"node"}


def test_a_window_on_a_running_whiteout(tmp_path: Path) -> None:
    """D-7, contract 10, S3: all workers tell the same; a reset leaves the lake as it is."""
    with Whiteout(tmp_path, "--profile", "cnil", "--workers", "2") as server:
        answer = httpx.get(f"{server.url}/i?e=pv&p=web&tv=x&uid=alice&aid=shop", trust_env=False)
        assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)

        def told(name: str) -> Any:
            return httpx.get(f"{server.url}/micro/{name}", trust_env=False).json()

        wait_until(lambda: told("all")["good"] == 1)
        [event] = told("good")
        assert event["event"]["user_ipaddress"] == "unknown"
        assert event["event"]["user_id"] is None
        assert told("reset") == EMPTY
        assert [told("all") for _ in range(6)] == [EMPTY] * 6
        [row] = server.wait_for_rows("select app_id, user_ipaddress from events")
        assert row == {"app_id": "shop", "user_ipaddress": None}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--iglu", "missing.json"], "missing.json cannot be read"),
        (["--iglu", "odd.json"], "no configuration of a resolver"),
        (["--iglu", "far.json"], "https://"),
        (["--max-events", "0"], "--max-events"),
    ],
)
def test_wrong_usage_is_told(
    tmp_path: Path, arguments: list[str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D-30, E-11: what cannot be used is named, with exit code 2, and nothing is started."""
    (tmp_path / "odd.json").write_text("{}")
    connection = {"http": {"uri": "http://registry.example"}}
    far = {"data": {"repositories": [{"priority": 0, "connection": connection}]}}
    (tmp_path / "far.json").write_text(json.dumps(far))
    monkeypatch.chdir(tmp_path)
    status, output = run(*arguments)
    assert (status, words in output) == (2, True)


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and errors of a command that ends by itself."""
    result = subprocess.run(
        [sys.executable, "-m", "whiteout", "micro", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return result.returncode, result.stderr

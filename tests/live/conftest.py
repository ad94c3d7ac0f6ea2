"""What the tests of the pages share: the browser, and real servers with the stub application."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.live import stub
from tests.support.browser import browser

__all__ = ["Site", "browser"]

ROOT = Path(__file__).parents[2]


class Site:
    """A uvicorn server with the stub application, on a port of its own."""

    def __init__(
        self, folder: Path, token: str | None = None, official: Path | None = None
    ) -> None:
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {**os.environ, stub.FEED: str(folder / "feed.db")}
        if token is not None:
            self._environment[stub.TOKEN] = token
        if official is not None:
            self._environment[stub.OFFICIAL] = str(official)
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [
            *(sys.executable, "-m", "uvicorn", "--factory", "--ws", "none", "--no-access-log"),
            *("--host", "127.0.0.1", "--port", str(self.port), "--log-level", "critical"),
            "tests.live.stub:application",
        ]
        process = subprocess.Popen(command, cwd=ROOT, env=self._environment)
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return process
            time.sleep(0.02)
        process.kill()
        raise AssertionError("the server did not start")

    def publish(self, *entries: bytes) -> None:
        """Put entries into the feed."""
        answer = httpx.post(f"{self.url}/test/publish", content=b"\n".join(entries))
        assert answer.status_code == 200

    def reset(self) -> None:
        """Begin with an empty feed."""
        assert httpx.post(f"{self.url}/test/reset").status_code == 200

    def stop(self) -> float:
        """End the server as a person does; the seconds that it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        return time.monotonic() - began

    def restart(self) -> None:
        """Stop and start again, on the same port and feed."""
        self.stop()
        self.process = self._start()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Starts servers that end with the test."""
    sites: list[Site] = []

    def start(token: str | None = None, official: Path | None = None) -> Site:
        sites.append(Site(tmp_path, token, official))
        return sites[-1]

    yield start
    for one in sites:
        if one.process.poll() is None:
            one.stop()


@pytest.fixture(scope="session")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server for the tests that leave it running."""
    one = Site(tmp_path_factory.mktemp("site"))
    yield one
    one.stop()


@pytest.fixture
def site(shared_site: Site) -> Site:
    """A running server with an empty feed; not to be stopped."""
    shared_site.reset()
    return shared_site

"""`whiteout forget` against a running system: under load, and with a `kill -9` in the middle."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.support.process import Whiteout, kill, wait_until
from whiteout.proof.search import search_folder

pytestmark = pytest.mark.slow

ANN = "ann-0123456789@example.com"
BOB = "bob-0123456789@example.com"
CLIENTS = 4


@dataclass
class Crowd:
    """Clients that send events of Ann and Bob by turns until they are told to stop.

    `sent` holds, for each event that was acknowledged, whose it is, when its sending began, and
    when it was acknowledged.
    """

    port: int
    sent: dict[str, tuple[str, float, float]] = field(default_factory=dict)
    _over: bool = False

    @contextmanager
    def there(self) -> Iterator[None]:
        """The crowd, as long as the block lasts."""
        thread = threading.Thread(target=lambda: asyncio.run(self._all()))
        thread.start()
        try:
            yield
        finally:
            self._over = True
            thread.join()

    async def _all(self) -> None:
        await asyncio.gather(*(self._client(number) for number in range(CLIENTS)))

    async def _client(self, number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        count = 0
        while not self._over:
            count += 1
            who = ANN if (count + number) % 4 else BOB
            event_id = str(uuid.uuid4())
            query = urlencode(
                {"e": "pv", "p": "web", "tv": "load", "eid": event_id, "uid": who, "page": "x"}
            )
            began = time.time()
            writer.write(f"GET /i?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = head.partition(b"content-length:")[2].split(b"\r\n")[0]
            await reader.readexactly(int(length))
            if b" 200 " in head.split(b"\r\n")[0]:
                self.sent[event_id] = (who, began, time.time())
            await asyncio.sleep(0.005)
        writer.close()


def forget(server: Whiteout, value: str) -> subprocess.Popen[str]:
    """The command, as somebody types it."""
    arguments = ["forget", "--data", str(server.data), "--user-id", "-", "--yes", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "whiteout", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"]},
        cwd=server.data.parent,
    )
    assert process.stdin is not None
    process.stdin.write(f"{value}\n")
    process.stdin.close()
    process.stdin = None
    return process


def at_work(data: Path) -> bool:
    """Whether a request was taken up, and all that came before it taken in, or it is done."""
    for path in data.glob("requests/*.state"):
        with suppress(FileNotFoundError):
            if b'"until": "2' in path.read_bytes():
                return True
    return (data / "receipts").is_dir()


def receipt_of(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The receipt that the command prints."""
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, out + err
    receipt: dict[str, Any] = json.loads(out)
    return receipt


def moment(text: str) -> float:
    """Seconds since 1970 of a moment in a receipt."""
    return datetime.fromisoformat(text).astimezone(UTC).timestamp()


def loader_of(server: Whiteout) -> int:
    """The process id of the loader."""
    found: list[int] = []

    def there() -> bool:
        found[:] = [pid for pid, line in server.processes().items() if "whiteout.loader" in line]
        return bool(found)

    wait_until(there, 15, lambda: f"a loader: {server.tail()}")
    return found[0]


def test_what_was_accepted_before_goes_and_what_comes_later_stays(tmp_path: Path) -> None:
    """Contract 16: under load of the same person, with the loader killed while it is at it."""
    with Whiteout(tmp_path, "--commit-interval", "0.3") as server:
        crowd = Crowd(server.port)
        with crowd.there():
            time.sleep(1.5)
            before = set(crowd.sent)
            process = forget(server, ANN)
            wait_until(lambda: at_work(server.data), 20, lambda: f"work under way: {server.tail()}")
            kill(loader_of(server))
            receipt = receipt_of(process)
            time.sleep(1)
        server.stop(60)
        until = moment(receipt["until"])
        stored = {row["event_id"] for row in server.rows("select event_id from events")}
    assert before
    assert receipt["clean"]
    for event_id, (who, began, acknowledged) in crowd.sent.items():
        if who == BOB or began > until:
            assert event_id in stored
        elif event_id in before or acknowledged < moment(receipt["asked"]):
            assert event_id not in stored
    later = [e for e, (who, began, _) in crowd.sent.items() if who == ANN and began > until]
    assert later
    removed = receipt["removed"]["events"]
    assert removed >= sum(crowd.sent[event_id][0] == ANN for event_id in before)


def test_nothing_is_left_of_somebody_while_whiteout_runs(tmp_path: Path) -> None:
    """Contract 16: with everybody else's events coming in, not one byte of the person is left."""
    with Whiteout(tmp_path, "--commit-interval", "0.3") as server:
        crowd = Crowd(server.port)
        with crowd.there():
            time.sleep(1)
        receipt = receipt_of(forget(server, ANN))
        assert receipt["removed"]["events"] > 10
        assert search_folder(server.data, {"it": ANN}) == []
        assert search_folder(server.data, {"it": BOB})
    output = server.output()
    assert ANN.encode() not in output
    assert search_folder(server.data, {"it": ANN}) == []

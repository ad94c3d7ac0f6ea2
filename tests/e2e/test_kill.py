"""`kill -9` of any process at any moment: what was acknowledged is in the lake exactly once.

Each round starts `whiteout up` on the same data folder, with one worker and two by turns, sends
events that can be told apart, kills a process at random, sees that the others cope, and then kills
everything. At last a clean start and stop must bring every event home.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.load import KINDS as SENT
from tests.support.load import Load, Sent, mixed
from tests.support.process import Whiteout, kill, wait_until
from whiteout.spool import SpoolReader

pytestmark = pytest.mark.slow

CLIENTS = 6
PAUSE = 0.005
ROLES = ("worker", "loader", "main")
KINDS = (*ROLES, "loader at a commit")
"""What a round kills: a process at a random moment, or the loader between lake and spool."""


class Torment:
    """Rounds of violence against one data folder, and what clients were told meanwhile."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._random = random.Random(seed)
        self._workers: dict[str, str] = {}
        self._rounds = 0
        self.sent = Sent()
        self.server = Whiteout(folder, "--commit-interval", "0.3", environment=self._workers)

    def round(self, kind: str) -> None:
        """Start, kill one process of a role under load, look on, kill all, perhaps in the drain."""
        self._workers["WHITEOUT_WORKERS"] = str(1 + self._rounds % 2)
        self._rounds += 1
        self.server.start()
        with self._load() as load:
            time.sleep(self._random.uniform(0, 1.5))
            role = kind.partition(" ")[0]
            victim = self._random.choice(self._processes(role))
            if kind not in ROLES:
                self._await_commit()
            kill(victim)
            if role == "main":
                wait_until(lambda: not self.server.processes(), 10, lambda: "orphans ending")
            else:
                self._see_recovery(load)
                time.sleep(self._random.uniform(0, 0.7))
        if role != "main" and self._random.random() < 0.5:
            os.kill(self.server.pid, signal.SIGTERM)
            time.sleep(self._random.uniform(0, 0.7))
        self.server.kill()

    def settle(self) -> None:
        """Start once more and stop cleanly, which drains everything."""
        self.server.start()
        self.server.stop(60)

    def assert_exactly_once(self) -> None:
        """Every acknowledged event is in the lake once, no other twice, and the spool is empty."""
        acknowledged = self.sent.with_status(200)
        assert acknowledged
        self._assert_once("events", acknowledged)
        failing = {event_id for event_id in acknowledged if self.sent.kinds[event_id] is mixed}
        self._assert_once("failed_events", failing)
        assert set(self.sent.statuses.values()) <= {200, 503, None}
        reader = SpoolReader(self.server.data / "spool")
        assert [file.backlog() for file in reader.files()] == [0] * len(reader.files())
        reader.close()

    def _assert_once(self, table: str, acknowledged: set[str]) -> None:
        sql = f"select event_id, count(*) as n from {table} group by event_id"
        stored = {row["event_id"]: row["n"] for row in self.server.rows(sql)}
        lost = acknowledged - stored.keys()
        doubled = {event_id for event_id, count in stored.items() if count > 1}
        assert not lost, f"{table}: {len(lost)} of {len(acknowledged)} acknowledged are lost"
        assert not doubled, f"{table}: {len(doubled)} are there more than once"
        assert stored.keys() <= self.sent.statuses.keys()

    @contextmanager
    def _load(self) -> Iterator[Load]:
        load = Load(self.server.port, CLIENTS, kinds=(*SENT, mixed), pause=PAUSE)
        thread = threading.Thread(target=lambda: asyncio.run(load.run()))
        thread.start()
        try:
            yield load
        finally:
            load.stop()
            thread.join()
            self.sent.statuses.update(load.sent.statuses)
            self.sent.kinds.update(load.sent.kinds)

    def _see_recovery(self, load: Load) -> None:
        """Events are acknowledged and a loader is there, as before."""
        before = len(load.sent.with_status(200))
        wait_until(
            lambda: (
                len(load.sent.with_status(200)) > before + CLIENTS
                and all(self._processes(role) for role in ROLES)
            ),
            15,
            lambda: f"recovery: {self.server.processes()} {self.server.tail()}",
        )

    def _await_commit(self) -> None:
        """Return as soon as the lake has a commit more, which the spool cannot know of yet."""
        log = self.server.data / "lake/events/_delta_log"
        before = set(log.glob("*.json"))
        until = time.monotonic() + 10
        while not set(log.glob("*.json")) - before:
            assert time.monotonic() < until, f"no commit: {self.server.tail()}"

    def _processes(self, role: str) -> list[int]:
        found: dict[str, list[int]] = {name: [] for name in ROLES}
        for pid, line in self.server.processes().items():
            if pid == self.server.pid:
                found["main"].append(pid)
            else:
                found["loader" if "whiteout.loader" in line else "worker"].append(pid)
        return found[role]


def test_acknowledged_is_exactly_once(tmp_path: Path) -> None:
    """A short torment: each kind of kill twice, with one worker and with two."""
    torment = Torment(tmp_path, seed=random.randrange(2**32))
    try:
        for number in (0, 1, 2, 3, 1, 0, 3, 2):
            torment.round(KINDS[number])
        torment.settle()
        torment.assert_exactly_once()
    finally:
        torment.server.kill()


@pytest.mark.torture
@pytest.mark.parametrize("part", range(4))
def test_acknowledged_is_exactly_once_after_a_hundred_rounds(tmp_path: Path, part: int) -> None:
    """Four times 25 rounds at random moments, with a look at the lake after every five."""
    torment = Torment(tmp_path, seed=random.randrange(2**32))
    try:
        for number in range(25):
            torment.round(KINDS[(number + part + number // 4) % 4])
            if number % 5 == 4:
                torment.settle()
                torment.assert_exactly_once()
    finally:
        torment.server.kill()

"""Sends what a proof has to send, several requests at a time, and keeps what was answered."""

from __future__ import annotations

import random
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self

from whiteout.proof import control
from whiteout.proof.canaries import Canaries
from whiteout.proof.rounds import Group, Round
from whiteout.proof.shots import broken_connections
from whiteout.proof.system import System, Tell
from whiteout.proof.wire import Answer

_SENDERS = 8
_WAITERS = 32


@dataclass(slots=True)
class Sent:
    """An answer, what it answers, and the statuses that it may have; any when there are none."""

    what: str
    round: Round
    answer: Answer
    statuses: tuple[int, ...] = ()


class Sender:
    """Sends the requests of groups to one system; a context manager, at whose end all is answered.

    `run` ends the app ids of the events. `addressed` tells whether the address that requests come
    from was a canary. Raises OSError.
    """

    def __init__(self, system: System, run: str, tell: Tell) -> None:
        self._system = system
        self._run = run
        self._tell = tell
        self._senders = ThreadPoolExecutor(_SENDERS)
        # Requests that are broken off are answered when the server's patience ends.
        self._waiters = ThreadPoolExecutor(_WAITERS)
        self._waiting: list[tuple[Round, Future[Answer]]] = []
        self.sent: list[Sent] = []
        self.addressed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            for one, future in self._waiting:
                self.sent.append(Sent("broken connection", one, future.result()))
        for pool in (self._senders, self._waiters):
            pool.shutdown(cancel_futures=True)

    def send(self, group: Group, canaries: Canaries) -> None:
        """Send the requests of every round of a group."""
        server, host = self._system.server, self._system.host
        source = self._source(canaries) if self._system.own else None
        for one in group.rounds:
            self._tell(f"sending requests: {group.name}, {one.name}")
            headers = list(one.headers)
            if one.everything:
                for raw in broken_connections(canaries, headers, one.prefix):
                    future = self._waiters.submit(server.exchange, raw, source=source)
                    self._waiting.append((one, future))
            shots = list(one.shots(canaries, self._run))
            raws = (shot.raw(headers, one.prefix, host=host) for shot in shots)
            answers = self._senders.map(lambda raw: server.exchange(raw, source=source), raws)
            for shot, answer in zip(shots, answers, strict=True):
                what = f"{shot.shape} ({shot.method})"
                self.sent.append(Sent(what, one, answer, shot.statuses))

    def _source(self, canaries: Canaries) -> str | None:
        """A loopback address of its own for a group, where this machine has more than one."""
        network = f"127.{random.randrange(100, 255)}.{random.randrange(100, 255)}."  # noqa: S311
        try:
            self._system.server.connect(f"{network}77", 5).close()
        except OSError:
            return None
        canaries.adopt(control.ADDRESS, f"{network}77", network)
        self.addressed = True
        return f"{network}77"

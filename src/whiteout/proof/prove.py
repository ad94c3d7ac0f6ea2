"""`whiteout prove`: canaries wherever an identifier can be, then a search of every byte.

A control run without a word of anonymity has to leave its canaries in every place that is searched;
only then it means something that the anonymous runs leave none.
"""

from __future__ import annotations

import json
import random
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

from whiteout.lake import LakeError, LakeReader
from whiteout.proof import control
from whiteout.proof.canaries import Canaries, search_for
from whiteout.proof.rounds import GROUPS, Group, Round
from whiteout.proof.search import Found, Searcher, SearchError
from whiteout.proof.shots import broken_connections
from whiteout.proof.system import ProofError, System
from whiteout.proof.wire import Answer, request

Tell = Callable[[str], None]
"""Is told what is being done."""

HASHED = ("POST tp2: ", "headers alone: ", control.ADDRESS)
"""Canaries that are looked for as digests too."""

_OF = "|"
_MARKERS = 16
_LOAD_SECONDS = 60.0
_SENDERS = 8
_MARKER_APP = "whiteout-prove"


@dataclass(slots=True)
class Sent:
    """An answer, and what it answers."""

    what: str
    round: Round
    answer: Answer


@dataclass(slots=True)
class Evidence:
    """Everything that a proof found: by group, what stood where; and the stored events."""

    found: dict[str, set[Found]] = field(default_factory=dict)
    rows: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    statuses: dict[int | None, int] = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)
    unsearched: list[str] = field(default_factory=list)
    addressed: bool = False
    requests: int = 0
    canaries: int = 0
    bytes: int = 0
    seconds: float = 0.0


class Proof:
    """One proof of one system. `tell` hears of each step."""

    def __init__(self, system: System, tell: Tell) -> None:
        self._system = system
        self._tell = tell
        self._run = secrets.token_hex(4)
        self._canaries = {
            group.name: Canaries(lane=lane, hashed=HASHED) for lane, group in enumerate(GROUPS)
        }
        self._sent: list[Sent] = []
        self._evidence = Evidence(found={group.name: set() for group in GROUPS})

    def carry_out(self, stop: Callable[[], None] | None = None) -> Evidence:
        """Send, wait, search; with `stop`, end the system and search again.

        Raises ProofError where something keeps it from proving anything.
        """
        began = time.monotonic()
        try:
            self._check_pages()
            with _Stream(self._system) as stream:
                for group in GROUPS:
                    self._send(group)
                self._tell("waiting until everything is in the lake")
                self._await_all()
            self._search(stream.raw)
            if stop is not None:
                self._tell("searching once more after the end")
                stop()
                self._search_files()
        except SearchError as error:
            raise ProofError(str(error)) from None
        except (LakeError, OSError) as error:
            raise ProofError(f"the system went away: {error}") from None
        self._evidence.requests = len(self._sent)
        self._evidence.canaries = sum(len(made.planted) for made in self._canaries.values())
        self._evidence.seconds = time.monotonic() - began
        return self._evidence

    # Sending

    def _send(self, group: Group) -> None:
        canaries = self._canaries[group.name]
        source = self._source(canaries) if self._system.own else None
        with ThreadPoolExecutor(_SENDERS) as pool:
            for one in group.rounds:
                self._tell(f"sending requests: {group.name}, {one.name}")
                headers = list(one.headers)
                raw = [
                    (
                        f"{shot.shape} ({shot.method})",
                        shot.raw(headers, one.prefix, host=self._host),
                    )
                    for shot in one.shots(canaries, self._run)
                ]
                if one.everything:
                    broken = broken_connections(canaries, headers, one.prefix)
                    raw += [("broken connection", message) for message in broken]
                answers = pool.map(lambda item: self._exchange(item[1], source), raw)
                for (what, _), answer in zip(raw, answers, strict=True):
                    self._sent.append(Sent(what, one, answer))

    @property
    def _host(self) -> str:
        return self._system.host

    def _source(self, canaries: Canaries) -> str | None:
        """A loopback address of its own for a group, where this machine has more than one."""
        network = f"127.{random.randrange(100, 255)}.{random.randrange(100, 255)}."  # noqa: S311
        try:
            self._system.server.connect(f"{network}77", 5).close()
        except OSError:
            return None
        canaries.adopt(control.ADDRESS, f"{network}77", network)
        self._evidence.addressed = True
        return f"{network}77"

    def _exchange(self, raw: bytes, source: str | None = None) -> Answer:
        return self._system.server.exchange(raw, source=source)

    def _get(self, path: str) -> Answer:
        head = request("GET", path, self._system.headers, host=self._host)
        return self._exchange(head)

    def _check_pages(self) -> None:
        status = self._get("/api/events?limit=1").status
        if status in (401, 403):
            raise ProofError(
                "the pages of the system are closed to this machine; give its access token in "
                "WHITEOUT_TOKEN or with --token"
            )
        if status != 200:
            raise ProofError(f"{self._host} is no running whiteout: /api/events answered {status}")

    def _await_all(self) -> None:
        """Wait until what was sent is in the lake, whichever worker got it."""
        app = f"{_MARKER_APP}.{self._run}"
        query = urlencode({"e": "pv", "p": "web", "tv": "prove", "aid": app})
        for _ in range(_MARKERS):
            self._exchange(request("GET", f"/i?{query}", host=self._host))
        until = time.monotonic() + _LOAD_SECONDS
        while self._count(app) < _MARKERS:
            if time.monotonic() > until:
                raise ProofError(
                    f"what was sent did not reach the lake in {self._system.data} within "
                    f"{_LOAD_SECONDS:.0f} s: is it the data folder of {self._host}?"
                )
            time.sleep(0.2)

    def _count(self, app: str) -> int:
        sql = "SELECT count(*) FROM events WHERE app_id = ?"
        with LakeReader(self._system.data / "lake").connect() as connection:
            row = connection.execute(sql, [app]).fetchone()
        return 0 if row is None else int(row[0])

    # Searching

    def _search(self, stream: bytes) -> None:
        self._tell("searching answers and pages")
        for sent in self._sent:
            place = f"answer to {sent.what}, {sent.round.name}"
            self._look(sent.answer.raw, place)
            status = sent.answer.status
            self._evidence.statuses[status] = self._evidence.statuses.get(status, 0) + 1
            if sent.answer.header("set-cookie") is not None and sent.round.signal is not None:
                self._evidence.cookies.append(place)
        self._look(stream, "live stream", holds=b"event: ready")
        for page in self._pages():
            self._look(page, "live API", holds=b"events")
        self._look(self._get("/metrics").raw, "metrics", holds=b"whiteout_")
        self._tell("searching the data folder")
        self._search_files()
        self._read_rows()

    def _pages(self) -> Iterable[bytes]:
        after = 0
        while True:
            answer = self._get(f"/api/events?limit=500&after={after}")
            events = json.loads(answer.body)["events"]
            if not events:
                return
            yield answer.raw
            after = events[-1]["id"]

    def _search_files(self) -> None:
        data = self._system.data
        self._note(self._searcher.folder(data))
        if self._system.own:
            for one in self._searcher.folder(data.parent / "tmp"):
                self._note([Found(one.name, f"temporary files: {one.place}", one.form)])
        self._evidence.bytes += _size(data)
        for log in self._system.logs:
            self._look(_read(log), f"log {log.name}")
        if self._system.own:
            self._expect(_read(self._system.logs[0]), "logs", b"whiteout is ready")

    @cached_property
    def _searcher(self) -> Searcher:
        """The search for all canaries; asked for once they are all made."""
        return search_for({f"{name}{_OF}": made for name, made in self._canaries.items()})

    def _note(self, found: Iterable[Found]) -> None:
        for one in found:
            group, _, channel = one.name.partition(_OF)
            self._evidence.found[group].add(Found(channel, one.place, one.form))

    def _look(self, data: bytes, place: str, *, holds: bytes = b"") -> None:
        """Search some bytes, which hold something known if they are what they should be."""
        self._note(self._searcher.data(data, place))
        self._evidence.bytes += len(data)
        self._expect(data, place, holds)

    def _expect(self, data: bytes, place: str, known: bytes) -> None:
        if known and not Searcher.of({"known": known.decode()}).data(data, place):
            self._evidence.unsearched.append(place)

    def _read_rows(self) -> None:
        suffix = f".{self._run}"
        with LakeReader(self._system.data / "lake").connect() as connection:
            cursor = connection.execute("SELECT * FROM events WHERE ends_with(app_id, ?)", [suffix])
            names = [column[0] for column in cursor.description or ()]
            for values in cursor.fetchall():
                row = dict(zip(names, values, strict=True))
                self._evidence.rows[row["app_id"].removesuffix(suffix)] = row
            failures = connection.execute(
                "SELECT failure, count(*) FROM failed_events WHERE server_anonymous GROUP BY 1"
            )
            self._evidence.failed = dict(failures.fetchall())


class _Stream:
    """Reads the live page's event stream for as long as it is open."""

    def __init__(self, system: System) -> None:
        self.raw = b""
        self._parts: list[bytes] = []
        self._socket = system.server.connect(None, 30)
        head = "".join(f"{name}: {value}\r\n" for name, value in system.headers)
        self._socket.sendall(
            f"GET /api/stream?after=0 HTTP/1.1\r\nHost: {system.host}\r\n{head}\r\n".encode()
        )
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with suppress(OSError):
            while chunk := self._socket.recv(65_536):
                self._parts.append(chunk)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # The newest entries may still be on their way.
        time.sleep(0.5)
        with suppress(OSError):
            self._socket.shutdown(2)
        self._thread.join(5)
        self._socket.close()
        self.raw = b"".join(self._parts)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ProofError(f"the log {path} cannot be read: {error.strerror}") from None


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def control_failures(evidence: Evidence, *, own: bool) -> list[str]:
    """Why the search itself cannot be trusted; nothing when the control run found everything."""
    found = evidence.found["control"]
    lost = control.missing(found, own=own, addressed=evidence.addressed)
    places = ("answer to", "live stream", "live API")
    lost += [place for place in places if not any(one.place.startswith(place) for one in found)]
    return [*lost, *evidence.unsearched]

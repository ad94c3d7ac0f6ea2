"""`whiteout prove`: canaries wherever an identifier can be, then a search of every byte.

A control run without a word of anonymity has to leave its canaries in every place that is searched;
only then it means something that the anonymous runs leave none.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

from whiteout.lake import LakeError, LakeReader
from whiteout.proof import control
from whiteout.proof.canaries import Canaries, search_for
from whiteout.proof.rounds import GROUPS, Group
from whiteout.proof.search import Found, Searcher, SearchError
from whiteout.proof.sending import Sender, Sent
from whiteout.proof.system import ProofError, System, Tell
from whiteout.proof.wire import Answer, request

HASHED = ("POST tp2: ", "headers alone: ", control.ADDRESS)
"""Canaries that are looked for as digests too."""

_OF = "|"
_MARKERS = 16
_LOAD_SECONDS = 60.0
_MARKER_APP = "whiteout-prove"


@dataclass(slots=True)
class Evidence:
    """Everything that a proof found: by group, what stood where; and the stored events.

    `rows` are the events by app id without the run, `compat_rows` those of the system in compat
    mode; `failed` counts failed events by kind and by whether they are anonymous.
    """

    found: dict[str, set[Found]] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    rows: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    compat_rows: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    failed: dict[tuple[str, bool], int] = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)
    unsearched: list[str] = field(default_factory=list)
    addressed: bool = False
    canaries: int = 0
    bytes: int = 0
    seconds: float = 0.0


class Proof:
    """One proof of a system, and of one in `compat` mode beside it. `tell` hears of each step."""

    def __init__(
        self,
        system: System,
        tell: Tell,
        compat: System | None = None,
        *,
        groups: tuple[Group, ...] = GROUPS,
    ) -> None:
        self._system = system
        self._compat = compat
        self._tell = tell
        self._run = secrets.token_hex(4)
        self._groups = [group for group in groups if compat is not None or not group.compat]
        self._canaries = {
            group.name: Canaries(lane=lane, hashed=HASHED)
            for lane, group in enumerate(self._groups)
        }
        self._evidence = Evidence(found={group.name: set() for group in groups})

    @property
    def canaries(self) -> Mapping[str, Canaries]:
        """What was planted, by the name of the group."""
        return self._canaries

    def carry_out(self, stop: Callable[[], None] | None = None) -> Evidence:
        """Send, wait, search; with `stop`, end the systems and search again.

        Raises ProofError where something keeps it from proving anything.
        """
        began = time.monotonic()
        systems = [one for one in (self._system, self._compat) if one is not None]
        try:
            self._check_pages()
            with _Stream(self._system) as stream:
                for one in systems:
                    self._send(one)
                self._tell("waiting until everything is in the lake")
                for one in systems:
                    self._await_all(one)
            self._search(stream.raw)
            if stop is not None:
                self._tell("searching once more after the end")
                stop()
                self._search_files()
        except SearchError as error:
            raise ProofError(str(error)) from None
        except (LakeError, OSError) as error:
            raise ProofError(f"the system went away: {error}") from None
        self._evidence.canaries = sum(len(made.planted) for made in self._canaries.values())
        self._evidence.seconds = time.monotonic() - began
        return self._evidence

    # Sending

    def _send(self, system: System) -> None:
        with Sender(system, self._run, self._tell) as sender:
            for group in self._groups:
                if group.compat == (system is self._compat):
                    sender.send(group, self._canaries[group.name])
        self._evidence.sent += sender.sent
        self._evidence.addressed |= sender.addressed

    def _get(self, path: str) -> Answer:
        system = self._system
        return system.server.exchange(request("GET", path, system.headers, host=system.host))

    def _check_pages(self) -> None:
        status = self._get("/api/events?limit=1").status
        if status in (401, 403):
            raise ProofError(
                "the pages of the system are closed to this machine; give its access token in "
                "WHITEOUT_TOKEN or with --token"
            )
        if status != 200:
            host = self._system.host
            raise ProofError(f"{host} is no running whiteout: /api/events answered {status}")

    def _await_all(self, system: System) -> None:
        """Wait until what was sent is in the lake, whichever worker got it."""
        app = f"{_MARKER_APP}.{self._run}"
        query = urlencode({"e": "pv", "p": "web", "tv": "prove", "aid": app})
        for _ in range(_MARKERS):
            system.server.exchange(request("GET", f"/i?{query}", host=system.host))
        until = time.monotonic() + _LOAD_SECONDS
        while _count(system, app) < _MARKERS:
            if time.monotonic() > until:
                raise ProofError(
                    f"what was sent did not reach the lake in {system.data} within "
                    f"{_LOAD_SECONDS:.0f} s: is it the data folder of {system.host}?"
                )
            time.sleep(0.1)

    # Searching

    def _search(self, stream: bytes) -> None:
        self._tell("searching answers and pages")
        for sent in self._evidence.sent:
            place = f"answer to {sent.what}, {sent.round.name}"
            self._look(sent.answer.raw, place)
            cookie = sent.answer.header("set-cookie")
            if cookie is not None and sent.round.signal is not None and not _removes(cookie):
                self._evidence.cookies.append(place)
        self._look(stream, "live stream", holds=b"event: ready")
        for page in self._pages():
            self._look(page, "live API", holds=b"events")
        self._look(self._get("/metrics").raw, "metrics", holds=b"whiteout_")
        self._tell("searching the data folder")
        self._search_files()
        self._evidence.rows = self._rows(self._system)
        if self._compat is not None:
            self._evidence.compat_rows = self._rows(self._compat)
        self._evidence.failed = _failures(self._system)

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
        self._search_files_of(self._system)
        if self._compat is not None:
            self._search_files_of(self._compat)

    def _search_files_of(self, system: System) -> None:
        self._note(self._searcher.folder(system.data))
        if system.own:
            for one in self._searcher.folder(system.data.parent / "tmp"):
                self._note([Found(one.name, f"temporary files: {one.place}", one.form)])
        self._evidence.bytes += _size(system.data)
        for log in system.logs:
            self._look(_read(log), f"log {log.name}")
        if system.own:
            self._expect(_read(system.logs[0]), "logs", b"whiteout is ready")

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

    def _rows(self, system: System) -> dict[str, Mapping[str, Any]]:
        """The stored events of this proof by app id."""
        suffix = f".{self._run}"
        with LakeReader(system.data / "lake").connect() as connection:
            cursor = connection.execute("SELECT * FROM events WHERE ends_with(app_id, ?)", [suffix])
            names = [column[0] for column in cursor.description or ()]
            rows = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
        return {row["app_id"].removesuffix(suffix): row for row in rows}


def _count(system: System, app: str) -> int:
    sql = "SELECT count(*) FROM events WHERE app_id = ?"
    with LakeReader(system.data / "lake").connect() as connection:
        row = connection.execute(sql, [app]).fetchone()
    return 0 if row is None else int(row[0])


def _failures(system: System) -> dict[tuple[str, bool], int]:
    sql = "SELECT failure, server_anonymous, count(*) FROM failed_events GROUP BY 1, 2"
    with LakeReader(system.data / "lake").connect() as connection:
        return {(kind, bool(anon)): n for kind, anon, n in connection.execute(sql).fetchall()}


def _removes(cookie: str) -> bool:
    """Whether a `Set-Cookie` only takes a cookie away, as older collectors do."""
    return re.match(r"[^=;]+=; Expires=Thu, 01 Jan 1970", cookie) is not None


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

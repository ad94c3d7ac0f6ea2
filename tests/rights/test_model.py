"""Any course of events, requests, loads and crashes, against a model that is a list."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.rights.people import (
    Person,
    event_id,
    loader,
    record,
    shown,
    spooled,
    stored,
)
from whiteout.pipeline import Loader
from whiteout.proof.search import search_folder
from whiteout.rights import Desk, Selector
from whiteout.spool import SpoolReader

PEOPLE = [Person.number(number) for number in range(4)]
KINDS = ("user_id", "domain_userid", "session")


@dataclass(frozen=True)
class Sent:
    """An event as it was sent: whose it is, its number, whether it is a failed one."""

    person: Person
    number: int
    failed: bool


class Rights(RuleBasedStateMachine):
    """A data folder whose loader comes and goes."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="whiteout-rights-"))
        self.waiting: list[Sent] = []
        self.kept: list[Sent] = []
        self.asked: list[tuple[str, str]] = []
        self.gone: list[str] = []
        self.number = 0
        self.loader: Loader | None = None

    @rule(who=st.lists(st.integers(0, 3), min_size=1, max_size=6), failed=st.booleans())
    def send(self, who: list[int], *, failed: bool) -> None:
        """Events are accepted."""
        sent = []
        for person in who:
            self.number += 1
            sent.append(Sent(PEOPLE[person], self.number, failed))
        raws = [record(s.person, s.number, e="zz" if s.failed else "pv") for s in sent]
        asyncio.run(spooled(self.folder, raws))
        self.waiting += sent
        back = {value for s in sent for value in self.values(s.person)}
        self.gone = [value for value in self.gone if value not in back]

    @rule()
    def load(self) -> None:
        """The loader drains the spool, what is asked for first."""
        self.attend()
        self.open().drain()
        self.kept += self.waiting
        self.waiting = []

    @rule(person=st.integers(0, 3), kind=st.sampled_from(KINDS))
    def ask(self, person: int, kind: str) -> None:
        """Somebody asks to be forgotten."""
        value = getattr(PEOPLE[person], kind)
        Desk(self.folder).ask("forget", selector=kind, value=value)
        self.asked.append((kind, value))

    @rule()
    def attend(self) -> None:
        """The loader carries out what is asked for."""
        self.open().attend()
        if self.asked:
            self.kept += self.waiting
            self.waiting = []
        for kind, value in self.asked:
            self.kept = [s for s in self.kept if getattr(s.person, kind) != value]
            self.gone.append(value)
        self.asked = []

    @precondition(lambda self: self.loader is not None)
    @rule()
    def end(self) -> None:
        """The loader ends at once."""
        if self.loader is not None:
            self.loader.close()
        self.loader = None

    @invariant()
    def what_should_be_there_is_there(self) -> None:
        """Both tables hold what the model holds, and the feed nothing that has been removed."""
        if not (self.folder / "lake").exists():
            return
        for table, failed in (("events", False), ("failed_events", True)):
            want = sorted(event_id(s.number) for s in self.kept if s.failed == failed)
            assert stored(self.folder, table) == want
        assert set(shown(self.folder)) <= {event_id(s.number) for s in self.kept}
        waiting = SpoolReader(self.folder / "spool")
        assert sum(file.backlog() for file in waiting.files()) == len(self.waiting)
        waiting.close()

    @invariant()
    def what_is_gone_is_gone_to_the_last_byte(self) -> None:
        """No byte of somebody who was forgotten, and has not come back, is in the folder."""
        asked = {value for _, value in self.asked}
        alive = {v for s in (*self.kept, *self.waiting) for v in self.values(s.person)}
        needles = {value: value for value in self.gone if value not in asked | alive}
        assert not needles or search_folder(self.folder, needles) == []

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.end()
        shutil.rmtree(self.folder)

    def open(self) -> Loader:
        """The loader that runs."""
        self.loader = self.loader or loader(self.folder)
        return self.loader

    @staticmethod
    def values(person: Person) -> list[str]:
        """What somebody can be found by."""
        return [Selector.of(kind, getattr(person, kind)).value for kind in KINDS]


Rights.TestCase.settings = settings(
    max_examples=6,
    stateful_step_count=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

TestRights = Rights.TestCase

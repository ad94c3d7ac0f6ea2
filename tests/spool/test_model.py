"""The spool against a model of it, whatever happens in which order."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from whiteout.spool import SpoolReader, SpoolWriter

RECORDS = st.lists(
    st.one_of(
        st.binary(max_size=20),
        st.builds(bytes.__mul__, st.binary(min_size=1, max_size=20), st.integers(0, 2_000)),
    ),
    max_size=20,
)


class Spool(RuleBasedStateMachine):
    """Appends, reads, releases and restarts; a dictionary says what must be there."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="whiteout-test-"))
        self.runner = asyncio.Runner()
        self.writer = self.open_writer()
        self.file_id = self.writer.file_id
        self.reader = SpoolReader(self.folder)
        self.expected: dict[int, bytes] = {}
        self.last = 0

    def open_writer(self) -> SpoolWriter:
        """A writer on the runner's loop."""
        return SpoolWriter.open(self.folder)

    @rule(records=RECORDS)
    def append(self, records: list[bytes]) -> None:
        """Records appended together get the next ids in their order."""

        async def together() -> None:
            await asyncio.gather(*map(self.writer.append, records))

        self.runner.run(together())
        for record in records:
            self.last += 1
            self.expected[self.last] = record

    @rule(
        back=st.integers(-2, 60),
        limit=st.integers(1, 30),
        max_bytes=st.sampled_from([1, 100, 10_000, 10_000_000]),
    )
    def read(self, back: int, limit: int, max_bytes: int) -> None:
        """A read gives the oldest records after a position, within its bounds."""
        after = max(self.last - back, 0)
        (file,) = self.reader.files()
        rows = file.read(after, limit, max_bytes)
        wanted = [row for row in self.expected.items() if row[0] > after]
        assert rows == wanted[: len(rows)]
        size = sum(len(record) for _, record in rows)
        assert len(rows) <= limit
        assert size <= max_bytes or len(rows) == 1
        if len(rows) < min(limit, len(wanted)):
            assert rows
            assert size + len(wanted[len(rows)][1]) > max_bytes

    @rule(back=st.integers(-2, 60))
    def release(self, back: int) -> None:
        """What was released up to a position is gone, the rest stays."""
        upto = self.last - back
        (file,) = self.reader.files()
        file.release(upto)
        self.expected = {key: value for key, value in self.expected.items() if key > upto}

    @precondition(lambda self: self.expected)
    @rule()
    def drain(self) -> None:
        """The table is emptied altogether, which must not make ids start anew."""
        self.release(0)

    @rule()
    def restart_writer(self) -> None:
        """Another worker adopts the file."""
        self.runner.run(self.writer.close())
        self.runner.close()
        self.runner = asyncio.Runner()
        self.writer = self.open_writer()

    @rule()
    def restart_loader(self) -> None:
        """The loader starts again, at times as the only one with the file open."""
        self.reader.close()
        self.reader = SpoolReader(self.folder)

    @invariant()
    def holds(self) -> None:
        """One file with one id, holding exactly what was acknowledged and not released."""
        (file,) = self.reader.files()
        assert file.file_id == self.writer.file_id == self.file_id
        assert file.backlog() == len(self.expected)

    def teardown(self) -> None:
        """Read everything once more and clean up."""
        (file,) = self.reader.files()
        assert file.read(0, 100_000) == list(self.expected.items())
        self.runner.run(self.writer.close())
        self.runner.close()
        self.reader.close()
        shutil.rmtree(self.folder)


Spool.TestCase.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
TestSpool = Spool.TestCase

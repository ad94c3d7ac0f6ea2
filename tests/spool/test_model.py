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
        self.stored: list[bytes] = []
        self.released = 0

    def open_writer(self) -> SpoolWriter:
        """A writer on the runner's loop."""
        return SpoolWriter.open(self.folder)

    @rule(records=RECORDS)
    def append(self, records: list[bytes]) -> None:
        """Records appended together get the next ids in their order."""

        async def together() -> None:
            await asyncio.gather(*map(self.writer.append, records))

        self.runner.run(together())
        self.stored += records

    @rule(
        back=st.integers(-2, 60),
        limit=st.integers(1, 30),
        max_bytes=st.sampled_from([1, 100, 10_000, 10_000_000]),
    )
    def read(self, back: int, limit: int, max_bytes: int) -> None:
        """A read gives the oldest records after a position, within its bounds."""
        after = max(len(self.stored) - back, 0)
        (file,) = self.reader.files()
        rows = self.checked(file.read(after, limit, max_bytes), after)
        if rows and len(rows) < limit and rows[-1][0] < len(self.stored):
            # The commit that would have followed is a large one.
            assert sum(map(len, self.stored[rows[0][0] - 1 : rows[-1][0] + 20])) > max_bytes
        # The commit that reaches the limit is given whole.
        assert len(rows) < limit + 20

    def checked(self, rows: list[tuple[int, bytes]], after: int) -> list[tuple[int, bytes]]:
        """Rows as stored, without a gap; of those released only such as a later one keeps alive."""
        if not rows:
            assert max(after, self.released) >= len(self.stored)
            return rows
        start = rows[0][0]
        assert after < start <= max(after, self.released) + 1
        assert rows == list(enumerate(self.stored[start - 1 :], start))[: len(rows)]
        return rows

    @rule(back=st.integers(-2, 60))
    def release(self, back: int) -> None:
        """What was released up to a position is gone, the rest stays."""
        (file,) = self.reader.files()
        file.release(len(self.stored) - back)
        self.released = max(self.released, min(len(self.stored) - back, len(self.stored)))

    @precondition(lambda self: self.released < len(self.stored))
    @rule()
    def drain(self) -> None:
        """The table is emptied altogether, which must not make ids start anew."""
        self.release(0)
        (file,) = self.reader.files()
        assert file.backlog() == 0

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
        rows = self.checked(file.read(0, 1_000_000, 1 << 40), 0)
        assert file.backlog() == len(rows)
        assert not rows or rows[-1][0] == len(self.stored)

    def teardown(self) -> None:
        """Clean up."""
        self.runner.run(self.writer.close())
        self.runner.close()
        self.reader.close()
        shutil.rmtree(self.folder)


Spool.TestCase.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
TestSpool = Spool.TestCase

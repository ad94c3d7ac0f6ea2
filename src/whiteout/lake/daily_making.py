"""The roll-up of a day, made from its files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from whiteout.lake.daily import COUNTED, daily_tables, duplicates
from whiteout.lake.daily_files import DayFiles
from whiteout.lake.daily_views import DUPLICATES, unique
from whiteout.lake.errors import explained
from whiteout.lake.format import DRAFT
from whiteout.lake.locks import reading
from whiteout.lake.log import sync
from whiteout.lake.sql import opened, quoted, readable, select_from
from whiteout.lake.table import TABLES

_MEMORY: Final = "400MB"
_AT_ONCE: Final = 1_000_000
"""Of so many events at once it is looked which of them came twice."""


def make_roll_up(
    lake: Path, files: DayFiles, funnel: Sequence[str], target: Path, *, durable: bool = True
) -> None:
    """Count a day and write its roll-up, whole or not at all.

    Each table is a list of rows in a column of its own, so that the day is one small file. Raises
    `LakeError`.
    """
    draft = target.with_name(target.name + DRAFT)
    with reading(lake), explained("write a roll-up", lake):
        target.parent.mkdir(exist_ok=True)
        try:
            _write(lake, files, funnel, draft)
            if durable:
                sync(draft)
            draft.replace(target)
            if durable:
                sync(target.parent)
        finally:
            draft.unlink(missing_ok=True)


def _write(lake: Path, files: DayFiles, funnel: Sequence[str], draft: Path) -> None:
    root = lake.absolute()
    events, failed = TABLES
    tables = daily_tables(funnel)
    seen = [root / events.name / name for name in files.events]
    wrong = [root / failed.name / name for name in files.failed]
    with opened(lake, threads=1) as connection, readable(lake):
        run = connection.execute
        run(f"SET memory_limit = '{_MEMORY}'")
        run(f"CREATE VIEW marked AS {select_from(events, seen, marked=True, only=COUNTED)}")
        run(f"CREATE VIEW failed AS {select_from(failed, wrong)}")
        ((count,),) = run("SELECT count(*) FROM marked").fetchall()
        run("CREATE TABLE twice (filename VARCHAR, row BIGINT)")
        goes = count // _AT_ONCE + 1
        for go in range(goes):
            part = f"hash(event_id) % {goes} = {go}"
            run(f"INSERT INTO twice {duplicates('marked', part)}")
        counted = unique("marked", "SELECT * FROM twice", COUNTED)
        run(f"CREATE VIEW counted AS {counted}")
        for table in tables:
            run(f"CREATE TABLE {table.name} AS {table.rows('counted', 'failed')}")
        inside = len(f"{root / events.name}/") + 1
        places = f"SELECT filename[{inside}:] AS filename, row FROM twice"  # noqa: S608 (a number)
        run(f"CREATE TABLE {DUPLICATES} AS {places}")
        lists = [
            f"(SELECT list(t) FROM {name} AS t) AS {name}"  # noqa: S608 (names of tables)
            for name in (*(table.name for table in tables), DUPLICATES)
        ]
        target = quoted(str(draft))
        run(f"COPY (SELECT {', '.join(lists)}) TO {target} (FORMAT parquet, COMPRESSION zstd)")

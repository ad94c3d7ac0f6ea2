"""Entries removed from the feed are gone from its file and its log, byte for byte."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from whiteout.feed import FeedError, FeedReader, FeedWriter
from whiteout.feed import writer as writing

SECRET = b"ann@example.com"


def entries(*numbers: int, secret: bytes = b"") -> list[bytes]:
    """Entries of different lengths."""
    chance = random.Random(1)
    return [
        b'{"n":%d,"who":"%s","x":"%s"}' % (n, secret, b"x" * chance.randrange(900)) for n in numbers
    ]


def all_bytes(folder: Path) -> bytes:
    """Every byte of every file."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_removed_entries_leave_no_byte(tmp_path: Path) -> None:
    """Contract 16: however pages were split and moved before, nothing of them stays."""
    feed = FeedWriter.open(tmp_path / "feed.db", keep=400)
    for start in range(0, 500, 10):
        feed.publish(entries(*range(start, start + 5)), {"a": start + 5})
        feed.publish(entries(*range(start + 5, start + 10), secret=SECRET), {"a": start + 10})
    assert SECRET in all_bytes(tmp_path)
    assert feed.remove(lambda raw: SECRET in raw) == 200
    assert SECRET not in all_bytes(tmp_path)
    reader = FeedReader(tmp_path / "feed.db")
    assert len(reader.newest(1_000)) == 200
    assert feed.positions() == {"a": 500}
    reader.close()
    feed.close()


def test_cursors_go_on_after_a_removal(tmp_path: Path) -> None:
    """Whoever follows the feed misses nothing that stays, and ids still ascend."""
    feed = FeedWriter.open(tmp_path / "feed.db", keep=3)
    feed.publish(entries(1, 2, 3), {})
    reader = FeedReader(tmp_path / "feed.db")
    last = reader.last()
    assert feed.remove(lambda raw: b'"n":3,' in raw) == 1
    assert feed.remove(lambda _: False) == 0
    feed.publish(entries(4, 5), {})
    found = reader.after(last, 10)
    assert [raw for _, raw in found] == entries(4, 5)
    assert min(number for number, _ in found) > last
    assert len(reader.newest(10)) == 3
    reader.close()
    feed.close()


def test_a_reader_that_never_lets_go_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log that cannot be emptied is not passed over."""
    monkeypatch.setattr(writing, "_LOG_PATIENCE", 0.1)
    feed = FeedWriter.open(tmp_path / "feed.db")
    feed.publish(entries(1, 2), {})
    with closing(sqlite3.connect(tmp_path / "feed.db", isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM entries").fetchall()
        feed._db.execute("PRAGMA busy_timeout = 10")
        with pytest.raises(FeedError, match="cannot write the feed"):
            feed.remove(lambda raw: b'"n":1,' in raw)
    assert feed.remove(lambda raw: b'"n":1,' in raw) == 0
    assert len(FeedReader(tmp_path / "feed.db").newest(9)) == 1
    feed.close()

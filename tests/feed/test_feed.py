"""The feed: newest entries in order, bounded, published once, readable by anyone at any time."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whiteout.feed import FeedError, FeedReader, FeedWriter

MIB = 1024 * 1024


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a feed may be."""
    return tmp_path / "data" / "feed.db"


def numbered(first: int, last: int) -> list[bytes]:
    """Entries with their numbers."""
    return [b"%d" % n for n in range(first, last + 1)]


def bodies(entries: list[tuple[int, bytes]]) -> list[bytes]:
    """Entries without their cursors."""
    return [entry for _, entry in entries]


def test_reader_of_a_feed_that_does_not_exist(path: Path) -> None:
    """Before the first entry everything is empty, and the reader makes nothing."""
    reader = FeedReader(path)
    assert (reader.newest(10), reader.after(0, 10), reader.last()) == ([], [], 0)
    assert not path.parent.exists()
    with closing(FeedWriter.open(path)) as writer:
        assert (reader.newest(10), reader.last()) == ([], 0)
        writer.publish([b"x"], {"a": 1})
        assert bodies(reader.newest(10)) == [b"x"]
    reader.close()


def test_newest_and_after(path: Path) -> None:
    """Entries come oldest first, cursors ascend, and a cursor leads to what follows it."""
    reader = FeedReader(path)
    with closing(FeedWriter.open(path)) as writer:
        writer.publish(numbered(1, 6), {"a": 6})
        writer.publish(numbered(7, 9), {"a": 9})
    entries = reader.newest(5)
    assert bodies(entries) == numbered(5, 9)
    cursors = [cursor for cursor, _ in entries]
    assert cursors == sorted(set(cursors))
    assert reader.last() == cursors[-1]
    assert reader.after(cursors[1], 2) == entries[2:4]
    assert reader.after(cursors[-1], 10) == []
    assert bodies(reader.after(0, 100)) == numbered(1, 9)
    reader.close()


def test_positions_go_forward_with_the_entries(path: Path) -> None:
    """Positions are kept per spool file, never go back, and survive a restart."""
    with closing(FeedWriter.open(path)) as writer:
        assert writer.positions() == {}
        writer.publish([b"x"], {"a": 5, "b": 2})
        writer.publish([], {"a": 3, "b": 4})
    with closing(FeedWriter.open(path)) as writer:
        assert writer.positions() == {"a": 5, "b": 4}
        writer.publish([], {})
        assert writer.positions() == {"a": 5, "b": 4}


@given(st.lists(st.integers(0, 12), max_size=12), st.integers(1, 10), st.booleans())
@settings(max_examples=30, deadline=None)
def test_the_newest_entries_are_kept(
    tmp_path_factory: pytest.TempPathFactory, batches: list[int], keep: int, reopen: bool
) -> None:
    """However entries arrive, just the newest ones are there, in order (bounded feed)."""
    path = tmp_path_factory.mktemp("feed") / "feed.db"
    writer = FeedWriter.open(path, keep=keep)
    reader = FeedReader(path)
    published: list[bytes] = []
    for size in batches:
        entries = numbered(len(published) + 1, len(published) + size)
        writer.publish(entries, {"a": len(published) + size})
        published += entries
        assert bodies(reader.newest(100)) == published[-keep:]
        if reopen:
            writer.close()
            writer = FeedWriter.open(path, keep=keep)
    reader.close()
    writer.close()


def test_big_entries_are_bounded_by_bytes(path: Path) -> None:
    """Huge events cannot fill the disk: bytes are limited too, and the newest entry stays."""
    reader = FeedReader(path)
    with closing(FeedWriter.open(path, keep=5000, keep_bytes=MIB)) as writer:
        for n in range(60):
            writer.publish([bytes([n]) * 100_000], {"a": n})
        kept = bodies(reader.newest(5000))
        assert 0 < sum(map(len, kept)) <= MIB
        assert kept[-1][0] == 59
        size = sum(file.stat().st_size for file in path.parent.iterdir())
        assert size < 8 * MIB
        writer.publish([b"x" * 2 * MIB], {"a": 99})
        assert len(reader.newest(5000)) == 1
        writer.publish([b"y"], {"a": 100})
        assert bodies(reader.newest(5000)) == [b"y"]
    reader.close()


def test_file_stays_small(path: Path) -> None:
    """Many times what it keeps goes through the feed, and its files stay bounded."""
    with closing(FeedWriter.open(path, keep=500)) as writer, closing(FeedReader(path)) as reader:
        for n in range(200):
            writer.publish([os.urandom(1000)] * 100, {"a": n})
            reader.last()
        assert sum(file.stat().st_size for file in path.parent.iterdir()) < 6 * MIB


def test_pruned_entries_are_overwritten(path: Path) -> None:
    """What has left the feed is not left in free pages of its file (contract 16)."""
    with closing(FeedWriter.open(path, keep=10)) as writer:
        writer.publish([b"c4na2y-%d" % n for n in range(10)], {"a": 10})
        writer.publish([b"plain-%d" % n for n in range(10)], {"a": 20})
    # Closing moves the write-ahead log into the file.
    assert {file.name for file in path.parent.iterdir()} == {"feed.db"}
    content = path.read_bytes()
    assert b"plain-9" in content
    assert b"c4na2y" not in content


def test_publishing_is_all_or_nothing(path: Path) -> None:
    """Where one entry cannot be stored, none is, and no position moves."""
    with closing(FeedWriter.open(path, keep=3)) as writer, closing(FeedReader(path)) as reader:
        writer.publish([b"1", b"2"], {"a": 2})
        with pytest.raises(FeedError):
            writer.publish([b"3", None], {"a": 4})  # type: ignore[list-item]
        assert bodies(reader.newest(9)) == [b"1", b"2"]
        assert writer.positions() == {"a": 2}
        writer.publish([b"3", b"4"], {"a": 4})
        assert bodies(reader.newest(9)) == [b"2", b"3", b"4"]


def garbage(path: Path) -> None:
    """Something else under the name of the feed."""
    path.write_bytes(os.urandom(50_000))


def torn(path: Path) -> None:
    """A feed of which only half is there."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def overwritten(path: Path) -> None:
    """A feed with a page that is not what it was."""
    content = bytearray(path.read_bytes())
    content[-4096:] = os.urandom(4096)
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [garbage, torn, overwritten])
def test_damaged_feed_begins_anew_with_higher_cursors(
    path: Path, damage: Callable[[Path], None]
) -> None:
    """A damaged file is replaced; readers follow, and their cursors still lead forward."""
    reader = FeedReader(path)
    with closing(FeedWriter.open(path)) as writer:
        writer.publish(numbered(1, 900), {"a": 900})
        cursor = reader.last()
        # An open reader keeps the write-ahead log, from which SQLite would mend the file.
        reader.close()
    damage(path)
    with closing(FeedWriter.open(path)) as writer:
        assert writer.positions() == {}
        writer.publish([b"new"], {"a": 901})
        assert bodies(reader.after(cursor, 10)) == [b"new"]
        assert reader.last() < 2**53
    reader.close()


def test_damaged_feed_reads_as_empty(path: Path) -> None:
    """A reader does not fail on a file that is no feed."""
    path.parent.mkdir()
    garbage(path)
    reader = FeedReader(path)
    assert (reader.newest(5), reader.last()) == ([], 0)


def test_folder_that_cannot_be_used(tmp_path: Path) -> None:
    """A feed that cannot be made is an error that names it."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(FeedError, match=r"feed\.db"):
        FeedWriter.open(tmp_path / "file" / "feed.db")
    (tmp_path / "feed.db").mkdir()
    with pytest.raises(FeedError, match=r"feed\.db"):
        FeedWriter.open(tmp_path / "feed.db")


def test_full_disk_is_said_and_survived(path: Path) -> None:
    """Without room publishing fails with the reason, and works again when there is some."""
    with closing(FeedWriter.open(path)) as writer, closing(FeedReader(path)) as reader:
        writer.publish([b"1"], {"a": 1})
        old = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, old[1]))
        try:
            with pytest.raises(FeedError, match=r"feed\.db"):
                writer.publish([bytes(200_000)], {"a": 2})
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, old)
        assert writer.positions() == {"a": 1}
        writer.publish([b"2"], {"a": 2})
        assert bodies(reader.newest(9)) == [b"1", b"2"]


CHILD = """
import sys
from pathlib import Path
from whiteout.feed import FeedWriter
writer = FeedWriter.open(Path(sys.argv[1]), keep=50)
start = writer.positions().get("a", 0)
print("ready", flush=True)
for n in range(start + 1, 10**9):
    writer.publish([b"%d" % n], {"a": n})
"""


def test_killed_writer_publishes_nothing_twice(path: Path) -> None:
    """After SIGKILL the next writer goes on where the entries end: no gap, no duplicate."""
    for _ in range(4):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        reader = FeedReader(path)
        while not (before := reader.last()):
            pass  # the first cursor of all is a time, not 1
        while reader.last() < before + 60:
            pass
        child.kill()
        child.communicate()
        found = [int(entry) for _, entry in reader.newest(50)]
        assert found == list(range(found[0], found[0] + 50))
        reader.close()
    with closing(FeedWriter.open(path, keep=50)) as writer, closing(FeedReader(path)) as reader:
        # Opening may have found one more in the write-ahead log.
        [(_, entry)] = reader.newest(1)
        assert writer.positions() == {"a": int(entry)}
        assert int(entry) - found[-1] in {0, 1}


def test_many_readers_while_writing(path: Path) -> None:
    """Readers that follow a busy feed see every entry once, in order, and hold nobody up."""
    writer = FeedWriter.open(path, keep=100_000)
    seen: list[list[bytes]] = [[] for _ in range(3)]
    done = threading.Event()

    def follow(found: list[bytes]) -> None:
        reader = FeedReader(path)
        cursor = 0
        while True:
            finished = done.is_set()
            entries = reader.after(cursor, 50)
            found += bodies(entries)
            cursor = entries[-1][0] if entries else cursor
            if finished and cursor == reader.last():
                break
        reader.close()

    threads = [threading.Thread(target=follow, args=(found,)) for found in seen]
    for thread in threads:
        thread.start()
    for n in range(200):
        writer.publish(numbered(n * 5 + 1, n * 5 + 5), {"a": n})
    done.set()
    for thread in threads:
        thread.join()
    writer.close()
    assert seen == [numbered(1, 1000)] * 3


def test_a_reader_does_not_hold_a_transaction(path: Path) -> None:
    """Between calls a reader holds nothing, so the write-ahead log is taken in again and again."""
    with closing(FeedWriter.open(path, keep=100)) as writer, closing(FeedReader(path)) as reader:
        for n in range(3000):
            writer.publish([bytes(2000)], {"a": n})
            if n % 100 == 0:
                reader.newest(5)
        log = path.with_name("feed.db-wal")
        assert log.stat().st_size < 8 * MIB


def test_settings_of_the_file(path: Path) -> None:
    """The feed is a WAL database that any SQLite can look into."""
    with closing(FeedWriter.open(path)) as writer:
        writer.publish([b"x"], {"a": 1})
        with closing(sqlite3.connect(path)) as other:
            assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert other.execute("SELECT entry FROM entries").fetchall() == [(b"x",)]

"""The keys of pseudonyms: made when needed, changed, destroyed (C-23, F-P13)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from whiteout.enrich import KeysUnavailable
from whiteout.keyring import Keyring, KeyringSettings

DAY = 86_400_000
NOW = 20_000 * DAY + 5


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A place for keys."""
    return tmp_path / "keys" / "pseudonyms.json"


def ring(file: Path, days: int = 1, kept: int = 1) -> Keyring:
    """Keys of a file."""
    return Keyring(KeyringSettings(file, days, kept))


def test_a_key_is_made_on_first_use_and_kept(file: Path) -> None:
    """C-23: not before, for its owner alone, and the same for the next process."""
    one = ring(file)
    one.tidy(NOW)
    assert not file.exists()
    key = one.key(NOW, NOW)
    assert len(key) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert ring(file).key(NOW, NOW + 10) == key
    assert one.key(NOW + 100, NOW + 100) == key


def test_another_day_has_another_key(file: Path) -> None:
    """C-23: an event that comes late still gets the key of its day."""
    one = ring(file)
    first = one.key(NOW, NOW)
    second = one.key(NOW + DAY, NOW + DAY)
    assert first != second
    assert one.key(NOW, NOW + DAY) == first
    assert ring(file).key(NOW, NOW + DAY) == first


def test_a_key_lives_for_its_days(file: Path) -> None:
    """C-23: as many as are configured."""
    one = ring(file, days=7, kept=0)
    keys = {one.key(NOW + n * DAY, NOW + n * DAY) for n in range(14)}
    assert len(keys) == 2


def test_old_keys_are_destroyed(file: Path) -> None:
    """C-23: their bytes are gone from the file; an event that comes later gets the newest key."""
    one = ring(file)
    old = one.key(NOW, NOW)
    with file.open("rb") as held:
        one.key(NOW + 2 * DAY, NOW + 2 * DAY)
        assert held.read().strip(b"\0") == b""
    assert old.hex() not in file.read_text()
    assert len(json.loads(file.read_text())["keys"]) == 1
    assert one.key(NOW, NOW + 2 * DAY) == one.key(NOW + 2 * DAY, NOW + 2 * DAY)
    assert [entry.name for entry in file.parent.iterdir()] == [file.name]


def test_keys_are_destroyed_without_any_event_too(file: Path) -> None:
    """C-23: and by a process that has just begun."""
    one = ring(file, kept=0)
    old = one.key(NOW, NOW).hex()
    ring(file, kept=0).tidy(NOW + 3)
    assert old in file.read_text()
    ring(file, kept=0).tidy(NOW + DAY)
    assert old not in file.read_text()
    one.tidy(NOW + DAY)
    assert one.key(NOW + DAY, NOW + DAY).hex() in file.read_text()


def test_a_clock_that_went_back_gets_a_key(file: Path) -> None:
    """C-23: whatever the clock says, there is a key."""
    one = ring(file)
    first = one.key(NOW, NOW)
    assert one.key(NOW - DAY, NOW - DAY) != first


def test_a_file_that_others_can_read_is_refused(file: Path) -> None:
    """C-23: what others may have read is no secret."""
    ring(file).key(NOW, NOW)
    file.chmod(0o640)
    with pytest.raises(KeysUnavailable, match="can be read by others"):
        ring(file).key(NOW, NOW)


@pytest.mark.parametrize(
    "text",
    [
        *("", "{}", '{"format":2,"keys":[]}', "[]"),
        '{"format":1,"keys":[{"first":1,"until":2,"key":"zz"}]}',
        '{"format":1,"keys":[{"first":1,"until":2,"key":"00"}]}',
    ],
)
def test_a_file_that_is_none_of_ours_is_refused(file: Path, text: str) -> None:
    """C-23: never overwritten, and the error says what to do."""
    file.parent.mkdir()
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(KeysUnavailable, match="remove it to begin with new keys"):
        ring(file).key(NOW, NOW)
    assert file.read_text() == text


def test_a_place_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """C-23: the error says which file, and why."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(KeysUnavailable, match="cannot be read: Not a directory"):
        ring(blocked / "keys.json").key(NOW, NOW)
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(KeysUnavailable, match="cannot be read: Is a directory"):
        ring(folder).key(NOW, NOW)


def test_a_disk_that_takes_no_key_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """C-23: a key that could not be kept is not used."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(KeysUnavailable, match="cannot be written: No space left"):
        ring(file).key(NOW, NOW)
    monkeypatch.undo()
    assert not file.exists()
    assert len(ring(file).key(NOW, NOW)) == 32

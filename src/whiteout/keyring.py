"""The keys of pseudonyms: made when they are needed, changed as time goes by, destroyed (C-23).

They stand in a file of their own that its owner alone can read, and never in the configuration.
When a key is destroyed, nobody can tell any more who stands behind the pseudonyms that it made.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from whiteout.enrich import KeysUnavailable

_DAY = 86_400_000
_FORMAT = 1
_KEY_BYTES = 32
_OTHERS = 0o077


class _Key(msgspec.Struct, frozen=True):
    """A key, in hexadecimal, and the days since 1970 from which and until which it is used."""

    first: int
    until: int
    key: str


class _File(msgspec.Struct):
    format: int
    keys: list[_Key]


@dataclass(frozen=True, slots=True)
class KeyringSettings:
    """Where keys are kept, and for how many days each is used, and kept for late events then."""

    file: Path
    days: int = 1
    kept: int = 1


class Keyring:
    """Hands out keys. One process at a time uses a file: the one that owns the lake.

    Nothing is read or written before the first key is asked for.
    """

    def __init__(self, settings: KeyringSettings) -> None:
        self._settings = settings
        self._keys: list[_Key] | None = None
        self._day = -1

    def key(self, received: int, now: int) -> bytes:
        """The key for an event received at a time; both are epoch milliseconds.

        An event that is so late that its key is destroyed gets the newest one. Raises
        KeysUnavailable.
        """
        keys = self._current(now // _DAY)
        day = received // _DAY
        found = next((key for key in keys if key.first <= day < key.until), keys[-1])
        return bytes.fromhex(found.key)

    def known(self) -> list[bytes]:
        """Every key that is not destroyed yet, the newest last. Raises KeysUnavailable."""
        return [bytes.fromhex(key.key) for key in self._from_file()]

    def tidy(self, now: int) -> None:
        """Destroy the keys whose time has passed. Raises KeysUnavailable."""
        day = now // _DAY
        if day != self._day and (self._keys is not None or self._settings.file.exists()):
            self._drop(self._read(), day)
            self._day = day

    def _current(self, day: int) -> list[_Key]:
        """The keys that there are on a day, of which one is for this day."""
        keys = self._read()
        if day != self._day or not keys:
            keys = self._drop(keys, day)
            if not any(key.first <= day < key.until for key in keys):
                new = _Key(day, day + self._settings.days, secrets.token_hex(_KEY_BYTES))
                keys = [*keys, new]
                self._write(keys)
            self._day = day
        return keys

    def _drop(self, keys: list[_Key], day: int) -> list[_Key]:
        alive = [key for key in keys if day < key.until + self._settings.kept]
        if len(alive) != len(keys):
            self._write(alive)
        return alive

    def _read(self) -> list[_Key]:
        if self._keys is None:
            self._keys = self._from_file()
        return self._keys

    def _from_file(self) -> list[_Key]:
        file = self._settings.file
        try:
            with file.open("rb") as opened:
                mode = os.fstat(opened.fileno()).st_mode
                raw = opened.read()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise KeysUnavailable(f"key file {file} cannot be read: {error.strerror}") from None
        if mode & _OTHERS:
            raise KeysUnavailable(
                f"key file {file} can be read by others than its owner, so its keys are no secret; "
                "remove it to begin with new keys, or `chmod 600` it if nobody has seen it"
            )
        keys = _decoded(raw)
        if keys is None:
            raise KeysUnavailable(
                f"key file {file} is none that this version of whiteout wrote; "
                "remove it to begin with new keys"
            )
        return keys

    def _write(self, keys: list[_Key]) -> None:
        """Put these keys into the file, whole or not at all, and overwrite what was there."""
        file = self._settings.file
        draft = file.with_name(f"{file.name}.new")
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.unlink(missing_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(draft, flags, 0o600), "wb") as opened:
                opened.write(msgspec.json.encode(_File(_FORMAT, keys)))
                opened.flush()
                os.fsync(opened.fileno())
            old = None
            with suppress(FileNotFoundError):
                old = os.open(file, os.O_WRONLY)
            draft.replace(file)
            if old is not None:
                _overwrite(old)
            _sync(file.parent)
        except OSError as error:
            raise KeysUnavailable(f"key file {file} cannot be written: {error.strerror}") from None
        self._keys = keys


def _decoded(raw: bytes) -> list[_Key] | None:
    try:
        found = msgspec.json.decode(raw, type=_File)
        whole = all(len(bytes.fromhex(key.key)) == _KEY_BYTES for key in found.keys)
    except ValueError:
        return None
    return found.keys if whole and found.format == _FORMAT else None


def _overwrite(descriptor: int) -> None:
    """Overwrite and close a file that has no name any more."""
    try:
        os.pwrite(descriptor, bytes(os.fstat(descriptor).st_size), 0)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
